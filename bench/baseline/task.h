/// What every baseline is asked and answers.
#pragma once

#include <vector>

namespace nokkel::bench {

struct BaselineTask {
  int n = 0, p = 0;
  const double* x = nullptr;                  ///< n x p column-major, standardised
  const double* y = nullptr;                  ///< n
  int stride = 0;                             ///< size of the largest combination, at most 8
  std::vector<int> size, members;             ///< per combination; [combination][stride] columns of x
  std::vector<std::vector<double>> weights;   ///< [replicate][n] >= 0
  std::vector<std::vector<double>> t05, t10;  ///< [replicate][size]: two-sided critical values of t at 5 and 10 %
};

/// Sums over replicates of one coefficient, or of R2 (whose positive and marks are unused).
struct BaselineSums {
  double sum = 0, sum2 = 0, positive = 0;  ///< of b, b^2, b > 0
  double se2 = 0, mark05 = 0, mark10 = 0;  ///< of the squared classical SE and of significance; only where asked for
};

/// [combination][stride + 1]; the last is R2's.
using BaselineAnswer = std::vector<BaselineSums>;

}  // namespace nokkel::bench
