/// Operations of a fit of size k that its algorithm cannot do without, a multiply-add counted as two and a division as one:
/// what the shares of dgemm and of the FMA peak are taken of. Inner nodes are shared by their leaves and not counted.
#pragma once

namespace nokkel::bench {

/// The leaf: its pivot and right side 4, its own b and SSE 6, each earlier b 4.
inline double leaf_flops(int k) { return 10 + 4.0 * (k - 1); }

/// Sums of b, b^2 and signs of k coefficients, and of R2: 6 each.
inline double pairs_flops(int k) { return leaf_flops(k) + 6.0 * (k + 1); }

/// b^2 against a threshold by lane 3 each, GCV 2.
inline double halves_flops(int k) { return leaf_flops(k) + 3.0 * k + 2; }

/// The diagonal of the inverse 4 a coefficient, SE^2 and marks at two levels 5 each, on top of pairs.
inline double full_flops(int k) { return pairs_flops(k) + 9.0 * k; }

/// Pivot and right side 4, their SSE 4, sums of R2 and its square 5.
inline double fit_flops(int /*k*/) { return 13; }

/// Distance from the estimate over its SE, largest by lane: 4 a coefficient.
inline double max_t_flops(int k) { return leaf_flops(k) + 4.0 * k; }

/// (1, -b)' T (1, -b): k (k + 5).
inline double held_out_flops(int k) { return leaf_flops(k) + k * (k + 5.0); }

/// LLT of k columns k^3 / 3, two triangular solves 2 k^2, sums.
inline double llt_flops(int k) { return k * k * k / 3.0 + 2.0 * k * k + 6.0 * (k + 1); }

/// With the inverse of the factor k^3 / 3, its columns' norms and the marks.
inline double llt_full_flops(int k) { return llt_flops(k) + k * k * k / 3.0 + k * (k + 1.0) + 6.0 * k; }

/// Householder on n rows with a column of ones: 2 n (k + 1)^2, the right side 4 n (k + 1).
inline double householder_flops(double n, int k) { return 2 * n * (k + 1) * (k + 1) + 4 * n * (k + 1); }

}  // namespace nokkel::bench
