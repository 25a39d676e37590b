/// The search against its slow twin, and what must not change it.
#include "engine/search/search.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/memory_nodes.h"
#include "kernels/sweep.h"
#include "tests/reference/slow_search.h"
#include "tests/support/expect_close.h"
#include "tests/support/worlds.h"

namespace nokkel::testing {
namespace {

Statistics small_statistics() {
  Statistics s;
  s.seed = 20141201;
  s.n_pairs = 39;
  s.n_half_pairs = 25;
  s.n_folds = 5;
  s.n_repeats = 3;
  s.n_selected = 10;
  s.quantiles = {0.025, 0.31, 0.5, 0.975};  // of 39 replicates: the first, between two, the middle, the last
  s.quantiles_of = QuantilesOf::all;
  return s;
}

TEST(Search, EqualsTheRowByRowTwin) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    WorldOptions options;
    options.seed = seed;
    options.n_criteria = 7;
    panel::Design design = make_world(options);
    universe::Universe universe = make_universe(design, 1, 4);
    const World world = make_job(std::move(design), std::move(universe), small_statistics());
    expect_close(run_in_memory(world.job()), slow_search(world.job()), kTolerance);
  }
}

TEST(Search, EqualsTheTwinWithControlsForcedCriteriaExcludedPairsAndGroups) {
  WorldOptions options;
  options.seed = 7;
  options.n_controls = 1;
  options.n_forced = 1;
  options.n_years = 3;
  options.n_outcomes = 2;
  options.unavailable_year = 1;
  panel::Design design = make_world(options);
  universe::Universe universe = make_universe(design, 1, 4, {{2, 5, "listed"}}, {{"g", {3, 4}, 1}});
  const World world = make_job(std::move(design), std::move(universe), small_statistics());
  expect_close(run_in_memory(world.job()), slow_search(world.job()), kTolerance);
}

TEST(Search, EqualsTheTwinWithADummyThatIsConstantInManyReplicates) {
  WorldOptions options;
  options.seed = 11;
  options.with_dummy = true;
  options.n_criteria = 6;
  options.n_forced = 0;
  panel::Design design = make_world(options);
  universe::Universe universe = make_universe(design, 2, 3);
  const World world = make_job(std::move(design), std::move(universe), small_statistics());
  const MemorySink fast = run_in_memory(world.job());
  expect_close(fast, slow_search(world.job()), kTolerance);
  EXPECT_NE(std::count(fast.int8(Var::status).begin(), fast.int8(Var::status).end(),
                       static_cast<std::int8_t>(Status::few_replicates)),
            0);
}

/// The instruction sets that this processor runs, by level.
std::vector<KernelLevel> levels() {
  std::vector<KernelLevel> out{KernelLevel::portable};
  if (kernels::kernels_for(kernels::Isa::v3) != nullptr) out.push_back(KernelLevel::v3);
  if (kernels::kernels_for(kernels::Isa::v4) != nullptr) out.push_back(KernelLevel::v4);
  return out;
}

World world_of_levels() {
  WorldOptions options;
  options.with_dummy = true;
  options.n_years = 3;
  options.n_controls = 1;
  options.n_forced = 1;
  options.unavailable_year = 1;
  panel::Design design = make_world(options);
  universe::Universe universe = make_universe(design, 2, 4);
  return make_job(std::move(design), std::move(universe), small_statistics());
}

TEST(Search, TheInstructionSetAskedForIsTheOneThatRan) {
  const World world = world_of_levels();
  const std::vector<std::string> names{"portable", "v3", "v4"};
  const std::vector<KernelLevel> all = levels();
  for (std::size_t i = 0; i < all.size(); ++i) {
    search::Summary summary;
    run_in_memory(world.job(), 1, all[i], &summary);
    EXPECT_EQ(summary.kernel, names[i]);
  }
}

TEST(Search, EveryInstructionSetEqualsTheTwin) {
  const World world = world_of_levels();
  const MemorySink slow = slow_search(world.job());
  for (const KernelLevel level : levels()) expect_close(run_in_memory(world.job(), 1, level), slow, kTolerance);
}

/// Whole runs of the fused sets, to the bit. A processor with one of them has nothing to compare, which `levels` shows.
TEST(Search, WholeRunsOnFusedInstructionSetsAreEqualToTheBit) {
  const World world = world_of_levels();
  const std::vector<KernelLevel> all = levels();
  RecordProperty("instruction_sets", static_cast<int>(all.size()));
  for (std::size_t i = 2; i < all.size(); ++i)
    expect_same(run_in_memory(world.job(), 2, all[1]), run_in_memory(world.job(), 1, all[i]));
}

TEST(Search, GivesTheSameBitsForAnyNumberOfThreads) {
  WorldOptions options;
  options.n_criteria = 14;
  options.n_outcomes = 2;
  panel::Design design = make_world(options);
  universe::Universe universe = make_universe(design, 1, 4);
  const World world = make_job(std::move(design), std::move(universe), small_statistics());
  const MemorySink one = run_in_memory(world.job(), 1);
  for (const int n : {2, 3, 7, 64, 200}) expect_same(one, run_in_memory(world.job(), n));
}

/// Two memory nodes of the same processors: workers are dealt out over them, each reads its own copy of the moments.
TEST(Search, GivesTheSameBitsOnSeveralMemoryNodes) {
  WorldOptions options;
  options.n_criteria = 14;
  options.n_outcomes = 2;
  panel::Design design = make_world(options);
  universe::Universe universe = make_universe(design, 1, 4);
  const World world = make_job(std::move(design), std::move(universe), small_statistics());
  const MemorySink one = run_in_memory(world.job(), 1);
  const std::vector<int> all = memory_nodes()[0];
  for (const std::size_t limit : {std::size_t{0}, std::size_t{1}}) {
    for (const int n : {2, 3, 7}) {
      Execution execution;
      execution.n_threads = n;
      execution.memory_nodes = {all, all};
      if (limit > 0) {  // room for one copy, not for two
        const std::size_t two = search::plan(world.job(), execution, false).memory_bytes;
        execution.memory_limit = two - 1;
      }
      MemorySink sink;
      const search::Summary summary = search::run(world.job(), execution, sink);
      EXPECT_EQ(summary.plan.n_memory_nodes, 2);
      EXPECT_EQ(summary.plan.n_tile_copies, limit > 0 ? 1 : 2);
      expect_same(one, sink);
    }
  }
}

/// Ranks are made of what the sink gives back: all years in one go, or a year at a time.
TEST(Search, RanksAreTheSameMadeTogetherOrAYearAtATime) {
  WorldOptions options;
  options.n_years = 3;
  options.n_outcomes = 2;
  options.unavailable_year = 1;
  options.with_dummy = true;
  panel::Design design = make_world(options);
  universe::Universe universe = make_universe(design, 1, 3);
  const World world = make_job(std::move(design), std::move(universe), small_statistics());
  const MemorySink together = run_in_memory(world.job());
  MemorySink apart;
  Execution execution;
  execution.n_threads = 1;
  execution.ranks_together = 0;
  search::run(world.job(), execution, apart);
  EXPECT_EQ(apart.n_after, together.n_after + 2 * (3 - 1)) << "rank_by_year of two outcomes, each year by itself";
  expect_same(together, apart);
}

}  // namespace
}  // namespace nokkel::testing
