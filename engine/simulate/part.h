/// The loop of a search over some of its blocks: how long the whole would take, where that is too long to try.
#pragma once

#include <cstddef>

#include "engine/options.h"
#include "engine/search/search.h"
#include "engine/sink.h"

namespace nokkel::simulate {

struct Part {
  std::size_t n_blocks = 0, n_all_blocks = 0;
  std::uint64_t n_combinations = 0, n_all_combinations = 0;
  std::uint64_t fits = 0;  ///< of these combinations
  std::string kernel;
  double seconds_moments = 0, seconds_loop = 0;
};

/// Moments of the whole run, then search_block on `n_blocks` evenly spread blocks (0 or more than there are: all) for the
/// first outcome, each with its records sent to the sink. What follows the loop (ranks, the selected) is not run.
/// Errors: InputError when this processor lacks the kernel; Interrupted.
Part run_part(const search::Job& job, const Execution& execution, std::size_t n_blocks, ResultSink& sink);

}  // namespace nokkel::simulate
