#include <fmt/format.h>

#include <chrono>
#include <ctime>

#include "engine/error.h"
#include "io/cli/build_info.h"
#include "io/cli/commands.h"
#include "io/cli/execute.h"
#include "io/cli/machine.h"
#include "io/cli/ranking_table.h"
#include "io/cli/run_record.h"

namespace nokkel::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// The plan before a run, in one paragraph.
std::string plan_words(const Assembly& assembly, const search::Plan& plan, const MemoryLimit& limit, std::uint64_t file_bytes,
                       int threads) {
  const panel::Design& design = assembly.design;
  return fmt::format(
      "nokkel: {} combinations of {} criteria, {} outcome{} over {} year{}: {} fits ({} pairs replicates, {} half-samples, {} "
      "x {} "
      "folds); about {} of memory{}, {} thread{}, a file of about {}.\n",
      grouped(plan.n_combinations), design.criteria.size(), design.outcomes.size(), design.outcomes.size() == 1 ? "" : "s",
      design.years.size(), design.years.size() == 1 ? "" : "s", grouped(plan.fits()), assembly.study.statistics.n_pairs,
      2 * assembly.study.statistics.n_half_pairs, assembly.study.statistics.n_repeats, assembly.study.statistics.n_folds,
      bytes_text(plan.memory_bytes),
      limit.bytes == 0 ? "" : fmt::format(" (limit {}, {})", bytes_text(limit.bytes), limit.source), threads,
      threads == 1 ? "" : "s", bytes_text(file_bytes));
}

/// What a file of mode `kept` leaves out.
std::string kept_words(const Assembly& assembly) {
  const Kept& kept = assembly.kept;
  if (kept.n >= assembly.universe.count()) return "all combinations get rows: output.keep is no less than their number";
  return fmt::format(
      "{}the best {} of {} combinations by score get rows (output.keep), the others their score alone{}",
      kept.forced
          ? fmt::format("a file of all would take about {}, above {}: ", bytes_text(kept.full_bytes), bytes_text(kLargestFull))
          : "",
      grouped(kept.n), grouped(assembly.universe.count()),
      kept.forced ? "; output.mode = \"kept\" says so by itself, fewer years, outcomes or sizes make room for all" : "");
}

Table plan_table(const search::Plan& plan, const MemoryLimit& limit, std::uint64_t file_bytes, int threads,
                 const std::string& kernel) {
  Table table;
  table.columns = {{"item", "item"}, {"value", "value", Kind::count}, {"unit", "unit"}, {"note", "note"}};
  const auto add = [&](const char* item, Cell value, const char* unit, std::string note) {
    table.rows.push_back({item, std::move(value), unit, std::move(note)});
  };
  const auto whole = [](auto n) { return static_cast<std::int64_t>(n); };
  add("combinations", whole(plan.n_combinations), "1", "");
  add("rows", whole(plan.n_rows), "1", plan.n_rows < plan.n_combinations ? "the best by score (output.keep)" : "");
  add("blocks", whole(plan.n_blocks), "1", "");
  add("fits", whole(plan.fits()), "1", "");
  add("fits_full", whole(plan.fits_full), "1", "full samples");
  add("fits_pairs", whole(plan.fits_pairs), "1", "pairs bootstrap");
  add("fits_halves", whole(plan.fits_halves), "1", "half-samples");
  add("fits_folds", whole(plan.fits_folds), "1", "cross-validation");
  add("memory", whole(plan.memory_bytes), "bytes", bytes_text(plan.memory_bytes));
  add("memory_limit", whole(limit.bytes), "bytes",
      limit.bytes == 0 ? std::string("no limit is known")
                       : fmt::format("{}, {}{}", bytes_text(limit.bytes), limit.source,
                                     plan.memory_bytes > limit.bytes ? "; the run would be refused" : ""));
  add("file_size", whole(file_bytes), "bytes", bytes_text(file_bytes) + " before compression");
  add("threads", whole(threads), "1", "kernel " + kernel);
  add("time", plan.seconds, "seconds", seconds_text(plan.seconds) + ", from one block timed here");
  return table;
}

/// Rankings of the finished file on standard output.
void print_ranking(const RunOptions& options) {
  const results::Reader reader(options.out);
  Table all;
  for (const int outcome : outcomes_named(reader, "")) {
    const Table table = ranking_table(reader, outcome, {-1, options.top, std::nullopt});
    if (options.format == Format::text && options.top > 0) {
      print("run", table, Format::text);
      print("\n");
    }
    all.columns = table.columns;
    all.rows.insert(all.rows.end(), table.rows.begin(), table.rows.end());
  }
  if (options.format != Format::text) return print("run", all, options.format);
  if (options.top > 0) print(ranking_caveat(reader) + "\n");
}

std::string utc_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

RunRecord record_of(const RunOptions& options, const search::Summary& summary) {
  RunRecord record;
  record.study = std::filesystem::absolute(options.study).lexically_normal();
  record.command = options.command;
  record.summary = summary;
  return record;
}

}  // namespace

int run(const RunOptions& options) {
  const Clock::time_point start = Clock::now();
  const std::string started = utc_time();
  if (options.out.empty() && !options.dry_run) throw InputError("nokkel run", "no result file", "name one with -o OUT.h5");
  const FileChoices choices{kernel_level_name(options.kernel), options.compression};
  if (!options.dry_run) check_output(options.out, options.force);

  const config::Study study = config::read_study(options.study, options.set);
  const Assembly assembly(study, read_data(study));
  if (const auto refusal = too_large(assembly, options.allow_large)) throw InputError(*refusal);

  const ExecuteOptions execute_options{options.threads, options.memory, options.force,
                                       options.quiet ? ProgressMode::none : options.progress};
  const MemoryLimit limit = memory_limit(options.memory, this_machine().memory);
  const results::Description description = describe(assembly, choices);
  const search::Plan plan =
      search::plan(assembly.job(), execution_of(execute_options, choices.kernel_level, description), options.dry_run);
  const std::uint64_t file_bytes = results::expected_size(description);
  const int threads = options.threads > 0 ? options.threads : this_machine().threads;
  if (options.dry_run) {
    print("run", plan_table(plan, limit, file_bytes, threads, choices.kernel_level), options.format);
    return kOk;
  }
  if (!options.quiet) fmt::print(stderr, "{}", plan_words(assembly, plan, limit, file_bytes, threads));
  if (assembly.kept.forced || (assembly.kept.n > 0 && !options.quiet)) fmt::print(stderr, "nokkel: {}\n", kept_words(assembly));
  for (const std::string& setting : settings_without_effect(study)) fmt::print(stderr, "nokkel: {}\n", setting);

  const search::Summary summary = execute(assembly, choices, execute_options, options.out);
  RunRecord record = record_of(options, summary);
  record.started = started;
  record.seconds = seconds_since(start);
  write_run_record(options.out, record);
  print_ranking(options);
  if (!options.quiet)
    fmt::print(stderr, "nokkel: {} in {}: {} (nokkel rank, show, rerun read it; times are in {})\n",
               grouped(plan.fits()) + " fits", seconds_text(record.seconds), options.out.string(),
               record_path(options.out).filename().string());
  return kOk;
}

}  // namespace nokkel::cli
