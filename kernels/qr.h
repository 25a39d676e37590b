/// Column-pivoted Householder least squares in long double on centred, scaled rows: the independent second implementation for
/// tests and benches, and the finder of dependent columns.
#pragma once

#include <span>
#include <vector>

namespace nokkel::kernels {

/// Weighted least squares of y on x with an intercept, or without.
struct LeastSquares {
  bool full_rank = false;  ///< |R_jj| > 1e-12 |R_11| for every column (METHODS 1.3)
  int rank = 0;
  std::vector<int> dependent;  ///< columns beyond the rank, as pivoted; empty when full rank
  /// Factors of the centred unit-length columns whose sum vanishes, 1 for dependent[0]: R_11^-1 R_12; empty when full rank.
  std::vector<double> null_vector;
  double intercept = 0;
  std::vector<double> b;    ///< coefficients, in the order of the columns
  std::vector<double> v;    ///< diagonal of the inverse of the centred cross-products
  double sse = 0, sst = 0;  ///< residual and total sums of squares (about the mean with intercept)
  double n = 0;             ///< sum of weights
};

/// x: n_rows values a column, columns[j] points at column j; y and weight: n_rows, weight >= 0. Rows of weight 0 are left out.
/// A constant column is rank deficient. Errors: none. Cost: 2 n k^2 in long double, allocates.
/// Source: Golub & Van Loan, Matrix Computations, 5.4; Businger & Golub (1965).
LeastSquares least_squares(int n_rows, std::span<const double* const> columns, const double* y, const double* weight,
                           bool intercept);

}  // namespace nokkel::kernels
