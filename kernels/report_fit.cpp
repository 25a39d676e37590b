#include "kernels/report_fit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "kernels/condition.h"
#include "kernels/lane_pack.h"

namespace nokkel::kernels {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kRankTolerance = 1e-24;
/// A centred square this small beside its uncentred one is what rounding leaves of a constant.
constexpr double kConstant = 1e-28;
constexpr int kStep = 2 * kPairLanes, kBlock = 64, kLevels = 26;  // 64 x 2^25 rows: every int

long padded(int n_rows) { return (static_cast<long>(n_rows) + kStep - 1) / kStep * kStep; }
long triangle_size(int q) { return static_cast<long>(q) * (q + 1) / 2; }

/// Sum of f(i) (rows i and i + 1) over blocks of 64 rows, blocks combined two by two.
template <class F>
DoubleDouble tree_sum(long n, F f) {
  DoubleDouble level[kLevels];
  long block = 0;
  for (long first = 0; first < n; first += kBlock, ++block) {
    PairDouble a, b;
    const long end = std::min(n, first + kBlock);
    for (long i = first; i < end; i += kStep) {
      a = a + f(i);
      b = b + f(i + kPairLanes);
    }
    a = a + b;
    DoubleDouble sum = DoubleDouble(a.hi[0], a.lo[0]) + DoubleDouble(a.hi[1], a.lo[1]);
    int l = 0;
    for (; ((block >> l) & 1) != 0; ++l) sum = level[l] + sum;
    level[l] = sum;
  }
  DoubleDouble total;
  for (int l = 0; (block >> l) != 0; ++l)
    if (((block >> l) & 1) != 0) total = level[l] + total;
  return total;
}

/// A lower triangle of double-doubles, row by row.
struct Triangle {
  DoubleDouble* at_;
  [[nodiscard]] DoubleDouble& at(int i, int j) const { return at_[triangle_size(i) + j]; }
};

/// Columns hi and lo, padded with zeros to whole steps; y stands last.
struct Rows {
  long n;
  int k;
  double *weight, *x;
  [[nodiscard]] double* hi(int j) const { return x + 2 * j * n; }
  [[nodiscard]] double* lo(int j) const { return x + (2 * j + 1) * n; }
  [[nodiscard]] PairDouble pair(int j, long i) const { return {load_pair(hi(j) + i), load_pair(lo(j) + i)}; }
};

/// Where scratch goes.
struct Work {
  Rows rows;
  Triangle s, l;  // cross-products of x and y; a Cholesky factor
  DoubleDouble *mean, *scale, *solution, *unit;
  double* square;  // for condition_number
};

/// Points into scratch, or only counts with a null base; returns the doubles used.
long carve(int n_rows, int k, double* base, Work* w) {
  const long n = padded(n_rows);
  long used = 0;
  const auto take = [&](long doubles) {
    double* p = base == nullptr ? nullptr : base + used;
    used += (doubles + 7) / 8 * 8;
    return p;
  };
  const auto pairs = [&](long count) { return reinterpret_cast<DoubleDouble*>(take(2 * count)); };
  w->rows = {n, k, take(n), take(2 * n * (k + 1))};
  w->s.at_ = pairs(triangle_size(k + 1));
  w->l.at_ = pairs(triangle_size(k + 1));
  w->mean = pairs(k + 1);
  w->scale = pairs(k + 1);
  w->solution = pairs(k + 1);
  w->unit = pairs(k + 1);
  w->square = take(static_cast<long>(k + 1) * (k + 1));
  return used;
}

void load(int n_rows, std::span<const ReportColumn> x, ReportColumn y, const double* weight, const Rows& rows) {
  for (long i = 0; i < rows.n; ++i) rows.weight[i] = i >= n_rows ? 0 : weight == nullptr ? 1 : weight[i];
  for (int j = 0; j <= rows.k; ++j) {
    const ReportColumn& from = j < rows.k ? x[static_cast<std::size_t>(j)] : y;
    for (long i = 0; i < rows.n; ++i) {
      rows.hi(j)[i] = i < n_rows ? from.hi[i] : 0;
      rows.lo(j)[i] = i < n_rows && from.lo != nullptr ? from.lo[i] : 0;
    }
  }
}

/// Subtracts the weighted mean.
DoubleDouble centre(const Rows& rows, int j, DoubleDouble total) {
  const DoubleDouble mean = tree_sum(rows.n, [&](long i) { return rows.pair(j, i) * load_pair(rows.weight + i); }) / total;
  for (long i = 0; i < rows.n; i += kPairLanes) {
    const PairDouble c = rows.pair(j, i) - both(mean);
    store_pair(rows.hi(j) + i, c.hi);
    store_pair(rows.lo(j) + i, c.lo);
  }
  return mean;
}

DoubleDouble cross(const Rows& rows, int i, int j) {
  return tree_sum(rows.n, [&](long r) { return rows.pair(i, r) * rows.pair(j, r) * load_pair(rows.weight + r); });
}

/// l l' = g of order k, in place; false at a pivot that is too small beside 1.
bool cholesky(const Triangle& g, int k) {
  for (int j = 0; j < k; ++j)
    for (int i = j; i < k; ++i) {
      DoubleDouble sum = g.at(i, j);
      for (int c = 0; c < j; ++c) sum = sum - g.at(i, c) * g.at(j, c);
      if (i == j) {
        if (!(sum.hi > kRankTolerance)) return false;
        g.at(j, j) = sqrt(sum);
      } else {
        g.at(i, j) = sum / g.at(j, j);
      }
    }
  return true;
}

/// l z = x, then with `back` l' x = z.
void solve(const Triangle& l, int k, bool back, DoubleDouble* x) {
  for (int i = 0; i < k; ++i) {
    for (int c = 0; c < i; ++c) x[i] = x[i] - l.at(i, c) * x[c];
    x[i] = x[i] / l.at(i, i);
  }
  if (!back) return;
  for (int i = k - 1; i >= 0; --i) {
    for (int c = i + 1; c < k; ++c) x[i] = x[i] - l.at(c, i) * x[c];
    x[i] = x[i] / l.at(i, i);
  }
}

DoubleDouble square_length(const DoubleDouble* x, int k) {
  DoubleDouble sum;
  for (int i = 0; i < k; ++i) sum = sum + x[i] * x[i];
  return sum;
}

double condition_of(const Triangle& l, int k, double* square) {
  for (int j = 0; j < k; ++j)
    for (int i = 0; i < k; ++i) square[j * k + i] = i >= j ? to_double(l.at(i, j)) : 0;
  return condition_number(k, square);
}

/// Of the uncentred columns with the one: M_ij = S_ij + N mean_i mean_j, scaled to unit length.
double belsley_index(const Work& w, int k, DoubleDouble n) {
  const auto moment = [&](int i, int j) { return w.s.at(i, j) + n * w.mean[i] * w.mean[j]; };
  const auto length = [&](int i) { return sqrt(moment(i, i)); };
  w.l.at(0, 0) = 1;
  for (int i = 0; i < k; ++i) {
    w.l.at(i + 1, 0) = sqrt(n) * w.mean[i] / length(i);
    for (int j = 0; j < i; ++j) w.l.at(i + 1, j + 1) = moment(i, j) / (length(i) * length(j));
    w.l.at(i + 1, i + 1) = 1;
  }
  return cholesky(w.l, k + 1) ? condition_of(w.l, k + 1, w.square) : std::numeric_limits<double>::infinity();
}

void nothing(int k, ReportFit* fit) {
  for (double* p : {fit->b, fit->se, fit->v}) std::fill_n(p, k, kNaN);
  for (double* p : {&fit->sse, &fit->r2, &fit->adj_r2, &fit->residual_sd, &fit->intercept, &fit->intercept_se,
                    &fit->condition_number, &fit->belsley_index})
    *p = kNaN;
  fit->full_rank = false;
}

/// The unit-diagonal G into w.l; false when a column is constant.
bool scaled(const Work& w, int k, DoubleDouble n) {
  for (int j = 0; j < k; ++j) {
    const DoubleDouble square = w.s.at(j, j);
    if (!(square.hi > kConstant * (n * w.mean[j] * w.mean[j]).hi) || !(square.hi > 0)) return false;
    w.scale[j] = sqrt(square);
    for (int i = 0; i < j; ++i) w.l.at(j, i) = w.s.at(j, i) / (w.scale[i] * w.scale[j]);
    w.l.at(j, j) = 1;
  }
  return true;
}

/// SSE from the residuals of the centred rows.
DoubleDouble residual_square(const Rows& rows, const DoubleDouble* b) {
  return tree_sum(rows.n, [&](long i) {
    PairDouble e = rows.pair(rows.k, i);
    for (int j = 0; j < rows.k; ++j) e = e - rows.pair(j, i) * both(b[j]);
    return e * e * load_pair(rows.weight + i);
  });
}

}  // namespace

long report_fit_scratch(int n_rows, int n_columns) {
  Work w;
  return carve(n_rows, n_columns, nullptr, &w);
}

void report_fit(int n_rows, std::span<const ReportColumn> x, ReportColumn y, const double* weight, bool intercept,
                double* scratch, ReportFit* fit) noexcept {
  const int k = static_cast<int>(x.size());
  Work w;
  carve(n_rows, k, scratch, &w);
  load(n_rows, x, y, weight, w.rows);
  const DoubleDouble n = tree_sum(w.rows.n, [&](long i) { return PairDouble(load_pair(w.rows.weight + i)); });
  for (int j = 0; j <= k; ++j) w.mean[j] = intercept ? centre(w.rows, j, n) : DoubleDouble();
  for (int i = 0; i <= k; ++i)
    for (int j = 0; j <= i; ++j) w.s.at(i, j) = cross(w.rows, i, j);
  fit->n = to_double(n);
  const DoubleDouble sst = w.s.at(k, k);
  fit->sst = to_double(sst);
  if (!scaled(w, k, n) || !cholesky(w.l, k)) return nothing(k, fit);
  fit->full_rank = true;

  DoubleDouble* b = w.solution;
  for (int j = 0; j < k; ++j) b[j] = w.s.at(k, j) / w.scale[j];
  solve(w.l, k, true, b);
  for (int j = 0; j < k; ++j) b[j] = b[j] / w.scale[j];
  const DoubleDouble sse = residual_square(w.rows, b);
  const double df = fit->n - k - (intercept ? 1 : 0);
  const DoubleDouble variance = df >= 1 ? sse / DoubleDouble(df) : DoubleDouble(kNaN);
  const DoubleDouble unexplained = sse / sst;
  fit->sse = to_double(sse);
  fit->r2 = to_double(DoubleDouble(1) - unexplained);
  fit->adj_r2 =
      df >= 1 ? to_double(DoubleDouble(1) - unexplained * ((n - DoubleDouble(intercept ? 1 : 0)) / DoubleDouble(df))) : kNaN;
  fit->residual_sd = df >= 1 ? to_double(sqrt(variance)) : kNaN;

  DoubleDouble constant = w.mean[k];
  for (int j = 0; j < k; ++j) {
    fit->b[j] = to_double(b[j]);
    constant = constant - b[j] * w.mean[j];
    std::fill_n(w.unit, k, DoubleDouble());
    w.unit[j] = 1;
    solve(w.l, k, false, w.unit);
    const DoubleDouble v = square_length(w.unit, k) / (w.scale[j] * w.scale[j]);
    fit->v[j] = to_double(v);
    fit->se[j] = df >= 1 ? to_double(sqrt(variance * v)) : kNaN;
  }
  for (int j = 0; j < k; ++j) w.unit[j] = w.mean[j] / w.scale[j];
  solve(w.l, k, false, w.unit);
  const DoubleDouble leverage = DoubleDouble(1) / n + square_length(w.unit, k);
  fit->intercept = intercept ? to_double(constant) : 0;
  fit->intercept_se = intercept && df >= 1 ? to_double(sqrt(variance * leverage)) : kNaN;
  fit->condition_number = condition_of(w.l, k, w.square);
  fit->belsley_index = intercept ? belsley_index(w, k, n) : fit->condition_number;
}

}  // namespace nokkel::kernels
