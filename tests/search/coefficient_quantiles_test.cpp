/// Quantiles of coefficients over pairs replicates, of the selected: from their definition, and against those of every
/// combination. Those of every combination are compared with the slow twin in search_test.cpp.
#include "engine/search/coefficient_quantiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/qr.h"
#include "tests/reference/slow_search.h"
#include "tests/support/worlds.h"

namespace nokkel::testing {
namespace {

using resample::Stream;

Statistics with_quantiles(QuantilesOf of) {
  Statistics s;
  s.seed = 5;
  s.n_pairs = 119;  // a whole tile and a part of one; 0.025 and 0.975 are whole positions
  s.n_half_pairs = 10;
  s.n_folds = 4;
  s.n_repeats = 2;
  s.n_selected = 9;
  s.quantiles = {0.025, 0.333, 0.5, 0.975};
  s.quantiles_of = of;
  return s;
}

World make_quantile_world(QuantilesOf of) {
  WorldOptions options;
  options.n_criteria = 7;
  options.n_forced = 1;
  options.n_controls = 1;
  options.unavailable_year = 1;
  panel::Design design = make_world(options);
  universe::Universe universe = make_universe(design, 1, 3);
  return make_job(std::move(design), std::move(universe), with_quantiles(of));
}

/// Coefficients of one criterion over the replicates that have a fit, by QR on rows.
std::vector<double> by_rows(const World& world, const panel::Cell& cell, const std::vector<int>& members, std::size_t slot) {
  const std::size_t n_controls = world.design.controls.size();
  std::vector<const double*> columns;
  for (std::size_t j = 0; j < n_controls; ++j) columns.push_back(cell.x.data() + j * cell.y.size());
  for (const int m : members) columns.push_back(cell.x.data() + (n_controls + static_cast<std::size_t>(m)) * cell.y.size());
  std::vector<double> out, unit(static_cast<std::size_t>(world.providers[0]->n_units())), w(cell.y.size());
  for (int r = 0; r < world.statistics.n_pairs; ++r) {
    world.providers[0]->weights(Stream::pairs, r, 1, unit.data(), 1);
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = unit[static_cast<std::size_t>(cell.unit[i])];
    const auto fit = kernels::least_squares(cell.n_rows(), columns, cell.y.data(), w.data(), true);
    if (fit.full_rank) out.push_back(fit.b[n_controls + slot]);
  }
  return out;
}

TEST(CoefficientQuantiles, OfTheSelectedAreThoseOfTheirReplicates) {
  const World world = make_quantile_world(QuantilesOf::selected);
  const MemorySink sink = run_in_memory(world.job());
  const std::vector<double>& given = sink.real(Var::coef_quantile);
  const std::size_t n_criteria = world.design.criteria.size(), n_levels = world.statistics.quantiles.size();
  ASSERT_EQ(given.size(), 9 * 2 * n_criteria * n_levels);
  EXPECT_TRUE(sink.real(Var::coef_quantile_all).empty());
  std::size_t n_numbers = 0;
  for (std::size_t s = 0; s < 9; ++s) {
    const auto id = static_cast<std::uint64_t>(sink.int32(Var::selected_combination)[s]);
    const std::vector<int> members = world.universe.unrank(id);
    for (std::size_t year = 0; year < 2; ++year)
      for (std::size_t c = 0; c < n_criteria; ++c) {
        const auto at = std::find(members.begin(), members.end(), static_cast<int>(c));
        const double* q = given.data() + ((s * 2 + year) * n_criteria + c) * n_levels;
        if (at == members.end() || sink.int8(Var::status)[id * 2 + year] != 0) {
          EXPECT_TRUE(std::all_of(q, q + n_levels, [](double x) { return std::isnan(x); }));
          continue;
        }
        const auto slot = static_cast<std::size_t>(at - members.begin());
        const std::vector<double> b = by_rows(world, world.design.outcomes[0].cells[year], members, slot);
        const double se = sink.real(Var::coef_boot_se)[(id * 2 + year) * static_cast<std::size_t>(sink.extents.n_slots) + slot];
        for (std::size_t level = 0; level < n_levels; ++level, ++n_numbers)
          EXPECT_NEAR(q[level], plain_quantile(b, world.statistics.quantiles[level]), 1e-10 * (se + std::fabs(q[level])));
      }
  }
  EXPECT_GT(n_numbers, 100U);
}

TEST(CoefficientQuantiles, OfTheSelectedEqualThoseOfEveryCombinationToTheBit) {
  const World world = make_quantile_world(QuantilesOf::all);
  const MemorySink sink = run_in_memory(world.job(), 3);
  expect_same(sink, run_in_memory(world.job(), 1));
  const std::vector<double>&of_all = sink.real(Var::coef_quantile_all), &of_selected = sink.real(Var::coef_quantile);
  const std::size_t n_criteria = world.design.criteria.size(), n_levels = world.statistics.quantiles.size(),
                    n_slots = static_cast<std::size_t>(sink.extents.n_slots);
  for (std::size_t s = 0; s < 9; ++s) {
    const auto id = static_cast<std::uint64_t>(sink.int32(Var::selected_combination)[s]);
    const std::vector<int> members = world.universe.unrank(id);
    for (std::size_t year = 0; year < 2; ++year)
      for (std::size_t slot = 0; slot < members.size(); ++slot) {
        const double* a = of_all.data() + ((id * 2 + year) * n_slots + slot) * n_levels;
        const double* b =
            of_selected.data() + ((s * 2 + year) * n_criteria + static_cast<std::size_t>(members[slot])) * n_levels;
        EXPECT_TRUE(same_bits({a, a + n_levels}, {b, b + n_levels})) << s << " " << year << " " << slot;
      }
  }
}

TEST(CoefficientQuantiles, NoneWhereNotAskedFor) {
  const World world = make_quantile_world(QuantilesOf::none);
  const MemorySink sink = run_in_memory(world.job());
  EXPECT_EQ(sink.extents.n_quantiles, 0);
  EXPECT_EQ(sink.values.count({Var::coef_quantile, 0}), 0U);
  EXPECT_TRUE(sink.real(Var::coef_quantile_all).empty());
}

// A list longer than what is held at a time is made in parts: B so large that two combinations fill it.
TEST(CoefficientQuantiles, AListIsMadeInParts) {
  World world = make_quantile_world(QuantilesOf::selected);
  Statistics s = world.statistics;
  s.n_pairs = 69999;
  s.n_half_pairs = 2;
  s.n_selected = 5;
  panel::Design design = std::move(world.design);
  universe::Universe universe = make_universe(design, 1, 2);
  const World large = make_job(std::move(design), std::move(universe), s);
  const MemorySink sink = run_in_memory(large.job());
  for (std::size_t k = 0; k < 5; ++k) {
    const auto id = static_cast<std::uint64_t>(sink.int32(Var::selected_combination)[k]);
    const std::size_t n_criteria = large.design.criteria.size();
    // The median of 69,999 replicates is within 6 of its own standard errors, 1.25 se / sqrt(B), of their mean, skewness aside:
    // |mean - median| < 0.1 se here.
    const double* q = sink.real(Var::coef_quantile).data() + k * 2 * n_criteria * 4;
    const double mean = sink.real(Var::coef_boot_mean)[id * 2 * static_cast<std::size_t>(sink.extents.n_slots)],
                 se = sink.real(Var::coef_boot_se)[id * 2 * static_cast<std::size_t>(sink.extents.n_slots)];
    EXPECT_NEAR(q[2], mean, 0.1 * se) << k;
    EXPECT_LT(q[0], q[1]);
    EXPECT_LT(q[1], q[2]);
    EXPECT_LT(q[2], q[3]);
  }
}

}  // namespace
}  // namespace nokkel::testing
