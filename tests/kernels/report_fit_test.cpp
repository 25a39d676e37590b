#include "kernels/report_fit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "engine/aligned.h"
#include "kernels/condition.h"
#include "kernels/double_double.h"
#include "kernels/qr.h"
#include "tests/support/nist.h"

namespace nokkel::kernels {
namespace {

constexpr double kUlp = std::numeric_limits<double>::epsilon();

/// Columns, response and weights of one sample, and its two fits.
struct Sample {
  std::vector<std::vector<double>> x;
  std::vector<double> y, w;
  bool intercept = true;

  struct Fit {
    ReportFit fit;
    std::vector<double> b, se, v;
  };
  [[nodiscard]] Fit report() const {
    Fit out;
    std::vector<ReportColumn> columns;
    for (const auto& c : x) columns.push_back({c.data(), nullptr});
    out.b.resize(x.size());
    out.se.resize(x.size());
    out.v.resize(x.size());
    out.fit.b = out.b.data();
    out.fit.se = out.se.data();
    out.fit.v = out.v.data();
    const int n = static_cast<int>(y.size());
    AlignedBuffer scratch(static_cast<std::size_t>(report_fit_scratch(n, static_cast<int>(x.size()))));
    report_fit(n, columns, {y.data(), nullptr}, w.empty() ? nullptr : w.data(), intercept, scratch.data(), &out.fit);
    return out;
  }
  [[nodiscard]] LeastSquares qr() const {
    std::vector<const double*> columns;
    for (const auto& c : x) columns.push_back(c.data());
    const std::vector<double> ones(y.size(), 1.0);
    return least_squares(static_cast<int>(y.size()), columns, y.data(), (w.empty() ? ones : w).data(), intercept);
  }
};

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double operator()() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  std::uint64_t whole(std::uint64_t n) { return engine_() % n; }
  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_;
};

double scale_of(int column) { return std::pow(10.0, column % 8 - 3); }

/// n rows, k columns on scales from 1e-3 to 1e4, the last two nearly collinear when `apart` is small.
Sample sample_of(Random& random, int n, int k, double apart) {
  Sample s;
  for (int j = 0; j < k; ++j) {
    s.x.emplace_back();
    for (int i = 0; i < n; ++i) s.x.back().push_back(scale_of(j) * (3 + random()));
  }
  if (k > 1)
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i)
      s.x[static_cast<std::size_t>(k) - 1][i] = s.x[static_cast<std::size_t>(k) - 2][i] * (1 + apart * random());
  for (int i = 0; i < n; ++i) {
    double y = 5 * random();
    for (int j = 0; j < k; ++j) y += s.x[static_cast<std::size_t>(j)][static_cast<std::size_t>(i)] / scale_of(j);
    s.y.push_back(y);
  }
  return s;
}

/// QR in 64-bit significands is off by about n k kappa^2 2^-63 (Higham 2002, 20.8); kappa^2 = largest VIF times k.
double qr_bound(const Sample& s, const LeastSquares& fit) {
  double vif = 1;
  for (std::size_t j = 0; j < s.x.size(); ++j) {
    double mean = 0, square = 0, n = 0;
    for (std::size_t i = 0; i < s.y.size(); ++i) n += s.w.empty() ? 1 : s.w[i], mean += (s.w.empty() ? 1 : s.w[i]) * s.x[j][i];
    for (std::size_t i = 0; i < s.y.size(); ++i)
      square += (s.w.empty() ? 1 : s.w[i]) * std::pow(s.x[j][i] - (s.intercept ? mean / n : 0), 2);
    vif = std::max(vif, fit.v[j] * square);
  }
  const double k = static_cast<double>(s.x.size());
  return kUlp + static_cast<double>(s.y.size()) * k * k * vif * 0x1p-63;
}

TEST(ReportFit, AgreesWithPivotedQrWithinTheErrorOfQr) {
  Random random(1);
  for (int round = 0; round < 200; ++round) {
    const int k = 1 + round % 7;
    Sample s = sample_of(random, 12 + round, k, round % 3 == 0 ? 1 : round % 3 == 1 ? 1e-3 : 1e-5);
    s.intercept = round % 5 != 0;
    if (round % 2 == 0)
      for (std::size_t i = 0; i < s.y.size(); ++i) s.w.push_back(static_cast<double>(random.whole(4)));
    const LeastSquares twin = s.qr();
    const Sample::Fit ours = s.report();
    ASSERT_TRUE(ours.fit.full_rank);
    const double bound = qr_bound(s, twin);
    double norm = 0;  // coefficients of like columns trade places: errors are relative to the largest contribution
    for (std::size_t j = 0; j < twin.b.size(); ++j) norm = std::max(norm, std::fabs(twin.b[j]) * scale_of(static_cast<int>(j)));
    for (std::size_t j = 0; j < twin.b.size(); ++j) {
      EXPECT_NEAR(ours.b[j], twin.b[j], bound * norm / scale_of(static_cast<int>(j)));
      EXPECT_NEAR(ours.v[j], twin.v[j], bound * twin.v[j]);
    }
    EXPECT_NEAR(ours.fit.sse, twin.sse, bound * twin.sst);
    EXPECT_NEAR(ours.fit.sst, twin.sst, 2 * kUlp * twin.sst);
    EXPECT_EQ(ours.fit.n, twin.n);
  }
}

/// Counting a row twice is the same as having it twice.
TEST(ReportFit, WeightsEqualRepeatedRows) {
  Random random(2);
  for (int round = 0; round < 30; ++round) {
    Sample weighted = sample_of(random, 70 + round, 4, 1e-4), repeated = weighted;
    for (auto& c : repeated.x) c.clear();
    repeated.y.clear();
    for (std::size_t i = 0; i < weighted.y.size(); ++i) {
      const auto times = random.whole(4);
      weighted.w.push_back(static_cast<double>(times));
      for (std::uint64_t t = 0; t < times; ++t) {
        for (std::size_t j = 0; j < 4; ++j) repeated.x[j].push_back(weighted.x[j][i]);
        repeated.y.push_back(weighted.y[i]);
      }
    }
    const Sample::Fit a = weighted.report(), b = repeated.report();
    for (std::size_t j = 0; j < 4; ++j) {
      EXPECT_NEAR(a.b[j], b.b[j], kUlp * std::fabs(b.b[j]));
      EXPECT_NEAR(a.se[j], b.se[j], kUlp * b.se[j]);
    }
    EXPECT_NEAR(a.fit.r2, b.fit.r2, kUlp);
    EXPECT_NEAR(a.fit.intercept, b.fit.intercept, kUlp * std::fabs(b.fit.intercept));
    EXPECT_NEAR(a.fit.intercept_se, b.fit.intercept_se, kUlp * b.fit.intercept_se);
    EXPECT_NEAR(a.fit.belsley_index, b.fit.belsley_index, 1e-9 * b.fit.belsley_index);
  }
}

TEST(ReportFit, OrderOfRowsAndColumnsDoesNotMatter) {
  Random random(3);
  const Sample s = sample_of(random, 150, 5, 1e-4);
  std::vector<std::size_t> order(s.y.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), random.engine());
  Sample other;
  for (int j = 4; j >= 0; --j) {
    other.x.emplace_back();
    for (const std::size_t i : order) other.x.back().push_back(s.x[static_cast<std::size_t>(j)][i]);
  }
  for (const std::size_t i : order) other.y.push_back(s.y[i]);
  const Sample::Fit a = s.report(), b = other.report();
  for (std::size_t j = 0; j < 5; ++j) {
    EXPECT_NEAR(a.b[j], b.b[4 - j], kUlp * std::fabs(a.b[j]));
    EXPECT_NEAR(a.v[j], b.v[4 - j], kUlp * a.v[j]);
  }
  EXPECT_NEAR(a.fit.sse, b.fit.sse, kUlp * a.fit.sse);
}

/// y = 2 + 3 x1 - x2 exactly in binary: coefficients to the bit, no residual.
TEST(ReportFit, AnExactRelationIsFoundExactly) {
  Sample s;
  s.x = {{0, 1, 2, 5, 7, 11}, {4, 1, 8, 2, 2, 3}};
  for (std::size_t i = 0; i < 6; ++i) s.y.push_back(2 + 3 * s.x[0][i] - s.x[1][i]);
  const Sample::Fit fit = s.report();
  EXPECT_EQ(fit.b[0], 3);
  EXPECT_EQ(fit.b[1], -1);
  EXPECT_EQ(fit.fit.intercept, 2);
  EXPECT_EQ(fit.fit.r2, 1);
  EXPECT_LE(fit.fit.sse, fit.fit.sst * 0x1p-200);
}

TEST(ReportFit, RankDeficientSamplesHaveNoNumbers) {
  Random random(4);
  Sample s = sample_of(random, 40, 3, 1);
  s.x.push_back(s.x[0]);
  for (std::size_t i = 0; i < 40; ++i) s.x[3][i] = 2 * s.x[0][i] - 16 * s.x[1][i];  // exact in binary but for rounding
  Sample::Fit fit = s.report();
  EXPECT_FALSE(fit.fit.full_rank);
  EXPECT_TRUE(std::isnan(fit.b[0]) && std::isnan(fit.se[2]) && std::isnan(fit.fit.r2) && std::isnan(fit.fit.condition_number));
  EXPECT_FALSE(s.qr().full_rank);
  s.x[3].assign(40, 0.1);
  EXPECT_FALSE(s.report().fit.full_rank);
  s.intercept = false;
  EXPECT_TRUE(s.report().fit.full_rank);
  Sample wide = sample_of(random, 4, 5, 1);
  EXPECT_FALSE(wide.report().fit.full_rank);
}

/// N = k: the residual variance SSE / (N - k) does not exist, nor does what is made of it.
TEST(ReportFit, WithoutDegreesOfFreedomThereIsNoSpread) {
  Random random(5);
  const Sample s = sample_of(random, 4, 3, 1);
  const Sample::Fit fit = s.report();
  EXPECT_TRUE(fit.fit.full_rank);
  EXPECT_TRUE(std::isnan(fit.se[0]) && std::isnan(fit.fit.residual_sd) && std::isnan(fit.fit.adj_r2));
  EXPECT_NEAR(fit.fit.r2, 1, kUlp);
}

/// Two columns with correlation r: eigenvalues 1 + r and 1 - r.
TEST(ReportFit, ConditionOfTwoColumnsIsThatOfTheirCorrelation) {
  Random random(6);
  for (const double apart : {1.0, 1e-2, 1e-4}) {
    const Sample s = sample_of(random, 60, 2, apart);
    const Sample::Fit fit = s.report();
    double m[2] = {}, sxx = 0, syy = 0, sxy = 0;
    for (std::size_t i = 0; i < 60; ++i) m[0] += s.x[0][i] / 60, m[1] += s.x[1][i] / 60;
    for (std::size_t i = 0; i < 60; ++i) {
      const double a = s.x[0][i] - m[0], b = s.x[1][i] - m[1];
      sxx += a * a, syy += b * b, sxy += a * b;
    }
    const double r = std::fabs(sxy) / std::sqrt(sxx * syy);
    EXPECT_NEAR(fit.fit.condition_number, std::sqrt((1 + r) / (1 - r)), 200 * kUlp / (1 - r) * fit.fit.condition_number);
  }
}

/// Longley's data have the scaled condition number 43,275 (Belsley 1991, Conditioning Diagnostics; Greene, Econometric
/// Analysis).
TEST(ReportFit, LongleyHasItsPublishedScaledConditionNumber) {
  for (const testing::NistSet& set : testing::nist_sets_present()) {
    if (set.name != "Longley") continue;
    const testing::NistData data = testing::read_nist(set);
    const Sample s{data.plain_columns(), data.y, {}, true};
    EXPECT_NEAR(s.report().fit.belsley_index, 43275, 0.5);
  }
}

TEST(Condition, OfADiagonalIsTheRatioOfItsEnds) {
  double a[9] = {3, 0, 0, 0, 1e-7, 0, 0, 0, 20};
  EXPECT_DOUBLE_EQ(condition_number(3, a), 2e8);
  double dependent[4] = {1, 1, 1, 1};
  EXPECT_TRUE(condition_number(2, dependent) > 1e15);
}

}  // namespace
}  // namespace nokkel::kernels
