/// The sweep kernels, compiled once per instruction set (NOKKEL_ISA = portable, v3, v4). No standard templates here: an inline
/// function compiled with wide instructions must never be the copy that the rest of the program calls.
///
/// Loops run over the vectors of a tile inside and over members outside or the other way round, whichever keeps the
/// operands that repeat in registers. NV is the number of vectors when known at compile time (whole tiles), else 0.
#include "kernels/sweep.h"

#include "kernels/isa/vector.h"

namespace nokkel::kernels::NOKKEL_ISA {
namespace {

/// Vectors of a tile: a constant for whole tiles, so that offsets fold into addresses.
template <int NV>
inline int vectors(int n_lanes) {
  return NV != 0 ? NV : n_lanes / 8;
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
    const V pv = unless(pivot < V::load(floor + v * 8), V::all(1) / pivot);
    pv.store(p + v * 8);
    const V cy = V::load(row_c + v * 8), fy = cy * pv;
    fnma(cy, fy, V::load(g.sse + v * 8)).store(child->sse + v * 8);
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
    for (int b = a; b < n_free; ++b) {
      const long at = static_cast<long>(1 + b - a) * lanes;
      const double* cb = row_c + (1 + b - c) * lanes;
      for (int v = 0; v < nv; ++v)
        fnma(V::load(f + v * 8), V::load(cb + v * 8), V::load(from + at + v * 8)).store(to + at + v * 8);
    }
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
    const V pv = unless(below, V::all(1) / pivot);
    pv.store(h->a + v * 8);
    const V cy = V::load(row_c + v * 8), fy = cy * pv;
    fnma(cy, fy, V::load(g.sse + v * 8)).store(h->sse + v * 8);
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

/// M: members of the node when known at compile time (the loops over them unroll), else -1.
template <int NV, int M, bool with_v>
bool pair_of(const NodeShape& shape, const Node& g, const Node& h, int c, int a, const double* floor, Rows* rows) {
  const int nv = vectors<NV>(shape.n_lanes), lanes = nv * 8, m = M >= 0 ? M : g.n_members;
  const long stride_d = static_cast<long>(shape.max_members) * lanes;
  const double* row_c = g.a + shape.row(c) * lanes;
  const double* ca = row_c + (1 + a - c) * lanes;
  const double* row_a = g.a + shape.row(a) * lanes;
  const double* d_c = g.d + c * stride_d;
  const double* d_a = g.d + a * stride_d;
  Mask low = none();
  for (int v = 0; v < nv; ++v) {
    const V xca = V::load(ca + v * 8);
    const V f = xca * V::load(h.a + v * 8);
    const V aa = fnma(f, xca, V::load(row_a + lanes + v * 8));
    const V ay = fnma(f, V::load(row_c + v * 8), V::load(row_a + v * 8));
    const Mask below = aa < V::load(floor + v * 8);
    low = low | below;
    const V q = unless(below, V::all(1) / aa);
    const V ba = ay * q;
    fnma(ay, ba, V::load(h.sse + v * 8)).store(rows->sse + v * 8);
#pragma GCC unroll 8
    for (int i = 0; i < m; ++i) {
      const V d = fnma(V::load(d_c + i * lanes + v * 8), f, V::load(d_a + i * lanes + v * 8));
      fnma(d, ba, V::load(h.b + i * lanes + v * 8)).store(rows->b + i * lanes + v * 8);
      if (with_v) fma(d * d, q, V::load(h.v + i * lanes + v * 8)).store(rows->v + i * lanes + v * 8);
    }
    fnma(f, ba, V::load(h.b + m * lanes + v * 8)).store(rows->b + m * lanes + v * 8);
    ba.store(rows->b + (m + 1) * lanes + v * 8);
    if (with_v) {
      fma(f * f, q, V::load(h.v + m * lanes + v * 8)).store(rows->v + m * lanes + v * 8);
      q.store(rows->v + (m + 1) * lanes + v * 8);
    }
  }
  rows->n_members = m + 2;
  return any(low);
}

template <int NV>
bool pair(const NodeShape& shape, const Node& g, const Node& h, int c, int a, const double* floor, Rows* rows) {
  if (rows->v != nullptr) return pair_of<NV, -1, true>(shape, g, h, c, a, floor, rows);
  switch (g.n_members) {
    case 0:
      return pair_of<NV, 0, false>(shape, g, h, c, a, floor, rows);
    case 1:
      return pair_of<NV, 1, false>(shape, g, h, c, a, floor, rows);
    case 2:
      return pair_of<NV, 2, false>(shape, g, h, c, a, floor, rows);
    case 3:
      return pair_of<NV, 3, false>(shape, g, h, c, a, floor, rows);
    case 4:
      return pair_of<NV, 4, false>(shape, g, h, c, a, floor, rows);
    default:
      return pair_of<NV, -1, false>(shape, g, h, c, a, floor, rows);
  }
}

template <int NV>
bool single(const NodeShape& shape, const Node& g, int a, const double* floor, Rows* rows) {
  const int nv = vectors<NV>(shape.n_lanes), lanes = nv * 8, m = g.n_members;
  const double* row_a = g.a + shape.row(a) * lanes;
  const double* d_a = g.d + a * static_cast<long>(shape.max_members) * lanes;
  Mask low = none();
  for (int v = 0; v < nv; ++v) {
    const V aa = V::load(row_a + lanes + v * 8), ay = V::load(row_a + v * 8);
    const Mask below = aa < V::load(floor + v * 8);
    low = low | below;
    const V q = unless(below, V::all(1) / aa);
    const V ba = ay * q;
    fnma(ay, ba, V::load(g.sse + v * 8)).store(rows->sse + v * 8);
    for (int i = 0; i < m; ++i) {
      const V d = V::load(d_a + i * lanes + v * 8);
      fnma(d, ba, V::load(g.b + i * lanes + v * 8)).store(rows->b + i * lanes + v * 8);
      if (rows->v != nullptr) fma(d * d, q, V::load(g.v + i * lanes + v * 8)).store(rows->v + i * lanes + v * 8);
    }
    ba.store(rows->b + m * lanes + v * 8);
    if (rows->v != nullptr) q.store(rows->v + m * lanes + v * 8);
  }
  rows->n_members = m + 1;
  return any(low);
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

/// Even and odd vectors have accumulators of their own: two chains of additions in flight.
struct Sums {
  V s[2], s2[2];
  Mask positive;
  Sums() : s{V::all(0), V::all(0)}, s2{V::all(0), V::all(0)}, positive(none()) {}
  void add(int chain, V x, V shift) {
    const V e = x - shift;
    s[chain] = s[chain] + e;
    s2[chain] = fma(e, e, s2[chain]);
    positive = count_into(positive, V::all(0) < x);
  }
  void add(int chain, V x, V shift, V weight) {
    const V e = (x - shift) * weight;
    s[chain] = s[chain] + e;
    s2[chain] = fma(e, e, s2[chain]);
    positive = count_into(positive, V::all(0) < x * weight);
  }
  [[nodiscard]] RowSums close() const { return {sum(s[0] + s[1]), sum(s2[0] + s2[1]), static_cast<double>(sum(positive))}; }
};

template <int NV>
void row_sums(int n_lanes, int n, const double* rows, const double* shift, const double* weight, RowSums* out) {
  const int nv = vectors<NV>(n_lanes), lanes = nv * 8;
  for (int i = 0; i < n; ++i) {
    const double* x = rows + static_cast<long>(i) * lanes;
    const V s = V::all(shift[i]);
    Sums sums;
    if (weight == nullptr)
      for (int v = 0; v < nv; ++v) sums.add(v & 1, V::load(x + v * 8), s);
    else
      for (int v = 0; v < nv; ++v) sums.add(v & 1, V::load(x + v * 8), s, V::load(weight + v * 8));
    out[i] = sums.close();
  }
}

template <int NV>
void r2_sums(int n_lanes, const double* sse, const double* inverse_sst, double shift, const double* weight, RowSums* out) {
  const int nv = vectors<NV>(n_lanes);
  const V s = V::all(shift);
  Sums sums;
  for (int v = 0; v < nv; ++v) {
    const V r2 = fnma(V::load(sse + v * 8), V::load(inverse_sst + v * 8), V::all(1));
    if (weight == nullptr)
      sums.add(v & 1, r2, s);
    else
      sums.add(v & 1, r2, s, V::load(weight + v * 8));
  }
  *out = sums.close();
}

template <int NV>
void exceed(int n_lanes, int n, const double* rows, const double* square, const double* factor1, const double* factor2,
            int* count1, int* count2) {
  const int nv = vectors<NV>(n_lanes), lanes = nv * 8;
  for (int i = 0; i < n; ++i) {
    const double* x = rows + static_cast<long>(i) * lanes;
    const V sq = V::all(square[i]);
    Mask c1 = none(), c2 = none();
    for (int v = 0; v < nv; ++v) {
      const V b = V::load(x + v * 8), b2 = b * b;
      c1 = count_into(c1, sq * V::load(factor1 + v * 8) < b2);
      c2 = count_into(c2, sq * V::load(factor2 + v * 8) < b2);
    }
    count1[i] = sum(c1);
    count2[i] = sum(c2);
  }
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
void held_out(int n_lanes, int n, const double* b, const double* const* test, double* out) {
  const int nv = vectors<NV>(n_lanes), lanes = nv * 8;
  for (int v = 0; v < nv; ++v) {
    V total = V::load(test[0] + v * 8);
    const double* const* cross = test + 1;
    const double* const* t = test + 1 + n;
    for (int j = 0; j < n; ++j) {
      // b_j (b_j T_jj + 2 (sum over l > j of b_l T_jl - T_jy))
      const V bj = V::load(b + static_cast<long>(j) * lanes + v * 8);
      const V diagonal = V::load(*t++ + v * 8);
      V inner = V::all(0) - V::load(cross[j] + v * 8);
      for (int l = j + 1; l < n; ++l)
        inner = fma(V::load(b + static_cast<long>(l) * lanes + v * 8), V::load(*t++ + v * 8), inner);
      total = fma(bj, fma(bj, diagonal, inner + inner), total);
    }
    total.store(out + v * 8);
  }
}

/// Whole tiles take the version with a constant number of vectors.
#define NOKKEL_BY_WIDTH(function, lanes, ...) \
  return (lanes) == kTileLanes ? function<kTileVectors>(__VA_ARGS__) : function<0>(__VA_ARGS__)

void down_any(const NodeShape& s, const Node& g, int c, const double* floor, Node* child) {
  NOKKEL_BY_WIDTH(down, s.n_lanes, s, g, c, floor, child);
}
bool head_any(const NodeShape& s, const Node& g, int c, const double* floor, Node* h) {
  NOKKEL_BY_WIDTH(head, s.n_lanes, s, g, c, floor, h);
}
bool pair_any(const NodeShape& s, const Node& g, const Node& h, int c, int a, const double* floor, Rows* rows) {
  NOKKEL_BY_WIDTH(pair, s.n_lanes, s, g, h, c, a, floor, rows);
}
bool single_any(const NodeShape& s, const Node& g, int a, const double* floor, Rows* rows) {
  NOKKEL_BY_WIDTH(single, s.n_lanes, s, g, a, floor, rows);
}
void row_sums_any(int lanes, int n, const double* rows, const double* shift, const double* weight, RowSums* out) {
  NOKKEL_BY_WIDTH(row_sums, lanes, lanes, n, rows, shift, weight, out);
}
void r2_sums_any(int lanes, const double* sse, const double* inverse_sst, double shift, const double* weight, RowSums* out) {
  NOKKEL_BY_WIDTH(r2_sums, lanes, lanes, sse, inverse_sst, shift, weight, out);
}
void exceed_any(int lanes, int n, const double* rows, const double* square, const double* f1, const double* f2, int* c1,
                int* c2) {
  NOKKEL_BY_WIDTH(exceed, lanes, lanes, n, rows, square, f1, f2, c1, c2);
}
void scaled_any(int lanes, const double* sse, const double* factor, bool first, double* value) {
  NOKKEL_BY_WIDTH(scaled, lanes, lanes, sse, factor, first, value);
}
void held_out_any(int lanes, int n, const double* b, const double* const* test, double* out) {
  NOKKEL_BY_WIDTH(held_out, lanes, lanes, n, b, test, out);
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
                        row_sums_any,
                        r2_sums_any,
                        exceed_any,
                        scaled_any,
                        held_out_any};

}  // namespace nokkel::kernels::NOKKEL_ISA
