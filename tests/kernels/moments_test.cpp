/// Moments by GEMM panels: equal to plain sums, and their bits independent of what shares the panel.
#include "kernels/moments.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "kernels/blas.h"

namespace nokkel::kernels {
namespace {

TEST(Moments, OfAPanelEqualPlainSumsAndDoNotDependOnTheOtherLanes) {
  ASSERT_EQ(prepare_blas(), "");
  std::mt19937_64 random(4);
  constexpr int kUnits = 61, kRows = 57, kColumns = 9;
  std::vector<double> z(kRows * kColumns);
  for (double& x : z) x = static_cast<double>(random() >> 11) * 0x1p-53 - 0.5;
  std::fill_n(z.begin(), kRows, 1.0);
  std::vector<int> place;
  for (int u = 0; u < kUnits; ++u)
    if (u % 15 != 3) place.push_back(u);
  ASSERT_EQ(place.size(), static_cast<std::size_t>(kRows));
  const long entries = triangle(kColumns - 1, kColumns - 1, kColumns) + 1;
  std::vector<double> o(static_cast<std::size_t>(entries) * kUnits, 0.0), w(kTileLanes * kUnits),
      m(static_cast<std::size_t>(entries) * kTileLanes), alone(m);
  products(kRows, kColumns, z.data(), place.data(), kUnits, o.data());
  for (double& x : w) x = static_cast<double>(random() % 4);
  panel_moments(1, kUnits, entries, w.data(), o.data(), m.data());
  for (int r = 0; r < kTileLanes; r += 5)
    for (int j = 0; j < kColumns; ++j)
      for (int l = j; l < kColumns; ++l) {
        double s = 0;
        for (int i = 0; i < kRows; ++i)
          s += w[static_cast<std::size_t>(place[static_cast<std::size_t>(i)]) * kTileLanes + static_cast<std::size_t>(r)] *
               z[static_cast<std::size_t>(j * kRows + i)] * z[static_cast<std::size_t>(l * kRows + i)];
        EXPECT_NEAR(m[static_cast<std::size_t>(triangle(j, l, kColumns) * kTileLanes + r)], s, 4 * kRows * kRows * 2.2e-16);
      }
  // Lane 17 by itself, the rest of the panel zero.
  for (int u = 0; u < kUnits; ++u)
    for (int r = 0; r < kTileLanes; ++r)
      if (r != 17) w[static_cast<std::size_t>(u * kTileLanes + r)] = 0;
  panel_moments(1, kUnits, entries, w.data(), o.data(), alone.data());
  for (long e = 0; e < entries; ++e)
    EXPECT_EQ(alone[static_cast<std::size_t>(e * kTileLanes + 17)], m[static_cast<std::size_t>(e * kTileLanes + 17)]);
}

TEST(Moments, BlasIsTheBuildThatKeepsItsResultsUnderThreads) {
  EXPECT_EQ(prepare_blas(), "");
  EXPECT_EQ(blas_info().parallel, 1);
}

}  // namespace
}  // namespace nokkel::kernels
