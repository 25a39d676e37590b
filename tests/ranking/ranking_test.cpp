#include "engine/ranking/ranking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <tuple>

namespace nokkel::ranking {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr float kNaNf = std::numeric_limits<float>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

struct Case {
  std::vector<double> score;
  std::vector<float> stab;
  std::vector<std::uint64_t> last_id;
};

using Ranks = std::vector<std::int32_t>;

Ranks rank_of(const Case& c) { return rank(c.score, c.stab, c.last_id); }

/// The order of STUDY-FORMAT as one tuple per combination, sorted stably.
Ranks plain_rank(const Case& c) {
  double best_score = kInf;
  for (const double s : c.score) {
    if (std::isfinite(s)) best_score = std::min(best_score, s);
  }
  using Key = std::tuple<double, double, int, double>;
  std::vector<std::pair<Key, int>> keyed;
  for (int id = 0; id < static_cast<int>(c.score.size()); ++id) {
    const double s = c.score[id];
    if (!std::isfinite(s)) continue;
    const double stab = std::isnan(c.stab[id]) ? 0.0 : static_cast<double>(c.stab[id]);
    int size = 0;
    while (static_cast<std::uint64_t>(id) >= c.last_id[size]) ++size;
    const double tier = best_score > 0 ? std::floor(100 * (s / best_score - 1)) : s == 0 ? 0 : kInf;
    keyed.push_back({{tier, std::floor(20 * (1 - stab)), size, s}, id});
  }
  std::ranges::stable_sort(keyed, {}, &std::pair<Key, int>::first);
  Ranks ranks(c.score.size(), 0);
  for (std::size_t place = 0; place < keyed.size(); ++place) ranks[keyed[place].second] = static_cast<std::int32_t>(place) + 1;
  return ranks;
}

/// Scores with ties, some missing; stability with ties, some missing.
Case random_case(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const int n = 1 + static_cast<int>(random() % 300);
  const auto unit = [&random] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  const double best_score = seed % 10 == 0 ? 0.0 : 0.5;
  Case c;
  for (int id = 0; id < n; ++id) {
    const std::uint64_t kind = random() % 12;
    c.score.push_back(kind == 0   ? kNaN
                      : kind == 1 ? kInf
                      : kind < 6  ? best_score + 0.001 * static_cast<double>(random() % 8)
                                  : best_score + 0.3 * unit());
    c.stab.push_back(random() % 8 == 0 ? kNaNf : static_cast<float>(random() % 21) / 20.0F);
  }
  for (std::uint64_t end = 1 + random() % 20; end < static_cast<std::uint64_t>(n); end += 1 + random() % 100)
    c.last_id.push_back(end);
  c.last_id.push_back(static_cast<std::uint64_t>(n));
  return c;
}

TEST(Ranking, OrdersAsASortByTuples) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Case c = random_case(seed);
    ASSERT_EQ(rank_of(c), plain_rank(c)) << "seed " << seed;
  }
}

TEST(Ranking, LetsStabilityDecideWithinOnePercent) {
  const Case c{{1.000, 1.009, 1.0101, 1.005}, {0.10F, 0.90F, 1.00F, 0.92F}, {4}};
  // 1.009 and 1.005 are in the best tier and one step of stability; then the score decides. 1.0101 is a tier behind.
  EXPECT_EQ(rank_of(c), (Ranks{3, 2, 4, 1}));
}

TEST(Ranking, PrefersTheSmallerThenTheBetterThenTheEarlier) {
  const Case c{{2.002, 2.001, 2.001, 2.000, 2.000}, std::vector<float>(5, 0.5F), {1, 3, 5}};
  EXPECT_EQ(rank_of(c), (Ranks{1, 2, 3, 4, 5}));
}

TEST(Ranking, GivesNoRankToMissingScores) {
  const Case c{{kNaN, 1.0, kInf, 0.9, -kInf}, std::vector<float>(5, 0.5F), {5}};
  EXPECT_EQ(rank_of(c), (Ranks{0, 2, 0, 1, 0}));
  const Case none{{kNaN, kInf}, {1.0F, 1.0F}, {2}};
  EXPECT_EQ(rank_of(none), (Ranks{0, 0}));
}

TEST(Ranking, CountsMissingStabilityAsNone) {
  const Case c{{1.0, 1.001, 1.002}, {kNaNf, 0.06F, 0.0F}, {3}};
  EXPECT_EQ(rank_of(c), (Ranks{2, 1, 3}));
}

TEST(Ranking, PutsAllOthersBehindAScoreOfZero) {
  const Case c{{0.5, 0.0, 1e-300, 0.0}, {0.0F, 0.1F, 0.9F, 0.8F}, {4}};
  EXPECT_EQ(rank_of(c), (Ranks{4, 2, 3, 1}));
}

// Renumbering combinations within a size renumbers the ranks, where scores differ.
TEST(Ranking, DoesNotDependOnTheOrderOfCombinations) {
  std::mt19937_64 random(3);
  Case c;
  for (int id = 0; id < 500; ++id) {
    c.score.push_back(1 + 0.2 * static_cast<double>(random() >> 11) * 0x1p-53);
    c.stab.push_back(static_cast<float>(random() % 101) / 100.0F);
  }
  c.last_id = {500};
  std::vector<int> to(500);
  std::iota(to.begin(), to.end(), 0);
  std::ranges::shuffle(to, random);
  Case moved = c;
  for (int id = 0; id < 500; ++id) {
    moved.score[to[id]] = c.score[id];
    moved.stab[to[id]] = c.stab[id];
  }
  const Ranks before = rank_of(c);
  const Ranks after = rank_of(moved);
  for (int id = 0; id < 500; ++id) EXPECT_EQ(after[to[id]], before[id]);
}

TEST(Ranking, ListsTheBestFirst) {
  const Ranks ranks{3, 0, 1, 2, 0};
  EXPECT_EQ(best(ranks, 2), (Ranks{2, 3}));
  EXPECT_EQ(best(ranks, 5), (Ranks{2, 3, 0, -1, -1}));
  EXPECT_TRUE(best(ranks, 0).empty());
}

TEST(Ranking, TakesNothing) {
  EXPECT_TRUE(rank({}, {}, {}).empty());
  EXPECT_EQ(best({}, 2), (Ranks{-1, -1}));
}

TEST(Ranking, OrdersAMillionCombinations) {
  std::mt19937_64 random(1);
  Case c;
  for (int id = 0; id < 1'000'000; ++id) {
    c.score.push_back(0.5 + 0.5 * static_cast<double>(random() >> 11) * 0x1p-53);
    c.stab.push_back(static_cast<float>(random() % 1001) / 1000.0F);
  }
  c.last_id = {30, 465, 4525, 31'930, 174'436, 1'000'000};
  const auto start = std::chrono::steady_clock::now();
  const Ranks ranks = rank_of(c);
  std::printf("one million ranked in %.3f s\n",
              std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  EXPECT_EQ(ranks, plain_rank(c));
}

}  // namespace
}  // namespace nokkel::ranking
