#include "kernels/moments.h"

#include <algorithm>
#include <cmath>

#include "kernels/blas.h"

namespace nokkel::kernels {

void products(int n_rows, int n_columns, const double* z, const int* place, int n_units, double* o) noexcept {
  const long n_entries = triangle(n_columns - 1, n_columns - 1, n_columns) + 1;
  for (int j = 0; j < n_columns; ++j)
    for (int l = j; l < n_columns; ++l) {
      const double* zj = z + static_cast<long>(j) * n_rows;
      const double* zl = z + static_cast<long>(l) * n_rows;
      const long entry = triangle(j, l, n_columns);
      for (int i = 0; i < n_rows; ++i) {
        const long first = place[i] / kChunkUnits * kChunkUnits, height = std::min<long>(kChunkUnits, n_units - first);
        o[first * n_entries + entry * height + (place[i] - first)] = zj[i] * zl[i];
      }
    }
}

void panel_moments(int n_panels, int n_units, long n_entries, const double* w, const double* o, double* m) noexcept {
  const long w_stride = static_cast<long>(n_units) * kTileLanes, m_stride = n_entries * kTileLanes;
  for (long first = 0; first < n_units; first += kChunkUnits) {
    const int height = static_cast<int>(std::min<long>(kChunkUnits, n_units - first));
    for (int p = 0; p < n_panels; ++p)
      multiply(kTileLanes, static_cast<int>(n_entries), height, w + p * w_stride + first * kTileLanes, o + first * n_entries,
               first > 0, m + p * m_stride);
  }
}

long root_scratch(const RootShape& shape) {
  const long q = shape.n_swept + shape.node.n_free + 1;
  return (q * (q + 1) / 2 + static_cast<long>(shape.n_swept) * q + 1) * shape.node.n_lanes;
}

namespace {

/// Pivots of the fast path (METHODS 1.3) and the constant-column test, both relative.
constexpr double kPivotFloor = 1e-6, kConstant = 1e-10;

/// Work on a tile as [entry][lane]; entry (j, l) over q columns without the one, y last.
struct Tile {
  double* s;
  int q, lanes;
  [[nodiscard]] double* at(int j, int l) const { return s + triangle(j, l, q) * lanes; }
};

void centre(const RootShape& shape, const double* m, const Tile& tile, double* mean) {
  const int lanes = tile.lanes, q = tile.q, columns = q + 1;
  const double* n = m;
  for (int j = 0; j < q; ++j)
    for (int r = 0; r < lanes; ++r)
      mean[static_cast<long>(j) * lanes + r] =
          shape.intercept && n[r] > 0 ? m[triangle(0, j + 1, columns) * lanes + r] / n[r] : 0.0;
  for (int j = 0; j < q; ++j)
    for (int l = j; l < q; ++l) {
      const double* raw = m + triangle(j + 1, l + 1, columns) * lanes;
      const double* first = m + triangle(0, j + 1, columns) * lanes;
      const double* mean_l = mean + static_cast<long>(l) * lanes;
      double* out = tile.at(j, l);
      for (int r = 0; r < lanes; ++r) out[r] = raw[r] - (shape.intercept ? first[r] * mean_l[r] : 0.0);
    }
}

/// Takes column j out of the arithmetic of one lane.
void kill(const Tile& tile, int j, int lane) {
  for (int i = 0; i < j; ++i) tile.at(i, j)[lane] = 0;
  for (int l = j + 1; l < tile.q; ++l) tile.at(j, l)[lane] = 0;
  tile.at(j, j)[lane] = 1;
}

/// Sweeps column s of the first ones into the rest: A and D as in sweep.h, D over all q columns, row s at d + s q.
void sweep_first(const Tile& tile, int s, double* d, const double* floor, LaneMask* suspect) {
  const int lanes = tile.lanes, q = tile.q;
  const auto row = [&](int i, int a) { return d + (static_cast<long>(i) * q + a) * lanes; };
  double p[kTileLanes], f[kTileLanes];
  for (int r = 0; r < lanes; ++r) {
    const double pivot = tile.at(s, s)[r];
    const bool low = pivot < floor[r];
    if (low) suspect->add(r);
    p[r] = low ? 0.0 : 1.0 / pivot;
  }
  for (int a = s + 1; a < q; ++a) {
    for (int r = 0; r < lanes; ++r) f[r] = tile.at(s, a)[r] * p[r];
    for (int b = a; b < q; ++b)
      for (int r = 0; r < lanes; ++r) tile.at(a, b)[r] -= f[r] * tile.at(s, b)[r];
    for (int i = 0; i < s; ++i)
      for (int r = 0; r < lanes; ++r) row(i, a)[r] -= row(i, s)[r] * f[r];
    std::copy_n(f, lanes, row(s, a));
  }
  // The diagonal of the inverse is kept in the swept columns' own places of D.
  for (int i = 0; i < s; ++i)
    for (int r = 0; r < lanes; ++r) row(i, i)[r] += row(i, s)[r] * row(i, s)[r] * p[r];
  std::copy_n(p, lanes, row(s, s));
}

}  // namespace

void make_root(const RootShape& shape, const double* m, LaneMask live, double* scratch, Root* root) noexcept {
  const int lanes = shape.node.n_lanes, n_free = shape.node.n_free, n_swept = shape.n_swept, q = n_swept + n_free + 1;
  const Tile tile{scratch, q, lanes};
  double* d = scratch + static_cast<long>(q) * (q + 1) / 2 * lanes;
  double* floor = d + static_cast<long>(n_swept) * q * lanes;
  std::copy_n(m, lanes, root->n_rows);
  centre(shape, m, tile, root->mean);

  root->dead = LaneMask::first(lanes).without(live);
  root->suspect = {};
  root->y_constant = {};
  for (int r = 0; r < lanes; ++r)
    if (root->n_rows[r] <= 0) root->dead.add(r);
  for (int j = 0; j < q; ++j) {
    const double* raw = m + triangle(j + 1, j + 1, q + 1) * lanes;
    LaneMask constant;
    for (int r = 0; r < lanes; ++r)
      if (!(tile.at(j, j)[r] > kConstant * std::max(raw[r], root->n_rows[r]))) constant.add(r);
    constant.for_each([&](int r) { kill(tile, j, r); });
    if (j < n_swept) root->dead = root->dead | constant;
    if (j < q - 1) root->column_dead[j] = constant;
    if (j == q - 1) {
      root->y_constant = constant & live;
      root->dead = root->dead | constant;
    }
    std::copy_n(tile.at(j, j), lanes, j < q - 1 ? root->diagonal + static_cast<long>(j) * lanes : root->sst);
  }

  double* const det = root->node.det;
  if (det != nullptr) std::fill_n(det, lanes, 1.0);
  for (int s = 0; s < n_swept; ++s) {
    if (det != nullptr)
      for (int r = 0; r < lanes; ++r) det[r] *= tile.at(s, s)[r] / root->diagonal[static_cast<long>(s) * lanes + r];
    for (int r = 0; r < lanes; ++r) floor[r] = kPivotFloor * root->diagonal[static_cast<long>(s) * lanes + r];
    sweep_first(tile, s, d, floor, &root->suspect);
  }
  root->suspect = root->suspect.without(root->dead);

  Node& node = root->node;
  node.n_members = n_swept;
  const int y = q - 1;
  for (int a = 0; a < n_free; ++a) {
    const int column = n_swept + a;
    double* out = node.a + shape.node.row(a) * lanes;
    std::copy_n(tile.at(column, y), lanes, out);
    std::copy_n(tile.at(column, column), static_cast<long>(n_free - a) * lanes, out + lanes);
    const bool dead_somewhere = root->column_dead[column].any();
    for (int r = 0; r < lanes; ++r) {
      // A dead column's pivot is the 1 that stands for it: no floor, so that it never asks for a repair.
      const bool dead = dead_somewhere && root->column_dead[column].has(r);
      root->floor[static_cast<long>(a) * lanes + r] =
          dead ? 0.0 : kPivotFloor * root->diagonal[static_cast<long>(column) * lanes + r];
    }
    for (int i = 0; i < n_swept; ++i)
      std::copy_n(d + (static_cast<long>(i) * q + column) * lanes, lanes,
                  node.d + (static_cast<long>(a) * shape.node.max_members + i) * lanes);
  }
  for (int i = 0; i < n_swept; ++i) {
    std::copy_n(d + (static_cast<long>(i) * q + y) * lanes, lanes, node.b + static_cast<long>(i) * lanes);
    if (node.v != nullptr)
      std::copy_n(d + (static_cast<long>(i) * q + i) * lanes, lanes, node.v + static_cast<long>(i) * lanes);
  }
  std::copy_n(tile.at(y, y), lanes, node.sse);
}

void test_moments(const RootShape& shape, const double* m, const double* mean, double* t, double* n_test) noexcept {
  const int lanes = shape.node.n_lanes, q = shape.n_swept + shape.node.n_free + 1, columns = q + 1;
  std::copy_n(m, lanes, n_test);
  for (int j = 0; j < q; ++j)
    for (int l = j; l < q; ++l) {
      const double* raw = m + triangle(j + 1, l + 1, columns) * lanes;
      const double* sum_j = m + triangle(0, j + 1, columns) * lanes;
      const double* sum_l = m + triangle(0, l + 1, columns) * lanes;
      const double* mean_j = mean + static_cast<long>(j) * lanes;
      const double* mean_l = mean + static_cast<long>(l) * lanes;
      double* out = t + triangle(j, l, q) * lanes;
      for (int r = 0; r < lanes; ++r) out[r] = raw[r] - mean_j[r] * sum_l[r] - mean_l[r] * (sum_j[r] - n_test[r] * mean_j[r]);
    }
}

}  // namespace nokkel::kernels
