/// A block of the universe as a list of steps: admissibility is decided once per block, not once per tile.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/universe/universe.h"

namespace nokkel::search {

/// Columns are free criteria counted from 0 (criterion number minus the number of forced ones). A node of depth d has d
/// free columns in it; depth 0 is the root.
struct Step {
  enum class Kind : std::uint8_t {
    itself,  ///< the root's own combination: forced criteria only
    single,  ///< leaves root + a
    pair,    ///< leaves node(depth) + column + a
    down     ///< node(depth + 1) = node(depth) + column
  };
  Kind kind = Kind::down;
  int depth = 0, column = -1;
  int first_leaf = 0, n_leaves = 0;  ///< into BlockPlan::leaf
  int first_place = 0;               ///< of the first leaf; its siblings follow
  int end = 0;                       ///< down: the first step that does not stand under this node
};

struct BlockPlan {
  std::vector<Step> steps;
  std::vector<int> leaf;           ///< columns
  int n_places = 0;                ///< combinations of the block
  int max_depth = 0;               ///< deepest node made by a `down`
  int max_free = 0;                ///< stride of `members`
  std::vector<int> size_of_place;  ///< forced and free criteria
  std::vector<int> members;        ///< [place][max_free]: free columns ascending, -1 beyond
};

/// Steps of one block, parents before children, leaves of a node before its subtrees. Places count through
/// block.ranges. Cost: O(combinations of the block).
BlockPlan plan_block(const universe::Universe& universe, const universe::Block& block);

/// A list of combinations (free columns ascending; none: the forced criteria alone) as a pruned tree; place = position in the
/// list, which may be in any order. Cost: O(n log n) comparisons.
BlockPlan plan_list(const std::vector<std::vector<int>>& combinations, int n_forced, int max_free);

/// Some leaves of a plan as a plan of their own.
struct PlanPiece {
  BlockPlan plan;          ///< places counted from 0 in walk order
  std::vector<int> place;  ///< of each in the whole plan
};

/// A plan in pieces of at most `most` combinations, in walk order, siblings together where they fit. Each piece goes down its
/// paths again.
std::vector<PlanPiece> cut_plan(const BlockPlan& plan, int most);

}  // namespace nokkel::search
