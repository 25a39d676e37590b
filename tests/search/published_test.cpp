/// Published answers through the whole search: the shipped NIST StRD sets at the screen column of METHODS 1.5, and
/// stackloss (METHODS 11, R2 and R3).
#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "engine/aligned.h"
#include "kernels/moments.h"
#include "tests/support/tolerance.h"
#include "tests/support/worlds.h"

namespace nokkel::testing {
namespace {

std::vector<std::vector<std::string>> read_cells(const std::string& name) {
  std::ifstream in(std::string(NOKKEL_SOURCE_DIR) + "/" + name);
  EXPECT_TRUE(in.good()) << name;
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> cells;
    std::stringstream s(line);
    for (std::string cell; std::getline(s, cell, ',');) cells.push_back(cell);
    rows.push_back(std::move(cells));
  }
  return rows;
}

double number(const std::string& text) {
  double x = std::nan("");
  std::from_chars(text.data(), text.data() + text.size(), x);
  return x;
}

/// y and columns of a set; powers of x are formed by multiplication.
struct Data {
  std::vector<double> y;
  std::vector<std::vector<double>> x;
};

Data nist(const std::string& name) {
  const auto cells = read_cells("data/nist/" + name + ".csv");
  Data data;
  data.x.resize(cells[0].size() - 1);
  for (std::size_t i = 1; i < cells.size(); ++i) {
    data.y.push_back(number(cells[i][0]));
    for (std::size_t j = 1; j < cells[i].size(); ++j) data.x[j - 1].push_back(number(cells[i][j]));
  }
  if (name.starts_with("wampler"))
    for (int power = 2; power <= 5; ++power) {
      data.x.push_back(data.x.back());
      for (std::size_t i = 0; i < data.y.size(); ++i) data.x.back()[i] *= data.x[0][i];
    }
  return data;
}

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

struct Certified {
  std::vector<double> b, se;
  double r2 = 0, residual_sd = 0;
};

Certified certified(const std::string& set) {
  Certified c;
  for (const auto& row : read_cells("data/nist/certified_coefficients.csv"))
    if (row[0] == set) c.b.push_back(number(row[2])), c.se.push_back(number(row[3]));
  for (const auto& row : read_cells("data/nist/certified_statistics.csv"))
    if (row[0] == set) c.residual_sd = number(row[6]), c.r2 = number(row[7]);
  return c;
}

/// Smallest LRE of coefficients (intercept first) and, with `with_se`, of the standard errors of the slopes.
double screen_lre(const std::string& set, const MemorySink& fit, bool with_se) {
  const Certified c = certified(set);
  EXPECT_EQ(fit.int8(Var::status)[0], static_cast<std::int8_t>(with_se ? Status::ok : Status::perfect_fit)) << set;
  double lre = log_relative_error(fit.real(Var::intercept)[0], c.b[0]);
  for (std::size_t i = 1; i < c.b.size(); ++i) {
    lre = std::min(lre, log_relative_error(fit.real(Var::coef)[i - 1], c.b[i]));
    if (with_se) lre = std::min(lre, log_relative_error(fit.real(Var::coef_se)[i - 1], c.se[i]));
  }
  if (with_se) lre = std::min(lre, log_relative_error(fit.real(Var::r2)[0], c.r2));
  ::testing::Test::RecordProperty(set, std::to_string(lre));
  return lre;
}

TEST(Published, NorrisMeetsTheScreenColumn) { EXPECT_GE(screen_lre("Norris", fit_all(nist("norris")), true), 11); }

TEST(Published, LongleyMeetsTheScreenColumn) { EXPECT_GE(screen_lre("Longley", fit_all(nist("longley")), true), 10.5); }

TEST(Published, WamplerSetsAreRoutedToTheRowsAndMeetTheScreenColumn) {
  for (const std::string set : {"Wampler1", "Wampler2", "Wampler3"}) {
    search::Summary summary;
    std::string file = set;
    file[0] = 'w';
    const MemorySink fit = fit_all(nist(file), &summary);
    EXPECT_GE(summary.lanes_repaired, 1U) << set;
    EXPECT_GT(fit.real(Var::vif_max)[0], 1e5) << set;
    EXPECT_GE(screen_lre(set, fit, set == "Wampler3"), 5.5) << set;
  }
}

/// NoInt1 has no intercept: uncentred moments and kernels, one column.
TEST(Published, NoInt1MeetsTheScreenColumnWithoutAnIntercept) {
  const Data data = nist("noint1");
  const int n = static_cast<int>(data.y.size());
  kernels::RootShape shape;
  shape.node = {8, 1, 1};
  shape.intercept = false;
  std::vector<double> moments(6 * 8, 0.0);
  for (int i = 0; i < n; ++i) {
    const double z[3] = {1, data.x[0][static_cast<std::size_t>(i)], data.y[static_cast<std::size_t>(i)]};
    for (int a = 0; a < 3; ++a)
      for (int b = a; b < 3; ++b) moments[static_cast<std::size_t>(kernels::triangle(a, b, 3) * 8)] += z[a] * z[b];
  }
  AlignedBuffer memory(256);
  Carver carver(memory.data());
  kernels::Root root;
  kernels::LaneMask dead;
  root.node = {carver.take(16), carver.take(8), carver.take(8), carver.take(8), carver.take(8), 0};
  root.floor = carver.take(8);
  root.diagonal = carver.take(8);
  root.mean = carver.take(16);
  root.sst = carver.take(8);
  root.n_rows = carver.take(8);
  root.column_dead = &dead;
  std::vector<double> scratch(static_cast<std::size_t>(kernels::root_scratch(shape)));
  kernels::make_root(shape, moments.data(), kernels::LaneMask::first(1), scratch.data(), &root);
  kernels::Rows rows{carver.take(8), carver.take(8), carver.take(8), 0, 8};
  for (const kernels::Isa isa : {kernels::Isa::portable, kernels::Isa::v3, kernels::Isa::v4}) {
    const kernels::Kernels* k = kernels::kernels_for(isa);
    if (k == nullptr) continue;
    EXPECT_FALSE(k->single(shape.node, root.node, 0, root.floor, &rows));
    const Certified c = certified("NoInt1");
    const double sigma = std::sqrt(rows.sse[0] / (n - 1));
    EXPECT_GE(log_relative_error(rows.b[0], c.b[0]), 13);
    EXPECT_GE(log_relative_error(sigma, c.residual_sd), 13);
    EXPECT_GE(log_relative_error(sigma * std::sqrt(rows.v[0]), c.se[0]), 13);
    EXPECT_GE(log_relative_error(1 - rows.sse[0] / root.sst[0], c.r2), 13);
  }
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
