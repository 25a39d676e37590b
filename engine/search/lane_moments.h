/// Double-double cross-products of the lanes of one tile, made from the rows when first asked for and kept for the tile:
/// flagged lanes come in bursts that share columns.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/resample/resample.h"
#include "engine/search/tiles.h"
#include "kernels/exact_moments.h"

namespace nokkel::search {

/// Columns are numbered as in kernels/moments.h: 0 one, then controls, criteria, y. A lane's numbers depend on its own rows and
/// weights only. One object a thread and outcome; tiles outlive it. Memory: bytes(), taken when a first lane is flagged.
class LaneMoments {
 public:
  LaneMoments(const OutcomeTiles& tiles, const resample::Provider& provider);

  /// Turns to a tile; what was kept of another one is forgotten.
  void open(const Tile& tile);

  /// Sum over rows of weight (a - mean_a)(b - mean_b), 1 <= a <= b, with the lane's own means (0 without an intercept): one
  /// double a lane hi, then kTileLanes doubles on, lo; valid in `lanes`.
  /// Cost of a pair that is new to `lanes`: about n_rows (3 + lanes) multiply-adds with whole weights, ten times that
  /// otherwise.
  const double* cross(int a, int b, kernels::LaneMask lanes);

  [[nodiscard]] static std::size_t bytes(const TileExtents& extents, int n_units, int n_rows);

 private:
  [[nodiscard]] double* entry(long e) const { return cross_.get() + e * 2 * kernels::kTileLanes; }
  [[nodiscard]] long place(int a, int b) const { return kernels::triangle(a, b, n_columns_); }
  double* filled(int a, int b, kernels::LaneMask lanes);
  void fill_replicates(int a, int b, kernels::LaneMask lanes, double* to);
  void fill_years(int a, int b, kernels::LaneMask lanes, double* to);
  void products(const CellRows& cell, int a, int b);
  void centre(int a, int b, kernels::LaneMask lanes, double* to);
  void draw(kernels::LaneMask lanes);

  const OutcomeTiles& tiles_;
  const resample::Provider& provider_;
  const Tile* tile_ = nullptr;
  int n_columns_ = 0;
  kernels::Slicing slicing_;
  kernels::LaneMask drawn_, whole_;                                 ///< lanes whose weights are there; are whole numbers
  std::vector<kernels::LaneMask> valid_;                            ///< by entry
  std::unique_ptr<double[], decltype(&std::free)> cross_, weight_;  ///< [entry][hi, lo][lane]; [unit][lane]
  std::vector<double> hi_, lo_, slices_;                            ///< by row
};

}  // namespace nokkel::search
