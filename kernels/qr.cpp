#include "kernels/qr.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nokkel::kernels {
namespace {

using Real = long double;
constexpr Real kRankTolerance = 1e-12L;
/// A centred column this small beside its uncentred norm is constant: its remains are rounding.
constexpr Real kConstantTolerance = 1e-15L;

/// Columns of Q R work, column-major n x k, then y.
struct Work {
  int n = 0, k = 0;
  std::vector<Real> x, y;
  [[nodiscard]] Real* column(int j) { return x.data() + static_cast<std::size_t>(j) * n; }
};

Real dot(const Real* a, const Real* b, int n) {
  Real s = 0;
  for (int i = 0; i < n; ++i) s += a[i] * b[i];
  return s;
}

/// Applies the reflection I - 2 u u' (u unit, rows from `first`) to a column.
void reflect(const Real* u, Real* column, int first, int n) {
  const Real s = 2 * dot(u + first, column + first, n - first);
  for (int i = first; i < n; ++i) column[i] -= s * u[i];
}

}  // namespace

LeastSquares least_squares(int n_rows, std::span<const double* const> columns, const double* y, const double* weight,
                           bool intercept) {
  const int k = static_cast<int>(columns.size());
  LeastSquares fit;
  std::vector<int> used;
  std::vector<Real> root;
  Real total = 0;
  for (int i = 0; i < n_rows; ++i)
    if (weight[i] > 0) {
      used.push_back(i);
      root.push_back(std::sqrt(static_cast<Real>(weight[i])));
      total += weight[i];
    }
  fit.n = static_cast<double>(total);
  Work w;
  w.n = static_cast<int>(used.size());
  w.k = k;
  w.x.resize(static_cast<std::size_t>(w.n) * k);
  w.y.resize(static_cast<std::size_t>(w.n));

  const auto load = [&](const double* from, Real* to) {
    Real mean = 0;
    if (intercept) {
      for (int i = 0; i < w.n; ++i) mean += static_cast<Real>(weight[used[i]]) * from[used[i]];
      mean /= total;
    }
    for (int i = 0; i < w.n; ++i) to[i] = root[i] * (from[used[i]] - mean);
    return mean;
  };
  std::vector<Real> mean(static_cast<std::size_t>(k) + 1), scale(static_cast<std::size_t>(k), 1);
  for (int j = 0; j < k; ++j) {
    mean[j] = load(columns[j], w.column(j));
    const Real norm = std::sqrt(dot(w.column(j), w.column(j), w.n));
    const Real size = std::sqrt(total) * std::fabs(mean[j]);
    if (norm > kConstantTolerance * size && norm > 0) {
      scale[j] = norm;
      for (int i = 0; i < w.n; ++i) w.column(j)[i] /= norm;
    } else {
      std::fill_n(w.column(j), w.n, Real{0});
    }
  }
  mean[k] = load(y, w.y.data());
  fit.sst = static_cast<double>(dot(w.y.data(), w.y.data(), w.n));

  std::vector<int> order(static_cast<std::size_t>(k));
  std::iota(order.begin(), order.end(), 0);
  std::vector<Real> r(static_cast<std::size_t>(k) * k, 0);  // R, column-major, in pivot order
  std::vector<Real> u(static_cast<std::size_t>(w.n));
  const int steps = std::min(k, w.n);
  Real first_pivot = 0;
  int step = 0;
  for (; step < steps; ++step) {
    int best = step;
    Real best_norm = -1;
    for (int j = step; j < k; ++j) {
      const Real* c = w.column(order[j]);
      const Real norm = dot(c + step, c + step, w.n - step);
      if (norm > best_norm) best = j, best_norm = norm;
    }
    std::swap(order[step], order[best]);
    for (int i = 0; i < step; ++i)
      std::swap(r[static_cast<std::size_t>(step) * k + i], r[static_cast<std::size_t>(best) * k + i]);
    const Real pivot = std::sqrt(best_norm);
    if (step == 0) first_pivot = pivot;
    if (!(pivot > kRankTolerance * first_pivot)) break;
    Real* c = w.column(order[step]);
    const Real alpha = c[step] > 0 ? -pivot : pivot;
    std::copy(c + step, c + w.n, u.begin() + step);
    u[step] -= alpha;
    const Real norm = std::sqrt(dot(u.data() + step, u.data() + step, w.n - step));
    for (int i = step; i < w.n; ++i) u[i] /= norm;
    for (int j = step + 1; j < k; ++j) reflect(u.data(), w.column(order[j]), step, w.n);
    reflect(u.data(), w.y.data(), step, w.n);
    r[static_cast<std::size_t>(step) * k + step] = alpha;
    for (int j = step + 1; j < k; ++j) r[static_cast<std::size_t>(j) * k + step] = w.column(order[j])[step];
  }
  fit.rank = step;
  fit.full_rank = step == k;
  fit.sse = static_cast<double>(w.n > step ? dot(w.y.data() + step, w.y.data() + step, w.n - step) : 0);
  if (!fit.full_rank) {
    fit.dependent.assign(order.begin() + step, order.end());
    return fit;
  }

  // Back substitution for b, and for the columns of the inverse of R, whose row norms are v.
  const auto at = [&](int i, int j) { return r[static_cast<std::size_t>(j) * k + i]; };
  std::vector<Real> b(static_cast<std::size_t>(k)), v(static_cast<std::size_t>(k), 0), e(static_cast<std::size_t>(k));
  for (int i = k - 1; i >= 0; --i) {
    Real s = w.y[i];
    for (int j = i + 1; j < k; ++j) s -= at(i, j) * b[j];
    b[i] = s / at(i, i);
  }
  for (int c = 0; c < k; ++c) {
    std::fill(e.begin(), e.end(), Real{0});
    for (int i = c; i >= 0; --i) {
      Real s = i == c ? 1 : 0;
      for (int j = i + 1; j <= c; ++j) s -= at(i, j) * e[j];
      e[i] = s / at(i, i);
      v[i] += e[i] * e[i];
    }
  }
  fit.b.resize(static_cast<std::size_t>(k));
  fit.v.resize(static_cast<std::size_t>(k));
  Real constant = mean[k];
  for (int i = 0; i < k; ++i) {
    const int j = order[i];
    const Real bj = b[i] / scale[j];
    fit.b[j] = static_cast<double>(bj);
    fit.v[j] = static_cast<double>(v[i] / (scale[j] * scale[j]));
    constant -= bj * mean[j];
  }
  fit.intercept = static_cast<double>(constant);
  return fit;
}

}  // namespace nokkel::kernels
