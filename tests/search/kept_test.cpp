/// Mode `kept`: the best have the rows that they have in a whole result, to the bit; the others their score.
#include "engine/search/kept.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "engine/search/work.h"
#include "tests/support/worlds.h"

namespace nokkel::testing {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();

RecordBlock scores(int outcome, std::uint64_t first, const std::vector<double>& score) {
  RecordBlock block;
  block.outcome = outcome;
  block.axis = Axis::universe;
  block.ranges = {{1, first, static_cast<std::uint32_t>(score.size())}};
  block.values[static_cast<std::size_t>(Var::score_all)].real = score;
  return block;
}

TEST(KeptRows, AreTheBestByScoreThenNumber) {
  search::KeptRows best(1, 4);
  best.add(scores(0, 3, {2, kNaN, 1, 1}));
  best.add(scores(0, 0, {1, 5, kInfinity}));
  EXPECT_EQ(best.ids(), (std::vector<std::uint32_t>{0, 3, 5, 6}));
}

TEST(KeptRows, WithoutAScoreComeLastByNumber) {
  search::KeptRows best(1, 4);
  best.add(scores(0, 0, {kNaN, kInfinity, 3, kNaN, kNaN}));
  EXPECT_EQ(best.ids(), (std::vector<std::uint32_t>{0, 1, 2, 3}));
}

TEST(KeptRows, OfSeveralOutcomesGoByTheBestPlaceInAnyOfThem) {
  search::KeptRows best(2, 3);
  best.add(scores(0, 0, {1, 2, 3, 4, 5}));
  best.add(scores(1, 0, {5, 4, 3, 2, 1}));
  EXPECT_EQ(best.ids(), (std::vector<std::uint32_t>{0, 1, 4})) << "places: 0 and 4 first, 1 and 3 second";
}

Statistics small_statistics() {
  Statistics s;
  s.seed = 20141201;
  s.n_pairs = 39;
  s.n_half_pairs = 25;
  s.n_folds = 5;
  s.n_repeats = 3;
  s.n_selected = 10;
  return s;
}

World mixed_world() {
  WorldOptions options;
  options.n_criteria = 12;
  options.n_outcomes = 2;
  options.n_years = 3;
  options.n_controls = 1;
  options.n_forced = 1;
  options.with_dummy = true;
  options.unavailable_year = 1;
  panel::Design design = make_world(options);
  universe::Universe universe = make_universe(design, 1, 4, {{3, 5, "listed"}});
  return make_job(std::move(design), std::move(universe), small_statistics());
}

MemorySink run_kept(const World& world, std::uint64_t keep, int n_threads) {
  search::Job job = world.job();
  job.keep = keep;
  return run_in_memory(job, n_threads);
}

template <class T>
std::vector<T> rows_of(const std::vector<T>& all, std::size_t n, const std::vector<std::uint32_t>& ids) {
  const std::size_t stride = all.size() / n;
  std::vector<T> out;
  for (const std::uint32_t id : ids)
    out.insert(out.end(), all.begin() + static_cast<std::ptrdiff_t>(id * stride),
               all.begin() + static_cast<std::ptrdiff_t>((id + 1) * stride));
  return out;
}

/// The list pass and the walk agree to the bit.
TEST(Kept, RowsEqualThoseOfAWholeResult) {
  const World world = mixed_world();
  const MemorySink whole = run_in_memory(world.job());
  const std::size_t n = world.universe.count();
  for (const int n_threads : {1, 2, 3}) {
    const MemorySink kept = run_kept(world, 60, n_threads);
    ASSERT_EQ(kept.kept.size(), 60U);
    EXPECT_EQ(kept.extents.n_combinations, 60U);
    EXPECT_EQ(kept.extents.n_universe, n);
    for (const VariableInfo& v : variables())
      for (int o = 0; o < 2; ++o) {
        if (!v.in_loop && v.id != Var::top_share) continue;
        const Values &a = whole.values.at({v.id, o}), &b = kept.values.at({v.id, o});
        EXPECT_TRUE(same_bits(rows_of(a.real, n, kept.kept), b.real)) << v.name;
        EXPECT_EQ(rows_of(a.int32, n, kept.kept), b.int32) << v.name;
        EXPECT_EQ(rows_of(a.int8, n, kept.kept), b.int8) << v.name;
      }
  }
}

/// score_all is score, but where the bootstrap has few replicates, which the first pass does not draw.
TEST(Kept, EveryCombinationHasItsScore) {
  const World world = mixed_world();
  const MemorySink whole = run_in_memory(world.job()), kept = run_kept(world, 7, 2);
  for (int o = 0; o < 2; ++o) {
    const std::vector<double>&score = whole.real(Var::score, o), &all = kept.real(Var::score_all, o);
    const std::vector<std::int8_t>& status = whole.int8(Var::status, o);
    ASSERT_EQ(all.size(), world.universe.count());
    std::size_t n_few = 0;
    for (std::size_t id = 0; id < all.size(); ++id) {
      const auto year = status.begin() + static_cast<std::ptrdiff_t>(3 * id);
      const bool few = std::count(year, year + 3, static_cast<std::int8_t>(Status::few_replicates)) > 0;
      n_few += few ? 1 : 0;
      EXPECT_TRUE(few || same_bits({score[id]}, {all[id]})) << id;
    }
    EXPECT_GT(n_few, 0U);
  }
}

TEST(Kept, AllRowsKeptAreTheWholeResult) {
  const World world = mixed_world();
  const MemorySink whole = run_in_memory(world.job()), kept = run_kept(world, world.universe.count(), 2);
  for (const auto& [key, a] : whole.values) {
    const Values& b = kept.values.at(key);
    EXPECT_TRUE(same_bits(a.real, b.real)) << info(key.first).name;
    EXPECT_EQ(a.int32, b.int32) << info(key.first).name;
    EXPECT_EQ(a.int8, b.int8) << info(key.first).name;
  }
}

TEST(Kept, TheSameBitsForAnyNumberOfThreads) {
  const World world = mixed_world();
  const MemorySink one = run_kept(world, 60, 1);
  for (const int n : {2, 7}) {
    const MemorySink other = run_kept(world, 60, n);
    EXPECT_EQ(one.kept, other.kept);
    expect_same(one, other);
  }
}

/// Ranks go by tiers of 1 % before they go by stability: those of tiers that are kept whole are those of the whole result.
TEST(Kept, RanksOfWholeTiersAreThoseOfTheWholeResult) {
  WorldOptions options;
  options.n_criteria = 10;
  panel::Design design = make_world(options);
  universe::Universe universe = make_universe(design, 1, 4);
  const World world = make_job(std::move(design), std::move(universe), small_statistics());
  const MemorySink whole = run_in_memory(world.job()), kept = run_kept(world, 100, 1);
  const std::vector<double>& score = kept.real(Var::score);
  const double best = *std::min_element(score.begin(), score.end()), worst = *std::max_element(score.begin(), score.end());
  int n_compared = 0;
  for (std::size_t row = 0; row < 100; ++row) {
    if (std::floor(100 * (score[row] / best - 1)) == std::floor(100 * (worst / best - 1))) continue;
    EXPECT_EQ(kept.int32(Var::rank)[row], whole.int32(Var::rank)[kept.kept[row]]);
    ++n_compared;
  }
  EXPECT_GT(n_compared, 20);
}

/// Figures of the selected by combination: [outcome, selected, ...] of one variable.
std::map<std::int64_t, std::vector<double>> by_combination(const MemorySink& sink, Var v, int outcome) {
  const std::vector<std::int32_t>& selected = sink.int32(Var::selected_combination, outcome);
  const std::vector<double>& values = sink.real(v, outcome);
  const std::size_t stride = values.size() / selected.size();
  std::map<std::int64_t, std::vector<double>> out;
  for (std::size_t s = 0; s < selected.size(); ++s) {
    if (selected[s] < 0) continue;
    const std::int64_t id = sink.kept.empty() ? selected[s] : sink.kept[static_cast<std::size_t>(selected[s])];
    const auto from = values.begin() + static_cast<std::ptrdiff_t>(s * stride);
    out[id] = {from, from + static_cast<std::ptrdiff_t>(stride)};
  }
  return out;
}

/// Quantiles of coefficients and of ranks are those of the whole result, though the half-samples of a kept combination are
/// walked twice: ranks count every combination once.
TEST(Kept, QuantilesOfTheSelectedAreThoseOfTheWholeResult) {
  World world = mixed_world();
  world.statistics.n_selected = 40;
  world.statistics.quantiles_of = QuantilesOf::all;
  const MemorySink whole = run_in_memory(world.job()), kept = run_kept(world, 60, 2);
  for (const Var v :
       {Var::coef_quantile, Var::rank_quantile, Var::rank_quantile_error, Var::rank_expected, Var::rank_expected_error})
    for (int o = 0; o < 2; ++o) {
      const auto all = by_combination(whole, v, o), some = by_combination(kept, v, o);
      int n_compared = 0;
      for (const auto& [id, values] : some)
        if (const auto at = all.find(id); at != all.end()) {
          EXPECT_TRUE(same_bits(at->second, values)) << info(v).name << " of " << id;
          ++n_compared;
        }
      EXPECT_GE(n_compared, 20);
    }
  const std::size_t n = world.universe.count();
  for (int o = 0; o < 2; ++o)
    EXPECT_TRUE(same_bits(rows_of(whole.real(Var::coef_quantile_all, o), n, kept.kept), kept.real(Var::coef_quantile_all, o)));
}

/// Blocks are handed out by number and let go: only those at hand are held.
TEST(BlockWindow, HandsOutTheBlocksOfTheUniverse) {
  const World world = mixed_world();
  const auto blocks = world.universe.blocks(search::least_places(world.universe), search::kMostPlaces);
  const search::BlockCount count = search::count_blocks(world.universe);
  ASSERT_EQ(count.n_blocks, blocks.size());
  search::BlockWindow window(world.universe);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::size_t ahead = std::min(i + 1, blocks.size() - 1);
    EXPECT_EQ(window.get(ahead).ranges[0].first_id, blocks[ahead].ranges[0].first_id);
    EXPECT_EQ(window.get(i).prefix, blocks[i].prefix);
    EXPECT_EQ(window.get(i).count(), blocks[i].count());
    if (i < ahead) window.let_go(i);
  }
}

}  // namespace
}  // namespace nokkel::testing
