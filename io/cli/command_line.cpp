// CLI11 finds the options and writes the help; numbers, choices and suggestions are ours: it converts by the C locale's
// leave, suggests nothing and would end the program with exit codes of its own.
#include "io/cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "engine/error.h"
#include "engine/simulate/workload.h"
#include "engine/text.h"
#include "io/cli/build_info.h"

namespace nokkel::cli {
namespace {

constexpr const char* kTableHelp =
    "Missing values are null in --json and empty in --csv; both carry every column in full precision.";

template <class Number>
Number number_in(const std::string& option, const std::string& text, Number least, Number most) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= least && value <= most))
    throw InputError(option, fmt::format("'{}' is no number it takes", text), fmt::format("allowed: {} to {}", least, most));
  return value;
}

template <class Number>
CLI::Option* add_number(CLI::App* app, const std::string& names, Number* value, Number least, Number most,
                        const std::string& help) {
  const std::string name = names.substr(0, names.find(','));
  return app
      ->add_option_function<std::string>(
          names, [=](const std::string& text) { *value = number_in(name, text, least, most); }, help)
      ->type_name("N");
}

template <class Choice>
void add_choice(CLI::App* app, const std::string& name, Choice* value,
                const std::vector<std::pair<std::string, Choice>>& choices, const std::string& help) {
  std::vector<std::string> words;
  for (const auto& choice : choices) words.push_back(choice.first);
  app->add_option_function<std::string>(
         name,
         [=](const std::string& text) {
           const auto found = std::find(words.begin(), words.end(), text);
           if (found == words.end())
             throw InputError(name, fmt::format("'{}' is no choice", text), fmt::format("allowed: {}", fmt::join(words, ", ")));
           *value = choices[static_cast<std::size_t>(found - words.begin())].second;
         },
         help)
      ->type_name(fmt::format("{}", fmt::join(words, "|")));
}

void add_format(CLI::App* app, Format* format) {
  auto* json = app->add_flag_callback("--json", [=] { *format = Format::json; }, "The table as JSON (nokkel-table/1)");
  app->add_flag_callback("--csv", [=] { *format = Format::csv; }, "The table as comma-separated values")->excludes(json);
}

void add_memory(CLI::App* app, std::size_t* bytes) {
  app->add_option_function<std::string>(
         "--memory", [=](const std::string& text) { *bytes = memory_size(text); }, "Most memory to use, for example 4G")
      ->type_name("SIZE");
}

void add_set(CLI::App* app, std::vector<std::string>* set) {
  app->add_option_function<std::string>(
         "--set", [=](const std::string& text) { set->push_back(text); },
         "Changes one key of the study, for example resample.pairs=99; may be repeated")
      ->type_name("KEY=VALUE")
      ->trigger_on_parse();
}

void add_progress(CLI::App* app, ProgressMode* mode) {
  add_choice<ProgressMode>(app, "--progress", mode,
                           {{"auto", ProgressMode::automatic},
                            {"json", ProgressMode::json},
                            {"none", ProgressMode::none},
                            {"plain", ProgressMode::plain}},
                           "On standard error; auto: a bar on a terminal, else a line every 30 s");
}

void add_file(CLI::App* app, const std::string& name, std::filesystem::path* file, const std::string& help) {
  app->add_option_function<std::string>(
         name, [=](const std::string& text) { *file = text; }, help)
      ->required()
      ->type_name("FILE");
}

void add_threads(CLI::App* app, int* threads) {
  add_number(app, "--threads", threads, 0, 1024, "Worker threads; 0 (default): all this process may use");
}

void add_kernel(CLI::App* app, KernelLevel* kernel) {
  add_choice<KernelLevel>(app, "--kernel", kernel,
                          {{"automatic", KernelLevel::automatic},
                           {"portable", KernelLevel::portable},
                           {"v3", KernelLevel::v3},
                           {"v4", KernelLevel::v4}},
                          "Instruction set; portable differs from the others by rounding");
}

/// "w1,w2" as names. Errors (InputError): one that is no workload.
std::vector<std::string> workload_names(const std::string& text) {
  std::vector<std::string> known, names;
  for (const auto& workload : simulate::workloads()) known.push_back(workload.name);
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    names.push_back(text.substr(start, end - start));
    if (std::find(known.begin(), known.end(), names.back()) == known.end())
      throw InputError("--workload", fmt::format("'{}' is no workload", names.back()),
                       fmt::format("allowed: {}, joined by commas", fmt::join(known, ", ")));
    start = end + 1;
  }
  return names;
}

/// The program's options and where they are put.
class Parser {
 public:
  Parser() {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", version_line());
    app_.footer(
        "Exit codes: 0 ok; 1 findings or differences; 2 usage, study or input; 3 machine (disk, memory); 4 interrupted.\n"
        "nokkel COMMAND --help explains a command and gives an example.");
    add_run();
    add_rerun();
    add_check();
    add_rank();
    add_show();
    add_diff();
    add_doctor();
    add_bench();
  }

  Command parse(const std::vector<std::string>& words) {
    refuse_unknown_command(words);
    try {
      app_.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    } catch (const CLI::CallForHelp&) {
      return TextOnly{app_.help()};
    } catch (const CLI::CallForVersion&) {
      return TextOnly{version_line() + "\n"};
    } catch (const CLI::ParseError& error) {
      refuse_unknown_options();
      throw InputError(where(), lower_first(error.what()), fmt::format("{} --help shows what it takes", where()));
    }
    refuse_unknown_options();
    return chosen();
  }

 private:
  CLI::App* add(const std::string& name, const std::string& description, const std::string& footer) {
    CLI::App* sub = app_.add_subcommand(name, description);
    sub->allow_extras();
    sub->footer(footer);
    return sub;
  }

  void add_run() {
    CLI::App* sub = add("run", "Searches, resamples and ranks every combination of a study",
                        "Example: nokkel run configs/smoke.toml -o smoke.h5 --threads 2\n"
                        "The figures printed at the end are the best of all combinations tried: they are not adjusted for the "
                        "search.\n" +
                            std::string(kTableHelp));
    add_file(sub, "STUDY", &run_.study, "Study file (TOML)");
    sub->add_option_function<std::string>(
           "-o,--out", [this](const std::string& text) { run_.out = text; }, "Result file (HDF5)")
        ->type_name("FILE");
    sub->add_flag("--dry-run", run_.dry_run, "Says universe, fits, memory, file size and time, and does nothing else");
    sub->add_flag("--force", run_.force, "Replaces an existing result file");
    add_set(sub, &run_.set);
    sub->add_option_function<std::string>(
           "--seed",
           [this](const std::string& text) {
             const auto seed = number_in<std::uint64_t>("--seed", text, 0, std::numeric_limits<std::int64_t>::max());
             run_.set.push_back(fmt::format("study.seed={}", seed));
           },
           "Same as --set study.seed=N")
        ->type_name("N")
        ->trigger_on_parse();
    add_threads(sub, &run_.threads);
    add_memory(sub, &run_.memory);
    add_kernel(sub, &run_.kernel);
    add_number(sub, "--compression", &run_.compression, 0, 9, "Deflate level of the file; 0 (default): none");
    add_progress(sub, &run_.progress);
    sub->add_flag("--allow-large", run_.allow_large, "Accepts more combinations than universe.limit");
    add_number(sub, "--top", &run_.top, 0, 1'000'000, "Combinations printed an outcome (10)");
    sub->add_flag("--quiet", run_.quiet, "No plan, no progress and no closing words; the ranking is printed");
    add_format(sub, &run_.format);
  }

  void add_rerun() {
    CLI::App* sub =
        add("rerun", "Repeats a run from its file: \"same bytes\", or the first difference (exit code 1)",
            "Example: nokkel rerun smoke.h5 --threads 1\n"
            "Needs the data files, found from the study's path in the run record beside the file, or --study-folder.\n"
            "NOKKEL_ variables of the environment are not looked at: those of the first run are in the file.");
    add_file(sub, "FILE", &rerun_.file, "Result file");
    sub->add_option_function<std::string>(
           "--study-folder", [this](const std::string& text) { rerun_.study_folder = text; },
           "Folder that the study's data paths start from")
        ->type_name("FOLDER");
    add_threads(sub, &rerun_.threads);
    add_memory(sub, &rerun_.memory);
    add_progress(sub, &rerun_.progress);
    sub->add_flag("--quiet", rerun_.quiet, "No progress");
    add_format(sub, &rerun_.format);
  }

  void add_check() {
    CLI::App* sub =
        add("check", "Validates study and data, describes the sample, the universe and what is lost",
            "Example: nokkel check configs/smoke.toml --why \"a + b\"\n"
            "Exit code 1 when there are findings: notes on the sample (constant, sparse or equal criteria, small cells), "
            "values\nten times those of the unit's year before or after, or a universe above its limit; and when --why "
            "names a barred\ncombination. Exit code 2 when study or data cannot be used at all.\n" +
                std::string(kTableHelp));
    add_file(sub, "STUDY", &check_.study, "Study file (TOML)");
    add_set(sub, &check_.set);
    auto* resolved = sub->add_flag("--resolved", check_.resolved, "Prints the study with every default filled in, as TOML");
    sub->add_option_function<std::string>(
           "--why", [this](const std::string& text) { check_.why = text; },
           "Says why a combination is not in the universe, or its number")
        ->type_name("\"A + B\"")
        ->excludes(resolved);
    add_format(sub, &check_.format);
  }

  void add_rank() {
    CLI::App* sub = add("rank", "Prints the ranking of a result file",
                        "Example: nokkel rank smoke.h5 --top 5 --by adj_r2\n" + std::string(kTableHelp));
    add_file(sub, "FILE", &rank_.file, "Result file");
    add_outcome(sub, &rank_.outcome);
    add_number(sub, "--year", &rank_.year, 1000, 9999, "Ranks and figures of one year");
    add_number(sub, "--top", &rank_.top, 1, 1'000'000'000, "Combinations printed (20)");
    sub->add_option_function<std::string>(
           "--by", [this](const std::string& text) { rank_.by = text; },
           "Another order: any variable with a direction, averaged over years and criteria")
        ->type_name("VARIABLE");
    add_format(sub, &rank_.format);
  }

  void add_show() {
    CLI::App* sub = add("show", "Prints everything about one combination",
                        "Example: nokkel show smoke.h5 \"poverty + density\"   or: show smoke.h5 17 | best | rank 3\n"
                        "Marks are pairs by bootstrap and classical standard error: xx p < 0.05, x p < 0.10.\n" +
                            std::string(kTableHelp));
    add_file(sub, "FILE", &show_.file, "Result file");
    sub->add_option_function<std::vector<std::string>>(
           "COMBINATION",
           [this](const std::vector<std::string>& words) { show_.combination = fmt::format("{}", fmt::join(words, " ")); },
           "Criteria joined by + in any order, the combination's number, best, or rank N (of the first outcome or --outcome)")
        ->required();
    add_outcome(sub, &show_.outcome);
    add_format(sub, &show_.format);
  }

  void add_diff() {
    CLI::App* sub = add("diff", "Compares two result files: exit code 0 when equal, 1 with the first difference",
                        "Example: nokkel diff a.h5 b.h5 --rtol 1e-9\n" + std::string(kTableHelp));
    add_file(sub, "A", &diff_.a, "Result file");
    add_file(sub, "B", &diff_.b, "Result file");
    add_number(sub, "--rtol", &diff_.rtol, 0.0, 1.0,
               "Relative difference that still counts as equal; 0 (default): bit for bit");
    add_format(sub, &diff_.format);
  }

  void add_doctor() {
    CLI::App* sub = add("doctor", "Looks at this machine and says what would disturb a run",
                        "Example: nokkel doctor\nExit code 1 when something needs mending; each such line says how.");
    add_format(sub, &doctor_.format);
  }

  void add_bench() {
    CLI::App* sub =
        add("bench", "Measures this machine on generated studies of fixed size, answers checked",
            "Example: nokkel bench --workload w1 --scaling\n"
            "Workloads: smoke (298 combinations, an instant); w1 (30 criteria, sizes up to 4, 7 years, 999 pairs, 500 "
            "half-sample\npairs, 10 x 10 folds: 469 million fits); w2 (60 criteria, sizes up to 4, one year, 9,999 "
            "pairs: 5.8 billion); w3\n(60 criteria, sizes up to 6, 7 years: 826 billion, of which 32 blocks are run and "
            "the rest is reckoned, or --whole).\nExit code 1 when an answer differs from pivoted QR on rows or from "
            "the figure that every machine finds; then no time is told.\n" +
                std::string(kTableHelp));
    sub->add_option_function<std::string>(
           "--workload", [this](const std::string& text) { bench_.workloads = workload_names(text); },
           "One or more of smoke, w1 (default), w2, w3, joined by commas")
        ->type_name("NAMES");
    add_number(sub, "--repeat", &bench_.repeat, 1, 1000, "Times each is run (3): the median counts, with its spread");
    add_threads(sub, &bench_.threads);
    add_kernel(sub, &bench_.kernel);
    sub->add_flag("--scaling", bench_.scaling, "Runs 1, 2, 4 ... threads up to --threads, and tells the efficiency of each");
    auto* whole = sub->add_flag("--whole", bench_.whole, "All blocks of w3: hours; ranks are not made");
    sub->add_flag("--file", bench_.file, "Writes the results to a file in the folder for temporary files and removes it")
        ->excludes(whole);
    add_format(sub, &bench_.format);
  }

  static void add_outcome(CLI::App* app, std::string* outcome) {
    app->add_option_function<std::string>(
           "--outcome", [=](const std::string& text) { *outcome = text; }, "Only this outcome")
        ->type_name("NAME");
  }

  [[nodiscard]] CLI::App* current() const {
    const auto subs = app_.get_subcommands();
    return subs.empty() ? nullptr : subs.front();
  }

  [[nodiscard]] std::string where() const { return current() == nullptr ? "nokkel" : "nokkel " + current()->get_name(); }

  /// CLI11 would only say that a command is missing.
  void refuse_unknown_command(const std::vector<std::string>& words) const {
    std::vector<std::string> known;
    for (const CLI::App* sub : app_.get_subcommands({})) known.push_back(sub->get_name());
    const std::string commands = fmt::format("{}", fmt::join(known, ", "));
    if (words.empty())
      throw InputError("nokkel", "no command", fmt::format("one of {}; nokkel --help explains them", commands));
    const std::string& word = words.front();
    if (word.empty() || word.front() == '-' || std::find(known.begin(), known.end(), word) != known.end()) return;
    const std::string near = closest(word, known);
    throw InputError("nokkel", fmt::format("no command '{}'", word),
                     near.empty() ? "commands: " + commands : fmt::format("did you mean '{}'?", near));
  }

  void refuse_unknown_options() const {
    const CLI::App* sub = current();
    const std::vector<std::string> extras = sub == nullptr ? app_.remaining() : sub->remaining();
    if (extras.empty()) return;
    const std::string word = extras.front().substr(0, extras.front().find('='));
    if (word.size() < 2 || word.front() != '-') throw InputError(where(), fmt::format("'{}' is one word too many", word), "");
    std::vector<std::string> known{"--help"};
    if (sub != nullptr)
      for (const CLI::Option* option : sub->get_options())
        for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    const std::string near = closest(word, known);
    throw InputError(where(), fmt::format("no option '{}'", word),
                     near.empty() ? fmt::format("{} --help lists them", where()) : fmt::format("did you mean '{}'?", near));
  }

  /// The name of an argument (STUDY) stays as it is.
  static std::string lower_first(std::string text) {
    const auto upper = [&](std::size_t i) { return i < text.size() && text[i] >= 'A' && text[i] <= 'Z'; };
    if (upper(0) && !upper(1) && text.find(' ') > 1) text.front() = static_cast<char>(text.front() - 'A' + 'a');
    return text;
  }

  [[nodiscard]] Command chosen() const {
    const std::string name = current()->get_name();
    if (name == "run") return run_;
    if (name == "rerun") return rerun_;
    if (name == "check") return check_;
    if (name == "rank") return rank_;
    if (name == "show") return show_;
    if (name == "diff") return diff_;
    if (name == "bench") return bench_;
    return doctor_;
  }

  CLI::App app_{"Nøkkel: every combination of criteria, resampled and cross-validated", "nokkel"};
  RunOptions run_;
  RerunOptions rerun_;
  CheckOptions check_;
  RankOptions rank_;
  ShowOptions show_;
  DiffOptions diff_;
  DoctorOptions doctor_;
  BenchOptions bench_;
};

}  // namespace

std::size_t memory_size(const std::string& text) {
  constexpr std::string_view kRemedy = "a number with K, M, G or T, for example 4G";
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string unit(end, text.data() + text.size());
  for (const std::string_view ending : {"iB", "B", "ib", "b"})
    if (unit.ends_with(ending)) unit.resize(unit.size() - ending.size());
  constexpr std::string_view kUnits = "KMGT";
  const std::size_t power = unit.empty() ? 0 : kUnits.find(static_cast<char>(unit.front() & ~0x20)) + 1;
  const double bytes = value * std::pow(1024.0, static_cast<double>(power));
  if (error != std::errc{} || unit.size() > 1 || (!unit.empty() && power == 0) || !(bytes >= 1 && bytes < 1e18))
    throw InputError("--memory", fmt::format("'{}' is no size", text), std::string(kRemedy));
  return static_cast<std::size_t>(bytes);
}

Command parse_command_line(const std::vector<std::string>& words) { return Parser().parse(words); }

}  // namespace nokkel::cli
