/// The one walk: a block's steps on tiles, every leaf handed to a sink.
///
/// A walk takes one tile, or one a year with the same replicates in the same lanes: then a sink sees all years of a replicate
/// together, while the nodes of each year stay small enough for the cache.
#pragma once

#include <span>
#include <vector>

#include "engine/aligned.h"
#include "engine/search/block_plan.h"
#include "engine/search/tiles.h"
#include "kernels/sweep.h"

namespace nokkel::search {

/// One combination over the lanes of one tile.
struct Part {
  const Tile* tile = nullptr;
  kernels::Rows rows;      ///< standardised units
  kernels::LaneMask dead;  ///< lanes without a fit; their numbers are finite and mean nothing
  bool alive = false;      ///< some lane has a fit; otherwise rows are not filled
};

/// One combination over the tiles of a walk.
struct Leaf {
  int place = 0;                 ///< in the block
  int size = 0;                  ///< criteria, forced and free
  int n_members = 0;             ///< rows of each part: controls and criteria
  const int* members = nullptr;  ///< n_members columns: controls, forced, free (numbered without the one)
  std::span<const Part> parts;   ///< in the order of the walk's tiles
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
  /// Returns the lanes of `suspect` that have no fit; the others' b, v and sse (what rows has of them) are written in place.
  virtual kernels::LaneMask fix(const Tile& tile, int place, const int* members, kernels::Rows& rows,
                                kernels::LaneMask suspect) = 0;
};

/// What a walk forms of every fit: its SSE, or coefficients too, or the diagonal of the inverse as well.
enum class Wanted { sse, b, v };

/// Memory of one thread for the nodes of a path, the heads and the rows of one leaf, of all tiles of a walk.
class Workspace {
 public:
  /// For walks over n_years tiles of kYearTileLanes, or tiles of kGroupLanes together.
  Workspace(const TileExtents& extents, int n_years);
  static constexpr int kGroupLanes = 2 * kernels::kTileLanes;
  /// Tiles in their order, as many side by side as kGroupLanes holds: a walk has its price, however narrow a tile.
  [[nodiscard]] static std::vector<std::vector<const Tile*>> groups(const std::vector<Tile>& tiles);
  [[nodiscard]] static std::size_t doubles(const TileExtents& extents, int n_years);

 private:
  friend class Walker;
  TileExtents extents_;
  AlignedBuffer memory_;
};

/// Runs the steps of a block on tiles of equal extents. Lanes with too few rows for a combination's size (N - k < 1) are dead.
/// Wanted::v needs a v in the roots (or nothing swept first); then VIF > 1e5 and SSE <= 1e-12 SST are suspect too.
void walk(std::span<const Tile* const> tiles, const BlockPlan& plan, int n_controls, Wanted wanted,
          const kernels::Kernels& kernels, Repair& repair, RowSink& sink, Workspace& workspace);

/// The same on one tile.
inline void walk(const Tile& tile, const BlockPlan& plan, int n_controls, Wanted wanted, const kernels::Kernels& kernels,
                 Repair& repair, RowSink& sink, Workspace& workspace) {
  const Tile* const one = &tile;
  walk({&one, 1}, plan, n_controls, wanted, kernels, repair, sink, workspace);
}

}  // namespace nokkel::search
