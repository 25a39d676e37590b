/// The only files that name BLAS routines: OpenBLAS, one thread, its flavour checked at start.
#pragma once

#include <string>

namespace nokkel::kernels {

/// What is loaded: for doctor, results (attribute kernel_set) and the check at start.
struct BlasInfo {
  std::string config;  ///< openblas_get_config(): version and build options
  std::string core;    ///< openblas_get_corename(): the kernel family in use
  int parallel = 0;    ///< openblas_get_parallel(): 0 serial, 1 pthread, 2 openmp
};
BlasInfo blas_info();

/// Pins OpenBLAS to one thread; returns an empty text when the flavour is the pthread one, else what is wrong and the
/// apt line that mends it (serial is silently wrong under threads, openmp ignores the pinning).
std::string prepare_blas();

/// C = A B, or C + A B, all column-major: A m x k (leading dimension m), B k x n, C m x n. The bits depend on m: callers always
/// pass the same (kernels/moments.h).
void multiply(int m, int n, int k, const double* a, const double* b, bool add, double* c) noexcept;

}  // namespace nokkel::kernels
