#include <gtest/gtest.h>

#include <random>
#include <set>

#include "engine/universe/universe.h"

namespace nokkel::universe {
namespace {

std::vector<int> members(const ColumnSet& s) {
  std::vector<int> out;
  for (int c = s.first(); c >= 0; c = s.next(c)) out.push_back(c);
  return out;
}

std::vector<int> members(const std::set<int>& s) { return {s.begin(), s.end()}; }

struct Twin {
  ColumnSet bits;
  std::set<int> plain;
};

Twin random_set(std::mt19937_64& random) {
  Twin t;
  for (std::uint64_t i = random() % 80; i > 0; --i) {
    const int c = static_cast<int>(random() % kMaxCriteria);
    t.bits.add(c);
    t.plain.insert(c);
  }
  return t;
}

TEST(ColumnSet, EmptyHasNoMembers) {
  const ColumnSet s;
  EXPECT_TRUE(s.empty());
  EXPECT_EQ(s.count(), 0);
  EXPECT_EQ(s.first(), -1);
  EXPECT_EQ(s.next(255), -1);
  EXPECT_EQ(s.after(3), s);
}

TEST(ColumnSet, WordBordersHoldTheirMembers) {
  ColumnSet s;
  for (const int c : {0, 63, 64, 127, 128, 191, 192, 255}) s.add(c);
  EXPECT_EQ(members(s), (std::vector<int>{0, 63, 64, 127, 128, 191, 192, 255}));
  EXPECT_EQ(members(s.after(63)), (std::vector<int>{64, 127, 128, 191, 192, 255}));
  EXPECT_EQ(members(s.after(254)), (std::vector<int>{255}));
  EXPECT_TRUE(s.after(255).empty());
  s.remove(255);
  s.remove(0);
  EXPECT_EQ(s.first(), 63);
  EXPECT_EQ(s.next(192), -1);
  EXPECT_FALSE(s.has(255));
}

TEST(ColumnSet, BehavesAsAnOrderedSet) {
  std::mt19937_64 random(20141201);
  for (int i = 0; i < 200; ++i) {
    const Twin a = random_set(random);
    const Twin b = random_set(random);
    std::set<int> both, either, only_a;
    for (int c = 0; c < kMaxCriteria; ++c) {
      const bool in_a = a.plain.contains(c);
      const bool in_b = b.plain.contains(c);
      if (in_a && in_b) both.insert(c);
      if (in_a || in_b) either.insert(c);
      if (in_a && !in_b) only_a.insert(c);
    }
    EXPECT_EQ(members(a.bits), members(a.plain));
    EXPECT_EQ(static_cast<std::size_t>(a.bits.count()), a.plain.size());
    EXPECT_EQ(members(a.bits & b.bits), members(both));
    EXPECT_EQ(members(a.bits | b.bits), members(either));
    EXPECT_EQ(members(a.bits.without(b.bits)), members(only_a));
    const int cut = static_cast<int>(random() % kMaxCriteria);
    EXPECT_EQ(members(a.bits.after(cut)), (std::vector<int>{a.plain.upper_bound(cut), a.plain.end()}));
  }
}

}  // namespace
}  // namespace nokkel::universe
