#include "kernels/distributions.h"

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace nokkel::kernels {
namespace {
using Policy = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
using StudentT = boost::math::students_t_distribution<double, Policy>;
using Normal = boost::math::normal_distribution<double, Policy>;
}  // namespace

double student_t_quantile(double p, double df) { return boost::math::quantile(StudentT(df), p); }

double student_t_two_sided(double t, double df) {
  if (std::isinf(t)) return 0;
  return 2 * boost::math::cdf(boost::math::complement(StudentT(df), std::fabs(t)));
}

double normal_quantile(double p) { return boost::math::quantile(Normal(), p); }
double normal_density(double z) { return boost::math::pdf(Normal(), z); }

}  // namespace nokkel::kernels
