/// What follows the loop, from definitions: ranks in half-samples by GCV, and the error of cv_rmse over units.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/qr.h"
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
