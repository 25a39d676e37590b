/// What a run is cut into: blocks of the universe, made as they are asked for, or pieces of a list of combinations.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include "engine/search/block_plan.h"
#include "engine/universe/universe.h"

namespace nokkel::search {

/// What one call of search_block works on.
struct BlockWork {
  BlockPlan plan;
  std::vector<universe::Block::Range> rows;  ///< place -> row of the result: ranges one after the other
  std::vector<std::uint32_t> id;             ///< combination number by place
};

/// A block of the universe; its rows are combination numbers.
BlockWork work_of(const universe::Universe& universe, const universe::Block& block);

/// Combinations with these numbers, ascending; their rows follow each other from first_row.
BlockWork work_of(const universe::Universe& universe, std::span<const std::uint32_t> ids, std::uint64_t first_row);

/// Blocks are a function of universe and Statistics only (KERNELS 4): at least max(1000, 2E) combinations where siblings allow
/// it, at most kMostPlaces.
inline constexpr std::uint32_t kLeastPlaces = 1000, kMostPlaces = 8192;
std::uint32_t least_places(const universe::Universe& universe);

/// How many blocks there are, and their largest, from one walk.
struct BlockCount {
  std::size_t n_blocks = 0;
  universe::Block largest;
};
BlockCount count_blocks(const universe::Universe& universe);

/// Blocks by number, for workers that ask in nearly increasing order: only those between the first that is not let go
/// and the last that was asked for are held. Thread-safe.
class BlockWindow {
 public:
  explicit BlockWindow(const universe::Universe& universe) : walk_(universe, least_places(universe), kMostPlaces) {}
  /// i is below the number of blocks and was not let go (asserted).
  universe::Block get(std::size_t i);
  void let_go(std::size_t i);

 private:
  std::mutex mutex_;
  universe::BlockWalk walk_;
  std::size_t next_ = 0;
  std::map<std::size_t, universe::Block> held_;
};

}  // namespace nokkel::search
