#include "io/cli/bench_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "engine/error.h"
#include "io/cli/machine.h"
#include "io/cli/text_table.h"
#include "io/results/results_file.h"

namespace nokkel::cli {
namespace {

namespace fs = std::filesystem;

/// What the writer must know of generated data.
results::Description description_of(const simulate::Case& data) {
  results::Description d;
  d.criteria = d.criterion_labels = data.design.criteria;
  for (const panel::Outcome& outcome : data.design.outcomes) {
    d.outcomes.push_back(outcome.name);
    d.outcome_response.push_back(outcome.response);
    d.outcome_sample.emplace_back("all");
    d.outcome_unit.emplace_back("");
  }
  d.years = data.design.years;
  d.extents = search::extents_of(data.job());
  if (d.extents.n_quantiles > 0) d.quantiles = data.statistics.quantiles;
  d.top = search::top_of(data.universe.count());
  return d;
}

fs::path new_folder() {
  std::error_code trouble;
  const fs::path parent = fs::temp_directory_path(trouble);
  if (trouble) throw MachineError("TMPDIR names no folder for temporary files: set it to one, or unset it");
  std::string name = (parent / "nokkel-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    throw MachineError(
        fmt::format("{}: no folder can be made there: {}; TMPDIR names another", parent.string(), std::strerror(errno)));
  return name;
}

}  // namespace

BenchFile::BenchFile(const simulate::Case& data) : folder_(new_folder()) {
  const results::Description description = description_of(data);
  const std::uint64_t needed = results::expected_size(description), free = free_space(folder_);
  if (needed > free) {
    fs::remove_all(folder_);
    throw MachineError(fmt::format("{}: the result takes about {}, free are {}; TMPDIR names another folder",
                                   folder_.parent_path().string(), bytes_text(needed), bytes_text(free)));
  }
  sink_ = results::make_writer(folder_ / "bench.h5", false, 0, description, data.universe);
}

BenchFile::~BenchFile() {
  sink_.reset();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::uint64_t BenchFile::size() const {
  std::error_code ignored;
  return fs::file_size(folder_ / "bench.h5", ignored);
}

}  // namespace nokkel::cli
