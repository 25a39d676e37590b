/// How much memory a run takes at its peak, from extents alone: what the plan promises and the limit is held against.
#pragma once

#include <cstddef>

#include "engine/search/search.h"
#include "engine/search/tiles.h"

namespace nokkel::search {

/// Bytes of the search itself; the process has more (Execution::memory_outside).
struct MemoryPlan {
  std::size_t tiles = 0;     ///< moments and roots, read by every block
  std::size_t making = 0;    ///< buffers while they are made
  std::size_t threads = 0;   ///< walks, leading combinations and bins of ranks, sums of the block at hand
  std::size_t records = 0;   ///< of blocks at hand and waiting for their turn
  std::size_t lists = 0;     ///< leading combinations, bins of ranks and the kept, merged
  std::size_t ranks = 0;     ///< after the loop
  std::size_t selected = 0;  ///< after the loop: quantiles of their coefficients
  /// Tiles stay; the loop and what comes before and after it do not meet.
  [[nodiscard]] std::size_t peak() const;
};

/// n_tasks: blocks x outcomes, of which no more than that many threads can work at; places: combinations of the largest
/// block; n_copies: of the tiles.
MemoryPlan memory_of(const Job& job, const Execution& execution, int n_threads, std::size_t n_tasks, std::size_t places,
                     int n_copies);

TileExtents tile_extents(const Job& job);

}  // namespace nokkel::search
