/// Sizes and tails at which tiles, vectors and triangles begin and end: each whole run against the row-by-row twin.
#include <gtest/gtest.h>

#include "tests/reference/slow_search.h"
#include "tests/support/expect_close.h"
#include "tests/support/worlds.h"

namespace nokkel::testing {
namespace {

Statistics few() {
  Statistics s;
  s.seed = 3;
  s.n_pairs = 9;
  s.n_half_pairs = 2;
  s.n_folds = 4;
  s.n_repeats = 1;
  s.n_selected = 5;
  return s;
}

void run_against_twin(const WorldOptions& options, int min_size, int max_size, const Statistics& statistics) {
  panel::Design design = make_world(options);
  universe::Universe universe = make_universe(design, min_size, max_size);
  const World world = make_job(std::move(design), std::move(universe), statistics);
  expect_close(run_in_memory(world.job()), slow_search(world.job()));
}

TEST(Extents, CombinationsOfEightOutOf128Criteria) {
  WorldOptions options;
  options.n_criteria = 128;
  options.n_forced = 7;
  options.n_units = 60;
  options.n_years = 1;
  Statistics s = few();
  s.n_pairs = 97;  // a tile and one replicate more
  run_against_twin(options, 8, 8, s);
}

TEST(Extents, PairsOutOf128CriteriaOverTwoYears) {
  WorldOptions options;
  options.n_criteria = 128;
  options.n_units = 40;
  Statistics s = few();
  s.n_pairs = 3;
  s.n_half_pairs = 1;
  run_against_twin(options, 1, 2, s);
}

TEST(Extents, EverySizeFromOneToNine) {
  WorldOptions options;
  options.n_criteria = 9;
  options.n_units = 50;
  run_against_twin(options, 1, 9, few());
}

/// Replicates that fill vectors and tiles (8, 48, 96 lanes) just, not quite, and just too well; one year has tiles of 96 lanes.
TEST(Extents, AnyNumberOfReplicates) {
  for (const int n_years : {1, 2})
    for (const int n_pairs : {2, 7, 8, 47, 48, 49, 95, 96, 97, 383, 384, 385}) {
      SCOPED_TRACE(std::to_string(n_years) + " years, " + std::to_string(n_pairs) + " replicates");
      WorldOptions options;
      options.n_years = n_years;
      options.n_criteria = 3;
      Statistics s = few();
      s.n_pairs = n_pairs;
      s.n_half_pairs = n_pairs / 2 + 1;
      run_against_twin(options, 1, 3, s);
    }
}

/// Fold tiles hold whole runs of repeats, unless there are more repeats than lanes.
TEST(Extents, AnyNumberOfFoldsAndRepeats) {
  for (const auto& [n_folds, n_repeats] : {std::pair{2, 1}, {10, 10}, {3, 33}, {2, 49}, {2, 96}, {2, 100}, {25, 4}}) {
    SCOPED_TRACE(std::to_string(n_folds) + " folds, " + std::to_string(n_repeats) + " repeats");
    WorldOptions options;
    options.n_criteria = 3;
    Statistics s = few();
    s.n_folds = n_folds;
    s.n_repeats = n_repeats;
    run_against_twin(options, 1, 2, s);
  }
}

}  // namespace
}  // namespace nokkel::testing
