#include "kernels/exact_moments.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "kernels/lane_pack.h"

namespace nokkel::kernels {
namespace {

constexpr int kWantedBits = 112;
constexpr int kMostSlices = 6;  // 19 bits a slice at least: 2^32 units
constexpr int kMostBits = 48;   // rounding by a shift needs room below 2^51 units
constexpr int kPairs = kVectorLanes / kPairLanes;

Pair load_any(const double* x) {
  Pair p;
  std::memcpy(&p, x, sizeof(p));
  return p;
}
void store_any(double* x, Pair p) { std::memcpy(x, &p, sizeof(p)); }

PairDouble difference(const double* x, double mean, int i) {
  return x == nullptr ? PairDouble(both(1.0)) : two_difference(load_any(x + i), both(mean));
}

/// Calls f(row) for rows two by two; the last pair overlaps the one before when the number is odd.
template <class F>
void by_pairs(int n_rows, F f) {
  for (int i = 0; i + kPairLanes <= n_rows; i += kPairLanes) f(i);
  if (n_rows % kPairLanes != 0 && n_rows > kPairLanes) f(n_rows - kPairLanes);
}

}  // namespace

void row_products(int n_rows, const double* a, double mean_a, const double* b, double mean_b, double* hi, double* lo) noexcept {
  by_pairs(n_rows, [&](int i) {
    const PairDouble p = difference(a, mean_a, i) * difference(b, mean_b, i);
    store_any(hi + i, p.hi);
    store_any(lo + i, p.lo);
  });
}

Slicing slicing(double most_weight) {
  Slicing s;
  s.bits = std::min(kMostBits, 52 - std::ilogb(std::max(most_weight, 1.0)));
  s.n_slices = (kWantedBits + s.bits - 1) / s.bits;
  return s;
}

void cut(int n_rows, Slicing s, const double* hi, const double* lo, double* slices) noexcept {
  double largest = 0;
  for (int i = 0; i < n_rows; ++i) largest = std::max(largest, std::fabs(hi[i]));
  const int top = largest > 0 ? std::ilogb(largest) + 1 : 0;
  double shift[kMostSlices];
  // Adding 1.5 x 2^52 units rounds to whole units; what is taken away leaves an exact rest.
  for (int k = 0; k < s.n_slices; ++k) shift[k] = std::ldexp(1.5, 52 + top - (k + 1) * s.bits);
  by_pairs(n_rows, [&](int i) {
    PairDouble rest(load_any(hi + i), load_any(lo + i));
    for (int k = 0; k < s.n_slices; ++k) {
      const Pair piece = (rest.hi + shift[k]) - shift[k];
      store_any(slices + static_cast<std::ptrdiff_t>(k) * n_rows + i, piece);
      rest = two_sum(rest.hi - piece, rest.lo);
    }
  });
}

void whole_sums(int n_rows, int n_slices, const double* slices, const int* place, const double* weight, double* sum_hi,
                double* sum_lo) noexcept {
  PairDouble total[kPairs];
  for (int k = 0; k < n_slices; ++k) {
    const double* slice = slices + static_cast<std::ptrdiff_t>(k) * n_rows;
    Pair sum[kPairs] = {};
    for (int i = 0; i < n_rows; ++i) {
      const double* w = weight + static_cast<std::ptrdiff_t>(place[i]) * kTileLanes;
      for (int p = 0; p < kPairs; ++p) sum[p] += load_pair(w + p * kPairLanes) * slice[i];
    }
    for (int p = 0; p < kPairs; ++p) total[p] = total[p] + sum[p];
  }
  for (int p = 0; p < kPairs; ++p) {
    store_pair(sum_hi + p * kPairLanes, total[p].hi);
    store_pair(sum_lo + p * kPairLanes, total[p].lo);
  }
}

void general_sums(int n_rows, const double* hi, const double* lo, const int* place, const double* weight, double* sum_hi,
                  double* sum_lo) noexcept {
  PairDouble total[kPairs];
  for (int i = 0; i < n_rows; ++i) {
    const double* w = weight + static_cast<std::ptrdiff_t>(place[i]) * kTileLanes;
    const PairDouble product = both(DoubleDouble(hi[i], lo[i]));
    for (int p = 0; p < kPairs; ++p) total[p] = total[p] + product * load_pair(w + p * kPairLanes);
  }
  for (int p = 0; p < kPairs; ++p) {
    store_pair(sum_hi + p * kPairLanes, total[p].hi);
    store_pair(sum_lo + p * kPairLanes, total[p].lo);
  }
}

DoubleDouble plain_sum(int n_rows, const double* hi, const double* lo) noexcept {
  DoubleDouble total;
  for (int i = 0; i < n_rows; ++i) total = total + DoubleDouble(hi[i], lo[i]);
  return total;
}

}  // namespace nokkel::kernels
