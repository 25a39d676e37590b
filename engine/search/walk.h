/// The one walk: a block's steps on a tile, every leaf handed to a sink.
#pragma once

#include <vector>

#include "engine/aligned.h"
#include "engine/search/block_plan.h"
#include "engine/search/tiles.h"
#include "kernels/sweep.h"

namespace nokkel::search {

/// One combination over the lanes of a tile.
struct Leaf {
  int place = 0;                 ///< in the block
  int size = 0;                  ///< criteria, forced and free
  const int* members = nullptr;  ///< rows.n_members columns: controls, forced, free (numbered without the one)
  const kernels::Rows& rows;     ///< standardised units
  kernels::LaneMask dead;        ///< lanes without a fit; their numbers are finite and mean nothing
};

/// Receives leaves in walk order. Combinations that are dead in all lanes may be left out.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual void combination(const Leaf& leaf) = 0;
};

/// Overwrites lanes that failed the fast-path test (METHODS 1.3) before a sink sees them.
class Repair {
 public:
  virtual ~Repair() = default;
  /// Returns the lanes of `suspect` that have no fit; the others' b, v and sse are written in place.
  virtual kernels::LaneMask fix(const Tile& tile, int place, const int* members, kernels::Rows& rows,
                                kernels::LaneMask suspect) = 0;
};

/// Memory of one thread: the nodes of a path, the head of a leaf's siblings, the rows of one leaf.
class Workspace {
 public:
  explicit Workspace(const TileExtents& extents);
  [[nodiscard]] static std::size_t doubles(const TileExtents& extents);

 private:
  friend class Walker;
  AlignedBuffer memory_;
  std::vector<kernels::Node> nodes_;  // by depth, from 1
  kernels::Node head_;
  kernels::Rows rows_;
  double* pivot_;
};

/// Runs the steps of a block on a tile. Lanes with too few rows for a combination's size (N - k < 1) are dead.
/// v is formed when the tile's root has it; then VIF > 1e5 and SSE <= 1e-12 SST are suspect too.
void walk(const Tile& tile, const BlockPlan& plan, int n_controls, const kernels::Kernels& kernels, Repair& repair,
          RowSink& sink, Workspace& workspace);

}  // namespace nokkel::search
