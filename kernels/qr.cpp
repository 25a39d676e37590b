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

/// Centred rows times the root of their weight; columns scaled to unit length, column-major n x k.
struct Work {
  int n = 0, k = 0;
  Real total = 0;  // sum of weights
  std::vector<int> used;
  std::vector<Real> root;  // of the weights of the used rows
  std::vector<Real> x, y;
  std::vector<Real> mean, scale;  // of the columns; mean of y last
  [[nodiscard]] Real* column(int j) { return x.data() + static_cast<std::size_t>(j) * n; }
};

/// R of the pivoted columns: column-major k x k, in pivot order.
struct Triangle {
  int k = 0, rank = 0;
  std::vector<int> order;
  std::vector<Real> r;
  [[nodiscard]] Real& at(int i, int j) { return r[static_cast<std::size_t>(j) * k + i]; }
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

/// Writes a centred, weighted column; returns its mean.
Real load(const Work& w, const double* weight, bool intercept, const double* from, Real* to) {
  Real mean = 0;
  if (intercept) {
    for (int i = 0; i < w.n; ++i) mean += static_cast<Real>(weight[w.used[i]]) * from[w.used[i]];
    mean /= w.total;
  }
  for (int i = 0; i < w.n; ++i) to[i] = w.root[i] * (from[w.used[i]] - mean);
  return mean;
}

/// Unit length, or zeros when the column is constant.
Real scale_column(Work& w, int j) {
  const Real norm = std::sqrt(dot(w.column(j), w.column(j), w.n));
  const Real size = std::sqrt(w.total) * std::fabs(w.mean[j]);
  if (!(norm > kConstantTolerance * size && norm > 0)) {
    std::fill_n(w.column(j), w.n, Real{0});
    return 1;
  }
  for (int i = 0; i < w.n; ++i) w.column(j)[i] /= norm;
  return norm;
}

Work prepare(int n_rows, std::span<const double* const> columns, const double* y, const double* weight, bool intercept) {
  Work w;
  for (int i = 0; i < n_rows; ++i)
    if (weight[i] > 0) {
      w.used.push_back(i);
      w.root.push_back(std::sqrt(static_cast<Real>(weight[i])));
      w.total += weight[i];
    }
  w.n = static_cast<int>(w.used.size());
  w.k = static_cast<int>(columns.size());
  w.x.resize(static_cast<std::size_t>(w.n) * w.k);
  w.y.resize(static_cast<std::size_t>(w.n));
  for (int j = 0; j < w.k; ++j) {
    w.mean.push_back(load(w, weight, intercept, columns[j], w.column(j)));
    w.scale.push_back(scale_column(w, j));
  }
  w.mean.push_back(load(w, weight, intercept, y, w.y.data()));
  return w;
}

/// Brings the longest remaining column (rows from `step`) to place `step`; returns its length.
Real pivot(Work& w, Triangle& t, int step) {
  int best = step;
  Real best_norm = -1;
  for (int j = step; j < w.k; ++j) {
    const Real* c = w.column(t.order[j]);
    const Real norm = dot(c + step, c + step, w.n - step);
    if (norm > best_norm) best = j, best_norm = norm;
  }
  std::swap(t.order[step], t.order[best]);
  for (int i = 0; i < step; ++i) std::swap(t.at(i, step), t.at(i, best));
  return std::sqrt(best_norm);
}

/// Reflects columns and y until the rank is spent.
Triangle triangularise(Work& w) {
  Triangle t;
  t.k = w.k;
  t.order.resize(static_cast<std::size_t>(w.k));
  std::iota(t.order.begin(), t.order.end(), 0);
  t.r.resize(static_cast<std::size_t>(w.k) * w.k, 0);
  std::vector<Real> u(static_cast<std::size_t>(w.n));
  Real first_length = 0;
  for (int step = 0; step < std::min(w.k, w.n); ++step) {
    const Real length = pivot(w, t, step);
    if (step == 0) first_length = length;
    if (!(length > kRankTolerance * first_length)) break;
    Real* c = w.column(t.order[step]);
    const Real alpha = c[step] > 0 ? -length : length;
    std::copy(c + step, c + w.n, u.begin() + step);
    u[step] -= alpha;
    const Real norm = std::sqrt(dot(u.data() + step, u.data() + step, w.n - step));
    for (int i = step; i < w.n; ++i) u[i] /= norm;
    for (int j = step + 1; j < w.k; ++j) reflect(u.data(), w.column(t.order[j]), step, w.n);
    reflect(u.data(), w.y.data(), step, w.n);
    t.at(step, step) = alpha;
    for (int j = step + 1; j < w.k; ++j) t.at(step, j) = w.column(t.order[j])[step];
    ++t.rank;
  }
  return t;
}

/// Solves R b = y (its first k rows), in pivot order.
std::vector<Real> coefficients(Triangle& t, const std::vector<Real>& y) {
  std::vector<Real> b(static_cast<std::size_t>(t.k));
  for (int i = t.k - 1; i >= 0; --i) {
    Real s = y[i];
    for (int j = i + 1; j < t.k; ++j) s -= t.at(i, j) * b[j];
    b[i] = s / t.at(i, i);
  }
  return b;
}

/// What of the first `rank` columns makes the next one: solves R_11 c = its part of R_12. By column: -c, and 1 for itself.
std::vector<double> null_vector(Triangle& t) {
  std::vector<double> factor(static_cast<std::size_t>(t.k), 0);
  std::vector<Real> c(static_cast<std::size_t>(t.rank));
  for (int i = t.rank - 1; i >= 0; --i) {
    Real s = t.at(i, t.rank);
    for (int j = i + 1; j < t.rank; ++j) s -= t.at(i, j) * c[j];
    c[i] = s / t.at(i, i);
    factor[t.order[i]] = static_cast<double>(-c[i]);
  }
  factor[t.order[t.rank]] = 1;
  return factor;
}

/// Squared norms of the rows of R^-1, its columns solved one by one.
std::vector<Real> inverse_diagonal(Triangle& t) {
  std::vector<Real> v(static_cast<std::size_t>(t.k), 0), e(static_cast<std::size_t>(t.k));
  for (int c = 0; c < t.k; ++c)
    for (int i = c; i >= 0; --i) {
      Real s = i == c ? 1 : 0;
      for (int j = i + 1; j <= c; ++j) s -= t.at(i, j) * e[j];
      e[i] = s / t.at(i, i);
      v[i] += e[i] * e[i];
    }
  return v;
}

}  // namespace

LeastSquares least_squares(int n_rows, std::span<const double* const> columns, const double* y, const double* weight,
                           bool intercept) {
  Work w = prepare(n_rows, columns, y, weight, intercept);
  LeastSquares fit;
  fit.n = static_cast<double>(w.total);
  fit.sst = static_cast<double>(dot(w.y.data(), w.y.data(), w.n));
  Triangle t = triangularise(w);
  fit.rank = t.rank;
  fit.full_rank = t.rank == w.k;
  fit.sse = static_cast<double>(w.n > t.rank ? dot(w.y.data() + t.rank, w.y.data() + t.rank, w.n - t.rank) : 0);
  if (!fit.full_rank) {
    fit.dependent.assign(t.order.begin() + t.rank, t.order.end());
    fit.null_vector = null_vector(t);
    return fit;
  }
  const std::vector<Real> b = coefficients(t, w.y), v = inverse_diagonal(t);
  fit.b.resize(static_cast<std::size_t>(w.k));
  fit.v.resize(static_cast<std::size_t>(w.k));
  Real constant = w.mean.back();
  for (int i = 0; i < w.k; ++i) {
    const int j = t.order[i];
    const Real bj = b[i] / w.scale[j];
    fit.b[j] = static_cast<double>(bj);
    fit.v[j] = static_cast<double>(v[i] / (w.scale[j] * w.scale[j]));
    constant -= bj * w.mean[j];
  }
  fit.intercept = static_cast<double>(constant);
  return fit;
}

}  // namespace nokkel::kernels
