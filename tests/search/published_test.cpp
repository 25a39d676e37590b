/// Published answers through the whole search: how NIST StRD sets are routed (METHODS 1.5; their accuracy is nist_test.cpp's),
/// and stackloss (METHODS 11, R2 and R3).
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/nist.h"
#include "tests/support/tolerance.h"
#include "tests/support/worlds.h"

namespace nokkel::testing {
namespace {

/// y and columns of a set.
struct Data {
  std::vector<double> y;
  std::vector<std::vector<double>> x;
};

panel::Design design_of(const Data& data) {
  panel::Design design;
  design.years = {2006};
  panel::Frame frame;
  frame.name = "all";
  frame.strata = {""};
  panel::Cell cell;
  cell.year = 2006;
  for (std::size_t i = 0; i < data.y.size(); ++i) {
    frame.units.push_back("u" + std::to_string(100 + i));
    frame.stratum.push_back(0);
    cell.unit.push_back(static_cast<std::int32_t>(i));
  }
  frame.unit_names = frame.units;
  cell.y = data.y;
  cell.population.assign(data.y.size(), 1);
  for (std::size_t j = 0; j < data.x.size(); ++j) {
    design.criteria.push_back("x" + std::to_string(j + 1));
    cell.x.insert(cell.x.end(), data.x[j].begin(), data.x[j].end());
    cell.available.push_back(1);
  }
  design.labels = design.criteria;
  design.frames.push_back(std::move(frame));
  panel::Outcome outcome;
  outcome.name = outcome.response = "y";
  outcome.cells.push_back(std::move(cell));
  design.outcomes.push_back(std::move(outcome));
  return design;
}

/// The fit with all columns.
MemorySink fit_all(const Data& data, search::Summary* summary = nullptr) {
  panel::Design design = design_of(data);
  const int k = static_cast<int>(data.x.size());
  universe::Universe universe = make_universe(design, k, k);
  Statistics s;
  s.seed = 1;
  s.n_pairs = 0;
  s.n_half_pairs = 0;
  s.n_folds = 2;
  s.n_repeats = 1;
  const World world = make_job(std::move(design), std::move(universe), s);
  return run_in_memory(world.job(), 1, KernelLevel::automatic, summary);
}

/// Every set that METHODS 1.5 sends to the slow path is flagged by a search and gets there: it is
/// fitted, not given up, with the digits that its standardised columns, rounded to double, leave (Filip: the report path's
/// affair).
TEST(Published, IllConditionedNistSetsAreFlaggedAndRepairedByASearch) {
  int n_routed = 0;
  for (const NistSet& set : nist_sets_present()) {
    if (!set.intercept) continue;
    const NistData data = read_nist(set);
    search::Summary summary;
    const MemorySink fit = fit_all({data.y, data.plain_columns()}, &summary);
    EXPECT_EQ(fit.int8(Var::status)[0], static_cast<std::int8_t>(set.exact ? Status::perfect_fit : Status::ok)) << set.name;
    if (!set.routed) continue;
    ++n_routed;
    EXPECT_GE(summary.lanes_repaired, 1U) << set.name;
    EXPECT_GT(fit.real(Var::vif_max)[0], 1e5) << set.name;
    double lre = log_relative_error(fit.real(Var::intercept)[0], data.b[0]);
    for (std::size_t i = 1; i < data.b.size(); ++i)
      lre = std::min(lre, log_relative_error(fit.real(Var::coef)[i - 1], data.b[i]));
    ::testing::Test::RecordProperty(set.name, std::to_string(lre));
    EXPECT_GE(lre, std::max(set.screen, 5.5)) << set.name;
  }
  EXPECT_EQ(n_routed, 6);
}

/// Brownlee (1965), as in R's datasets::stackloss: Air.Flow, Water.Temp, Acid.Conc., stack.loss.
Data stackloss() {
  return {{42, 37, 37, 28, 18, 18, 19, 20, 15, 14, 14, 13, 11, 12, 8, 7, 8, 8, 9, 15, 15},
          {{80, 80, 75, 62, 62, 62, 62, 62, 58, 58, 58, 58, 58, 58, 50, 50, 50, 50, 50, 56, 70},
           {27, 27, 25, 24, 22, 23, 24, 24, 23, 18, 18, 17, 18, 19, 18, 18, 19, 19, 20, 20, 20},
           {89, 88, 90, 87, 87, 87, 93, 93, 87, 80, 89, 88, 82, 93, 89, 86, 72, 79, 80, 82, 91}}};
}

TEST(Published, StacklossHasTheCoefficientsAndClassicalErrorsOfR2) {
  const MemorySink fit = fit_all(stackloss());
  const double b[3] = {0.7156402005, 1.2952861244, -0.1521225191}, se[3] = {0.1348581854, 0.3680242653, 0.1562940432};
  EXPECT_NEAR(fit.real(Var::intercept)[0], -39.9196744201, 0.5e-10 * 40);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(fit.real(Var::coef)[i], b[i], 0.6e-10);  // ten decimals are printed
    EXPECT_NEAR(fit.real(Var::coef_se)[i], se[i], 0.6e-10);
  }
}

TEST(Published, StacklossHasTheFitFiguresOfR3) {
  const MemorySink fit = fit_all(stackloss());
  EXPECT_NEAR(fit.real(Var::r2)[0], 0.913576904461, 0.6e-12);
  EXPECT_NEAR(fit.real(Var::adj_r2)[0], 0.898325769954, 0.6e-12);
  EXPECT_NEAR(fit.real(Var::aic)[0], 114.575591005, 0.6e-9);
  EXPECT_NEAR(fit.real(Var::bic)[0], 119.798203193, 0.6e-9);
  EXPECT_NEAR(fit.real(Var::vif_max)[0], 2.9064836274, 0.6e-10);
  // SSE through the transfer to its own year, the root of SSE / n.
  const double rmse = fit.real(Var::transfer_rmse)[0];
  EXPECT_NEAR(rmse * rmse * 21, 178.829961598, 0.6e-9);
}

}  // namespace
}  // namespace nokkel::testing
