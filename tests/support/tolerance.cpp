#include "tests/support/tolerance.h"

#include <algorithm>
#include <cmath>

namespace nokkel::testing {

double log_relative_error(double value, double certified) {
  if (std::isnan(value)) return 0;
  const double error = certified == 0 ? std::fabs(value) : std::fabs(value - certified) / std::fabs(certified);
  return error == 0 ? 15 : std::clamp(-std::log10(error), 0.0, 15.0);
}

}  // namespace nokkel::testing
