#include "engine/universe/universe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "engine/error.h"
#include "tests/universe/world.h"

namespace nokkel::universe {
namespace {

using ::testing::HasSubstr;

constexpr int kSeeds = 100;

/// Runs `check` on worlds small enough to enumerate, until kSeeds of them had a combination.
template <class Check>
void for_each_small_universe(Check check) {
  int n_checked = 0;
  for (std::uint64_t seed = 1; n_checked < kSeeds; ++seed) {
    std::mt19937_64 random(seed);
    const UniverseSpec spec = random_spec(random);
    const auto all = enumerate(spec);
    SCOPED_TRACE(testing::Message() << "seed " << seed << ": " << testing::PrintToString(spec));
    if (all.empty()) {
      EXPECT_THROW(Universe{spec}, InputError);
      continue;
    }
    ++n_checked;
    check(spec, all);
    if (testing::Test::HasFailure()) return;
  }
}

std::string message_of(const UniverseSpec& spec) {
  try {
    const Universe universe(spec);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::uint64_t count_by_walking(const Universe& u, const Node& node, int size) {
  if (node.size == size - 1 && size >= u.min_size()) return static_cast<std::uint64_t>(node.allowed.count());
  std::uint64_t n = node.size == size && size >= u.min_size() ? 1 : 0;
  for (int c = node.allowed.first(); c >= 0; c = node.allowed.next(c)) n += count_by_walking(u, u.descend(node, c), size);
  return n;
}

TEST(Universe, CountsEverySizeAsEnumeration) {
  for_each_small_universe([](const UniverseSpec& spec, const std::vector<std::vector<int>>& all) {
    const Universe u(spec);
    EXPECT_EQ(u.count(), all.size());
    EXPECT_FALSE(u.is_saturated());
    for (int size = 0; size <= u.n_criteria() + 1; ++size) {
      const auto n = std::ranges::count_if(all, [size](const auto& m) { return static_cast<int>(m.size()) == size; });
      EXPECT_EQ(u.count_of_size(size), static_cast<std::uint64_t>(n)) << "size " << size;
    }
  });
}

TEST(Universe, NumbersBySizeThenLexicographically) {
  for_each_small_universe([](const UniverseSpec& spec, const std::vector<std::vector<int>>& all) {
    const Universe u(spec);
    for (std::uint64_t id = 0; id < all.size(); ++id) {
      EXPECT_EQ(u.unrank(id), all[id]);
      std::vector<int> reversed(all[id].rbegin(), all[id].rend());
      EXPECT_EQ(u.rank(reversed), id);
    }
  });
}

TEST(Universe, CountsBelowANodeWhatAWalkFinds) {
  for_each_small_universe([](const UniverseSpec& spec, const std::vector<std::vector<int>>&) {
    const Universe u(spec);
    std::mt19937_64 random(7);
    for (int walk = 0; walk < 5; ++walk) {
      for (Node node = u.root();; node = u.descend(node, node.allowed.first())) {
        for (int size = 0; size <= u.max_size() + 1; ++size) {
          EXPECT_EQ(u.count_below(node, size), count_by_walking(u, node, size));
        }
        // Pass over some children, so that walks differ.
        while (node.allowed.count() > 1 && random() % 2 == 0) node.allowed.remove(node.allowed.first());
        if (node.allowed.empty()) break;
      }
    }
  });
}

TEST(Universe, BarsExactlyWhatEnumerationDoesNotList) {
  for_each_small_universe([](const UniverseSpec& spec, const std::vector<std::vector<int>>& all) {
    const Universe u(spec);
    for (std::uint32_t set = 0; set < 1U << spec.names.size(); ++set) {
      std::vector<int> members;
      for (int c = 0; c < u.n_criteria(); ++c) {
        if (((set >> c) & 1U) != 0) members.push_back(c);
      }
      EXPECT_EQ(u.why_barred(members).has_value(), std::ranges::find(all, members) == all.end());
    }
  });
}

// Renaming criteria renames combinations: with the free criteria in another order, the same sets are admissible.
TEST(Universe, KeepsItsCombinationsWhenCriteriaAreReordered) {
  for_each_small_universe([](const UniverseSpec& spec, const std::vector<std::vector<int>>& all) {
    std::vector<int> to(spec.names.size());
    for (std::size_t c = 0; c < to.size(); ++c) to[c] = static_cast<int>(c);
    std::mt19937_64 random(11);
    std::shuffle(to.begin() + spec.n_forced, to.end(), random);
    UniverseSpec moved = spec;
    for (std::size_t c = 0; c < to.size(); ++c) moved.names[to[c]] = spec.names[c];
    for (ExcludedPair& pair : moved.excluded) pair = {to[pair.a], to[pair.b], pair.reason};
    for (GroupLimit& group : moved.groups) {
      for (int& c : group.members) c = to[c];
    }
    const Universe u(moved);
    EXPECT_EQ(u.count(), all.size());
    std::vector<std::uint64_t> ids;
    for (std::vector<int> members : all) {
      for (int& c : members) c = to[c];
      ids.push_back(u.rank(members));
    }
    std::ranges::sort(ids);
    for (std::uint64_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], i);
  });
}

// R19: coefficients of prod_groups (1 + g z) (1 + z)^free. Two groups of 3 and 4 with one place each, 5 free:
// (1 + 3z)(1 + 4z)(1 + z)^5 = 1 + 12 z + 57 z^2 + 140 z^3 + 195 z^4 + 156 z^5 + 67 z^6 + 12 z^7.
TEST(Universe, CountsGroupsByTheGeneratingFunction) {
  UniverseSpec spec = plain_spec(12, 0, 1, 12);
  spec.groups = {{"three", {0, 4, 8}, 1}, {"four", {1, 3, 9, 11}, 1}};
  const Universe u(spec);
  const std::vector<std::uint64_t> coefficient{0, 12, 57, 140, 195, 156, 67, 12, 0, 0, 0, 0, 0};
  for (int size = 0; size <= 12; ++size) EXPECT_EQ(u.count_of_size(size), coefficient[size]) << size;
}

TEST(Universe, CountsSixtyFreeCriteriaAtOnce) {
  const auto start = std::chrono::steady_clock::now();
  const Universe u(plain_spec(60, 0, 10, 10));
  EXPECT_EQ(u.count(), 75394027566U);
  EXPECT_LT(seconds_since(start), 0.1);
  EXPECT_EQ(u.unrank(75394027565U), (std::vector<int>{50, 51, 52, 53, 54, 55, 56, 57, 58, 59}));
  for (const std::uint64_t id : {0UL, 1UL, 31415926535UL, 75394027565UL}) EXPECT_EQ(u.rank(u.unrank(id)), id);
}

TEST(Universe, CountsThirtyOfFourAsPublished) {
  EXPECT_EQ(Universe(plain_spec(30, 0, 1, 4)).count(), 31930U);
  EXPECT_EQ(Universe(plain_spec(128, 0, 3, 3)).count(), 341376U);
}

UniverseSpec sixty_tangled(int max_size) {
  UniverseSpec spec = plain_spec(60, 2, 1, max_size);
  std::mt19937_64 random(60);
  while (spec.excluded.size() < 100) {
    const int a = static_cast<int>(random() % 60);
    const int b = static_cast<int>(random() % 60);
    if (a != b && std::max(a, b) >= 2) spec.excluded.push_back({a, b, "drawn"});
  }
  for (int g = 0; g < 5; ++g) {
    GroupLimit group{"g" + std::to_string(g), {}, 1 + g % 3};
    for (int i = 0; i < 6; ++i) group.members.push_back(2 + 7 * i + g);
    spec.groups.push_back(group);
  }
  return spec;
}

TEST(Universe, CountsSixtyCriteriaWithAHundredPairsWithinASecond) {
  const auto start = std::chrono::steady_clock::now();
  const Universe u(sixty_tangled(10));
  const double counting = seconds_since(start);
  RecordProperty("count", std::to_string(u.count()));
  std::printf("counted %llu in %.4f s\n", static_cast<unsigned long long>(u.count()), counting);
  EXPECT_LT(counting, 1.0);
  for (std::uint64_t i = 0; i < 100; ++i) {
    const std::uint64_t id = u.count() / 100 * i;
    EXPECT_EQ(u.rank(u.unrank(id)), id);
    EXPECT_FALSE(u.why_barred(u.unrank(id)).has_value());
  }
  std::printf("and 200 ranks and unranks in %.4f s\n", seconds_since(start) - counting);
}

// The same universe by another road.
TEST(Universe, CountsTheTangleAsAWalkDoes) {
  const Universe u(sixty_tangled(8));
  for (int size = 1; size <= 8; ++size) EXPECT_EQ(u.count_of_size(size), count_by_walking(u, u.root(), size)) << size;
}

TEST(Universe, SaturatesInsteadOfWrapping) {
  const Universe u(plain_spec(256, 0, 1, 100));
  EXPECT_TRUE(u.is_saturated());
  EXPECT_EQ(u.count(), 9223372036854775807U);
  EXPECT_EQ(u.count_of_size(1), 256U);
  EXPECT_EQ(u.count_of_size(100), 9223372036854775807U);
  UniverseSpec paired = plain_spec(200, 0, 90, 100);  // (1 + 2z)^100: the coefficient of z^100 is 2^100
  for (int c = 0; c < 200; c += 2) paired.excluded.push_back({c, c + 1, "listed"});
  EXPECT_TRUE(Universe(paired).is_saturated());
}

TEST(Universe, HoldsTheForcedCombinationAlone) {
  const Universe u(plain_spec(3, 2, 1, 2));
  EXPECT_EQ(u.count(), 1U);
  EXPECT_EQ(u.unrank(0), (std::vector<int>{0, 1}));
  EXPECT_TRUE(u.root().allowed.empty());
}

TEST(Universe, BarsForGoodWhatForcedCriteriaExclude) {
  UniverseSpec spec = plain_spec(7, 2, 1, 7);
  spec.excluded = {{0, 3, "listed"}};
  spec.groups = {{"one", {1, 4}, 1}, {"two", {0, 1, 5}, 2}};
  const Universe u(spec);
  EXPECT_EQ(u.count(), 4U);  // 2 and 6 are free
  const ColumnSet allowed = u.root().allowed;
  EXPECT_EQ(allowed.count(), 2);
  EXPECT_TRUE(allowed.has(2) && allowed.has(6));
}

TEST(Universe, TellsAllReasonsWhyACombinationIsBarred) {
  UniverseSpec spec = plain_spec(8, 1, 2, 4);
  spec.excluded = {{2, 3, "median |r| 0.83 >= 0.80"}};
  spec.groups = {{"labour", {4, 5, 6}, 2}};
  const Universe u(spec);
  const auto reason = u.why_barred(std::vector<int>{2, 3, 4, 5, 6, 6, 9});
  ASSERT_TRUE(reason.has_value());
  for (const char* part :
       {"it has 7 criteria, sizes 2 to 4 are allowed", "'c0' is forced into every combination and is missing",
        "'c2' and 'c3' may not meet: median |r| 0.83 >= 0.80",
        "group 'labour' allows 2 at a time, here are 3: 'c4', 'c5', 'c6'", "there is no criterion number 9 (0 to 7)",
        "'c6' is named twice"}) {
    EXPECT_THAT(*reason, HasSubstr(part));
  }
  EXPECT_FALSE(u.why_barred(std::vector<int>{5, 0, 4}).has_value());
  EXPECT_THROW(static_cast<void>(u.rank(std::vector<int>{0, 2, 3})), InputError);
  EXPECT_THROW(static_cast<void>(u.rank(std::vector<int>{})), InputError);
}

TEST(Universe, RefusesWhatCannotBe) {
  EXPECT_THAT(message_of(plain_spec(5, 0, 0, 3)), HasSubstr("universe.size"));
  EXPECT_THAT(message_of(plain_spec(5, 0, 4, 3)), HasSubstr("out of order"));
  EXPECT_THAT(message_of(plain_spec(5, 0, 1, 6)), HasSubstr("there are 5 criteria"));
  EXPECT_THAT(message_of(plain_spec(5, 4, 1, 3)), HasSubstr("4 criteria are forced"));
  EXPECT_THAT(message_of(plain_spec(257, 0, 1, 3)), HasSubstr("257 criteria"));
  UniverseSpec spec = plain_spec(5, 2, 1, 3);
  spec.excluded = {{1, 0, "listed"}};
  EXPECT_THAT(message_of(spec), HasSubstr("both forced"));
  spec.excluded = {{3, 3, "listed"}};
  EXPECT_THAT(message_of(spec), HasSubstr("paired with itself"));
  spec.excluded.clear();
  spec.groups = {{"labour", {0, 1, 2}, 1}};
  EXPECT_THAT(message_of(spec), HasSubstr("2 of the group are forced, at most 1 may meet"));
  spec.groups = {{"labour", {2, 3}, 0}};
  EXPECT_THAT(message_of(spec), HasSubstr("groups.labour.max"));
  spec.groups = {{"a", {2, 3, 4}, 2}, {"b", {1, 3, 4}, 2}};
  EXPECT_THAT(message_of(spec), HasSubstr("in two groups"));
  spec = plain_spec(3, 0, 2, 3);
  spec.groups = {{"all", {0, 1, 2}, 1}};
  EXPECT_THAT(message_of(spec), HasSubstr("no combination of 2 to 3 criteria is allowed"));
}

}  // namespace
}  // namespace nokkel::universe
