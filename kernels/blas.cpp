#include "kernels/blas.h"

#include <cblas.h>

namespace nokkel::kernels {

BlasInfo blas_info() { return {openblas_get_config(), openblas_get_corename(), openblas_get_parallel()}; }

std::string prepare_blas() {
  openblas_set_num_threads(1);
  if (openblas_get_parallel() == OPENBLAS_THREAD) return {};
  return std::string("OpenBLAS is the ") + (openblas_get_parallel() == OPENBLAS_OPENMP ? "openmp" : "serial") +
         " build, which does not keep its results under threads; install the pthread build: apt-get install "
         "libopenblas0-pthread libopenblas-pthread-dev && update-alternatives --auto libopenblas.so.0-x86_64-linux-gnu";
}

void multiply(int m, int n, int k, const double* a, const double* b, bool add, double* c) noexcept {
  cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1.0, a, m, b, k, add ? 1.0 : 0.0, c, m);
}

}  // namespace nokkel::kernels
