#include "kernels/lane_fit.h"

#include <algorithm>

#include "kernels/lane_pack.h"

namespace nokkel::kernels {
namespace {

constexpr double kRankTolerance = 1e-24;

/// The sweep of two lanes: a the Schur complement (upper triangle of q columns, y last), d the rows [A_SS^-1 A_Sa].
struct Sweep {
  int q;
  PairDouble *a, *d, *v;
  bool with_v;
  [[nodiscard]] PairDouble& at(int i, int j) const { return a[i * q - i * (i - 1) / 2 + (j - i)]; }
  [[nodiscard]] PairDouble& row(int i, int j) const { return d[i * q + j]; }

  /// Takes column c in; returns where its pivot is too small, with 1 in its place.
  [[nodiscard]] LaneMask take(int c, Pair least, int lane) const {
    PairDouble pivot = at(c, c);
    LaneMask low;
    for (int r = 0; r < kPairLanes; ++r)
      if (!(pivot.hi[r] > least[r])) {
        low.add(lane + r);
        pivot.hi[r] = 1;
        pivot.lo[r] = 0;
      }
    const PairDouble inverse = PairDouble(both(1.0)) / pivot;
    for (int j = c + 1; j < q; ++j) row(c, j) = at(c, j) * inverse;
    for (int i = c + 1; i < q; ++i)
      for (int j = i; j < q; ++j) at(i, j) = at(i, j) - row(c, i) * at(c, j);
    for (int i = 0; i < c; ++i) {
      const PairDouble own = row(i, c);
      for (int j = c + 1; j < q; ++j) row(i, j) = row(i, j) - own * row(c, j);
      if (with_v) v[i] = v[i] + own * (own * inverse);
    }
    v[c] = inverse;
    return low;
  }
};

/// Writes the lanes of `mask` among the two from `lane`.
void put(LaneMask mask, int lane, PairDouble value, double* to) {
  for (int r = 0; r < kPairLanes; ++r)
    if (mask.has(lane + r)) to[lane + r] = value.hi[r] + value.lo[r];
}

}  // namespace

long lane_fit_scratch(int n_members) {
  const long q = n_members + 1;
  return (q * (q + 1) / 2 + q * q + q) * 2 * kPairLanes;
}

LaneMask lane_fit(const double* const* cross, LaneMask lanes, double* scratch, Rows* rows) noexcept {
  const int k = rows->n_members, q = k + 1, n_cross = q * (q + 1) / 2;
  auto* memory = reinterpret_cast<PairDouble*>(scratch);
  const Sweep s{q, memory, memory + n_cross, memory + n_cross + q * q, rows->v != nullptr};
  LaneMask deficient;
  for (int lane = 0; lane < rows->n_lanes; lane += kPairLanes) {
    LaneMask own;
    for (int r = 0; r < kPairLanes; ++r)
      if (lanes.has(lane + r)) own.add(lane + r);
    if (!own.any()) continue;
    for (int e = 0; e < n_cross; ++e) s.a[e] = {load_pair(cross[e] + lane), load_pair(cross[e] + kTileLanes + lane)};
    LaneMask low;
    for (int c = 0; c < k; ++c) {
      const Pair square = load_pair(cross[c * q - c * (c - 1) / 2] + lane);
      low = low | s.take(c, square * kRankTolerance, lane);
    }
    deficient = deficient | (low & own);
    const LaneMask good = own.without(low);
    const std::size_t n_lanes = static_cast<std::size_t>(rows->n_lanes);
    for (int i = 0; i < k; ++i) {
      if (rows->b != nullptr) put(good, lane, s.row(i, k), rows->b + static_cast<std::size_t>(i) * n_lanes);
      if (s.with_v) put(good, lane, s.v[i], rows->v + static_cast<std::size_t>(i) * n_lanes);
    }
    PairDouble sse = s.at(k, k);
    for (int r = 0; r < kPairLanes; ++r)
      if (sse.hi[r] < 0) sse.hi[r] = sse.lo[r] = 0;  // an exact fit leaves rounding of either sign
    put(good, lane, sse, rows->sse);
  }
  return deficient;
}

}  // namespace nokkel::kernels
