#include "io/cli/run_record.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "engine/error.h"
#include "io/cli/build_info.h"
#include "io/cli/json.h"
#include "io/cli/machine.h"

namespace nokkel::cli {
namespace {

namespace fs = std::filesystem;

Fields fields_of(const RunRecord& record) {
  const search::Summary& summary = record.summary;
  const Machine machine = this_machine();
  const auto whole = [](auto n) { return static_cast<std::int64_t>(n); };
  const auto fits = static_cast<double>(summary.plan.fits());
  return {{"schema", "nokkel-run/1"},
          {"study", record.study.string()},
          {"command", record.command},
          {"version", version_line()},
          {"started", record.started},
          {"host", machine.host},
          {"processor", machine.processor},
          {"cores", whole(machine.cores_allowed)},
          {"threads", whole(summary.n_threads)},
          {"memory_nodes", whole(summary.plan.n_memory_nodes)},
          {"moments_copies", whole(summary.plan.n_tile_copies)},
          {"kernel", summary.kernel},
          {"kernel_set", kernel_set(summary.kernel)},
          {"combinations", whole(summary.plan.n_combinations)},
          {"rows", whole(summary.plan.n_rows)},
          {"fits", whole(summary.plan.fits())},
          {"lanes_repaired", whole(summary.lanes_repaired)},
          {"lanes_not_estimable", whole(summary.lanes_not_estimable)},
          {"seconds", record.seconds},
          {"seconds_moments", summary.seconds_moments},
          {"seconds_loop", summary.seconds_loop},
          {"seconds_after", summary.seconds_after},
          {"fits_per_second_loop", fits / summary.seconds_loop},
          {"fits_per_second", fits / record.seconds},
          {"memory_planned_bytes", whole(summary.plan.memory_bytes)},
          {"memory_peak_bytes", whole(peak_memory())}};
}

}  // namespace

fs::path record_path(const fs::path& out) { return fs::path(out).replace_extension(".run.json"); }

void write_run_record(const fs::path& out, const RunRecord& record) {
  const fs::path file = record_path(out);
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << object_json(fields_of(record), true) << '\n';
  stream.close();
  if (!stream) throw MachineError(fmt::format("{}: cannot be written; the result {} stands", file.string(), out.string()));
}

fs::path recorded_study(const fs::path& out) {
  std::ifstream stream(record_path(out), std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text_in_json(text.str(), "study");
}

}  // namespace nokkel::cli
