#include "kernels/distributions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace nokkel::kernels {
namespace {

TEST(StudentT, HasThePublishedTailOfMethods) {
  EXPECT_NEAR(student_t_two_sided(2.7149150406994, 9), 0.0238051590353, 1e-13);  // as printed
}

/// One degree of freedom is Cauchy, two have a closed form.
TEST(StudentT, EqualsItsClosedForms) {
  for (const double p : {0.6, 0.9, 0.975, 0.995}) {
    EXPECT_NEAR(student_t_quantile(p, 1), std::tan(M_PI * (p - 0.5)), 1e-12 * std::fabs(std::tan(M_PI * (p - 0.5))));
    const double a = 2 * p - 1;
    EXPECT_NEAR(student_t_quantile(p, 2), a * std::sqrt(2 / (1 - a * a)), 1e-12 * a * std::sqrt(2 / (1 - a * a)));
  }
}

TEST(StudentT, QuantileAndTailAreInverse) {
  for (const double df : {3.0, 10.0, 97.0, 5000.0})
    for (const double p : {0.95, 0.975, 0.9999})
      EXPECT_NEAR(student_t_two_sided(student_t_quantile(p, df), df), 2 * (1 - p), 1e-12);
  EXPECT_EQ(student_t_two_sided(std::numeric_limits<double>::infinity(), 5), 0);
}

}  // namespace
}  // namespace nokkel::kernels
