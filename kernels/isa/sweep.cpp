/// The sweep kernels, compiled once per instruction set (NOKKEL_ISA = portable, v3, v4). No standard templates here: an inline
/// function compiled with wide instructions must never be the copy that the rest of the program calls.
///
/// Loops run over the vectors of a tile inside and over members outside or the other way round, whichever keeps the
/// operands that repeat in registers. NV is the number of vectors when known at compile time (whole tiles), else 0.
#include "kernels/sweep.h"

#include "kernels/isa/vector.h"

namespace nokkel::kernels::NOKKEL_ISA {
namespace {

/// Floors are 1e-6 S_jj, so that a determinant of 1e-5 is met by a pivot of ten floors over the determinant before it.
constexpr double kFloorsOfWide = 10, kFloor = 1e-6;

/// Vectors of a tile: a constant for whole tiles, so that offsets fold into addresses.
template <int NV>
inline int vectors(int n_lanes) {
  return NV != 0 ? NV : n_lanes / 8;
}

/// Determinant of the node with a column of that pivot added.
inline V extended(const Node& g, V pivot, const double* floor, int v) {
  return V::load(g.det + v * 8) * (pivot / (V::load(floor + v * 8) * V::all(1 / kFloor)));
}

/// to = from - f x for n entries, f the same for all of them: kept in registers where there are enough.
template <int NV>
inline void down_row(int nv, int n, const double* f, const double* x, const double* from, double* to) {
  const int lanes = nv * 8;
  if constexpr (NV > 0 && NV * kPieces <= 12) {
    V g[NV];
    for (int v = 0; v < NV; ++v) g[v] = V::load(f + v * 8);
    for (int b = 0; b < n; ++b, x += lanes, from += lanes, to += lanes)
#pragma GCC unroll 12
      for (int v = 0; v < NV; ++v) fnma(g[v], V::load(x + v * 8), V::load(from + v * 8)).store(to + v * 8);
  } else {
    for (int b = 0; b < n; ++b, x += lanes, from += lanes, to += lanes)
      for (int v = 0; v < nv; ++v) fnma(V::load(f + v * 8), V::load(x + v * 8), V::load(from + v * 8)).store(to + v * 8);
  }
}

template <int NV>
void down(const NodeShape& shape, const Node& g, int c, const double* floor, Node* child) {
  const int nv = vectors<NV>(shape.n_lanes), lanes = nv * 8, m = g.n_members, n_free = shape.n_free;
  const long stride_d = static_cast<long>(shape.max_members) * lanes;
  const double* row_c = g.a + shape.row(c) * lanes;
  const double* d_c = g.d + c * stride_d;
  alignas(64) double p[kTileLanes], f[kTileLanes];
  for (int v = 0; v < nv; ++v) {
    const V pivot = V::load(row_c + lanes + v * 8);
    const V pv = unless(pivot < V::load(floor + v * 8), reciprocal(pivot));
    pv.store(p + v * 8);
    const V cy = V::load(row_c + v * 8), fy = cy * pv;
    fnma(cy, fy, V::load(g.sse + v * 8)).store(child->sse + v * 8);
    if (g.b == nullptr) continue;
    if (g.v != nullptr) extended(g, pivot, floor, v).store(child->det + v * 8);
    for (int i = 0; i < m; ++i) {
      const V d = V::load(d_c + i * lanes + v * 8);
      fnma(d, fy, V::load(g.b + i * lanes + v * 8)).store(child->b + i * lanes + v * 8);
      if (g.v != nullptr) fma(d * d, pv, V::load(g.v + i * lanes + v * 8)).store(child->v + i * lanes + v * 8);
    }
    fy.store(child->b + m * lanes + v * 8);
    if (g.v != nullptr) pv.store(child->v + m * lanes + v * 8);
  }
  for (int a = c + 1; a < n_free; ++a) {
    const double* ca = row_c + (1 + a - c) * lanes;
    const double* from = g.a + shape.row(a) * lanes;
    double* to = child->a + shape.row(a) * lanes;
    for (int v = 0; v < nv; ++v) {
      const V fa = V::load(ca + v * 8) * V::load(p + v * 8);
      fa.store(f + v * 8);
      fnma(fa, V::load(row_c + v * 8), V::load(from + v * 8)).store(to + v * 8);
    }
    down_row<NV>(nv, n_free - a, f, row_c + (1 + a - c) * lanes, from + lanes, to + lanes);
    if (g.b == nullptr) continue;
    const double* d_from = g.d + a * stride_d;
    double* d_to = child->d + a * stride_d;
    for (int i = 0; i < m; ++i)
      for (int v = 0; v < nv; ++v)
        fnma(V::load(d_c + i * lanes + v * 8), V::load(f + v * 8), V::load(d_from + i * lanes + v * 8))
            .store(d_to + i * lanes + v * 8);
    for (int v = 0; v < nv; ++v) V::load(f + v * 8).store(d_to + m * lanes + v * 8);
  }
}

template <int NV>
bool head(const NodeShape& shape, const Node& g, int c, const double* floor, Node* h) {
  const int nv = vectors<NV>(shape.n_lanes), lanes = nv * 8, m = g.n_members;
  const double* row_c = g.a + shape.row(c) * lanes;
  const double* d_c = g.d + c * static_cast<long>(shape.max_members) * lanes;
  Mask low = none();
  for (int v = 0; v < nv; ++v) {
    const V pivot = V::load(row_c + lanes + v * 8);
    const Mask below = pivot < V::load(floor + v * 8);
    low = low | below;
    const V pv = unless(below, reciprocal(pivot));
    pv.store(h->a + v * 8);
    const V cy = V::load(row_c + v * 8), fy = cy * pv;
    fnma(cy, fy, V::load(g.sse + v * 8)).store(h->sse + v * 8);
    if (g.b == nullptr) continue;
    if (g.v != nullptr) extended(g, pivot, floor, v).store(h->det + v * 8);
    for (int i = 0; i < m; ++i) {
      const V d = V::load(d_c + i * lanes + v * 8);
      fnma(d, fy, V::load(g.b + i * lanes + v * 8)).store(h->b + i * lanes + v * 8);
      if (g.v != nullptr) fma(d * d, pv, V::load(g.v + i * lanes + v * 8)).store(h->v + i * lanes + v * 8);
    }
    fy.store(h->b + m * lanes + v * 8);
    if (g.v != nullptr) pv.store(h->v + m * lanes + v * 8);
  }
  return any(low);
}

/// A number that the compiler knows.
template <int N>
struct Number {
  static constexpr int value = N;
};

/// f(v, inverse) for each vector of a tile. A division keeps one unit busy for long and all others idle, Newton steps the
/// reverse; turn by turn they overlap. Both round correctly, so that it does not matter which one a lane gets.
template <int NV, class Body>
inline void with_inverse(int n_lanes, Body body) {
  const int nv = vectors<NV>(n_lanes);
  int v = 0;
  for (; v + 1 < nv; v += 2) {
    body(v, [](V x) __attribute__((always_inline)) { return V::all(1) / x; });
    body(v + 1, [](V x) __attribute__((always_inline)) { return reciprocal(x); });
  }
  if (v < nv) body(v, [](V x) __attribute__((always_inline)) { return reciprocal(x); });
}

/// The fit alone: SSE of node + c + a.
template <int NV>
unsigned pair_fit(const NodeShape& shape, const Node& g, const Node& h, int c, int a, const double* floor, Rows* rows) {
  const int lanes = vectors<NV>(shape.n_lanes) * 8;
  const double *row_c = g.a + shape.row(c) * lanes, *ca = row_c + (1 + a - c) * lanes, *row_a = g.a + shape.row(a) * lanes;
  const double *h_p = h.a, *h_sse = h.sse;
  double* sse = rows->sse;
  Mask low = none();
  with_inverse<NV>(lanes, [&](int v, auto inverse) __attribute__((always_inline)) {
    const V xca = V::load(ca + v * 8), f = xca * V::load(h_p + v * 8);
    const V aa = fnma(f, xca, V::load(row_a + lanes + v * 8));
    const V ay = fnma(f, V::load(row_c + v * 8), V::load(row_a + v * 8));
    const Mask below = aa < V::load(floor + v * 8);
    low = low | below;
    fnma(ay, ay * unless(below, inverse(aa)), V::load(h_sse + v * 8)).store(sse + v * 8);
  });
  rows->n_members = g.n_members + 2;
  return any(low) ? kLowPivot : 0U;
}

/// M: members of the node when known at compile time (the loops over them unroll), else -1.
template <int NV, int M, bool with_v>
unsigned pair_of(const NodeShape& shape, const Node& g, const Node& h, int c, int a, const double* floor, Rows* rows) {
  const int lanes = vectors<NV>(shape.n_lanes) * 8, m = M >= 0 ? M : g.n_members;
  const long stride_d = static_cast<long>(shape.max_members) * lanes;
  const double *row_c = g.a + shape.row(c) * lanes, *ca = row_c + (1 + a - c) * lanes, *row_a = g.a + shape.row(a) * lanes;
  const double *d_c = g.d + c * stride_d, *d_a = g.d + a * stride_d;
  const double *h_p = h.a, *h_sse = h.sse, *h_b = h.b, *h_v = h.v, *h_det = h.det;
  double *sse = rows->sse, *b = rows->b, *iv = rows->v;
  Mask low = none(), wide = none();
  with_inverse<NV>(lanes, [&](int v, auto inverse) __attribute__((always_inline)) {
    const V xca = V::load(ca + v * 8);
    const V f = xca * V::load(h_p + v * 8);
    const V aa = fnma(f, xca, V::load(row_a + lanes + v * 8));
    const V ay = fnma(f, V::load(row_c + v * 8), V::load(row_a + v * 8));
    const Mask below = aa < V::load(floor + v * 8);
    low = low | below;
    if (with_v) wide = wide | (aa * V::load(h_det + v * 8) < V::load(floor + v * 8) * V::all(kFloorsOfWide));
    const V q = unless(below, inverse(aa));
    const V ba = ay * q;
    fnma(ay, ba, V::load(h_sse + v * 8)).store(sse + v * 8);
#pragma GCC unroll 8
    for (int i = 0; i < m; ++i) {
      const V d = fnma(V::load(d_c + i * lanes + v * 8), f, V::load(d_a + i * lanes + v * 8));
      fnma(d, ba, V::load(h_b + i * lanes + v * 8)).store(b + i * lanes + v * 8);
      if (with_v) fma(d * d, q, V::load(h_v + i * lanes + v * 8)).store(iv + i * lanes + v * 8);
    }
    fnma(f, ba, V::load(h_b + m * lanes + v * 8)).store(b + m * lanes + v * 8);
    ba.store(b + (m + 1) * lanes + v * 8);
    if (with_v) {
      fma(f * f, q, V::load(h_v + m * lanes + v * 8)).store(iv + m * lanes + v * 8);
      q.store(iv + (m + 1) * lanes + v * 8);
    }
  });
  rows->n_members = m + 2;
  return (any(low) ? kLowPivot : 0U) | (with_v && any(wide) ? kWide : 0U);
}

template <int NV, bool with_v>
unsigned pair_by_members(const NodeShape& shape, const Node& g, const Node& h, int c, int a, const double* floor, Rows* rows) {
  switch (g.n_members) {
    case 0:
      return pair_of<NV, 0, with_v>(shape, g, h, c, a, floor, rows);
    case 1:
      return pair_of<NV, 1, with_v>(shape, g, h, c, a, floor, rows);
    case 2:
      return pair_of<NV, 2, with_v>(shape, g, h, c, a, floor, rows);
    case 3:
      return pair_of<NV, 3, with_v>(shape, g, h, c, a, floor, rows);
    case 4:
      return pair_of<NV, 4, with_v>(shape, g, h, c, a, floor, rows);
    default:
      return pair_of<NV, -1, with_v>(shape, g, h, c, a, floor, rows);
  }
}

template <int NV>
unsigned pair(const NodeShape& shape, const Node& g, const Node& h, int c, int a, const double* floor, Rows* rows) {
  if (rows->b == nullptr) return pair_fit<NV>(shape, g, h, c, a, floor, rows);
  return rows->v == nullptr ? pair_by_members<NV, false>(shape, g, h, c, a, floor, rows)
                            : pair_by_members<NV, true>(shape, g, h, c, a, floor, rows);
}

template <int NV>
unsigned single(const NodeShape& shape, const Node& g, int a, const double* floor, Rows* rows) {
  const int nv = vectors<NV>(shape.n_lanes), lanes = nv * 8, m = g.n_members;
  const double* row_a = g.a + shape.row(a) * lanes;
  const double* d_a = g.d + a * static_cast<long>(shape.max_members) * lanes;
  Mask low = none(), wide = none();
  for (int v = 0; v < nv; ++v) {
    const V aa = V::load(row_a + lanes + v * 8), ay = V::load(row_a + v * 8);
    const Mask below = aa < V::load(floor + v * 8);
    low = low | below;
    if (g.v != nullptr) wide = wide | (aa * V::load(g.det + v * 8) < V::load(floor + v * 8) * V::all(kFloorsOfWide));
    const V q = unless(below, reciprocal(aa));
    const V ba = ay * q;
    fnma(ay, ba, V::load(g.sse + v * 8)).store(rows->sse + v * 8);
    if (rows->b == nullptr) continue;
    for (int i = 0; i < m; ++i) {
      const V d = V::load(d_a + i * lanes + v * 8);
      fnma(d, ba, V::load(g.b + i * lanes + v * 8)).store(rows->b + i * lanes + v * 8);
      if (rows->v != nullptr) fma(d * d, q, V::load(g.v + i * lanes + v * 8)).store(rows->v + i * lanes + v * 8);
    }
    ba.store(rows->b + m * lanes + v * 8);
    if (rows->v != nullptr) q.store(rows->v + m * lanes + v * 8);
  }
  rows->n_members = m + 1;
  return (any(low) ? kLowPivot : 0U) | (any(wide) ? kWide : 0U);
}

void pivot(const NodeShape& shape, const Node& g, int a, double* out) {
  const double* from = g.a + (shape.row(a) + 1) * shape.n_lanes;
  for (int v = 0; v < shape.n_lanes; v += 8) V::load(from + v).store(out + v);
}

void pivot_pair(const NodeShape& shape, const Node& g, const Node& h, int c, int a, double* out) {
  const double* ca = g.a + (shape.row(c) + 1 + a - c) * shape.n_lanes;
  const double* aa = g.a + (shape.row(a) + 1) * shape.n_lanes;
  for (int v = 0; v < shape.n_lanes; v += 8) {
    const V xca = V::load(ca + v), f = xca * V::load(h.a + v);
    fnma(f, xca, V::load(aa + v)).store(out + v);
  }
}

/// Sums of whole tiles, kept lane by lane until eight of them are reduced at once.
class Reducer {
 public:
  explicit Reducer(double* sums) : to_(sums) {}
  void push(V lanes) {
    lanes_[n_++] = lanes;
    if (n_ == 8) flush();
  }
  /// Adds what is left; the sums beyond it get zeros.
  void close() {
    if (n_ == 0) return;
    while (n_ < 8) lanes_[n_++] = V::all(0);
    flush();
  }

 private:
  void flush() {
    (V::load(to_) + sums_of_eight(lanes_)).store(to_);
    to_ += 8;
    n_ = 0;
  }
  double* to_;
  int n_ = 0;
  V lanes_[8];
};

/// Sum and sum of squares, lane by lane.
struct Moments {
  V s = V::all(0), s2 = V::all(0);
  void add(V e) {
    s = s + e;
    s2 = fma(e, e, s2);
  }
};

/// The sums of one row of coefficients (with_sign), or of r2. Even and odd vectors have accumulators of their own: two chains
/// of additions in flight, with names so that they stay in registers.
template <int NV, bool weighted, bool with_sign, class Value>
inline void sum_row(int n_lanes, const double* weight, Value value, Reducer* to) {
  const int nv = vectors<NV>(n_lanes);
  Moments even, odd;
  Counts positive = {};
  const auto add = [&](int v, Moments* m) __attribute__((always_inline)) {
    V x, e;
    value(v, &x, &e);
    if (weighted) {
      const V w = V::load(weight + v * 8);
      x = x * w;
      e = e * w;
    }
    m->add(e);
    if (with_sign) positive = count_into(positive, V::all(0) < x);
  };
  int v = 0;
  for (; v + 1 < nv; v += 2) {
    add(v, &even);
    add(v + 1, &odd);
  }
  if (v < nv) add(v, &even);
  to->push(even.s + odd.s);
  to->push(even.s2 + odd.s2);
  if (with_sign) to->push(as_numbers(positive));
}

template <int NV, bool weighted>
void tally_of(int n_lanes, int n, const double* rows, const double* sse, const double* shift, const double* inverse_sst,
              const double* weight, double* sums) {
  const int lanes = vectors<NV>(n_lanes) * 8;
  Reducer to(sums);
  for (int i = 0; i < n; ++i) {
    const double* row = rows + static_cast<long>(i) * lanes;
    const V s = V::all(shift[i]);
    sum_row<NV, weighted, true>(
        n_lanes, weight,
        [=](int v, V* x, V* e) __attribute__((always_inline)) {
          *x = V::load(row + v * 8);
          *e = *x - s;
        },
        &to);
  }
  const V c = V::all(1 - shift[n]);
  sum_row<NV, weighted, false>(
      n_lanes, weight,
      [=](int v, V* x, V* e)
          __attribute__((always_inline)) { *x = *e = fnma(V::load(sse + v * 8), V::load(inverse_sst + v * 8), c); },
      &to);
  to.close();
}

template <int NV>
void tally(int n_lanes, int n, const double* rows, const double* sse, const double* shift, const double* inverse_sst,
           const double* weight, double* sums) {
  if (weight == nullptr)
    tally_of<NV, false>(n_lanes, n, rows, sse, shift, inverse_sst, weight, sums);
  else
    tally_of<NV, true>(n_lanes, n, rows, sse, shift, inverse_sst, weight, sums);
}

LaneMask below(int n_lanes, const double* x, const double* bound) {
  LaneMask out;
  for (int v = 0; v < n_lanes; v += 8) {
    const std::uint64_t lanes = bits(V::load(x + v) < V::load(bound + v));
    if (v < 64)
      out.low |= lanes << v;
    else
      out.high |= lanes << (v - 64);
  }
  return out;
}

template <int NV>
void exceed(int n_lanes, int n, const double* rows, const double* inverse_square, const double* factor1, const double* factor2,
            double* counts) {
  const int nv = vectors<NV>(n_lanes), lanes = nv * 8;
  Reducer to(counts);
  for (int i = 0; i < n; ++i) {
    const double* x = rows + static_cast<long>(i) * lanes;
    const V inverse = V::all(inverse_square[i]);
    Counts c1 = {}, c2 = {};
    for (int v = 0; v < nv; ++v) {
      const V b = V::load(x + v * 8), t2 = (b * b) * inverse;
      c1 = count_into(c1, V::load(factor1 + v * 8) < t2);
      c2 = count_into(c2, V::load(factor2 + v * 8) < t2);
    }
    to.push(as_numbers(c1));
    to.push(as_numbers(c2));
  }
  to.close();
}

template <int NV>
void marks(int n_lanes, int n, const double* rows, const double* inverse_diagonal, const double* sse, const double* factor1,
           const double* factor2, double* counts) {
  const int nv = vectors<NV>(n_lanes), lanes = nv * 8;
  Reducer to(counts);
  for (int i = 0; i < n; ++i) {
    const double *x = rows + static_cast<long>(i) * lanes, *d = inverse_diagonal + static_cast<long>(i) * lanes;
    Counts c1 = {}, c2 = {};
    for (int v = 0; v < nv; ++v) {
      const V b = V::load(x + v * 8), b2 = b * b, se2 = V::load(d + v * 8) * V::load(sse + v * 8);
      c1 = count_into(c1, se2 * V::load(factor1 + v * 8) < b2);
      c2 = count_into(c2, se2 * V::load(factor2 + v * 8) < b2);
    }
    to.push(as_numbers(c1));
    to.push(as_numbers(c2));
  }
  to.close();
}

template <int NV>
void max_t(int n_lanes, int n, const double* rows, const double* shift, const double* inverse_se, const double* weight,
           double* const* most) {
  const int nv = vectors<NV>(n_lanes), lanes = nv * 8;
  for (int i = 0; i < n; ++i) {
    const double* x = rows + static_cast<long>(i) * lanes;
    double* to = most[i];
    const V s = V::all(shift[i]), inverse = V::all(inverse_se[i]);
    for (int v = 0; v < nv; ++v) {
      V t = abs((V::load(x + v * 8) - s) * inverse);
      if (weight != nullptr) t = t * V::load(weight + v * 8);
      max(t, V::load(to + v * 8)).store(to + v * 8);
    }
  }
}

template <int NV>
void year_sums(int n_lanes, int n_years, int n, const double* const* rows, const double* level, const double* trend,
               const double* shift, const double* weight, double* sums) {
  const int nv = vectors<NV>(n_lanes), lanes = nv * 8;
  Reducer to(sums);
  for (int i = 0; i < n; ++i) {
    const V s1 = V::all(0 - shift[2 * i]), s2 = V::all(0 - shift[2 * i + 1]);
    Moments m1, m2;
    for (int v = 0; v < nv; ++v) {
      const long at = static_cast<long>(i) * lanes + v * 8;
      V c1 = s1, c2 = s2;
      for (int y = 0; y < n_years; ++y) {
        const V b = V::load(rows[y] + at);
        c1 = fma(b, V::all(level[y]), c1);
        c2 = fma(b, V::all(trend[y]), c2);
      }
      const V w = weight == nullptr ? V::all(1) : V::load(weight + v * 8);
      m1.add(c1 * w);
      m2.add(c2 * w);
    }
    to.push(m1.s);
    to.push(m1.s2);
    to.push(m2.s);
    to.push(m2.s2);
  }
  to.close();
}

template <int NV>
void scaled(int n_lanes, const double* sse, const double* factor, bool first, double* value) {
  const int nv = vectors<NV>(n_lanes);
  if (first)
    for (int v = 0; v < nv; ++v) (V::load(sse + v * 8) * V::load(factor + v * 8)).store(value + v * 8);
  else
    for (int v = 0; v < nv; ++v)
      fma(V::load(sse + v * 8), V::load(factor + v * 8), V::load(value + v * 8)).store(value + v * 8);
}

template <int NV>
void bins(int n_lanes, const double* value, const double* offset, const double* per_bin, int n_bins, std::int32_t* index) {
  const int nv = vectors<NV>(n_lanes);
  const V last = V::all(n_bins - 1), zero = V::all(0);
  for (int v = 0; v < nv; ++v) {
    const V at = (V::load(value + v * 8) - V::load(offset + v * 8)) * V::load(per_bin + v * 8);
    store_whole(min(max(at, zero), last), index + v * 8);
  }
}

template <int NV>
void held_out(int n_lanes, int n, const double* b, const double* test, int n_columns, const int* members, double* out) {
  const int nv = vectors<NV>(n_lanes), lanes = nv * 8, y = n_columns - 1;
  const auto row = [=](int i) {
    return test + (static_cast<long>(i) * n_columns - static_cast<long>(i) * (i + 1) / 2) * lanes;
  };
  const auto entry = [=](const double* row_i, int j) { return row_i + static_cast<long>(j) * lanes; };
  const double* const yy = entry(row(y), y);
  for (int v = 0; v < nv; ++v) V::load(yy + v * 8).store(out + v * 8);
  for (int j = 0; j < n; ++j) {
    // b_j (b_j T_jj + 2 (sum over l > j of b_l T_jl - T_jy))
    const double* const row_j = row(members[j]);
    const double *const jj = entry(row_j, members[j]), *const jy = entry(row_j, y);
    const double *x[4] = {jy, jy, jy, jy}, *z[4] = {b, b, b, b};
    const int more = n - 1 - j;
    for (int l = 0; l < more && l < 4; ++l) {
      x[l] = entry(row_j, members[j + 1 + l]);
      z[l] = b + static_cast<long>(j + 1 + l) * lanes;
    }
    const auto sum = [&](auto count) __attribute__((always_inline)) {
      for (int v = 0; v < nv; ++v) {
        const V bj = V::load(b + static_cast<long>(j) * lanes + v * 8);
        V inner = V::all(0) - V::load(jy + v * 8);
        for (int l = 0; l < count.value; ++l) inner = fma(V::load(z[l] + v * 8), V::load(x[l] + v * 8), inner);
        for (int l = 4; l < more; ++l)
          inner = fma(V::load(b + static_cast<long>(j + 1 + l) * lanes + v * 8),
                      V::load(entry(row_j, members[j + 1 + l]) + v * 8), inner);
        fma(bj, fma(bj, V::load(jj + v * 8), inner + inner), V::load(out + v * 8)).store(out + v * 8);
      }
    };
    switch (more) {
      case 0:
        sum(Number<0>());
        break;
      case 1:
        sum(Number<1>());
        break;
      case 2:
        sum(Number<2>());
        break;
      case 3:
        sum(Number<3>());
        break;
      default:
        sum(Number<4>());
    }
  }
}

void add_runs(int n_runs, int length, const double* value, double* sums) {
  for (int first = 0; first < length; first += 8) {
    V total = V::load(sums + first);
    for (int run = 0; run < n_runs; ++run) total = total + V::load_anywhere(value + run * length + first);
    total.store(sums + first);
  }
}

/// Whole tiles, of one year and of several, take the versions with a constant number of vectors: f(Number).
template <class Function>
inline auto by_width(int n_lanes, Function f) {
  if (n_lanes == kTileLanes) return f(Number<kTileVectors>());
  if (n_lanes == kYearTileLanes) return f(Number<kYearTileLanes / 8>());
  return f(Number<0>());
}

void down_any(const NodeShape& s, const Node& g, int c, const double* floor, Node* child) {
  return by_width(s.n_lanes, [&](auto nv) { return down<nv.value>(s, g, c, floor, child); });
}
bool head_any(const NodeShape& s, const Node& g, int c, const double* floor, Node* h) {
  return by_width(s.n_lanes, [&](auto nv) { return head<nv.value>(s, g, c, floor, h); });
}
unsigned pair_any(const NodeShape& s, const Node& g, const Node& h, int c, int a, const double* floor, Rows* rows) {
  return by_width(s.n_lanes, [&](auto nv) { return pair<nv.value>(s, g, h, c, a, floor, rows); });
}
unsigned single_any(const NodeShape& s, const Node& g, int a, const double* floor, Rows* rows) {
  return by_width(s.n_lanes, [&](auto nv) { return single<nv.value>(s, g, a, floor, rows); });
}
void tally_any(int lanes, int n, const double* rows, const double* sse, const double* shift, const double* inverse_sst,
               const double* weight, double* sums) {
  return by_width(lanes, [&](auto nv) { return tally<nv.value>(lanes, n, rows, sse, shift, inverse_sst, weight, sums); });
}
void exceed_any(int lanes, int n, const double* rows, const double* inverse_square, const double* f1, const double* f2,
                double* counts) {
  return by_width(lanes, [&](auto nv) { return exceed<nv.value>(lanes, n, rows, inverse_square, f1, f2, counts); });
}
void marks_any(int lanes, int n, const double* rows, const double* inverse_diagonal, const double* sse, const double* f1,
               const double* f2, double* counts) {
  return by_width(lanes, [&](auto nv) { return marks<nv.value>(lanes, n, rows, inverse_diagonal, sse, f1, f2, counts); });
}
void max_t_any(int lanes, int n, const double* rows, const double* shift, const double* inverse_se, const double* weight,
               double* const* most) {
  return by_width(lanes, [&](auto nv) { return max_t<nv.value>(lanes, n, rows, shift, inverse_se, weight, most); });
}
void year_sums_any(int lanes, int n_years, int n, const double* const* rows, const double* level, const double* trend,
                   const double* shift, const double* weight, double* sums) {
  return by_width(lanes,
                  [&](auto nv) { return year_sums<nv.value>(lanes, n_years, n, rows, level, trend, shift, weight, sums); });
}
void scaled_any(int lanes, const double* sse, const double* factor, bool first, double* value) {
  return by_width(lanes, [&](auto nv) { return scaled<nv.value>(lanes, sse, factor, first, value); });
}
void bins_any(int lanes, const double* value, const double* offset, const double* per_bin, int n_bins, std::int32_t* index) {
  return by_width(lanes, [&](auto nv) { return bins<nv.value>(lanes, value, offset, per_bin, n_bins, index); });
}
void held_out_any(int lanes, int n, const double* b, const double* test, int n_columns, const int* members, double* out) {
  return by_width(lanes, [&](auto nv) { return held_out<nv.value>(lanes, n, b, test, n_columns, members, out); });
}

#define NOKKEL_TEXT(x) #x
#define NOKKEL_NAME(x) NOKKEL_TEXT(x)

}  // namespace

extern const Kernels kTable;
const Kernels kTable = {NOKKEL_NAME(NOKKEL_ISA),
                        down_any,
                        head_any,
                        pair_any,
                        single_any,
                        pivot,
                        pivot_pair,
                        tally_any,
                        below,
                        exceed_any,
                        marks_any,
                        max_t_any,
                        year_sums_any,
                        scaled_any,
                        bins_any,
                        held_out_any,
                        add_runs};

}  // namespace nokkel::kernels::NOKKEL_ISA
