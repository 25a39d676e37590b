/// Identities that hold for every combination (METHODS 11.3).
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "tests/support/tolerance.h"
#include "tests/support/worlds.h"

namespace nokkel::testing {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Statistics few() {
  Statistics s;
  s.seed = 77;
  s.n_pairs = 99;
  s.n_half_pairs = 20;
  s.n_folds = 5;
  s.n_repeats = 2;
  s.n_selected = 5;
  return s;
}

MemorySink run(panel::Design design, int min_size, int max_size) {
  universe::Universe universe = make_universe(design, min_size, max_size);
  const World world = make_job(std::move(design), std::move(universe), few());
  return run_in_memory(world.job());
}

/// Largest difference of two arrays relative to the larger entry, infinite where only one is a number.
double worst(const std::vector<double>& a, const std::vector<double>& b, double floor = 1e-300) {
  double w = a.size() == b.size() ? 0 : std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (std::isnan(a[i]) != std::isnan(b[i])) return std::numeric_limits<double>::infinity();
    if (std::isfinite(a[i])) w = std::max(w, std::fabs(a[i] - b[i]) / std::max({std::fabs(a[i]), std::fabs(b[i]), floor}));
  }
  return w;
}

/// t, R2, cross-validation and ranks do not know the units of a criterion; its coefficient scales.
TEST(Invariance, AffineChangesOfACriterionScaleItsCoefficientAndNothingElse) {
  WorldOptions options;
  panel::Design design = make_world(options), changed = design;
  for (panel::Cell& cell : changed.outcomes[0].cells) {
    const std::size_t n = cell.y.size();
    for (std::size_t i = 0; i < n; ++i) cell.x[2 * n + i] = 1000 - 8 * cell.x[2 * n + i];
  }
  const MemorySink a = run(design, 1, 3), b = run(changed, 1, 3);
  const double bound = rounding_bound(30, 3, 10);
  for (const Var v : {Var::r2, Var::adj_r2, Var::aic, Var::bic, Var::cv_rmse, Var::score, Var::transfer_rmse, Var::r2_boot_sd})
    EXPECT_LT(worst(a.real(v), b.real(v)), bound * 1000)
        << info(v).name;  // small differences of large numbers: cv over 5 folds
  for (const Var v : {Var::sig_share_05, Var::sig_share_10, Var::sign_share, Var::sign_consistency, Var::top_share})
    EXPECT_EQ(worst(a.real(v), b.real(v)), 0) << info(v).name;
  EXPECT_EQ(a.int32(Var::rank), b.int32(Var::rank));
  EXPECT_EQ(a.int8(Var::mark), b.int8(Var::mark));
  const universe::Universe universe = make_universe(design, 1, 3);
  for (std::uint64_t id = 0; id < universe.count(); ++id) {
    const std::vector<int> members = universe.unrank(id);
    for (std::size_t p = 0; p < members.size(); ++p)
      for (std::size_t t = 0; t < 2; ++t) {
        const std::size_t at = (id * 2 + t) * 3 + p;
        const double factor = members[p] == 2 ? -8 : 1;
        EXPECT_NEAR(a.real(Var::coef)[at], factor * b.real(Var::coef)[at], 1e-9 * a.real(Var::coef_se)[at]);
        EXPECT_NEAR(a.real(Var::coef_boot_se)[at], std::fabs(factor) * b.real(Var::coef_boot_se)[at],
                    1e-9 * a.real(Var::coef_boot_se)[at]);
      }
  }
}

TEST(Invariance, ScalingTheResponseScalesWhatHasItsUnit) {
  WorldOptions options;
  panel::Design design = make_world(options), changed = design;
  for (panel::Cell& cell : changed.outcomes[0].cells) {
    for (double& y : cell.y) y *= 1024;  // a power of two: to the bit
    cell.price_factor /= 1024;
  }
  const MemorySink a = run(design, 1, 3), b = run(changed, 1, 3);
  for (const VariableInfo& v : variables()) {
    if (v.type != VarType::real || v.id == Var::aic || v.id == Var::bic || v.id == Var::rank_probability ||
        v.id == Var::score_all)
      continue;
    const bool scales =
        v.unit == UnitKind::outcome || v.unit == UnitKind::outcome_per_criterion || v.unit == UnitKind::outcome_per_control;
    std::vector<double> expected = a.real(v.id);
    if (scales)
      for (double& x : expected) x *= 1024;
    EXPECT_LT(worst(expected, b.real(v.id)), 1e-13) << v.name;
  }
  EXPECT_EQ(a.int32(Var::rank), b.int32(Var::rank));
}

/// Renaming columns moves results to other combinations and changes none.
TEST(Invariance, PermutingColumnsPermutesCombinations) {
  WorldOptions options;
  options.n_criteria = 6;
  panel::Design design = make_world(options), permuted = design;
  const std::vector<int> to = {4, 2, 0, 5, 1, 3};  // old column j becomes column to[j]
  for (panel::Cell& cell : permuted.outcomes[0].cells) {
    const std::vector<double> old = cell.x;
    const std::size_t n = cell.y.size();
    for (std::size_t j = 0; j < 6; ++j)
      std::copy_n(old.begin() + static_cast<std::ptrdiff_t>(j * n), n,
                  cell.x.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(to[j]) * n));
  }
  const MemorySink a = run(design, 1, 4), b = run(permuted, 1, 4);
  const universe::Universe universe = make_universe(design, 1, 4);
  for (std::uint64_t id = 0; id < universe.count(); ++id) {
    std::vector<int> members = universe.unrank(id);
    for (int& m : members) m = to[static_cast<std::size_t>(m)];
    const std::uint64_t other = universe.rank(members);
    for (std::size_t t = 0; t < 2; ++t) {
      EXPECT_NEAR(a.real(Var::r2)[id * 2 + t], b.real(Var::r2)[other * 2 + t], rounding_bound(30, 4, 10));
      EXPECT_NEAR(a.real(Var::cv_rmse)[id * 2 + t], b.real(Var::cv_rmse)[other * 2 + t],
                  1e-10 * a.real(Var::cv_rmse)[id * 2 + t]);
      EXPECT_NEAR(a.real(Var::aic)[id * 2 + t], b.real(Var::aic)[other * 2 + t], 1e-9);
    }
  }
}

/// The order in which units come in the data does not matter; draws follow the sorted ids.
TEST(Invariance, DuplicatedRowsEqualFrequencyWeights) {
  WorldOptions options;
  options.n_units = 20;
  options.n_years = 1;
  options.share_missing = 0;
  options.n_criteria = 5;
  panel::Design once = make_world(options), twice = once;
  panel::Cell& cell = twice.outcomes[0].cells[0];
  panel::Frame& frame = twice.frames[0];
  const panel::Cell original = cell;
  const std::size_t n = original.y.size();
  cell.x.clear();
  for (std::size_t j = 0; j < 5; ++j)
    for (int copy = 0; copy < 2; ++copy)
      cell.x.insert(cell.x.end(), original.x.begin() + static_cast<std::ptrdiff_t>(j * n),
                    original.x.begin() + static_cast<std::ptrdiff_t>((j + 1) * n));
  cell.y.insert(cell.y.end(), original.y.begin(), original.y.end());
  cell.population.insert(cell.population.end(), original.population.begin(), original.population.end());
  for (std::size_t i = 0; i < n; ++i) {
    cell.unit.push_back(static_cast<std::int32_t>(n + i));
    frame.units.push_back("v" + std::to_string(1000 + i));
    frame.unit_names.push_back(frame.units.back());
    frame.stratum.push_back(0);
  }
  const MemorySink a = run(once, 1, 3), b = run(twice, 1, 3);
  EXPECT_LT(worst(a.real(Var::r2), b.real(Var::r2)), rounding_bound(40, 3, 10));
  EXPECT_LT(worst(a.real(Var::coef), b.real(Var::coef)), 1e-9);
  const auto &se1 = a.real(Var::coef_se), &se2 = b.real(Var::coef_se);
  const universe::Universe universe = make_universe(once, 1, 3);
  for (std::uint64_t id = 0; id < universe.count(); ++id) {
    const double k = static_cast<double>(universe.unrank(id).size()) + 1;
    EXPECT_NEAR(se2[id * 3] / se1[id * 3], std::sqrt((20 - k) / (40 - k)),
                1e-10);  // twice S, twice SSE, other degrees of freedom
  }
}

TEST(Invariance, AConstantADuplicateAndAnUnavailableColumnNeverYieldANumber) {
  WorldOptions options;
  options.n_criteria = 6;
  panel::Design design = make_world(options);
  for (panel::Cell& cell : design.outcomes[0].cells) {
    const std::size_t n = cell.y.size();
    std::fill_n(cell.x.begin() + static_cast<std::ptrdiff_t>(3 * n), n, 0.1);  // c3 constant
    std::copy_n(cell.x.begin() + static_cast<std::ptrdiff_t>(n), n,
                cell.x.begin() + static_cast<std::ptrdiff_t>(4 * n));  // c4 = c1
    std::fill_n(cell.x.begin() + static_cast<std::ptrdiff_t>(5 * n), n, kNaN);
    cell.available[5] = 0;
  }
  const MemorySink sink = run(design, 1, 4);
  const universe::Universe universe = make_universe(design, 1, 4);
  for (std::uint64_t id = 0; id < universe.count(); ++id) {
    const std::vector<int> members = universe.unrank(id);
    const auto has = [&](int c) { return std::find(members.begin(), members.end(), c) != members.end(); };
    const Status expected = has(5)             ? Status::criterion_unavailable
                            : has(3)           ? Status::zero_variance
                            : has(1) && has(4) ? Status::rank_deficient
                                               : Status::ok;
    for (std::size_t t = 0; t < 2; ++t) {
      EXPECT_EQ(sink.int8(Var::status)[id * 2 + t], static_cast<std::int8_t>(expected));
      const bool number = expected == Status::ok;
      EXPECT_EQ(std::isfinite(sink.real(Var::r2)[id * 2 + t]), number);
      EXPECT_EQ(std::isfinite(sink.real(Var::cv_rmse)[id * 2 + t]), number);
      for (std::size_t p = 0; p < members.size(); ++p) {
        EXPECT_EQ(std::isfinite(sink.real(Var::coef)[(id * 2 + t) * 4 + p]), number);
        EXPECT_EQ(std::isfinite(sink.real(Var::coef_boot_se)[(id * 2 + t) * 4 + p]), number);
        EXPECT_EQ(sink.int8(Var::mark)[(id * 2 + t) * 4 + p] >= 0, number);
      }
    }
    EXPECT_EQ(sink.int32(Var::rank)[id] > 0, expected == Status::ok);
  }
}

TEST(Invariance, APerfectFitIsNamedAndNotRanked) {
  WorldOptions options;
  options.n_criteria = 4;
  panel::Design design = make_world(options);
  for (panel::Cell& cell : design.outcomes[0].cells) {
    const std::size_t n = cell.y.size();
    for (std::size_t i = 0; i < n; ++i) cell.y[i] = 3 * cell.x[i] - cell.x[2 * n + i];
  }
  const MemorySink sink = run(design, 2, 2);
  // Combinations of two of four: {0,1} {0,2} {0,3} {1,2} {1,3} {2,3}.
  for (std::size_t t = 0; t < 2; ++t) {
    EXPECT_EQ(sink.int8(Var::status)[2 + t], static_cast<std::int8_t>(Status::perfect_fit));
    EXPECT_EQ(sink.real(Var::r2)[2 + t], 1);
    EXPECT_NEAR(sink.real(Var::coef)[(2 + t) * 2], 3, 1e-9);
    EXPECT_EQ(sink.real(Var::aic)[2 + t], -std::numeric_limits<double>::infinity());
  }
  EXPECT_EQ(sink.int32(Var::rank)[1], 0);
  EXPECT_GT(sink.int32(Var::rank)[0], 0);
}

TEST(Invariance, MoreCriteriaThanRowsIsTooFewRows) {
  WorldOptions options;
  options.n_units = 9;
  options.share_missing = 0;
  options.n_criteria = 9;
  const MemorySink sink = run(make_world(options), 9, 9);
  EXPECT_EQ(sink.int8(Var::status)[0], static_cast<std::int8_t>(Status::too_few_rows));
  EXPECT_TRUE(std::isnan(sink.real(Var::r2)[0]));
}

TEST(Invariance, AskingForMoreSelectedThanThereAreGivesAllOfThem) {
  WorldOptions options;
  options.n_criteria = 3;
  const MemorySink sink = run(make_world(options), 3, 3);
  EXPECT_EQ(sink.extents.n_selected, 1);
  EXPECT_EQ(sink.int32(Var::selected_combination), std::vector<std::int32_t>{0});
  EXPECT_EQ(sink.real(Var::cv_rmse_unit_se).size(), 2U);
}

/// Top shares count ranks: over all combinations they add up to `top`, and the selected's rank shares to at most 1.
TEST(Invariance, RankSharesAddUp) {
  WorldOptions options;
  const MemorySink sink = run(make_world(options), 1, 3);
  const std::vector<double>& top = sink.real(Var::top_share);
  EXPECT_NEAR(std::accumulate(top.begin(), top.end(), 0.0), search::top_of(sink.extents.n_combinations), 1e-9);
  const std::vector<double>& probability = sink.real(Var::rank_probability);
  const std::size_t positions = static_cast<std::size_t>(sink.extents.n_rank_positions);
  for (std::size_t s = 0; s < 5; ++s)
    EXPECT_LE(std::accumulate(probability.begin() + static_cast<std::ptrdiff_t>(s * positions),
                              probability.begin() + static_cast<std::ptrdiff_t>((s + 1) * positions), 0.0),
              1 + 1e-12);
}

}  // namespace
}  // namespace nokkel::testing
