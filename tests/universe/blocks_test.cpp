#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "engine/universe/universe.h"
#include "tests/universe/world.h"

namespace nokkel::universe {
namespace {

bool belongs(const std::vector<int>& members, const Block& block) {
  const std::size_t length = block.prefix.size();
  if (members.size() < length || !std::equal(block.prefix.begin(), block.prefix.end(), members.begin())) return false;
  if (members.size() == length) return block.with_prefix;
  return members[length] >= block.first_child && members[length] < block.last_child;
}

std::uint64_t total(const std::vector<Block>& blocks) {
  std::uint64_t n = 0;
  for (const Block& block : blocks) n += block.count();
  return n;
}

/// The combinations of a block as its ranges number them.
std::vector<std::vector<int>> by_ranges(const Block& block, const std::vector<std::vector<int>>& all) {
  std::vector<std::vector<int>> members;
  for (const Block::Range& range : block.ranges) {
    for (std::uint64_t i = 0; i < range.count; ++i) members.push_back(all.at(range.first_id + i));
  }
  return members;
}

// The depth-first walk meets combinations in the order of std::vector's <: so does the list of blocks, each once.
void expect_blocks_partition(const Universe& u, const std::vector<std::vector<int>>& all, std::uint32_t least,
                             std::uint32_t most) {
  std::vector<std::vector<int>> walk = all;
  std::ranges::sort(walk);
  auto at = walk.begin();
  for (const Block& block : u.blocks(least, most)) {
    EXPECT_LE(block.count(), most);
    EXPECT_GT(block.count(), 0U);
    const auto end = std::find_if_not(at, walk.end(), [&block](const auto& members) { return belongs(members, block); });
    std::vector<std::vector<int>> walked(at, end);
    EXPECT_TRUE(std::none_of(end, walk.end(), [&block](const auto& members) { return belongs(members, block); }));
    std::ranges::stable_sort(walked, {}, [](const auto& members) { return members.size(); });
    EXPECT_EQ(by_ranges(block, all), walked);
    for (std::size_t i = 1; i < block.ranges.size(); ++i) EXPECT_LT(block.ranges[i - 1].size, block.ranges[i].size);
    at = end;
  }
  EXPECT_EQ(at, walk.end());
}

TEST(Blocks, CoverEveryCombinationOnceInWalkOrder) {
  int n_checked = 0;
  for (std::uint64_t seed = 1; n_checked < 100; ++seed) {
    std::mt19937_64 random(seed);
    const UniverseSpec spec = random_spec(random);
    const auto all = enumerate(spec);
    if (all.empty()) continue;
    ++n_checked;
    SCOPED_TRACE(testing::Message() << "seed " << seed << ": " << testing::PrintToString(spec));
    const Universe u(spec);
    for (const auto& [least, most] :
         std::vector<std::pair<std::uint32_t, std::uint32_t>>{{1, 1}, {1, 5}, {3, 7}, {20, 100}, {5000, 5000}}) {
      expect_blocks_partition(u, all, least, most);
    }
    EXPECT_EQ(u.blocks(5000, 5000).size(), 1U);
    if (HasFailure()) return;
  }
}

TEST(Blocks, GatherSiblingsUntilThereAreEnough) {
  // 10 criteria, sizes 1 and 2: child c has a subtree of 10 - c combinations.
  const auto blocks = Universe(plain_spec(10, 0, 1, 2)).blocks(12, 20);
  ASSERT_EQ(blocks.size(), 4U);
  EXPECT_EQ(blocks[0].count(), 19U);  // 10 + 9
  EXPECT_EQ(blocks[1].count(), 15U);  // 8 + 7
  EXPECT_EQ(blocks[2].count(), 15U);  // 6 + 5 + 4
  EXPECT_EQ(blocks[3].count(), 6U);   // 3 + 2 + 1
  EXPECT_EQ(blocks[1].first_child, 2);
  EXPECT_EQ(blocks[1].last_child, 4);
  EXPECT_FALSE(blocks[0].with_prefix);
}

TEST(Blocks, CarryTheCombinationOfForcedCriteria) {
  const auto blocks = Universe(plain_spec(10, 2, 1, 4)).blocks(100, 200);
  ASSERT_EQ(blocks.size(), 1U);
  EXPECT_TRUE(blocks[0].with_prefix);
  EXPECT_EQ(blocks[0].prefix, (std::vector<int>{0, 1}));
  ASSERT_EQ(blocks[0].ranges.size(), 3U);
  EXPECT_EQ(blocks[0].ranges[0].count, 1U);
  EXPECT_FALSE(Universe(plain_spec(10, 2, 3, 4)).blocks(100, 200)[0].with_prefix);
  const auto alone = Universe(plain_spec(2, 2, 1, 2)).blocks(100, 200);
  ASSERT_EQ(alone.size(), 1U);
  EXPECT_EQ(alone[0].count(), 1U);
  EXPECT_EQ(alone[0].first_child, alone[0].last_child);
}

TEST(Blocks, CutSixtyCriteriaOfSizeSixWithinTwoSeconds) {
  const Universe u(plain_spec(60, 0, 1, 6));
  const auto start = std::chrono::steady_clock::now();
  const auto blocks = u.blocks(1000, 8192);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%llu combinations in %zu blocks, %.3f s\n", static_cast<unsigned long long>(u.count()), blocks.size(), seconds);
  EXPECT_EQ(u.count(), 56049057U);
  EXPECT_EQ(total(blocks), u.count());
  EXPECT_TRUE(std::ranges::all_of(blocks, [](const Block& b) { return b.count() <= 8192; }));
  EXPECT_LT(seconds, 2.0);
}

// The largest universes by another road: the ids of a block are those of its first members.
TEST(Blocks, NumberAsRankDoes) {
  UniverseSpec spec = plain_spec(128, 0, 1, 3);
  for (int c = 0; c < 120; c += 3) spec.excluded.push_back({c, c + 7, "listed"});
  spec.groups = {{"two", {1, 2, 5, 60, 99, 127}, 2}};
  const Universe u(spec);
  const auto blocks = u.blocks(1000, 8192);
  EXPECT_EQ(total(blocks), u.count());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    for (const Block::Range& range : blocks[i].ranges) {
      const std::vector<int> first = u.unrank(range.first_id);
      const std::vector<int> last = u.unrank(range.first_id + range.count - 1);
      EXPECT_EQ(static_cast<int>(first.size()), range.size);
      EXPECT_TRUE(belongs(first, blocks[i]) && belongs(last, blocks[i])) << "block " << i;
    }
  }
}

TEST(Blocks, OfAConstrainedUniverseAreCutInSeconds) {
  UniverseSpec spec = plain_spec(60, 0, 1, 6);
  std::mt19937_64 random(60);
  for (int i = 0; i < 100; ++i) {
    const int a = static_cast<int>(random() % 60);
    const int b = static_cast<int>(random() % 60);
    if (a != b) spec.excluded.push_back({a, b, "drawn"});
  }
  spec.groups = {{"two", {1, 11, 21, 31, 41, 51}, 2}};
  const Universe u(spec);
  const auto start = std::chrono::steady_clock::now();
  const auto blocks = u.blocks(1000, 8192);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%llu combinations in %zu blocks, %.3f s\n", static_cast<unsigned long long>(u.count()), blocks.size(), seconds);
  EXPECT_EQ(total(blocks), u.count());
}

}  // namespace
}  // namespace nokkel::universe
