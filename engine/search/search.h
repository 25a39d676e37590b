/// The search: every admissible combination x outcome x year gets its fit, its resampled inference and its
/// cross-validation; then scores, ranks and the selected. See ARCHITECTURE.md, "the life of a run".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/options.h"
#include "engine/panel/sample.h"
#include "engine/resample/resample.h"
#include "engine/sink.h"
#include "engine/universe/universe.h"

namespace nokkel::search {

/// What a search reads. References outlive the call.
struct Job {
  const panel::Design& design;
  const universe::Universe& universe;
  Statistics statistics;
  std::vector<const resample::Provider*> providers;  ///< one a frame of the design
  std::uint64_t keep = 0;                            ///< mode `kept`: the best so many have rows; 0: every combination
};

/// Fits of a whole run: one a (combination, outcome, year with rows, lane).
struct Plan {
  std::uint64_t n_combinations = 0;  ///< of the universe
  std::uint64_t n_rows = 0;          ///< of them written with all their figures
  std::uint64_t fits_full = 0, fits_pairs = 0, fits_halves = 0, fits_folds = 0;
  std::size_t n_blocks = 0;
  int n_memory_nodes = 1;        ///< that workers are dealt out over
  int n_tile_copies = 1;         ///< of the moments: one a memory node, or one over all where the limit allows no more
  std::size_t memory_bytes = 0;  ///< peak: execution.memory_outside, moments, workspaces, records in flight, ranking
  double seconds = 0;            ///< expected, from timing one block; 0 when not asked
  [[nodiscard]] std::uint64_t fits() const { return fits_full + fits_pairs + fits_halves + fits_folds; }
};

/// How many combinations lead when a half-sample's ranking is counted (attribute `top` of top_share): one in a hundred,
/// at least 1 and at most 100; rank positions are 1 .. min(100, count).
int top_of(std::uint64_t n_combinations);

/// Levels of Statistics::quantiles beyond the outermost replicates: their quantile is the smallest or largest replicate
/// (METHODS 4.4).
std::vector<double> extreme_levels(const Statistics& statistics);

/// Ranks, selected and leading combinations follow the rows; the half-samples' leading ones the universe.
Extents extents_of(const Job& job);

/// Plans a run; with `timed` also times one block on this machine (a second or so).
Plan plan(const Job& job, const Execution& execution, bool timed);

struct Summary {
  Plan plan;
  std::vector<std::array<std::uint64_t, 8>>
      status_count;  ///< per outcome: (combination, year) cells by status code + 1; mode kept: before the bootstrap
  std::uint64_t lanes_repaired = 0;       ///< fits that failed the fast-path test and were solved in double-double
  std::uint64_t lanes_not_estimable = 0;  ///< replicate fits found rank deficient or constant
  std::string kernel;                     ///< instruction set that ran: portable, v3 or v4
  int n_threads = 0;
  double seconds_moments = 0, seconds_loop = 0, seconds_after = 0;
};

/// Runs the search and sends everything to the sink: begin, blocks in order, after-loop variables, not finish.
/// Errors: Interrupted when execution.stop is set; MachineError when memory_limit does not suffice (before any work).
/// The bytes sent do not depend on `execution`, the kernel's choice between portable and v3 or v4 aside.
Summary run(const Job& job, const Execution& execution, ResultSink& sink);

}  // namespace nokkel::search
