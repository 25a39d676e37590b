/// The selected on the report path: against screening, against QR on raw rows, and where there is no fit.
#include "engine/search/report_fits.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/qr.h"
#include "tests/support/report_agreement.h"
#include "tests/support/worlds.h"

namespace nokkel::testing {
namespace {

World make_reported(const WorldOptions& options, int max_size) {
  panel::Design design = make_world(options);
  universe::Universe universe = make_universe(design, std::max(1, options.n_forced), max_size);
  Statistics s;
  s.seed = 4;
  s.n_pairs = s.n_half_pairs = 0;
  s.n_folds = 3;
  s.n_repeats = 1;
  s.n_selected = 40;
  return make_job(std::move(design), std::move(universe), s);
}

TEST(ReportFits, AgreeWithScreeningWhereVifIsAtMost30) {
  int compared = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    WorldOptions options;
    options.seed = seed;
    options.n_controls = static_cast<int>(seed % 3);
    options.n_forced = static_cast<int>(seed % 2);
    options.n_outcomes = 2;
    options.n_years = 3;
    const World world = make_reported(options, 4);
    const MemorySink sink = run_in_memory(world.job());
    for (int o = 0; o < 2; ++o) compared += expect_report_agrees(sink, world.universe, o);
  }
  EXPECT_GT(compared, 800);
}

/// The same regression on the raw rows by the independent way; scales of the columns differ by 1e7.
TEST(ReportFits, EqualQrOnRawRows) {
  WorldOptions options;
  options.n_controls = 1;
  const World world = make_reported(options, 3);
  const MemorySink sink = run_in_memory(world.job());
  const auto& selected = sink.int32(Var::selected_combination);
  for (std::size_t s = 0; s < 40; ++s) {
    const std::vector<int> members = world.universe.unrank(static_cast<std::uint64_t>(selected[s]));
    for (std::size_t year = 0; year < 2; ++year) {
      const panel::Cell& cell = world.design.outcomes[0].cells[year];
      const std::size_t n = cell.y.size(), at = s * 2 + year;
      std::vector<const double*> columns{cell.x.data()};
      for (const int m : members) columns.push_back(cell.x.data() + static_cast<std::size_t>(m + 1) * n);
      const std::vector<double> ones(n, 1.0);
      const kernels::LeastSquares fit = kernels::least_squares(cell.n_rows(), columns, cell.y.data(), ones.data(), true);
      const double df = fit.n - static_cast<double>(columns.size()) - 1;
      const double vif = sink.real(Var::vif_max)[static_cast<std::size_t>(selected[s]) * 2 + year];
      // QR on 64-bit significands (Higham 2002, 20.8); then one rounding of each.
      const double bound = 4 * (0x1p-53 + static_cast<double>(n) * 16 * vif * 0x1p-63);
      const auto near = [&](double a, double b, double size) { EXPECT_NEAR(a, b, bound * std::max(std::fabs(b), size)); };
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const double se = std::sqrt(fit.sse / df * fit.v[i]);
        const std::size_t place = i == 0 ? at : at * 8 + static_cast<std::size_t>(members[i - 1]);
        near(sink.real(i == 0 ? Var::report_control_coef : Var::report_coef)[place], fit.b[i], se);
        near(sink.real(i == 0 ? Var::report_control_se : Var::report_coef_se)[place], se, 0);
      }
      near(sink.real(Var::report_r2)[at], 1 - fit.sse / fit.sst, 1);
      near(sink.real(Var::report_adj_r2)[at], 1 - fit.sse / fit.sst * (fit.n - 1) / df, 1);
      near(sink.real(Var::report_residual_sd)[at], std::sqrt(fit.sse / df), 0);
      near(sink.real(Var::report_intercept)[at], fit.intercept, sink.real(Var::report_intercept_se)[at]);
      for (int m = 0; m < 8; ++m)
        EXPECT_EQ(std::isnan(sink.real(Var::report_coef)[at * 8 + static_cast<std::size_t>(m)]),
                  std::find(members.begin(), members.end(), m) == members.end());
    }
  }
}

TEST(ReportFits, YearsWithoutTheCriterionAndPlacesWithoutACombinationAreMissing) {
  WorldOptions options;
  options.n_criteria = 4;
  options.unavailable_year = 1;
  const World world = make_reported(options, 2);  // 10 combinations
  const MemorySink sink = run_in_memory(world.job());
  const auto& selected = sink.int32(Var::selected_combination);
  ASSERT_EQ(selected.size(), 10U);
  for (std::size_t s = 0; s < 10; ++s) {
    if (selected[s] < 0) {
      for (std::size_t year = 0; year < 2; ++year) EXPECT_TRUE(std::isnan(sink.real(Var::report_r2)[s * 2 + year]));
      continue;
    }
    const std::vector<int> members = world.universe.unrank(static_cast<std::uint64_t>(selected[s]));
    const bool lacking = std::find(members.begin(), members.end(), 2) != members.end();
    EXPECT_FALSE(std::isnan(sink.real(Var::report_r2)[s * 2]));
    EXPECT_EQ(std::isnan(sink.real(Var::report_r2)[s * 2 + 1]), lacking);
    EXPECT_EQ(std::isnan(sink.real(Var::condition_number)[s * 2 + 1]), lacking);
  }
}

/// One column is perfectly conditioned about its mean; with the one, its mean against its spread decides.
TEST(ReportFits, ASingleCriterionHasConditionNumberOne) {
  WorldOptions options;
  options.n_criteria = 3;
  const World world = make_reported(options, 1);
  const MemorySink sink = run_in_memory(world.job());
  for (std::size_t s = 0; s < 3; ++s) {
    const auto id = static_cast<std::size_t>(sink.int32(Var::selected_combination)[s]);
    const panel::Cell& cell = world.design.outcomes[0].cells[0];
    const std::size_t n = cell.y.size();
    long double sum = 0, square = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const long double x = cell.x[id * n + i];
      sum += x;
      square += x * x;
    }
    const double cosine = static_cast<double>(std::fabs(sum) / std::sqrt(square * static_cast<long double>(n)));
    EXPECT_DOUBLE_EQ(sink.real(Var::condition_number)[s * 2], 1);
    const double expected = std::sqrt((1 + cosine) / (1 - cosine));
    EXPECT_NEAR(sink.real(Var::belsley_index)[s * 2], expected, 1e-12 * expected);
  }
}

}  // namespace
}  // namespace nokkel::testing
