/// Quantiles by filter-and-select against a sorted copy, to the bit, on every instruction set; the definition against R.
#include "kernels/quantile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace nokkel::kernels {
namespace {

std::uint64_t bits(double x) {
  std::uint64_t u = 0;
  std::memcpy(&u, &x, sizeof u);
  return u;
}

std::vector<const OrderKernels*> every_kernel() {
  std::vector<const OrderKernels*> out;
  for (const Isa isa : {Isa::portable, Isa::v3, Isa::v4})
    if (const OrderKernels* k = order_kernels_for(isa)) out.push_back(k);
  return out;
}

/// The definition, plainly: sort, position (n + 1) a, clamp, interpolate.
double plain_quantile(std::vector<double> x, double level) {
  for (double& v : x) v += 0.0;  // a zero without its sign
  std::sort(x.begin(), x.end());
  const double n = static_cast<double>(x.size());
  double h = (n + 1) * level;
  if (std::fabs(h - std::round(h)) <= 4 * std::numeric_limits<double>::epsilon() * h) h = std::round(h);
  h = std::min(std::max(h, 1.0), n);
  const std::size_t below = static_cast<std::size_t>(h);
  const double weight = h - static_cast<double>(below);
  return weight > 0 ? x[below - 1] + weight * (x[below] - x[below - 1]) : x[below - 1];
}

void expect_sorted_answer(const std::vector<double>& x, const std::vector<double>& levels, const std::string& what) {
  const int n = static_cast<int>(x.size());
  const Quantiles quantiles(levels, n);
  for (const OrderKernels* kernels : every_kernel()) {
    // The row ends where its memory does, so that a read beyond it is seen; an offset of one double spoils alignment.
    std::vector<double> memory(x.size() + 1), scratch(static_cast<std::size_t>(order_scratch(n)));
    std::copy(x.begin(), x.end(), memory.begin() + 1);
    std::vector<double> out(levels.size());
    quantiles.of(*kernels, memory.data() + 1, scratch.data(), out.data());
    for (std::size_t i = 0; i < levels.size(); ++i)
      ASSERT_EQ(bits(out[i]), bits(plain_quantile(x, levels[i])))
          << what << ", n = " << n << ", level " << levels[i] << ", " << kernels->name << ": " << out[i];
    EXPECT_TRUE(std::equal(x.begin(), x.end(), memory.begin() + 1, [](double a, double b) { return bits(a) == bits(b); }));
  }
}

/// Rows of n numbers of many shapes.
std::vector<std::pair<std::string, std::vector<double>>> shapes(int n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  const auto filled = [&](auto f) {
    std::vector<double> x(static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i) x[static_cast<std::size_t>(i)] = f(i);
    return x;
  };
  const double tiny = std::numeric_limits<double>::denorm_min(), huge = std::numeric_limits<double>::max(),
               infinity = std::numeric_limits<double>::infinity();
  std::vector<std::pair<std::string, std::vector<double>>> out;
  out.emplace_back("normal", filled([&](int) { return normal(random); }));
  out.emplace_back("far from zero", filled([&](int) { return 1e9 + normal(random); }));
  out.emplace_back("all equal", filled([&](int) { return 0.1; }));
  out.emplace_back("two values", filled([&](int) { return random() % 3 == 0 ? 1.0 : -2.0; }));
  out.emplace_back("one differs", filled([&](int i) { return i == n / 3 ? 7.0 : 5.0; }));
  out.emplace_back("few values", filled([&](int) { return static_cast<double>(random() % 7); }));
  out.emplace_back("outliers", filled([&](int i) { return i % 97 == 5 ? 1e200 * normal(random) : normal(random); }));
  out.emplace_back("sums overflow", filled([&](int) {
                     return (random() % 2 == 0 ? huge : -huge) * (0.5 + 0.5 / static_cast<double>(1 + random() % 9));
                   }));
  out.emplace_back("infinities", filled([&](int) {
                     const auto r = random() % 10;
                     return r == 0 ? infinity : r == 1 ? -infinity : normal(random);
                   }));
  out.emplace_back("denormals", filled([&](int) { return tiny * static_cast<double>(random() % 1000) - 500 * tiny; }));
  out.emplace_back("zeros of both signs", filled([&](int) {
                     const auto r = random() % 4;
                     return r == 0 ? 0.0 : r == 1 ? -0.0 : r == 2 ? tiny : -tiny;
                   }));
  out.emplace_back("sorted", filled([&](int i) { return 0.25 * i; }));
  out.emplace_back("reversed", filled([&](int i) { return -0.25 * i; }));
  out.emplace_back("exponential", filled([&](int) { return std::exp(5 * normal(random)); }));
  out.emplace_back("every scale",
                   filled([&](int) { return std::ldexp(normal(random), static_cast<int>(random() % 2000) - 1000); }));
  out.emplace_back("two clusters",
                   filled([&](int i) { return i % 2 == 0 ? 1e-9 * normal(random) : 1 + 1e-9 * normal(random); }));
  // Killers of median-of-three and of sampling: what is sampled at even steps says nothing about the rest.
  out.emplace_back("organ pipe", filled([&](int i) { return static_cast<double>(std::min(i, n - i)); }));
  out.emplace_back("sampled places lie",
                   filled([&](int i) { return i % std::max(1, n / 48) < 6 ? 1e6 + normal(random) : normal(random); }));
  return out;
}

TEST(Quantiles, EqualASortedCopyForEveryShapeAndTail) {
  const std::vector<double> levels = {0.0005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 0.51, 0.75, 0.9, 0.95, 0.975, 0.999};
  for (const int n : {1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 25, 48, 95, 96, 97, 128, 500, 897, 999, 1000, 1001, 4999, 9999})
    for (const auto& [what, x] : shapes(n, static_cast<std::uint64_t>(n))) {
      expect_sorted_answer(x, levels, what);
      expect_sorted_answer(x, {0.025, 0.5, 0.975}, what);
    }
}

TEST(Quantiles, EveryRankOfARow) {
  for (const int n : {1, 9, 96, 131}) {
    std::vector<double> levels;
    for (int i = 1; i <= n; ++i) levels.push_back(i / (n + 1.0));
    for (const auto& [what, x] : shapes(n, 77)) expect_sorted_answer(x, levels, what);
  }
}

TEST(Quantiles, ManyFreshRows) {
  std::mt19937_64 random(3);
  std::student_t_distribution<double> t(4);
  for (int round = 0; round < 300; ++round) {
    std::vector<double> x(999);
    for (double& v : x) v = 1 + 0.3 * t(random);
    expect_sorted_answer(x, {0.025, 0.05, 0.5, 0.95, 0.975}, "round " + std::to_string(round));
  }
}

// quantile(c(1.5, 2, 4, 8, 16, 23), c(.05, .1, .25, .5, .6, .9, .99), type = 6) of R 4.2.
TEST(Quantiles, TypeSixAsInR) {
  const std::vector<double> x = {16, 1.5, 8, 23, 2, 4}, levels = {0.05, 0.1, 0.25, 0.5, 0.6, 0.9, 0.99},
                            expected = {1.5, 1.5, 1.875, 6, 9.6, 23, 23};
  const Quantiles quantiles(levels, 6);
  std::vector<double> out(levels.size()), scratch(static_cast<std::size_t>(order_scratch(6)));
  quantiles.of(*order_kernels_for(Isa::portable), x.data(), scratch.data(), out.data());
  for (std::size_t i = 0; i < levels.size(); ++i) EXPECT_DOUBLE_EQ(out[i], expected[i]) << levels[i];
  EXPECT_TRUE(quantiles.is_extreme(0));
  EXPECT_TRUE(quantiles.is_extreme(1));
  EXPECT_FALSE(quantiles.is_extreme(2));
  EXPECT_TRUE(quantiles.is_extreme(6));
}

// The 3125 means of all resamples of 1, 2, 4, 8, 16 (METHODS R13): percentile interval [2, 11.4] at 95 %, [2.4, 10.4] at 90 %.
TEST(Quantiles, PercentileIntervalOfAnEnumeratedBootstrap) {
  const double data[] = {1, 2, 4, 8, 16};
  std::vector<double> means;
  for (int i = 0; i < 3125; ++i)
    means.push_back((data[i % 5] + data[i / 5 % 5] + data[i / 25 % 5] + data[i / 125 % 5] + data[i / 625]) / 5);
  const Quantiles quantiles(std::vector<double>{0.025, 0.05, 0.95, 0.975}, 3125);
  std::vector<double> out(4), scratch(static_cast<std::size_t>(order_scratch(3125)));
  for (const OrderKernels* kernels : every_kernel()) {
    quantiles.of(*kernels, means.data(), scratch.data(), out.data());
    EXPECT_EQ(out, (std::vector<double>{2, 2.4, 10.4, 11.4})) << kernels->name;
  }
}

TEST(Quantiles, TheWholePositionsOfTheUsualReplicateCounts) {
  for (const int n : {999, 1999, 4999, 9999, 19999}) {
    std::vector<double> x(static_cast<std::size_t>(n)), out(5), scratch(static_cast<std::size_t>(order_scratch(n)));
    for (int i = 0; i < n; ++i) x[static_cast<std::size_t>(i)] = n - i;
    Quantiles(std::vector<double>{0.025, 0.05, 0.5, 0.95, 0.975}, n)
        .of(*order_kernels_for(Isa::portable), x.data(), scratch.data(), out.data());
    EXPECT_EQ(out, (std::vector<double>{0.025 * (n + 1), 0.05 * (n + 1), 0.5 * (n + 1), 0.95 * (n + 1), 0.975 * (n + 1)}));
  }
}

TEST(Quantiles, TheTableIsTheOneAskedFor) {
  for (const Isa isa : {Isa::portable, Isa::v3, Isa::v4}) {
    const Kernels* kernels = kernels_for(isa);
    ASSERT_EQ(kernels == nullptr, order_kernels_for(isa) == nullptr);
    if (kernels != nullptr) {
      EXPECT_STREQ(order_kernels_of(*kernels).name, kernels->name);
    }
  }
}

}  // namespace
}  // namespace nokkel::kernels
