/// Generated designs with fixed seeds, for the tests of the search.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/panel/sample.h"
#include "engine/resample/resample.h"
#include "engine/search/search.h"
#include "engine/universe/universe.h"
#include "tests/support/memory_sink.h"

namespace nokkel::testing {

struct WorldOptions {
  std::uint64_t seed = 1;
  int n_units = 30, n_years = 2, n_controls = 0, n_criteria = 8, n_forced = 0, n_outcomes = 1;
  double share_missing = 0.1;  ///< unit-years left out
  bool with_dummy = false;     ///< criterion n_criteria - 1 is 1 for two units, else 0
  int unavailable_year = -1;   ///< criterion n_criteria - 2 is not observed in that year
};

/// Correlated criteria on scales from 1e-3 to 1e4, a response that depends on the first three, errors that persist over years.
panel::Design make_world(const WorldOptions& options);

/// Universe over all criteria of a design.
universe::Universe make_universe(const panel::Design& design, int min_size, int max_size,
                                 std::vector<universe::ExcludedPair> excluded = {},
                                 std::vector<universe::GroupLimit> groups = {});

/// A job with the engine's own resamples, and what it needs to live.
struct World {
  panel::Design design;
  universe::Universe universe;
  Statistics statistics;
  std::vector<std::unique_ptr<resample::Provider>> providers;
  [[nodiscard]] search::Job job() const;
};
World make_job(panel::Design design, universe::Universe universe, const Statistics& statistics);

/// Runs a job into memory.
MemorySink run_in_memory(const search::Job& job, int n_threads = 1, KernelLevel kernel = KernelLevel::automatic,
                         search::Summary* summary = nullptr);

}  // namespace nokkel::testing
