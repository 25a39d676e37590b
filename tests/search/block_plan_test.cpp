/// Plans against enumeration: every combination of a block is a leaf once, at its place, and lists are pruned trees.
#include "engine/search/block_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/worlds.h"

namespace nokkel::testing {
namespace {

using search::BlockPlan;
using search::Step;

/// Runs a plan's steps on sets of columns instead of numbers: what each place was given.
std::vector<std::vector<int>> interpret(const BlockPlan& plan) {
  std::vector<std::vector<int>> out(static_cast<std::size_t>(plan.n_places), {-1}),
      node(static_cast<std::size_t>(plan.max_depth) + 1);
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& s = plan.steps[i];
    const std::size_t d = static_cast<std::size_t>(s.depth);
    if (s.kind == Step::Kind::itself) out[static_cast<std::size_t>(s.first_place)] = {};
    if (s.kind == Step::Kind::down) {
      node[d + 1] = node[d];
      node[d + 1].push_back(s.column);
      EXPECT_GT(s.end, static_cast<int>(i));
    }
    for (int k = 0; k < s.n_leaves; ++k) {
      std::vector<int> members = s.kind == Step::Kind::single ? std::vector<int>{} : node[d];
      if (s.kind == Step::Kind::pair) members.push_back(s.column);
      members.push_back(plan.leaf[static_cast<std::size_t>(s.first_leaf + k)]);
      auto& place = out[static_cast<std::size_t>(s.first_place + k)];
      EXPECT_EQ(place, std::vector<int>{-1}) << "a place was given twice";
      place = members;
    }
  }
  return out;
}

TEST(BlockPlan, GivesEveryCombinationOfEveryBlockItsPlace) {
  WorldOptions options;
  options.n_criteria = 12;
  for (const int n_forced : {0, 2}) {
    options.n_forced = n_forced;
    const panel::Design design = make_world(options);
    const universe::Universe universe =
        make_universe(design, n_forced == 0 ? 1 : 2, 5, {{3, 7, ""}, {4, 9, ""}}, {{"g", {5, 6, 8}, 1}});
    for (const std::uint32_t most : {40U, 200U, 8192U}) {
      std::uint64_t seen = 0;
      for (const auto& block : universe.blocks(most / 4, most)) {
        const BlockPlan plan = search::plan_block(universe, block);
        const auto places = interpret(plan);
        std::size_t place = 0;
        for (const auto& range : block.ranges)
          for (std::uint32_t i = 0; i < range.count; ++i, ++place, ++seen) {
            std::vector<int> expected = universe.unrank(range.first_id + i);
            expected.erase(expected.begin(), expected.begin() + n_forced);
            for (int& m : expected) m -= n_forced;
            ASSERT_EQ(places[place], expected);
            ASSERT_EQ(plan.size_of_place[place], range.size);
            for (std::size_t k = 0; k < expected.size(); ++k)
              ASSERT_EQ(plan.members[place * static_cast<std::size_t>(plan.max_free) + k], expected[k]);
          }
      }
      EXPECT_EQ(seen, universe.count());
    }
  }
}

TEST(BlockPlan, AListIsAPrunedTreeInAnyOrder) {
  std::mt19937_64 random(3);
  std::vector<std::vector<int>> list = {{}, {4}, {0, 1, 2, 3}, {0, 1, 2, 5}, {0, 5}, {0, 1, 3, 5}, {2, 4, 6}, {1}, {0, 1}};
  for (int round = 0; round < 20; ++round) {
    std::shuffle(list.begin(), list.end(), random);
    const BlockPlan plan = search::plan_list(list, 1, 4);
    EXPECT_EQ(interpret(plan), list);
    EXPECT_EQ(std::count_if(plan.steps.begin(), plan.steps.end(), [](const Step& s) { return s.kind == Step::Kind::down; }),
              3);  // 0 and 0 1 for three, 2 for one
  }
}

TEST(BlockPlan, APieceHoldsItsPartOfTheWholeAndGoesDownItsOwnPaths) {
  WorldOptions options;
  options.n_criteria = 10;
  for (const int n_forced : {0, 1}) {
    options.n_forced = n_forced;
    const panel::Design design = make_world(options);
    const universe::Universe universe = make_universe(design, 1, 5, {{3, 7, ""}});
    for (const auto& block : universe.blocks(100, 300)) {
      const BlockPlan whole = search::plan_block(universe, block);
      const auto expected = interpret(whole);
      for (const int most : {1, 3, 17, 10000}) {
        std::vector<char> seen(static_cast<std::size_t>(whole.n_places));
        for (const search::PlanPiece& piece : search::cut_plan(whole, most)) {
          ASSERT_LE(piece.plan.n_places, most);
          ASSERT_EQ(piece.place.size(), static_cast<std::size_t>(piece.plan.n_places));
          const auto given = interpret(piece.plan);
          for (std::size_t i = 0; i < given.size(); ++i) {
            const std::size_t place = static_cast<std::size_t>(piece.place[i]);
            EXPECT_EQ(given[i], expected[place]);
            EXPECT_EQ(piece.plan.size_of_place[i], whole.size_of_place[place]);
            EXPECT_EQ(seen[place]++, 0);
          }
        }
        EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), whole.n_places);
      }
    }
  }
}

}  // namespace
}  // namespace nokkel::testing
