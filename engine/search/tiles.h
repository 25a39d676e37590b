/// Tiles: the roots of the walks, made once before the search and read by every block.
///
/// One outcome has, for each year, tiles of replicates for pairs, halves and folds, and one tile over all years for the full
/// sample (lanes = years). Pairs and halves of several years have the same replicates in the same 48 lanes of each year's
/// tiles, which are walked side by side; otherwise a tile has up to 96. Fold lanes are training sets, M_train = M_all - M_fold,
/// and carry the moments of their test rows.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/aligned.h"
#include "engine/panel/sample.h"
#include "engine/resample/resample.h"
#include "engine/search/critical_values.h"
#include "kernels/moments.h"

namespace nokkel::search {

/// Standardised rows of one cell. Column 0 is 1, then controls, criteria, y; unavailable columns are 0.
struct CellRows {
  int n_rows = 0;
  std::vector<double> z;           ///< n_rows x n_columns, column-major
  std::vector<std::int32_t> unit;  ///< per row
  std::vector<char> available;     ///< per column without the one and y (controls always)
};

/// Mean and SD that standardise a column, over the rows of all years of the outcome (METHODS 1.1); y last.
struct Scale {
  std::vector<double> mean, sd;  ///< n_swept + n_free + 1
};

struct Tile {
  resample::Stream stream = resample::Stream::full;
  int year = -1;                        ///< -1: the full tile, whose lanes are years
  int n_live = 0;                       ///< lanes with a replicate; the others are dead
  std::vector<int> replicate;           ///< of each live lane
  int first_repeat = 0, n_repeats = 0;  ///< folds: lanes are runs of these repeats, a run a fold
  kernels::RootShape shape;
  kernels::Root root;
  std::vector<kernels::LaneMask> column_dead;  ///< n_swept + n_free
  double* test = nullptr;                      ///< folds: T_jl of test rows about training means; see kernels::test_moments
  double* n_test = nullptr;
  AlignedBuffer memory;
};

/// Everything the walks of one outcome read.
struct OutcomeTiles {
  Scale scale;
  std::vector<CellRows> rows;  ///< per year
  CriticalValues critical;     ///< of as many degrees of freedom as the largest year has rows
  Tile full;
  std::vector<std::vector<Tile>> pairs, halves, folds;  ///< [year][tile]; empty for a year without rows
  /// Tile i of every year that has rows: what a walk over years takes.
  [[nodiscard]] static std::vector<const Tile*> side_by_side(const std::vector<std::vector<Tile>>& stream, std::size_t i);
  std::vector<Tile> transfer;  ///< [test year]: lanes = training years, test moments of that year; root unused
};

/// Extents shared by all tiles of a job.
struct TileExtents {
  int n_swept = 0;  ///< controls and forced criteria
  int n_free = 0;
  int max_free = 0;  ///< largest number of free criteria in a combination
  [[nodiscard]] kernels::RootShape shape(int n_lanes) const;
};

/// Lanes of each tile that n replicates are cut into, none wider than `widest`.
std::vector<int> tile_widths(int n_replicates, int widest);

/// Folds are cut so that a tile holds whole runs of repeats.
struct FoldRuns {
  int first_fold = 0, n_folds = 0, first_repeat = 0, n_repeats = 0;
  [[nodiscard]] int width() const;  ///< lanes
};
std::vector<FoldRuns> fold_runs(int n_folds, int n_repeats);

/// Widest tile of pairs and halves over a number of years with rows.
inline int replicate_lanes(int n_years) { return n_years > 1 ? kernels::kYearTileLanes : kernels::kTileLanes; }

/// Panels of moments that are made together (kernels/moments.h). Their number changes the speed and nothing else.
inline constexpr int kPanelsTogether = 4;

/// Doubles that one tile keeps.
std::size_t tile_doubles(const TileExtents& extents, int n_lanes, bool with_v, bool with_test);

/// Standardised rows of every year of an outcome.
void standardise(const panel::Outcome& outcome, int n_controls, int n_criteria, Scale* scale, std::vector<CellRows>* rows);

/// Makes the tiles of one outcome, its years apart from each other: year() may be called by several threads at once.
class TileMaker {
 public:
  TileMaker(const panel::Outcome& outcome, int n_controls, int n_criteria, const TileExtents& extents,
            const resample::Provider& provider, const Statistics& statistics);

  /// What one year gives.
  struct Year {
    std::vector<double> all;  ///< moments of the whole cell
    std::vector<Tile> pairs, halves, folds;
  };
  [[nodiscard]] int n_years() const { return static_cast<int>(tiles_.rows.size()); }
  /// Cost: one GEMM panel per 96 replicates, and as many roots.
  [[nodiscard]] Year year(int year) const;
  /// years[year]: all of them. Called once, last.
  OutcomeTiles finish(std::vector<Year> years);

 private:
  int n_columns_, widest_ = 0;
  const TileExtents& extents_;
  const resample::Provider& provider_;
  const Statistics& statistics_;
  OutcomeTiles tiles_;
};

/// All tiles of one outcome, year after year. Memory: tile_doubles times about (pairs + halves + 2 folds) / 96 a year.
OutcomeTiles make_tiles(const panel::Outcome& outcome, int n_controls, int n_criteria, const TileExtents& extents,
                        const resample::Provider& provider, const Statistics& statistics);

}  // namespace nokkel::search
