/// Condition of a triangle.
#pragma once

namespace nokkel::kernels {

/// Largest singular value / smallest of the k x k matrix a (column-major, overwritten); infinite when a column vanishes.
/// One-sided Jacobi rotations: small singular values keep their relative accuracy when columns are of like length.
/// Cost: about ten sweeps of 3 k^3. Source: Hestenes (1958); Demmel & Veselic (1992), SIAM J. Matrix Anal. 13:1204-1245.
double condition_number(int k, double* a) noexcept;

}  // namespace nokkel::kernels
