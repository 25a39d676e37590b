#include "tests/support/expect_close.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace nokkel::testing {

void expect_close(const MemorySink& fast, const MemorySink& slow, double tolerance) {
  for (const VariableInfo& v : variables()) {
    if (!v.in_loop) continue;
    for (int o = 0; o < fast.extents.n_outcomes; ++o) {
      const Values &a = fast.values.at({v.id, o}), &b = slow.values.at({v.id, o});
      if (v.id == Var::vif_max) continue;  // the twin has no such figure; tested on its own
      EXPECT_EQ(a.int8, b.int8) << v.name;
      EXPECT_EQ(a.int32, b.int32) << v.name;
      ASSERT_EQ(a.real.size(), b.real.size()) << v.name;
      int shown = 0;
      // Differences are judged against the row's own scale: a coefficient near zero against its standard error.
      const std::vector<double>* scale = v.unit == UnitKind::outcome_per_criterion ? &slow.real(Var::coef_se, o) : nullptr;
      for (std::size_t i = 0; i < a.real.size() && shown < 3; ++i) {
        const double x = a.real[i], y = b.real[i];
        if (std::isnan(x) != std::isnan(y) || std::isinf(x) != std::isinf(y)) {
          ADD_FAILURE() << v.name << "[" << i << "]: " << x << " against " << y;
          ++shown;
        }
        if (!std::isfinite(x) || !std::isfinite(y)) continue;
        const std::size_t row = v.id == Var::coef_quantile_all ? i / static_cast<std::size_t>(fast.extents.n_quantiles) : i;
        const double size = std::max({std::fabs(x), std::fabs(y), scale != nullptr ? (*scale)[row] : 0.0});
        if (std::fabs(x - y) > tolerance * size && std::fabs(x - y) > 1e-12) {
          ADD_FAILURE() << v.name << "[" << i << "]: " << x << " against " << y << ", difference " << x - y;
          ++shown;
        }
      }
    }
  }
}

}  // namespace nokkel::testing
