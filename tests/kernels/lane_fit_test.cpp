/// The repair's arithmetic: exact sums of rows for many lanes, and the fit from them.
#include "kernels/lane_fit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <random>
#include <vector>

#include "engine/aligned.h"
#include "kernels/exact_moments.h"
#include "kernels/report_fit.h"
#include "tests/support/tolerance.h"

namespace nokkel::kernels {
namespace {

__extension__ using Quad = __float128;

constexpr std::size_t kLanes = kTileLanes;

/// Rows of a tile: columns, whole or broken weights of 8 lanes.
struct World {
  int n = 0;
  std::vector<std::vector<double>> z;
  std::vector<int> place;
  AlignedBuffer weight;
  [[nodiscard]] double w(int i, int lane) const {
    return weight[static_cast<std::size_t>(place[static_cast<std::size_t>(i)]) * kLanes + static_cast<std::size_t>(lane)];
  }
};

World make_rows(std::uint64_t seed, int n, int n_columns, bool whole) {
  std::mt19937_64 random(seed);
  const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  World rows;
  rows.n = n;
  for (int j = 0; j < n_columns; ++j) {
    rows.z.emplace_back();
    for (int i = 0; i < n; ++i) rows.z.back().push_back(4 * uniform() - 2 + (i == 3 ? 30 : 0));
  }
  if (n_columns > 2)
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) rows.z[1][i] = rows.z[0][i] + 1e-6 * rows.z[1][i];
  rows.place.resize(static_cast<std::size_t>(n));
  std::iota(rows.place.begin(), rows.place.end(), 0);
  std::shuffle(rows.place.begin(), rows.place.end(), random);
  rows.weight = AlignedBuffer(static_cast<std::size_t>(n) * kLanes);
  for (std::size_t i = 0; i < rows.weight.size(); ++i)
    rows.weight[i] = static_cast<double>(random() % 4) * (whole ? 1 : 20.0 / 19);
  return rows;
}

/// Sums for lanes 0..7 in the way of `whole`.
void sums(const World& rows, int a, int b, bool whole, double* hi, double* lo) {
  const std::size_t n = static_cast<std::size_t>(rows.n);
  std::vector<double> product_hi(n), product_lo(n);
  row_products(rows.n, rows.z[static_cast<std::size_t>(a)].data(), 0.25, rows.z[static_cast<std::size_t>(b)].data(), 0.5,
               product_hi.data(), product_lo.data());
  if (!whole) return general_sums(rows.n, product_hi.data(), product_lo.data(), rows.place.data(), rows.weight.data(), hi, lo);
  const Slicing s = slicing(4 * rows.n);
  std::vector<double> slices(n * static_cast<std::size_t>(s.n_slices));
  cut(rows.n, s, product_hi.data(), product_lo.data(), slices.data());
  whole_sums(rows.n, s.n_slices, slices.data(), rows.place.data(), rows.weight.data(), hi, lo);
}

TEST(ExactMoments, SumsAreThoseOf113Bits) {
  for (const bool whole : {true, false})
    for (const int n : {2, 7, 106, 1001}) {
      const World rows = make_rows(static_cast<std::uint64_t>(n), n, 3, whole);
      alignas(64) double hi[8], lo[8];
      sums(rows, 0, 1, whole, hi, lo);
      for (int lane = 0; lane < 8; ++lane) {
        Quad exact = 0, size = 0;
        for (int i = 0; i < n; ++i) {
          const std::size_t r = static_cast<std::size_t>(i);
          const Quad p = (static_cast<Quad>(rows.z[0][r]) - 0.25) * (static_cast<Quad>(rows.z[1][r]) - 0.5) * rows.w(i, lane);
          exact += p;
          size += p < 0 ? -p : p;
        }
        // 7 u^2 a product, 3 u^2 an addition, 2^-112 of the largest product cut off a row; the yardstick's own n 2^-113.
        const double bound = static_cast<double>(size) * (7 + 3.0 * n) * 0x1p-106 + 1100 * 4.0 * n * 0x1p-112;
        EXPECT_LE(std::fabs(static_cast<double>(static_cast<Quad>(hi[lane]) + lo[lane] - exact)), bound) << n << " " << lane;
        EXPECT_LE(std::fabs(lo[lane]), std::ldexp(std::fabs(hi[lane]), -53));
      }
    }
}

/// Nothing is rounded on the way, so the order of rows cannot show.
TEST(ExactMoments, WholeSumsDoNotDependOnTheOrderOfRows) {
  World rows = make_rows(5, 200, 3, true);
  alignas(64) double hi[8], lo[8], hi2[8], lo2[8];
  sums(rows, 0, 2, true, hi, lo);
  for (auto& column : rows.z) std::reverse(column.begin(), column.end());
  std::reverse(rows.place.begin(), rows.place.end());
  sums(rows, 0, 2, true, hi2, lo2);
  EXPECT_TRUE(testing::equal_bits(hi, hi2, std::size(hi)));
  EXPECT_TRUE(testing::equal_bits(lo, lo2, std::size(lo)));
}

TEST(ExactMoments, SlicesHoldTheirSums) {
  for (const double most : {1.0, 2.0, 3.0, 212.0, 20000.0, 3e6, 4e9}) {
    const Slicing s = slicing(most);
    EXPECT_LE(std::log2(most) + s.bits, 53);
    EXPECT_GE(s.bits * s.n_slices, 112);
    EXPECT_LE(s.n_slices, 6);
  }
}

/// Double-double cross-products of all columns, centred, by lane.
struct Cross {
  AlignedBuffer memory;
  std::vector<const double*> entries;
};

Cross cross_of(const World& rows) {
  const int q = static_cast<int>(rows.z.size());
  Cross cross{AlignedBuffer(static_cast<std::size_t>(q * (q + 1) / 2) * 2 * kLanes), {}};
  std::size_t at = 0;
  const auto moment = [&](int a, int b, int lane) {
    DoubleDouble m;
    const auto value = [&](int j, int i) {
      return j < 0 ? 1.0 : rows.z[static_cast<std::size_t>(j)][static_cast<std::size_t>(i)];
    };
    for (int i = 0; i < rows.n; ++i) m = m + two_product(value(a, i), value(b, i)) * rows.w(i, lane);
    return m;
  };
  for (int a = 0; a < q; ++a)
    for (int b = a; b < q; ++b, at += 2 * kLanes) {
      for (int lane = 0; lane < 8; ++lane) {
        const DoubleDouble n = moment(-1, -1, lane);
        const DoubleDouble s = moment(a, b, lane) - moment(-1, a, lane) * moment(-1, b, lane) / n;
        cross.memory[at + static_cast<std::size_t>(lane)] = s.hi;
        cross.memory[at + kLanes + static_cast<std::size_t>(lane)] = s.lo;
      }
      cross.entries.push_back(cross.memory.data() + at);
    }
  return cross;
}

struct LaneRows {
  explicit LaneRows(int k) : memory(static_cast<std::size_t>(2 * k + 1) * 8) {
    for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = -7.25;
    rows = {memory.data(), memory.data() + static_cast<std::ptrdiff_t>(k) * 8,
            memory.data() + static_cast<std::ptrdiff_t>(2 * k) * 8, k, 8};
  }
  AlignedBuffer memory;
  Rows rows;
};

/// The report path is the yardstick: centred rows, Cholesky and residuals instead of moments and sweeps. Double-double leaves
/// about 2^-104 VIF; both then round once.
TEST(LaneFit, LanesEqualTheReportPathAndTheirMatesKeepEveryBit) {
  for (const int k : {1, 3, 6}) {
    const World rows = make_rows(static_cast<std::uint64_t>(40 + k), 60, k + 1, true);
    const Cross cross = cross_of(rows);
    AlignedBuffer scratch(static_cast<std::size_t>(lane_fit_scratch(k)));
    LaneRows out(k);
    LaneMask lanes;
    for (const int lane : {1, 2, 6}) lanes.add(lane);
    EXPECT_FALSE(lane_fit(cross.entries.data(), lanes, scratch.data(), &out.rows).any());
    std::vector<ReportColumn> columns;
    for (int j = 0; j < k; ++j) columns.push_back({rows.z[static_cast<std::size_t>(j)].data(), nullptr});
    AlignedBuffer report(static_cast<std::size_t>(report_fit_scratch(rows.n, k)));
    std::vector<double> b(static_cast<std::size_t>(k)), se(b), v(b), w(static_cast<std::size_t>(rows.n));
    for (int lane = 0; lane < 8; ++lane) {
      for (int i = 0; i < rows.n; ++i) w[static_cast<std::size_t>(i)] = rows.w(i, lane);
      ReportFit fit;
      fit.b = b.data(), fit.se = se.data(), fit.v = v.data();
      report_fit(rows.n, columns, {rows.z.back().data(), nullptr}, w.data(), true, report.data(), &fit);
      for (std::size_t i = 0; i < b.size(); ++i) {
        const double ours = out.rows.b[i * 8 + static_cast<std::size_t>(lane)],
                     our_v = out.rows.v[i * 8 + static_cast<std::size_t>(lane)];
        if (lanes.has(lane)) {
          EXPECT_DOUBLE_EQ(ours, b[i]);
          EXPECT_DOUBLE_EQ(our_v, v[i]);
        } else {
          EXPECT_EQ(ours, -7.25);
          EXPECT_EQ(our_v, -7.25);
        }
      }
      if (lanes.has(lane))
        EXPECT_DOUBLE_EQ(out.rows.sse[lane], fit.sse);
      else
        EXPECT_EQ(out.rows.sse[lane], -7.25);
    }
  }
}

TEST(LaneFit, RankDeficientLanesAreNamedAndLeftAlone) {
  World rows = make_rows(9, 40, 3, true);
  // Column 1 is twice column 0 but in row 5: dependent in the lanes that do not draw it.
  for (std::size_t i = 0; i < 40; ++i) rows.z[1][i] = i == 5 ? 0.7 : 2 * rows.z[0][i];
  for (int lane = 0; lane < 8; ++lane)
    rows.weight[static_cast<std::size_t>(rows.place[5]) * kLanes + static_cast<std::size_t>(lane)] = lane % 2;
  const Cross cross = cross_of(rows);
  AlignedBuffer scratch(static_cast<std::size_t>(lane_fit_scratch(2)));
  LaneRows out(2);
  const LaneMask deficient = lane_fit(cross.entries.data(), LaneMask::first(8), scratch.data(), &out.rows);
  for (int lane = 0; lane < 8; ++lane) {
    EXPECT_EQ(deficient.has(lane), lane % 2 == 0);
    EXPECT_EQ(out.rows.b[lane] == -7.25, lane % 2 == 0);
  }
}

}  // namespace
}  // namespace nokkel::kernels
