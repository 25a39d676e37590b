#include "kernels/condition.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace nokkel::kernels {
namespace {

constexpr int kMostSweeps = 60;
constexpr double kOrthogonal = 1e-15;

double dot(int k, const double* x, const double* y) {
  double s = 0;
  for (int i = 0; i < k; ++i) s += x[i] * y[i];
  return s;
}

/// Turns two columns until they are orthogonal; returns whether they were not.
bool rotate(int k, double* x, double* y) {
  const double xx = dot(k, x, x), yy = dot(k, y, y), xy = dot(k, x, y);
  if (!(std::fabs(xy) > kOrthogonal * std::sqrt(xx * yy))) return false;
  const double zeta = (yy - xx) / (2 * xy);
  const double t = std::copysign(1 / (std::fabs(zeta) + std::hypot(1.0, zeta)), zeta);
  const double c = 1 / std::hypot(1.0, t), s = c * t;
  for (int i = 0; i < k; ++i) {
    const double old = x[i];
    x[i] = c * old - s * y[i];
    y[i] = s * old + c * y[i];
  }
  return true;
}

}  // namespace

double condition_number(int k, double* a) noexcept {
  const auto column = [&](int j) { return a + static_cast<std::ptrdiff_t>(j) * k; };
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    bool turned = false;
    for (int i = 0; i < k; ++i)
      for (int j = i + 1; j < k; ++j) turned = rotate(k, column(i), column(j)) || turned;
    if (!turned) break;
  }
  double least = std::numeric_limits<double>::infinity(), most = 0;
  for (int j = 0; j < k; ++j) {
    const double square = dot(k, column(j), column(j));
    least = std::min(least, square);
    most = std::max(most, square);
  }
  return k == 0 ? 1 : std::sqrt(most / least);
}

}  // namespace nokkel::kernels
