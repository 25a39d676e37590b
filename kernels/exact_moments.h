/// Weighted cross-products of rows for many lanes, exact to double-double: what the repair of flagged lanes is solved from.
///
/// The products of two columns do not depend on the lane, so they are formed once, in double-double, and cut into slices of
/// `bits` bits below a common power of two. Then every product of a whole-number weight with a slice, and every partial sum of
/// them, is a whole number of the slice's unit below 2^53: plain multiply-adds give the exact sum, in any order and on any
/// instruction set. Source: Ozaki, Ogita, Oishi, Rump (2012), Numerical Algorithms 59:95-118 (error-free splitting).
/// Weights that are no whole numbers (Rao-Wu) are summed in double-double.
///
/// Memory of the caller. Weights: weight[place[i] * kTileLanes + lane] is the weight of row i, >= 0.
#pragma once

#include "kernels/double_double.h"
#include "kernels/lanes.h"

namespace nokkel::kernels {

/// p_i = (a_i - mean_a)(b_i - mean_b), i < n_rows, as hi + lo. a or b null: ones in place of the differences.
void row_products(int n_rows, const double* a, double mean_a, const double* b, double mean_b, double* hi, double* lo) noexcept;

/// How products are cut so that sums with whole weights of sum at most `most_weight` are exact.
struct Slicing {
  int bits = 0, n_slices = 0;  ///< bits x n_slices >= 112: 2^-112 of the largest product is what is left out
};
Slicing slicing(double most_weight);

/// slices: n_slices x n_rows.
void cut(int n_rows, Slicing s, const double* hi, const double* lo, double* slices) noexcept;

/// Sums for kVectorLanes lanes; `weight` points at the first of them, its weights whole and within the slicing's bound.
void whole_sums(int n_rows, int n_slices, const double* slices, const int* place, const double* weight, double* sum_hi,
                double* sum_lo) noexcept;

/// The same for any weights. About ten times the cost.
void general_sums(int n_rows, const double* hi, const double* lo, const int* place, const double* weight, double* sum_hi,
                  double* sum_lo) noexcept;

/// Sum with all weights one.
DoubleDouble plain_sum(int n_rows, const double* hi, const double* lo) noexcept;

}  // namespace nokkel::kernels
