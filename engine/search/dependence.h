/// Which columns of a combination depend on each other: the message to a rank-deficient fit (METHODS 1.3).
#pragma once

#include <string>
#include <vector>

#include "engine/panel/sample.h"

namespace nokkel::search {

/// One (outcome, year) in which a combination has no fit.
struct Dependence {
  std::string outcome;
  int year = 0;
  std::string column;               ///< a control or criterion
  std::vector<std::string> others;  ///< that it is a combination of (beside the intercept); empty: it is constant
};

/// Looks at every outcome and year where all members are available and there are more rows than parameters. members: criteria.
/// Cost: one pivoted QR in long double each.
std::vector<Dependence> dependences(const panel::Design& design, const std::vector<int>& members);

}  // namespace nokkel::search
