/// From rows to the root of the walk: cross-products of all replicates by GEMM, centring, constant columns, and the
/// columns that are in every combination swept first.
///
/// Columns are numbered 0 one, 1 .. n_swept controls and forced criteria, then n_free candidates, then y last: n_columns =
/// n_swept + n_free + 2. A tile of moments holds M_jl for j <= l, row by row, each entry n_lanes consecutive doubles.
#pragma once

#include <span>

#include "kernels/lanes.h"
#include "kernels/sweep.h"

namespace nokkel::kernels {

/// Place of (i, j), i <= j, in the upper triangle of n columns stored row by row.
constexpr long triangle(int i, int j, int n) { return static_cast<long>(i) * n - static_cast<long>(i) * (i - 1) / 2 + (j - i); }

/// Units of a chunk of O, which stays in the cache for all panels that meet it; a constant, for sums close a chunk at a time.
inline constexpr int kChunkUnits = 256;

/// O: row i holds z_i z_i' (upper triangle), chunk after chunk of kChunkUnits rows, each column-major. z is n_rows x n_columns
/// column-major, finite; row i goes to row place[i] of O (n_units x n_entries), whose other rows are left as they are (zero for
/// units without a row). Cost: n_rows n_columns^2 / 2.
void products(int n_rows, int n_columns, const double* z, const int* place, int n_units, double* o) noexcept;

/// M = W O for panels of kTileLanes weight rows: w is, panel after panel, kTileLanes x n_units, lanes consecutive (absent lanes
/// 0), o as above, m kTileLanes x n_entries a panel. Always this height, since the bits of OpenBLAS depend on it; panels do not
/// change each other's bits, but those that go together share a chunk of O in the cache. Cost: one dgemm a panel and chunk.
void panel_moments(int n_panels, int n_units, long n_entries, const double* w, const double* o, double* m) noexcept;

struct RootShape {
  NodeShape node;  ///< max_members counts the columns swept first
  int n_swept = 0;
  bool intercept = true;  ///< false: uncentred (NIST NoInt sets)
  [[nodiscard]] int n_columns() const { return n_swept + node.n_free + 2; }
};

/// The root of a walk and what the sinks need of the replicates. Memory of the caller, 64-byte aligned.
struct Root {
  Node node;                        ///< after sweeping; node.v and node.det may be null
  double* floor = nullptr;          ///< n_free x n_lanes: 1e-6 S_jj, the least pivot of the fast path (METHODS 1.3)
  double* diagonal = nullptr;       ///< (n_swept + n_free) x n_lanes: S_jj; 1 in dead lanes
  double* mean = nullptr;           ///< (n_swept + n_free + 1) x n_lanes: of the columns and y; 0 without intercept
  double* sst = nullptr;            ///< n_lanes: S_yy, 1 in dead lanes
  double* n_rows = nullptr;         ///< n_lanes: sum of weights
  LaneMask* column_dead = nullptr;  ///< n_swept + n_free: lanes where the column is constant
  LaneMask dead;                    ///< lanes without a usable fit: y constant, no rows, a swept column constant
  LaneMask y_constant;              ///< part of dead
  LaneMask suspect;                 ///< lanes where a column swept first fails the pivot test
};

/// Doubles of scratch that make_root wants.
long root_scratch(const RootShape& shape);

/// Centres a tile of moments per lane (never rescales: METHODS 1.1), finds constant columns, S_jj <= 1e-10 max(M_jj, N), whose
/// lanes become dead lanes of that column, and sweeps in the first n_swept columns. Lanes outside `live` are dead.
void make_root(const RootShape& shape, const double* m, LaneMask live, double* scratch, Root* root) noexcept;

/// Moments of held-out rows about the means of a root: T_jl = sum over test rows of (z_j - mean_j)(z_l - mean_l), for the
/// n_swept + n_free + 1 columns without the one, upper triangle. `m` are the test rows' raw moments; n_test: n_lanes.
void test_moments(const RootShape& shape, const double* m, const double* mean, double* t, double* n_test) noexcept;

}  // namespace nokkel::kernels
