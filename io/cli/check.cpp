// One list of facts feeds all forms: the terminal groups it into sections, --csv and --json print it as it is.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "engine/search/dependence.h"
#include "io/cli/assemble.h"
#include "io/cli/commands.h"
#include "io/cli/data_findings.h"

namespace nokkel::cli {
namespace {

constexpr double kFlaggedCorrelation = 0.70;  // METHODS 0.2.5: told in any case

std::int64_t whole(auto n) { return static_cast<std::int64_t>(n); }

/// What `check` knows, one row a fact. `part`: sample, cell, loss, universe, pair, note, finding.
class Facts {
 public:
  Facts() {
    table_.columns = {{"part", "part"},
                      {"outcome", "outcome"},
                      {"year", "year", Kind::number},
                      {"item", "item"},
                      {"value", "value", Kind::general, 6},
                      {"text", "text"}};
  }
  void add(const char* part, std::string outcome, Cell year, std::string item, Cell value, std::string text = "") {
    table_.rows.push_back({part, std::move(outcome), std::move(year), std::move(item), std::move(value), std::move(text)});
  }
  void finding(std::string item, std::string text) { add("finding", "", {}, std::move(item), {}, std::move(text)); }
  [[nodiscard]] const Table& table() const { return table_; }
  [[nodiscard]] std::size_t count(std::string_view part) const {
    return static_cast<std::size_t>(std::count_if(table_.rows.begin(), table_.rows.end(),
                                                  [&](const auto& row) { return std::get<std::string>(row[0]) == part; }));
  }

 private:
  Table table_;
};

void add_sample(const panel::Design& design, Facts& facts) {
  const panel::LossReport& report = design.report;
  facts.add("sample", "", {}, "rows in the panel", whole(report.rows_in_panel));
  facts.add("sample", "", {}, "outside the years", whole(report.rows_outside_years));
  facts.add("sample", "", {}, "filtered out", whole(report.rows_filtered));
  facts.add("sample", "", {}, "cities replaced by their districts", whole(report.rows_split_cities));
  for (const panel::Frame& frame : design.frames)
    facts.add("sample", "", {}, fmt::format("units of '{}'", frame.name), whole(frame.units.size()));
  facts.add("sample", "", {}, "criteria", whole(design.criteria.size()), fmt::format("{} forced", design.n_forced));
  facts.add("sample", "", {}, "controls", whole(design.controls.size()), fmt::format("{}", fmt::join(design.controls, ", ")));
}

void add_cells(const panel::Design& design, Facts& facts) {
  for (const panel::Outcome& outcome : design.outcomes)
    for (const panel::Cell& cell : outcome.cells) {
      const auto available = std::count(cell.available.begin(), cell.available.end(), 1);
      facts.add("cell", outcome.name, whole(cell.year), "rows", whole(cell.n_rows()),
                fmt::format("{} of {} criteria available", available, design.criteria.size()));
    }
}

void add_losses(const panel::Design& design, Facts& facts) {
  for (const panel::Loss& loss : design.report.losses) {
    const std::string text =
        loss.unavailable ? fmt::format("unavailable: observed for {:.0f} % of the rows", 100 * loss.coverage)
                         : fmt::format("missing in {} rows, {} lost to it alone", loss.rows_missing, loss.rows_lost_alone);
    facts.add("loss", design.outcomes[static_cast<std::size_t>(loss.outcome)].name, whole(loss.year), loss.column,
              whole(loss.unavailable ? 0 : loss.rows_lost_alone), text);
  }
}

/// Universe sizes at other limits on |r|, which METHODS 0.2.5 asks for.
void add_other_limits(const Assembly& assembly, Facts& facts) {
  for (const double limit : {0.70, 0.80, 0.90}) {
    config::Study study = assembly.study;
    study.universe.max_abs_r = limit;
    const universe::Universe other(universe_spec(study, assembly.design, panel::correlated_pairs(assembly.design, limit)));
    facts.add("universe", "", {}, fmt::format("combinations at max_abs_r = {:.2f}", limit), whole(other.count()));
  }
}

void add_universe(const Assembly& assembly, Facts& facts) {
  const universe::Universe& universe = assembly.universe;
  facts.add("universe", "", {}, "combinations", whole(universe.count()));
  for (int size = universe.min_size(); size <= universe.max_size(); ++size)
    facts.add("universe", "", {}, fmt::format("of size {}", size), whole(universe.count_of_size(size)));
  if (assembly.study.universe.max_abs_r > 0) add_other_limits(assembly, facts);
  for (const universe::GroupLimit& group : universe.spec().groups)
    facts.add("universe", "", {}, fmt::format("group '{}'", group.name), whole(group.members.size()),
              fmt::format("at most {} in a combination", group.max));
  const std::vector<std::string>& names = assembly.design.criteria;
  const auto pair = [&](int a, int b) {
    return fmt::format("{} + {}", names[static_cast<std::size_t>(a)], names[static_cast<std::size_t>(b)]);
  };
  for (const universe::ExcludedPair& excluded : universe.spec().excluded)
    facts.add("pair", "", {}, pair(excluded.a, excluded.b), {}, "barred: " + excluded.reason);
  for (const panel::CorrelatedPair& found : panel::correlated_pairs(assembly.design, kFlaggedCorrelation)) {
    const bool barred = std::any_of(universe.spec().excluded.begin(), universe.spec().excluded.end(),
                                    [&](const auto& e) { return std::minmax(e.a, e.b) == std::minmax(found.a, found.b); });
    if (!barred)
      facts.add("pair", "", {}, pair(found.a, found.b), found.median_abs_r,
                fmt::format("admitted, median |r| {:.2f} >= {:.2f}", found.median_abs_r, kFlaggedCorrelation));
  }
}

void add_findings(const Assembly& assembly, const std::vector<DataFinding>& jumps, Facts& facts) {
  for (const std::string& note : assembly.design.report.notes) facts.finding("sample", note);
  for (const DataFinding& jump : jumps)
    facts.finding(fmt::format("{}, unit {}", jump.column, jump.unit),
                  fmt::format("line {}: {:.6g} in {} after {:.6g} the year before: a slipped digit?", jump.line, jump.now,
                              jump.year, jump.before));
  if (const auto refusal = too_large(assembly, false)) facts.finding("universe", *refusal);
  for (const std::string& setting : settings_without_effect(assembly.study)) facts.add("note", "", {}, "study", {}, setting);
  for (const std::string& remark : assembly.design.report.remarks) facts.add("note", "", {}, "sample", {}, remark);
  for (const std::string& note : resample::stratum_notes(assembly.design.frames)) facts.add("note", "", {}, "strata", {}, note);
}

/// The facts of some parts, with the columns that these fill.
void print_part(const Facts& facts, const std::string& title, std::initializer_list<std::string_view> parts, bool with_cell,
                const char* value_heading) {
  Table table = facts.table();
  table.title = title;
  std::erase_if(table.rows, [&](const auto& row) {
    return std::find(parts.begin(), parts.end(), std::get<std::string>(row[0])) == parts.end();
  });
  if (table.rows.empty()) return;
  table.columns[0].in_text = false;
  table.columns[1].in_text = table.columns[2].in_text = with_cell;
  table.columns[4].in_text = *value_heading != '\0';
  table.columns[3].heading = "";
  table.columns[4].heading = value_heading;
  table.columns[4].kind = Kind::count;
  table.columns[5].heading = "";
  print("check", table, Format::text);
  print("\n");
}

/// Facts that are sentences: whole, since a cut one says nothing.
void print_sentences(const Facts& facts, const std::string& title, std::string_view part) {
  if (facts.count(part) == 0) return;
  print(title + "\n");
  for (const std::vector<Cell>& row : facts.table().rows)
    if (std::get<std::string>(row[0]) == part)
      print(fmt::format("- {}: {}\n", std::get<std::string>(row[3]), std::get<std::string>(row[5])));
  print("\n");
}

void print_text(const Assembly& assembly, const Facts& facts) {
  const config::Study& study = assembly.study;
  print(fmt::format("{}\n{}, profile {}, seed {}, years {} to {}.\n\n", study.title.empty() ? "(no title)" : study.title,
                    study.path.string(), study.profile, study.statistics.seed, assembly.design.years.front(),
                    assembly.design.years.back()));
  print_part(facts, "Sample", {"sample"}, false, "number");
  print_part(facts, "Cells: one regression data set each", {"cell"}, true, "rows");
  print_part(facts, "What columns cost", {"loss"}, true, "rows lost");
  print_part(facts, "Universe", {"universe"}, false, "number");
  print_part(facts, "Pairs of criteria", {"pair"}, false, "");
  print_sentences(facts, "Notes", "note");
  print_sentences(facts, "Findings: look at these before a run", "finding");
  if (facts.count("finding") == 0) print("No findings.\n");
}

/// "child_welfare 2016: c depends on a, b": why an admissible combination has no fit there.
std::vector<std::string> without_fit(const Assembly& assembly, const std::vector<int>& members) {
  std::vector<std::string> sentences;
  for (const search::Dependence& d : search::dependences(assembly.design, members))
    sentences.push_back(d.others.empty()
                            ? fmt::format("{} {}: {} is constant", d.outcome, d.year, d.column)
                            : fmt::format("{} {}: {} depends on {}", d.outcome, d.year, d.column, fmt::join(d.others, ", ")));
  return sentences;
}

/// Answers --why.
int explain(const Assembly& assembly, const CheckOptions& options) {
  const std::vector<int> members = members_of(options.why, assembly.design.criteria, "--why");
  const std::optional<std::string> reason = assembly.universe.why_barred(members);
  std::vector<std::string> names;
  for (const int m : members) names.push_back(assembly.design.criteria[static_cast<std::size_t>(m)]);
  const std::string label = fmt::format("{}", fmt::join(names, " + "));
  const Cell id = reason ? Cell{} : Cell{whole(assembly.universe.rank(members))};
  const std::vector<std::string> no_fit = reason ? std::vector<std::string>() : without_fit(assembly, members);
  if (options.format == Format::text) {
    print(reason ? fmt::format("{}: barred: {}\n", label, *reason)
                 : fmt::format("{}: admissible, combination {}\n", label, std::get<std::int64_t>(id)));
    for (const std::string& sentence : no_fit) print(fmt::format("- no fit in {}\n", sentence));
  } else {
    Table table;
    table.columns = {{"label", "combination"},
                     {"admissible", "admissible"},
                     {"combination", "id", Kind::number},
                     {"reason", "reason"},
                     {"no_fit", "no fit"}};
    table.rows = {{label, reason ? "no" : "yes", id, reason.value_or(""), fmt::format("{}", fmt::join(no_fit, "; "))}};
    print("check", table, options.format);
  }
  return reason || !no_fit.empty() ? kFindings : kOk;
}

}  // namespace

int check(const CheckOptions& options) {
  const config::Study study = config::read_study(options.study, options.set);
  if (options.resolved) {
    print(options.format == Format::json ? config::resolved_json(study) : config::resolved_toml(study));
    return kOk;
  }
  const Data data = read_data(study);
  const Assembly assembly(study, data);
  if (!options.why.empty()) return explain(assembly, options);
  Facts facts;
  add_sample(assembly.design, facts);
  add_cells(assembly.design, facts);
  add_losses(assembly.design, facts);
  add_universe(assembly, facts);
  add_findings(assembly, find_jumps(data.panel, study), facts);
  if (options.format == Format::text)
    print_text(assembly, facts);
  else
    print("check", facts.table(), options.format);
  return facts.count("finding") == 0 ? kOk : kFindings;
}

}  // namespace nokkel::cli
