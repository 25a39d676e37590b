/// The rows that a replicate drew, each once and scaled by the root of how often: a third fewer rows than the sample has.
#pragma once

#include <cmath>
#include <vector>

#include "bench/baseline/task.h"

namespace nokkel::bench {

struct DrawnRows {
  int n = 0;
  std::vector<double> root, x, y;  ///< root of the weight; x, y times it: p columns of n
  double sst = 0;                  ///< weighted, about the weighted mean

  DrawnRows(const BaselineTask& task, const std::vector<double>& weight) {
    double sum = 0, sum_y = 0;
    for (int i = 0; i < task.n; ++i) {
      const double w = weight[static_cast<std::size_t>(i)];
      if (w == 0) continue;
      root.push_back(std::sqrt(w));
      y.push_back(root.back() * task.y[i]);
      sum += w;
      sum_y += w * task.y[i];
    }
    n = static_cast<int>(root.size());
    for (int j = 0; j < task.p; ++j)
      for (int i = 0; i < task.n; ++i)
        if (const double w = weight[static_cast<std::size_t>(i)]; w != 0)
          x.push_back(std::sqrt(w) * task.x[static_cast<long>(j) * task.n + i]);
    for (int i = 0; i < task.n; ++i) {
      const double e = task.y[i] - sum_y / sum;
      sst += weight[static_cast<std::size_t>(i)] * e * e;
    }
  }
};

inline void add_value(BaselineSums* s, double x) {
  s->sum += x;
  s->sum2 += x * x;
  s->positive += x > 0 ? 1 : 0;
}

}  // namespace nokkel::bench
