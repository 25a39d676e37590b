/// The report path: least squares of one weighted sample in double-double (METHODS 1.4).
///
/// Columns are centred with double-double means, cross-products summed in fixed blocks of 64 rows by a fixed binary tree,
/// scaled to the unit-diagonal G, factorised by Cholesky; the solution is transformed back and SSE summed from its residuals,
/// all in double-double. Results are rounded to double once.
#pragma once

#include <span>

namespace nokkel::kernels {

/// n_rows values hi + lo; lo null: plain doubles. Powers are formed in double-double (METHODS 1.5).
struct ReportColumn {
  const double* hi = nullptr;
  const double* lo = nullptr;
};

struct ReportFit {
  double *b = nullptr, *se = nullptr,
         *v = nullptr;     ///< memory of the caller, one double a column: coefficients, classical
                           ///< standard errors, diagonal of the inverse of the cross-products; raw units
  bool full_rank = false;  ///< every pivot of G above 1e-24; if not, all below but n, sst is NaN (no pseudo-inverse)
  double n = 0;            ///< sum of weights
  double sst = 0;          ///< about the mean; uncentred without an intercept
  double sse = 0, r2 = 0, adj_r2 = 0, residual_sd = 0;  ///< adj_r2, residual_sd and standard errors: NaN unless n - k >= 1
  double intercept = 0, intercept_se = 0;               ///< 0 and NaN without one
  double condition_number = 0;                          ///< sqrt(lambda_max / lambda_min) of G
  double belsley_index = 0;  ///< the same of the uncentred unit-length columns with the one [Belsley80]
};

/// Doubles of scratch.
long report_fit_scratch(int n_rows, int n_columns);

/// Regresses y on x. weight: n_rows frequencies >= 0 of positive sum, or null for ones. The fit depends on its rows and columns
/// only. scratch: 64-byte aligned. Errors: none. Cost: about 25 k^2 n operations; no allocation.
/// Source: METHODS 1.3-1.6; Higham (2002), Accuracy and Stability of Numerical Algorithms, ch. 4 and 10.
void report_fit(int n_rows, std::span<const ReportColumn> x, ReportColumn y, const double* weight, bool intercept,
                double* scratch, ReportFit* fit) noexcept;

}  // namespace nokkel::kernels
