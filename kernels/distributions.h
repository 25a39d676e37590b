/// Distribution functions, from Boost.Math (promote_double<false>: 15 digits, four times the speed).
#pragma once

namespace nokkel::kernels {

/// t with P(T <= t) = p for Student's t with df > 0 degrees of freedom, 0 < p < 1.
double student_t_quantile(double p, double df);
/// P(|T| > |t|), two-sided; t infinite: 0.
double student_t_two_sided(double t, double df);

/// z with P(Z <= z) = p and its density there, for the standard normal, 0 < p < 1.
double normal_quantile(double p);
double normal_density(double z);

}  // namespace nokkel::kernels
