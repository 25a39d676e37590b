/// One step down the subset tree for a tile of replicates, and the fit at its leaves.
///
/// Regress y on a set S of columns. With A the Schur complement of the cross-products of all columns on S and D = the
/// rows [A_SS^-1 A_Sa]_i, adding column c to S is (forward sweep, Goodnight 1979; KERNELS 3):
///   p = 1/A_cc;  f_a = A_ca p;  A_ab <- A_ab - f_a A_cb;  D_ia <- D_ia - D_ic f_a;  D_ca = f_a
///   b_i <- b_i - D_ic f_y;  b_c = f_y;  SSE <- SSE - A_cy f_y;  v_i <- v_i + D_ic^2 p;  v_c = p
/// where b are the coefficients, v the diagonal of the inverse of the centred cross-products (VIF_i = v_i S_ii). Nothing
/// is ever unswept and each depth has its own copy, so rounding is that of Cholesky and the value of a combination
/// depends on its own columns only.
///
/// Memory: every entry is `n_lanes` consecutive doubles, 64-byte aligned. Free columns are 0 .. n_free-1; row a of A
/// is [A_ay, A_aa, A_a(a+1), ... ]. D is grouped by column: D_0a, D_1a, ... in `max_members` slots.
#pragma once

#include "kernels/lanes.h"

namespace nokkel::kernels {

/// Extents of the nodes of one walk.
struct NodeShape {
  int n_lanes = kTileLanes;  ///< a multiple of kVectorLanes, at most kTileLanes
  int n_free = 0;            ///< candidate columns
  int max_members = 0;       ///< columns that may be in S at a leaf: swept first + largest number of free ones
  /// Entry (not double) offset of row a: A_ay; A_ab stands at row(a) + 1 + b - a.
  [[nodiscard]] long row(int a) const { return static_cast<long>(a) * (n_free + 1) - static_cast<long>(a) * (a - 1) / 2; }
  [[nodiscard]] long n_entries() const { return row(n_free); }
};

/// One node of the walk: memory of the caller, of the extents of NodeShape.
struct Node {
  double* a = nullptr;    ///< n_entries x n_lanes
  double* d = nullptr;    ///< n_free x max_members x n_lanes
  double* b = nullptr;    ///< max_members x n_lanes: coefficients of the members
  double* v = nullptr;    ///< max_members x n_lanes, or null: not wanted
  double* sse = nullptr;  ///< n_lanes
  int n_members = 0;
  /// n_lanes: determinant of the correlations of S, the product of the pivots over S_jj; formed when v is. Never above 1, and
  /// no VIF of S is above its reciprocal, since (R^-1)_ii = det(R without i) / det(R).
  double* det = nullptr;
};

/// What `pair` and `single` find in some lane of a leaf.
enum Finding : unsigned {
  kLowPivot = 1,  ///< its pivot is below the floor: its numbers are finite and must not be used
  kWide = 2       ///< its determinant is below 1e-5: some VIF may be above 1e5 (asked only when v is formed)
};

/// The fit of one combination over the lanes. Row order: columns swept first, then the path, then the leaf.
struct Rows {
  double* b = nullptr;    ///< n_members x n_lanes, or null: only sse is wanted
  double* v = nullptr;    ///< likewise, or null
  double* sse = nullptr;  ///< n_lanes
  int n_members = 0, n_lanes = 0;
};

/// Sums over lanes of one row of coefficients, as `tally` lays them out.
struct RowSums {
  double sum = 0, sum2 = 0;  ///< of (x - shift) and (x - shift)^2
  double n_positive = 0;     ///< lanes with x > 0
};

/// Numbers that a function which adds n sums may write: whole groups of eight, zeros beyond n.
constexpr long padded_sums(long n) { return (n + 7) / 8 * 8; }

/// The arithmetic of the search for one instruction set. Every function reads and writes whole tiles; none allocates.
/// Cost a lane: down about n_free^2/2 multiply-adds; leaf 3 n_members + 6 and one division.
struct Kernels {
  const char* name;  ///< "portable", "v3", "v4"

  /// child = parent with column c swept in; floor is the pivot's least value by lane (1e-6 S_cc), below it the lane gets
  /// p = 0 (finite numbers that the caller must not use). Only columns after c are written. v too when parent.v.
  void (*down)(const NodeShape&, const Node& parent, int c, const double* floor, Node* child);

  /// What the leaves under (node, c) share: b, v, sse of node with c swept in, and p, into `head` (head->a: one entry, p).
  /// Returns true when some lane's pivot is below floor.
  bool (*head)(const NodeShape&, const Node& node, int c, const double* floor, Node* head);

  /// The fit of node + c + a (a > c), from the node two levels up: the last two levels fused. Returns the findings about a.
  unsigned (*pair)(const NodeShape&, const Node& node, const Node& head, int c, int a, const double* floor, Rows* rows);

  /// The fit of node + a, likewise.
  unsigned (*single)(const NodeShape&, const Node& node, int a, const double* floor, Rows* rows);

  /// Lanes where a column of `pivot` (one entry) is below floor, bit by bit: the rare follow-up to a true return.
  /// Pivot of a under node, or under node + c.
  void (*pivot)(const NodeShape&, const Node& node, int a, double* pivot);
  void (*pivot_pair)(const NodeShape&, const Node& node, const Node& head, int c, int a, double* pivot);

  /// Sums over lanes, added to sums[0 .. padded_sums(3 n + 2)): for each of n rows (rows + i * n_lanes) a RowSums about
  /// shift[i], then sum and square sum of r2 = 1 - sse * inverse_sst about shift[n]. weight: null or 0/1 by lane.
  void (*tally)(int n_lanes, int n, const double* rows, const double* sse, const double* shift, const double* inverse_sst,
                const double* weight, double* sums);

  /// Lanes with x < bound.
  LaneMask (*below)(int n_lanes, const double* x, const double* bound);

  /// For each of n rows the numbers of lanes with x^2 inverse_square[i] > factor1[lane] and > factor2[lane], side by side,
  /// added to counts[0 .. padded_sums(2 n)).
  void (*exceed)(int n_lanes, int n, const double* rows, const double* inverse_square, const double* factor1,
                 const double* factor2, double* counts);

  /// Classical significance: lanes with x^2 > factor[lane] sse v, factor = t^2 / (N - k), for two factors; as exceed.
  void (*marks)(int n_lanes, int n, const double* rows, const double* v, const double* sse, const double* factor1,
                const double* factor2, double* counts);

  /// most[i] = max(most[i], |x - shift[i]| inverse_se[i]) by lane, for each of n rows. weight as in tally.
  void (*max_t)(int n_lanes, int n, const double* rows, const double* shift, const double* inverse_se, const double* weight,
                double* const* most);

  /// Contrasts over years: for each of n rows c = sum over years of level[y] x_y, d = the same with trend; sums of c, c^2, d,
  /// d^2 about shift[2 i], shift[2 i + 1], added to sums[0 .. padded_sums(4 n)). rows[y]: the rows of a year.
  void (*year_sums)(int n_lanes, int n_years, int n, const double* const* rows, const double* level, const double* trend,
                    const double* shift, const double* weight, double* sums);

  /// value = sse * factor (first) or value + sse * factor, by lane.
  void (*scaled)(int n_lanes, const double* sse, const double* factor, bool first, double* value);

  /// index = (value - offset) * per_bin by lane, cut to a whole number between 0 and n_bins - 1; 0 where that is not a number.
  /// index is 64-byte aligned.
  void (*bins)(int n_lanes, const double* value, const double* offset, const double* per_bin, int n_bins, std::int32_t* index);

  /// Held-out squared error (1, -b)' T (1, -b) by lane. T: moments of held-out rows as test_moments makes them, the upper
  /// triangle of n_columns columns, y last; members: the column of each of the n rows of b.
  void (*held_out)(int n_lanes, int n, const double* b, const double* test, int n_columns, const int* members, double* out);

  /// sums[j] += value[j] + value[length + j] + ... over n_runs runs, in their order, for j < length. Reads up to 7 numbers
  /// beyond the last run and adds something finite to the sums up to the next multiple of eight. sums: 64-byte aligned.
  void (*add_runs)(int n_runs, int length, const double* value, double* sums);
};

enum class Isa { portable, v3, v4 };
/// The kernels compiled for an instruction set; null when this processor lacks it.
const Kernels* kernels_for(Isa isa);
/// The fastest that this processor runs.
const Kernels& best_kernels();

}  // namespace nokkel::kernels
