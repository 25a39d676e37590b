/// Tolerances from rounding bounds, never from trial.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace nokkel::testing {

/// Relative error of a least-squares figure computed from double moments of n rows and k columns by Cholesky-like steps
/// (Higham 2002, theorems 10.3 and 20.3, norms by columns): moments carry n u each, the factorisation 4 k u, both grow by k
/// VIF. Against a figure of higher precision.
inline double rounding_bound(int n, int k, double vif) {
  return (n + 4.0 * k) * k * vif * std::numeric_limits<double>::epsilon();
}

/// Whether n doubles have the same bits: the same numbers, and the same sign of zero.
inline bool equal_bits(const double* a, const double* b, std::size_t n) {
  return std::equal(a, a + n, b,
                    [](double x, double y) { return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y); });
}

/// -log10 of the relative error, at most 15 (McCullough 1998); of the absolute error when the certified value is 0.
double log_relative_error(double value, double certified);

}  // namespace nokkel::testing
