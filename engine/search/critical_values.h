/// Two-sided critical values of t at 5 and 10 %, looked up: blocks ask for the same few over and over.
#pragma once

#include <vector>

namespace nokkel::search {

class CriticalValues {
 public:
  CriticalValues() = default;
  /// For whole degrees of freedom up to n. Cost: 2 n quantiles.
  explicit CriticalValues(int n);
  /// t of df >= 1 degrees of freedom; infinite below, where there is no test. Others than the whole ones up to n are computed.
  [[nodiscard]] double at05(double df) const { return look(t05_, 0.975, df); }
  [[nodiscard]] double at10(double df) const { return look(t10_, 0.95, df); }

 private:
  [[nodiscard]] static double look(const std::vector<double>& table, double p, double df);
  std::vector<double> t05_, t10_;  // by df
};

}  // namespace nokkel::search
