#include "kernels/qr.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace nokkel::kernels {
namespace {

std::vector<double> random_column(std::mt19937_64& random, int n) {
  std::vector<double> x(static_cast<std::size_t>(n));
  for (double& v : x) v = static_cast<double>(random() >> 11) * 0x1p-53;
  return x;
}

/// The normal equations hold at the solution: X'W e = 0 and sum of weighted residuals = 0, relative to |X| |e|.
TEST(LeastSquares, ResidualsAreOrthogonalToTheColumns) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 50; ++round) {
    const int n = 12 + round % 20, k = 1 + round % 6;
    std::vector<std::vector<double>> x;
    std::vector<const double*> columns;
    for (int j = 0; j < k; ++j) x.push_back(random_column(random, n));
    for (const auto& c : x) columns.push_back(c.data());
    std::vector<double> y = random_column(random, n), w(static_cast<std::size_t>(n));
    for (double& v : w) v = static_cast<double>(random() % 4);
    const LeastSquares fit = least_squares(n, columns, y.data(), w.data(), true);
    if (!fit.full_rank) continue;
    double sse = 0, sum = 0;
    std::vector<double> cross(static_cast<std::size_t>(k), 0.0);
    for (int i = 0; i < n; ++i) {
      const std::size_t r = static_cast<std::size_t>(i);
      double e = y[r] - fit.intercept;
      for (std::size_t j = 0; j < cross.size(); ++j) e -= fit.b[j] * x[j][r];
      sse += w[r] * e * e;
      sum += w[r] * e;
      for (std::size_t j = 0; j < cross.size(); ++j) cross[j] += w[r] * e * x[j][r];
    }
    EXPECT_NEAR(sse, fit.sse, 1e-13 * fit.sst);
    EXPECT_NEAR(sum, 0, 1e-12);
    for (const double c : cross) EXPECT_NEAR(c, 0, 1e-12);
  }
}

TEST(LeastSquares, NamesTheDependentColumns) {
  std::mt19937_64 random(2);
  const int n = 30;
  std::vector<double> a = random_column(random, n), b = random_column(random, n), c(a),
                      constant(static_cast<std::size_t>(n), 0.1);
  for (std::size_t i = 0; i < c.size(); ++i) c[i] = 2 * a[i] - 3 * b[i];
  const std::vector<double> y = random_column(random, n), w(static_cast<std::size_t>(n), 1.0);
  const LeastSquares collinear =
      least_squares(n, std::vector<const double*>{a.data(), b.data(), c.data()}, y.data(), w.data(), true);
  EXPECT_FALSE(collinear.full_rank);
  EXPECT_EQ(collinear.rank, 2);
  EXPECT_EQ(collinear.dependent.size(), 1U);
  // The columns at unit length about their means, times their factors, are nothing.
  double largest = 0;
  for (std::size_t i = 0; i < c.size(); ++i) {
    double sum = 0;
    const std::vector<double>* columns[3] = {&a, &b, &c};
    for (std::size_t j = 0; j < 3; ++j) {
      double mean = 0, square = 0;
      for (const double x : *columns[j]) mean += x / n;
      for (const double x : *columns[j]) square += (x - mean) * (x - mean);
      sum += collinear.null_vector[j] * ((*columns[j])[i] - mean) / std::sqrt(square);
      largest = std::max(largest, std::fabs(collinear.null_vector[j]));
    }
    EXPECT_NEAR(sum, 0, 1e-15 * 3 * largest);
  }
  EXPECT_EQ(collinear.null_vector[static_cast<std::size_t>(collinear.dependent[0])], 1);
  const LeastSquares fixed = least_squares(n, std::vector<const double*>{a.data(), constant.data()}, y.data(), w.data(), true);
  EXPECT_FALSE(fixed.full_rank);
  EXPECT_EQ(fixed.dependent, std::vector<int>{1});
  EXPECT_EQ(fixed.null_vector, (std::vector<double>{0, 1}));
  EXPECT_TRUE(least_squares(n, std::vector<const double*>{constant.data()}, y.data(), w.data(), false).full_rank);
}

TEST(LeastSquares, MoreColumnsThanRowsIsRankDeficient) {
  std::mt19937_64 random(3);
  std::vector<std::vector<double>> x;
  std::vector<const double*> columns;
  for (int j = 0; j < 5; ++j) x.push_back(random_column(random, 4));
  for (const auto& c : x) columns.push_back(c.data());
  const std::vector<double> y = random_column(random, 4), w(4, 1.0);
  EXPECT_FALSE(least_squares(4, columns, y.data(), w.data(), true).full_rank);
}

}  // namespace
}  // namespace nokkel::kernels
