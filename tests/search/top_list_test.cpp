#include "engine/search/top_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace nokkel::search {
namespace {

TEST(TopLists, KeepTheSmallestByValueThenIdWhateverTheOrderAndTheMerging) {
  std::mt19937_64 random(9);
  std::vector<std::pair<double, std::uint32_t>> all;
  for (std::uint32_t id = 0; id < 500; ++id) all.emplace_back(static_cast<double>(random() % 40), id);  // many ties
  auto sorted = all;
  std::sort(sorted.begin(), sorted.end());
  for (int round = 0; round < 10; ++round) {
    std::shuffle(all.begin(), all.end(), random);
    TopLists whole(2, 30), left(2, 30), right(2, 30);
    for (std::size_t i = 0; i < all.size(); ++i) {
      whole.offer(1, all[i].first, all[i].second);
      (i % 3 == 0 ? left : right).offer(1, all[i].first, all[i].second);
    }
    left.merge(right);
    ASSERT_EQ(whole.ids(1).size(), 30U);
    EXPECT_EQ(whole.ids(1), left.ids(1));
    for (std::size_t i = 0; i < 30; ++i) EXPECT_EQ(whole.ids(1)[i], sorted[i].second);
    EXPECT_TRUE(whole.ids(0).empty());
    EXPECT_EQ(whole.threshold(1), sorted[29].first);
  }
}

}  // namespace
}  // namespace nokkel::search
