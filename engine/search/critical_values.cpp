#include "engine/search/critical_values.h"

#include <limits>

#include "kernels/distributions.h"

namespace nokkel::search {

CriticalValues::CriticalValues(int n) {
  for (int df = 0; df <= n; ++df) {
    t05_.push_back(df == 0 ? std::numeric_limits<double>::infinity() : kernels::student_t_quantile(0.975, df));
    t10_.push_back(df == 0 ? std::numeric_limits<double>::infinity() : kernels::student_t_quantile(0.95, df));
  }
}

double CriticalValues::look(const std::vector<double>& table, double p, double df) {
  if (df < 1) return std::numeric_limits<double>::infinity();
  const auto whole = static_cast<std::size_t>(df);
  return whole < table.size() && static_cast<double>(whole) == df ? table[whole] : kernels::student_t_quantile(p, df);
}

}  // namespace nokkel::search
