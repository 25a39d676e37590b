#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <ranges>
#include <thread>

#include "engine/error.h"
#include "engine/resample/resample.h"
#include "kernels/philox.h"
#include "tests/resample/frames.h"

namespace nokkel::resample {
namespace {

using kernels::DrawKey;
using kernels::Draws;
using kernels::Purpose;

constexpr std::uint32_t kShared = 0xFF;

Statistics statistics_of(int n_pairs, int n_half_pairs = 50, int n_folds = 10, int n_repeats = 5) {
  return {.seed = 20141201, .n_pairs = n_pairs, .n_half_pairs = n_half_pairs, .n_folds = n_folds, .n_repeats = n_repeats};
}

/// 106 units in three strata that no merging touches; units of a stratum lie apart.
panel::Frame three_strata() {
  std::vector<std::string> labels(106);
  for (int u = 0; u < 106; ++u) labels[u] = u % 7 == 0 ? "oslo" : u % 2 == 0 ? "large" : "small";
  return stratified_frame(labels, {"large", "oslo", "small"});
}

std::vector<int> units_of(const panel::Frame& frame, int stratum) {
  std::vector<int> units;
  for (int u = 0; u < static_cast<int>(frame.units.size()); ++u) {
    if (frame.stratum[u] == stratum) units.push_back(u);
  }
  return units;
}

double sum_over(const std::vector<double>& w, const std::vector<int>& units) {
  double total = 0;
  for (const int u : units) total += w[u];
  return total;
}

std::vector<int> shuffled(std::vector<int> units, const DrawKey& key) {
  Draws draws(key);
  for (int i = static_cast<int>(units.size()) - 1; i >= 1; --i)
    std::swap(units[i], units[draws.index(static_cast<std::uint64_t>(i) + 1)]);
  return units;
}

double chi_square(const std::vector<double>& observed, double expected) {
  double total = 0;
  for (const double o : observed) total += (o - expected) * (o - expected) / expected;
  return total;
}

TEST(Provider, CountsItsReplicates) {
  const auto provider = make_provider(plain_frame(12), 0, statistics_of(999, 500, 10, 7));
  EXPECT_EQ(provider->n_units(), 12);
  EXPECT_EQ(provider->n_replicates(Stream::full), 1);
  EXPECT_EQ(provider->n_replicates(Stream::pairs), 999);
  EXPECT_EQ(provider->n_replicates(Stream::halves), 1000);
  EXPECT_EQ(provider->n_replicates(Stream::folds), 70);
}

TEST(Provider, GivesOnesForTheFullSample) {
  const auto provider = make_provider(plain_frame(12), 0, statistics_of(9));
  EXPECT_EQ(weights(*provider, Stream::full, 0, 1)[0], std::vector<double>(12, 1.0));
}

TEST(Provider, LeavesTheRestOfTheStrideAlone) {
  const auto provider = make_provider(plain_frame(5), 0, statistics_of(9, 9, 5));
  for (const Stream stream : {Stream::pairs, Stream::halves, Stream::folds}) {
    std::vector<double> w(5 * 4, -7.0);
    provider->weights(stream, 2, 3, w.data(), 4);
    for (int u = 0; u < 5; ++u) EXPECT_EQ(w[u * 4 + 3], -7.0);
    EXPECT_EQ(std::ranges::count(w, -7.0), 5);
  }
}

// The contract of METHODS 4.1 written out: one index a draw, sample = the frame's place, year and response shared.
TEST(Provider, DrawsPairsByTheContract) {
  const auto provider = make_provider(plain_frame(10), 3, statistics_of(20));
  for (int r = 0; r < 20; ++r) {
    Draws draws({.seed = 20141201,
                 .purpose = Purpose::pairs,
                 .year = kShared,
                 .response = kShared,
                 .sample = 3,
                 .substream = 0,
                 .replicate = static_cast<std::uint32_t>(r)});
    std::vector<double> expected(10, 0.0);
    for (int i = 0; i < 10; ++i) expected[draws.index(10)] += 1;
    EXPECT_EQ(weights(*provider, Stream::pairs, r, 1)[0], expected);
  }
}

TEST(Provider, DrawsStratifiedPairsByTheContract) {
  const panel::Frame frame = three_strata();  // the smallest, oslo, has 16 units: Rao-Wu
  const auto provider = make_provider(frame, 3, statistics_of(20));
  for (int r = 0; r < 20; ++r) {
    std::vector<double> expected(frame.units.size(), 0.0);
    for (int s = 0; s < 3; ++s) {
      const std::vector<int> units = units_of(frame, s);
      const auto n = static_cast<double>(units.size());
      Draws draws({.seed = 20141201,
                   .purpose = Purpose::pairs,
                   .sample = kShared,
                   .substream = static_cast<std::uint32_t>(s),
                   .replicate = static_cast<std::uint32_t>(r)});
      std::vector<int> count(frame.units.size());
      for (std::size_t i = 1; i < units.size(); ++i) ++count[units[draws.index(units.size())]];
      for (const int u : units) expected[u] = count[u] * (n / (n - 1));
    }
    EXPECT_EQ(weights(*provider, Stream::pairs, r, 1)[0], expected);
  }
}

TEST(Provider, CutsHalvesByTheContract) {
  const panel::Frame frame = three_strata();
  const auto provider = make_provider(frame, 0, statistics_of(9, 10));
  for (int pair = 0; pair < 10; ++pair) {
    std::vector<double> first(frame.units.size(), 0.0);
    std::vector<double> second = first;
    for (int s = 0; s < 3; ++s) {
      const std::vector<int> order = shuffled(units_of(frame, s), {.seed = 20141201,
                                                                   .purpose = Purpose::half_sample,
                                                                   .sample = kShared,
                                                                   .substream = static_cast<std::uint32_t>(s),
                                                                   .replicate = static_cast<std::uint32_t>(pair)});
      const std::size_t half = order.size() / 2;
      for (std::size_t i = 0; i < half; ++i) {
        first[order[i]] = 1;
        second[order[half + i]] = 1;
      }
    }
    EXPECT_EQ(weights(*provider, Stream::halves, 2 * pair, 1)[0], first);
    EXPECT_EQ(weights(*provider, Stream::halves, 2 * pair + 1, 1)[0], second);
  }
}

TEST(Provider, DealsFoldsByTheContract) {
  const panel::Frame frame = three_strata();
  const auto provider = make_provider(frame, 0, statistics_of(9, 9, 10, 4));
  for (int repeat = 0; repeat < 4; ++repeat) {
    std::vector<std::vector<double>> expected(10, std::vector<double>(frame.units.size(), 0.0));
    int pointer = 0;
    for (int s = 0; s < 3; ++s) {
      const auto substream = static_cast<std::uint32_t>(s << 16 | repeat);
      for (const int u : shuffled(units_of(frame, s),
                                  {.seed = 20141201, .purpose = Purpose::folds, .sample = kShared, .substream = substream})) {
        expected[pointer++ % 10][u] = 1;
      }
    }
    EXPECT_EQ(weights(*provider, Stream::folds, 10 * repeat, 10), expected);
  }
}

// Invariant: a replicate depends on its number alone, not on how many there are or which were asked with it.
TEST(Provider, ExtendsReplicatesWithoutChangingEarlierOnes) {
  for (const panel::Frame& frame : {plain_frame(31), three_strata()}) {
    const auto few = make_provider(frame, 0, statistics_of(999, 500, 10, 10));
    const auto many = make_provider(frame, 0, statistics_of(4999, 2500, 10, 20));
    for (const Stream stream : {Stream::pairs, Stream::halves, Stream::folds}) {
      const int n = few->n_replicates(stream);
      ASSERT_GT(many->n_replicates(stream), n);
      const auto whole = weights(*few, stream, 0, n);
      const auto longer = weights(*many, stream, 0, many->n_replicates(stream));
      EXPECT_TRUE(std::equal(whole.begin(), whole.end(), longer.begin()));
      for (const int chunk : {1, 7, 96}) {
        for (int first = 0; first < n; first += chunk) {
          const auto part = weights(*many, stream, first, std::min(chunk, n - first));
          ASSERT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + first)) << "chunk " << chunk << " at " << first;
        }
      }
    }
  }
}

TEST(Provider, GivesTheSameToEveryThread) {
  const panel::Frame frame = three_strata();
  const auto provider = make_provider(frame, 0, statistics_of(200));
  const auto expected = weights(*provider, Stream::pairs, 0, 200);
  std::vector<std::vector<std::vector<double>>> seen(4);
  {
    std::array<std::jthread, 4> threads;
    for (int i = 0; i < 4; ++i) threads[i] = std::jthread([&, i] { seen[i] = weights(*provider, Stream::pairs, 0, 200); });
  }
  for (const auto& mine : seen) EXPECT_EQ(mine, expected);
}

TEST(Provider, KeepsTheNumberOfUnitsInPairs) {
  for (const auto& w : weights(*make_provider(plain_frame(31), 0, statistics_of(999)), Stream::pairs, 0, 999)) {
    EXPECT_EQ(sum(w), 31.0);
    EXPECT_TRUE(std::ranges::all_of(w, [](double x) { return x == std::floor(x) && x >= 0; }));
  }
}

TEST(Provider, KeepsTheUnitsOfEveryStratumInPairs) {
  std::vector<std::string> labels(60);
  for (int u = 0; u < 60; ++u) labels[u] = u % 3 == 0 ? "a" : "b";
  const panel::Frame large = stratified_frame(labels, {"a", "b"});  // 20 and 40 units: plain counts
  for (const auto& w : weights(*make_provider(large, 0, statistics_of(500)), Stream::pairs, 0, 500)) {
    EXPECT_EQ(sum_over(w, units_of(large, 0)), 20.0);
    EXPECT_EQ(sum_over(w, units_of(large, 1)), 40.0);
  }
  const panel::Frame small = three_strata();  // Rao-Wu: whole multiples of n/(n-1), n - 1 of them
  for (const auto& w : weights(*make_provider(small, 0, statistics_of(500)), Stream::pairs, 0, 500)) {
    for (int s = 0; s < 3; ++s) {
      const std::vector<int> units = units_of(small, s);
      const auto n = static_cast<double>(units.size());
      EXPECT_NEAR(sum_over(w, units), n, n * n * 0x1p-52);  // n terms, each rounded to half an ulp of at most n
    }
  }
}

// Rao-Wu: n_h - 1 draws times n_h / (n_h - 1) give var(weight) = 1, so that the mean of a stratum has variance s^2 / n_h.
// Plain draws give (n_h - 1) / n_h. Bound: five standard errors of a variance, kurtosis of a Poisson-like count below 5.
TEST(Provider, GivesRaoWuWeightsUnitVariance) {
  const panel::Frame frame = stratified_frame(std::vector<std::string>(6, "a"), {"a"});
  const int n_replicates = 20000;
  double squares = 0;
  for (const auto& w : weights(*make_provider(frame, 0, statistics_of(n_replicates, 50, 5)), Stream::pairs, 0, n_replicates)) {
    for (const double x : w) squares += (x - 1) * (x - 1);
  }
  const double variance = squares / (6.0 * n_replicates);
  EXPECT_NEAR(variance, 1.0, 5 * std::sqrt(4.0 / n_replicates));
  EXPECT_GT(variance, 5.0 / 6.0 + 5 * std::sqrt(4.0 / n_replicates));
}

TEST(Provider, CutsComplementaryHalves) {
  for (const int n : {4, 5, 30, 31}) {
    const auto w = weights(*make_provider(plain_frame(n), 0, statistics_of(9, 100, 4)), Stream::halves, 0, 200);
    for (int pair = 0; pair < 100; ++pair) {
      const int half = n / 2;  // rounded down
      EXPECT_EQ(sum(w[2 * pair]), half);
      EXPECT_EQ(sum(w[2 * pair + 1]), half);
      for (int u = 0; u < n; ++u) EXPECT_LE(w[2 * pair][u] + w[2 * pair + 1][u], 1.0);
    }
  }
}

TEST(Provider, CutsHalvesWithinStrata) {
  const panel::Frame frame = three_strata();
  for (const auto& w : weights(*make_provider(frame, 0, statistics_of(9, 50)), Stream::halves, 0, 100)) {
    for (int s = 0; s < 3; ++s) {
      const std::vector<int> units = units_of(frame, s);
      const std::size_t half = units.size() / 2;
      EXPECT_EQ(sum_over(w, units), static_cast<double>(half));
    }
  }
}

void expect_even_folds(const panel::Frame& frame, int n_folds, int n_repeats) {
  const auto provider = make_provider(frame, 0, statistics_of(9, 9, n_folds, n_repeats));
  const int n = provider->n_units();
  for (int repeat = 0; repeat < n_repeats; ++repeat) {
    const auto folds = weights(*provider, Stream::folds, repeat * n_folds, n_folds);
    for (int u = 0; u < n; ++u) {
      double times = 0;
      for (const auto& fold : folds) times += fold[u];
      EXPECT_EQ(times, 1.0) << "unit " << u;
    }
    for (int s = -1; s < static_cast<int>(frame.strata.size()); ++s) {  // -1: all units
      std::vector<int> units(n);
      std::iota(units.begin(), units.end(), 0);
      if (s >= 0) units = units_of(frame, s);
      std::vector<double> sizes(n_folds);
      for (int f = 0; f < n_folds; ++f) sizes[f] = sum_over(folds[f], units);
      EXPECT_LE(std::ranges::max(sizes) - std::ranges::min(sizes), 1.0);
    }
  }
}

TEST(Provider, DealsEveryUnitIntoOneFoldOfEvenSizes) {
  expect_even_folds(plain_frame(10), 10, 5);
  expect_even_folds(plain_frame(93), 10, 10);
  expect_even_folds(plain_frame(7), 3, 5);
  expect_even_folds(three_strata(), 10, 10);
}

// METHODS 4.1: a stratum draws alike with and without Oslo. Rao-Wu holds in both, since another stratum is small too.
TEST(Provider, DrawsAStratumAlikeInEveryFrame) {
  std::vector<std::string> labels(80);
  for (int u = 0; u < 80; ++u) labels[u] = u % 8 == 0 ? "oslo" : u % 5 == 0 ? "large" : "small";
  const panel::Frame all = stratified_frame(labels, {"large", "oslo", "small"});
  const panel::Frame rest = without(all, "oslo");
  const auto in_all = make_provider(all, 0, statistics_of(50, 25));
  const auto in_rest = make_provider(rest, 1, statistics_of(50, 25));
  for (const Stream stream : {Stream::pairs, Stream::halves}) {
    const auto w_all = weights(*in_all, stream, 0, 50);
    const auto w_rest = weights(*in_rest, stream, 0, 50);
    for (int r = 0; r < 50; ++r) {
      std::vector<double> kept;
      for (std::size_t u = 0; u < labels.size(); ++u) {
        if (labels[u] != "oslo") kept.push_back(w_all[r][u]);
      }
      EXPECT_EQ(kept, w_rest[r]);
    }
  }
}

TEST(Provider, DrawsOtherwiseInAnotherFrameWithoutStrata) {
  const auto first = make_provider(plain_frame(31), 0, statistics_of(9));
  const auto second = make_provider(plain_frame(31), 1, statistics_of(9));
  EXPECT_NE(weights(*first, Stream::pairs, 0, 9), weights(*second, Stream::pairs, 0, 9));
}

// Pearson's statistic at a fixed seed stays below the 99.9 % point of its chi-square distribution.
TEST(Provider, DrawsUnitsEvenly) {
  std::vector<double> drawn(10, 0.0);
  for (const auto& w : weights(*make_provider(plain_frame(10), 0, statistics_of(10000)), Stream::pairs, 0, 10000)) {
    for (int u = 0; u < 10; ++u) drawn[u] += w[u];
  }
  EXPECT_LT(chi_square(drawn, 10000.0), 27.877);  // 9 degrees of freedom
}

TEST(Provider, CutsAllHalvesEvenly) {
  const auto halves = weights(*make_provider(plain_frame(4), 0, statistics_of(9, 6000, 4)), Stream::halves, 0, 12000);
  std::map<std::vector<double>, double> leading;
  for (std::size_t r = 0; r < halves.size(); r += 2) ++leading[halves[r]];
  ASSERT_EQ(leading.size(), 6U);  // two of four
  std::vector<double> times(6);
  std::ranges::copy(std::views::values(leading), times.begin());
  EXPECT_LT(chi_square(times, 1000.0), 20.515);  // 5 degrees of freedom
}

TEST(Provider, DealsFoldsEvenly) {
  const auto folds = weights(*make_provider(plain_frame(10), 0, statistics_of(9, 9, 5, 5000)), Stream::folds, 0, 25000);
  for (int u = 0; u < 10; ++u) {
    std::vector<double> times(5, 0.0);
    for (std::size_t r = 0; r < folds.size(); ++r) times[r % 5] += folds[r][u];
    EXPECT_LT(chi_square(times, 1000.0), 23.513) << u;  // 4 degrees of freedom, ten looks: the 99.99 % point
  }
}

TEST(Provider, RefusesTooFewUnits) {
  EXPECT_THROW(make_provider(plain_frame(3), 0, statistics_of(9, 9, 2)), InputError);
  EXPECT_THROW(make_provider(plain_frame(9), 0, statistics_of(9, 9, 10)), InputError);
  EXPECT_NO_THROW(make_provider(plain_frame(9), 0, statistics_of(9, 9, 10, 0)));
  try {
    make_provider(plain_frame(9), 0, statistics_of(9, 9, 10));
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("use at most 9 folds"));
  }
}

}  // namespace
}  // namespace nokkel::resample
