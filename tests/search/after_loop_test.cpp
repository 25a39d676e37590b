/// What follows the loop, from definitions: ranks in half-samples by GCV, and the error of cv_rmse over units.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/qr.h"
#include "tests/reference/slow_search.h"
#include "tests/support/worlds.h"

namespace nokkel::testing {
namespace {

using resample::Stream;

/// One combination on one cell, by rows.
struct RowFit {
  std::vector<const double*> columns;
  const panel::Cell& cell;

  RowFit(const panel::Cell& c, const std::vector<int>& members) : cell(c) {
    for (const int m : members) columns.push_back(c.x.data() + static_cast<std::size_t>(m) * c.y.size());
  }
  [[nodiscard]] kernels::LeastSquares on(const std::vector<double>& weight) const {
    return kernels::least_squares(cell.n_rows(), columns, cell.y.data(), weight.data(), true);
  }
  [[nodiscard]] double squared_error(const kernels::LeastSquares& fit, std::size_t i) const {
    double e = cell.y[i] - fit.intercept;
    for (std::size_t j = 0; j < columns.size(); ++j) e -= fit.b[j] * columns[j][i];
    return e * e;
  }
};

std::vector<double> weights_of(const resample::Provider& provider, const panel::Cell& cell, Stream stream, int replicate) {
  std::vector<double> unit(static_cast<std::size_t>(provider.n_units())), w;
  provider.weights(stream, replicate, 1, unit.data(), 1);
  for (const auto u : cell.unit) w.push_back(unit[static_cast<std::size_t>(u)]);
  return w;
}

World make_small() {
  WorldOptions options;
  options.n_criteria = 6;
  options.n_years = 3;
  panel::Design design = make_world(options);
  universe::Universe universe = make_universe(design, 1, 3);
  Statistics s;
  s.seed = 3;
  s.n_pairs = 39;
  s.n_half_pairs = 30;
  s.n_folds = 4;
  s.n_repeats = 3;
  s.n_selected = 12;
  return make_job(std::move(design), std::move(universe), s);
}

TEST(AfterLoop, TopSharesAndRankProbabilitiesCountRanksByGcvOverHalfSamples) {
  const World world = make_small();
  const MemorySink sink = run_in_memory(world.job(), 2);
  const std::uint64_t n = world.universe.count();
  const auto& cells = world.design.outcomes[0].cells;
  std::vector<std::vector<int>> rank_of_half;
  for (int half = 0; half < 60; ++half) {
    std::vector<std::pair<double, std::uint64_t>> value;
    for (std::uint64_t id = 0; id < n; ++id) {
      const std::vector<int> members = world.universe.unrank(id);
      double sum = 0;
      for (const panel::Cell& cell : cells) {
        const RowFit rows(cell, members);
        const auto fit = rows.on(weights_of(*world.providers[0], cell, Stream::halves, half));
        const auto full = rows.on(std::vector<double>(cell.y.size(), 1.0));
        const double k = static_cast<double>(members.size()) + 1, share = 1 - k / fit.n;
        sum += fit.sse / fit.n / (share * share) / (full.sst / full.n);
      }
      value.emplace_back(sum / static_cast<double>(cells.size()), id);
    }
    std::sort(value.begin(), value.end());
    std::vector<int> rank(n);
    for (std::size_t r = 0; r < value.size(); ++r) rank[value[r].second] = static_cast<int>(r);
    rank_of_half.push_back(std::move(rank));
  }
  const int top = search::top_of(n);
  for (std::uint64_t id = 0; id < n; ++id) {
    const auto among = std::count_if(rank_of_half.begin(), rank_of_half.end(), [&](const auto& r) { return r[id] < top; });
    EXPECT_NEAR(sink.real(Var::top_share)[id], static_cast<double>(among) / 60, 1e-12) << id;
  }
  const std::size_t positions = static_cast<std::size_t>(sink.extents.n_rank_positions);
  for (std::size_t s = 0; s < 12; ++s) {
    const auto id = static_cast<std::size_t>(sink.int32(Var::selected_combination)[s]);
    for (std::size_t r = 0; r < positions; ++r) {
      const auto with_rank = std::count_if(rank_of_half.begin(), rank_of_half.end(),
                                           [&](const auto& rank) { return rank[id] == static_cast<int>(r); });
      EXPECT_NEAR(sink.real(Var::rank_probability)[s * positions + r], static_cast<double>(with_rank) / 60, 1e-12);
    }
  }
}

/// Ranks (from 1) of every combination in every half-sample, from GCV on rows.
std::vector<std::vector<double>> ranks_by_rows(const World& world) {
  const std::uint64_t n = world.universe.count();
  const auto& cells = world.design.outcomes[0].cells;
  std::vector<std::vector<double>> rank_of_half;
  for (int half = 0; half < 2 * world.statistics.n_half_pairs; ++half) {
    std::vector<std::pair<double, std::uint64_t>> value;
    for (std::uint64_t id = 0; id < n; ++id) {
      double sum = 0;
      for (const panel::Cell& cell : cells) {
        const RowFit rows(cell, world.universe.unrank(id));
        const auto fit = rows.on(weights_of(*world.providers[0], cell, Stream::halves, half));
        const auto full = rows.on(std::vector<double>(cell.y.size(), 1.0));
        const double share = 1 - (static_cast<double>(world.universe.unrank(id).size()) + 1) / fit.n;
        sum += fit.sse / fit.n / (share * share) / (full.sst / full.n);
      }
      value.emplace_back(sum / static_cast<double>(cells.size()), id);
    }
    std::sort(value.begin(), value.end());
    std::vector<double> rank(n);
    for (std::size_t r = 0; r < value.size(); ++r) rank[value[r].second] = static_cast<double>(r) + 1;
    rank_of_half.push_back(std::move(rank));
  }
  return rank_of_half;
}

struct TrueRank {
  double expected = 0;
  std::vector<double> quantile;
};
TrueRank true_rank(const std::vector<std::vector<double>>& rank_of_half, std::size_t id) {
  std::vector<double> ranks;
  TrueRank out;
  for (const auto& rank : rank_of_half) {
    ranks.push_back(rank[id]);
    out.expected += rank[id] / static_cast<double>(rank_of_half.size());
  }
  for (const double level : kRankLevels) out.quantile.push_back(plain_quantile(ranks, level));
  return out;
}

// 41 combinations: all of them lead, so that every rank is known.
TEST(AfterLoop, RankQuantilesOfASmallUniverseAreExact) {
  const World world = make_small();
  ASSERT_LE(world.universe.count(), 100U);
  const MemorySink sink = run_in_memory(world.job(), 2);
  const auto ranks = ranks_by_rows(world);
  for (std::size_t s = 0; s < 12; ++s) {
    const TrueRank expected = true_rank(ranks, static_cast<std::size_t>(sink.int32(Var::selected_combination)[s]));
    EXPECT_EQ(sink.real(Var::rank_expected_error)[s], 0);
    EXPECT_NEAR(sink.real(Var::rank_expected)[s], expected.expected, 1e-12 * expected.expected);
    for (std::size_t q = 0; q < 3; ++q) {
      EXPECT_EQ(sink.real(Var::rank_quantile_error)[s * 3 + q], 0);
      EXPECT_NEAR(sink.real(Var::rank_quantile)[s * 3 + q], expected.quantile[q], 1e-12 * expected.quantile[q]);
    }
  }
}

// 385 combinations of which 100 lead: the bins alone bound the ranks of the others; 300 of them are kept.
TEST(AfterLoop, TheTrueRankLiesWithinTheBoundOfItsBin) {
  WorldOptions options;
  options.n_criteria = 10;
  options.n_years = 2;
  panel::Design design = make_world(options);
  universe::Universe universe = make_universe(design, 1, 4);
  Statistics s;
  s.seed = 9;
  s.n_pairs = 19;
  s.n_half_pairs = 8;
  s.n_folds = 3;
  s.n_repeats = 1;
  s.n_selected = 300;
  const World world = make_job(std::move(design), std::move(universe), s);
  ASSERT_GT(world.universe.count(), 300U);
  const MemorySink sink = run_in_memory(world.job(), 2);
  expect_same(sink, run_in_memory(world.job(), 1));
  const auto ranks = ranks_by_rows(world);
  double worst = 0;
  int n_bounded = 0;
  for (std::size_t i = 0; i < 300; ++i) {
    const TrueRank expected = true_rank(ranks, static_cast<std::size_t>(sink.int32(Var::selected_combination)[i]));
    const double rounding = 1e-12 * expected.expected, error = sink.real(Var::rank_expected_error)[i];
    EXPECT_LE(std::fabs(sink.real(Var::rank_expected)[i] - expected.expected), error + rounding) << i;
    worst = std::max(worst, error);
    n_bounded += error > 0 ? 1 : 0;
    for (std::size_t q = 0; q < 3; ++q)
      EXPECT_LE(std::fabs(sink.real(Var::rank_quantile)[i * 3 + q] - expected.quantile[q]),
                sink.real(Var::rank_quantile_error)[i * 3 + q] + rounding)
          << i;
  }
  EXPECT_GT(n_bounded, 0);  // something was left to the bins
  EXPECT_LT(worst, 20);     // and they resolve: 385 combinations in 1,024 bins, 20 in one of them at most
}

TEST(AfterLoop, TheErrorOverUnitsIsThatOfTheirSquaredHeldOutErrors) {
  const World world = make_small();
  const MemorySink sink = run_in_memory(world.job());
  for (std::size_t s = 0; s < 12; ++s) {
    const std::vector<int> members =
        world.universe.unrank(static_cast<std::uint64_t>(sink.int32(Var::selected_combination)[s]));
    for (std::size_t t = 0; t < 3; ++t) {
      const panel::Cell& cell = world.design.outcomes[0].cells[t];
      const RowFit rows(cell, members);
      std::vector<double> loss(cell.y.size(), 0.0);
      for (int set = 0; set < 12; ++set) {
        const std::vector<double> test = weights_of(*world.providers[0], cell, Stream::folds, set);
        std::vector<double> train = test;
        for (double& w : train) w = 1 - w;
        const auto fit = rows.on(train);
        for (std::size_t i = 0; i < loss.size(); ++i)
          if (test[i] != 0) loss[i] += rows.squared_error(fit, i) / 3;
      }
      const double n = static_cast<double>(loss.size());
      double mean = 0, square = 0;
      for (const double l : loss) mean += l / n;
      for (const double l : loss) square += (l - mean) * (l - mean);
      const double expected = std::sqrt(square / (n - 1) / n) / (2 * std::sqrt(mean));
      EXPECT_NEAR(sink.real(Var::cv_rmse_unit_se)[s * 3 + t], expected, 1e-9 * expected);
    }
  }
}

TEST(AfterLoop, InclusionIsTheShareOfTheSelectedThatHoldACriterion) {
  const World world = make_small();
  const MemorySink sink = run_in_memory(world.job());
  std::vector<double> count(6, 0.0);
  for (const auto id : sink.int32(Var::selected_combination))
    for (const int m : world.universe.unrank(static_cast<std::uint64_t>(id))) count[static_cast<std::size_t>(m)] += 1.0 / 12;
  for (std::size_t j = 0; j < 6; ++j) EXPECT_NEAR(sink.real(Var::inclusion_share)[j], count[j], 1e-12);
}

}  // namespace
}  // namespace nokkel::testing
