/// The strong conventional way, as baseline: Eigen moments once a replicate, then LLT a fit (KERNELS 8).
#pragma once

#include <vector>

namespace nokkel::bench {

struct BaselineSums {
  double sum = 0, sum2 = 0, positive = 0;
};

/// For each combination (k columns of x each, by index) and each replicate (n weights each): centred normal equations by
/// Cholesky; per combination and member the sums of b - shift, of its square and of positive signs, and of r2 and r2^2.
/// x: n x p column-major, standardised; y: n. out: [combination][k + 1], the last for r2 (positive unused).
/// Single-threaded, compiled for this machine.
void eigen_moments_llt(int n, int p, const double* x, const double* y, const std::vector<std::vector<int>>& combinations,
                       const std::vector<std::vector<double>>& weights, const std::vector<double>& shift,
                       std::vector<BaselineSums>* out);

/// The same by column-pivoted Householder QR on weighted rows, one a fit.
void eigen_qr(int n, int p, const double* x, const double* y, const std::vector<std::vector<int>>& combinations,
              const std::vector<std::vector<double>>& weights, const std::vector<double>& shift,
              std::vector<BaselineSums>* out);

}  // namespace nokkel::bench
