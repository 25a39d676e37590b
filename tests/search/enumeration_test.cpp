/// A world small enough to enumerate, and resamples given by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/search/block_search.h"
#include "engine/search/row_repair.h"
#include "kernels/qr.h"
#include "tests/support/worlds.h"

namespace nokkel::testing {
namespace {

using resample::Stream;

/// Weights from tables, one row of weights a replicate.
class GivenWeights final : public resample::Provider {
 public:
  GivenWeights(int n_units, std::vector<std::vector<double>> pairs, std::vector<std::vector<double>> halves = {},
               std::vector<std::vector<double>> folds = {})
      : n_units_(n_units), pairs_(std::move(pairs)), halves_(std::move(halves)), folds_(std::move(folds)) {}
  [[nodiscard]] int n_units() const override { return n_units_; }
  [[nodiscard]] int n_replicates(Stream s) const override { return s == Stream::full ? 1 : static_cast<int>(table(s).size()); }
  void weights(Stream s, int first, int n, double* w, int stride) const override {
    for (int i = 0; i < n_units_; ++i)
      for (int r = 0; r < n; ++r)
        w[static_cast<std::size_t>(i) * stride + r] =
            s == Stream::full ? 1.0 : table(s)[static_cast<std::size_t>(first + r)][static_cast<std::size_t>(i)];
  }

 private:
  [[nodiscard]] const std::vector<std::vector<double>>& table(Stream s) const {
    return s == Stream::pairs ? pairs_ : s == Stream::halves ? halves_ : folds_;
  }
  int n_units_;
  std::vector<std::vector<double>> pairs_, halves_, folds_;
};

/// Keeps every row of every lane.
class KeepRows final : public search::RowSink {
 public:
  struct Kept {
    std::vector<double> b, sse;
    kernels::LaneMask dead;
  };
  void combination(const search::Leaf& leaf) override {
    const std::size_t lanes = static_cast<std::size_t>(leaf.parts.front().rows.n_lanes);
    kept[leaf.place] = {{leaf.parts.front().rows.b,
                         leaf.parts.front().rows.b + static_cast<std::size_t>(leaf.parts.front().rows.n_members) * lanes},
                        {leaf.parts.front().rows.sse, leaf.parts.front().rows.sse + lanes},
                        leaf.parts.front().dead};
  }
  std::map<int, Kept> kept;
};

panel::Design line_design(const std::vector<double>& x, const std::vector<double>& y) {
  panel::Design design;
  design.years = {2006};
  design.criteria = design.labels = {"x"};
  panel::Frame frame;
  frame.name = "all";
  frame.strata = {""};
  panel::Cell cell;
  cell.year = 2006;
  cell.x = x;
  cell.y = y;
  cell.available = {1};
  for (std::size_t i = 0; i < x.size(); ++i) {
    frame.units.push_back("u" + std::to_string(i));
    frame.stratum.push_back(0);
    cell.unit.push_back(static_cast<std::int32_t>(i));
    cell.population.push_back(1);
  }
  frame.unit_names = frame.units;
  design.frames.push_back(frame);
  panel::Outcome outcome;
  outcome.name = outcome.response = "y";
  outcome.cells.push_back(cell);
  design.outcomes.push_back(outcome);
  return design;
}

/// Four distinct x, all 4^4 = 256 resamples: a line fitted to each, exactly the 4 one-row samples rank deficient, and the
/// mean and SD of the slope those of a plain loop over the other 252.
TEST(Enumeration, AllResamplesOfFourRowsAreFittedAndExactlyFourAreRankDeficient) {
  const std::vector<double> x = {1, 2, 4, 7}, y = {1.5, 2, 5.5, 6};
  std::vector<std::vector<double>> all;
  std::vector<double> slopes;
  for (int code = 0; code < 256; ++code) {
    std::vector<double> w(4);
    for (int d = 0, c = code; d < 4; ++d, c /= 4) w[static_cast<std::size_t>(c % 4)] += 1;
    const double n = 4;
    double mx = 0, my = 0, sxx = 0, sxy = 0;
    for (std::size_t i = 0; i < 4; ++i) mx += w[i] * x[i] / n, my += w[i] * y[i] / n;
    for (std::size_t i = 0; i < 4; ++i) sxx += w[i] * (x[i] - mx) * (x[i] - mx), sxy += w[i] * (x[i] - mx) * (y[i] - my);
    if (sxx > 0) slopes.push_back(sxy / sxx);
    all.push_back(std::move(w));
  }
  ASSERT_EQ(slopes.size(), 252U);
  panel::Design design = line_design(x, y);
  const universe::Universe universe = make_universe(design, 1, 1);
  const GivenWeights provider(4, all, {}, {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}});
  Statistics s;
  s.n_pairs = 256;
  s.n_half_pairs = 0;
  s.n_folds = 4;
  s.n_repeats = 1;
  const search::Job job{design, universe, s, {&provider}};
  search::Summary summary;
  const MemorySink sink = run_in_memory(job, 1, KernelLevel::automatic, &summary);
  EXPECT_EQ(sink.int32(Var::replicates_used)[0], 252);
  double mean = 0, square = 0;
  for (const double b : slopes) mean += b / 252;
  for (const double b : slopes) square += (b - mean) * (b - mean);
  EXPECT_NEAR(sink.real(Var::coef_boot_mean)[0], mean, 1e-13);
  EXPECT_NEAR(sink.real(Var::coef_boot_se)[0], std::sqrt(square / 251), 1e-13);
  // Leave-one-out by four folds: PRESS of the line from its leverages.
  double press = 0, mx = 3.5, my = 3.75, sxx = 0, sxy = 0;
  for (std::size_t i = 0; i < 4; ++i) sxx += (x[i] - mx) * (x[i] - mx), sxy += (x[i] - mx) * (y[i] - my);
  for (std::size_t i = 0; i < 4; ++i) {
    const double e = y[i] - my - sxy / sxx * (x[i] - mx), h = 0.25 + (x[i] - mx) * (x[i] - mx) / sxx;
    press += e * e / ((1 - h) * (1 - h));
  }
  EXPECT_NEAR(sink.real(Var::cv_rmse)[0], std::sqrt(press / 4), 1e-13);
}

/// A replicate is a function of its number: rows of lanes 0 .. 998 do not change when 4,999 replicates are asked for.
TEST(Enumeration, ReplicatesDoNotDependOnHowManyAreAskedFor) {
  WorldOptions options;
  options.n_units = 37;
  options.n_years = 1;
  const panel::Design design = make_world(options);
  const universe::Universe universe = make_universe(design, 1, 3);
  const search::BlockPlan plan = search::plan_block(universe, universe.blocks(1000, 8192)[0]);
  const search::TileExtents extents{0, 8, 3};
  struct Numbers {
    std::vector<double> b, sse;  // of the first 999 replicates
  };
  std::map<int, Numbers> of_place[2];
  for (const int which : {0, 1}) {
    Statistics s;
    s.seed = 5;
    s.n_pairs = which == 0 ? 999 : 4999;
    s.n_half_pairs = 2;
    const auto provider = resample::make_provider(design.frames[0], 0, s);
    const search::OutcomeTiles tiles = search::make_tiles(design.outcomes[0], 0, 8, extents, *provider, s);
    search::Workspace workspace(extents, 1);
    search::RowRepair repair(tiles, *provider);
    for (const search::Tile& tile : tiles.pairs[0]) {
      KeepRows sink;
      search::walk(tile, plan, 0, search::Wanted::b, kernels::best_kernels(), repair, sink, workspace);
      for (const auto& [place, kept] : sink.kept) {
        Numbers& to = of_place[which][place];
        const std::size_t lanes = kept.sse.size();
        for (std::size_t lane = 0; lane < static_cast<std::size_t>(tile.n_live) && tile.replicate[lane] < 999; ++lane) {
          to.sse.push_back(kept.sse[lane]);
          for (std::size_t i = lane; i < kept.b.size(); i += lanes) to.b.push_back(kept.b[i]);
        }
      }
    }
  }
  ASSERT_EQ(of_place[0].size(), static_cast<std::size_t>(plan.n_places));
  for (const auto& [place, numbers] : of_place[0]) {
    ASSERT_EQ(numbers.sse.size(), 999U);
    ASSERT_EQ(numbers.sse, of_place[1].at(place).sse);
    ASSERT_EQ(numbers.b, of_place[1].at(place).b);
  }
}

/// A list goes down where no leaf was: what a fit under another node found must not kill lanes under this one.
TEST(Enumeration, AListedCombinationDoesNotDependOnTheOthers) {
  WorldOptions options;
  options.n_units = 30;
  options.n_years = 1;
  options.n_criteria = 4;
  options.share_missing = 0;
  panel::Design design = make_world(options);
  panel::Cell& cell = design.outcomes[0].cells[0];
  const std::size_t n = static_cast<std::size_t>(cell.n_rows());
  for (std::size_t i = 2; i < n; ++i) cell.x[2 * n + i] = cell.x[i];  // c2 is c0 but for two units
  Statistics s;
  s.n_pairs = 96;
  s.n_half_pairs = 0;
  s.n_folds = 2;
  s.n_repeats = 1;
  const auto provider = resample::make_provider(design.frames[0], 0, s);
  const search::TileExtents extents{0, 4, 3};
  const search::OutcomeTiles tiles = search::make_tiles(design.outcomes[0], 0, 4, extents, *provider, s);
  const auto walk_list = [&](const std::vector<std::vector<int>>& list) {
    search::Workspace workspace(extents, 1);
    search::RowRepair repair(tiles, *provider);
    KeepRows sink;
    search::walk(tiles.pairs[0][0], search::plan_list(list, 0, 3), 0, search::Wanted::b, kernels::best_kernels(), repair, sink,
                 workspace);
    return sink.kept;
  };
  const auto together = walk_list({{0, 2}, {1, 2, 3}}), alone = walk_list({{1, 2, 3}});
  EXPECT_GT(together.at(0).dead.count(), 0);
  EXPECT_EQ(together.at(1).dead.count(), 0);
  EXPECT_EQ(together.at(1).b, alone.at(0).b);
  EXPECT_EQ(together.at(1).sse, alone.at(0).sse);
}

/// Flagged lanes are solved from their rows; their mates keep every bit, and the flagged ones equal the twin.
TEST(Enumeration, RepairTouchesOnlyTheFlaggedLanes) {
  WorldOptions options;
  options.n_units = 40;
  options.n_years = 1;
  options.share_missing = 0;
  options.n_criteria = 4;
  panel::Design design = make_world(options);
  panel::Cell& cell = design.outcomes[0].cells[0];
  const std::size_t n = static_cast<std::size_t>(cell.n_rows());
  // c3 follows c0 but for two units: collinear to the fast path in replicates without them.
  for (std::size_t i = 0; i < n; ++i)
    cell.x[3 * n + i] = cell.x[i] * (i == 5 ? 3 : i == 9 ? 2 : 1) * (1 + 1e-5 * static_cast<double>(i % 7));
  const universe::Universe universe = make_universe(design, 2, 2);
  const search::BlockPlan plan = search::plan_block(universe, universe.blocks(1000, 8192)[0]);
  const search::TileExtents extents{0, 4, 2};
  std::vector<std::vector<double>> weights;
  for (int r = 0; r < 16; ++r) {
    std::vector<double> w(n, 1.0);
    w[static_cast<std::size_t>(r)] = 2;
    if (r == 3 || r == 11) w[5] = w[9] = 0;
    weights.push_back(w);
  }
  Statistics s;
  s.n_pairs = 16;
  s.n_half_pairs = 0;
  s.n_folds = 2;
  s.n_repeats = 1;
  std::vector<std::vector<double>> folds(2, std::vector<double>(n));
  for (std::size_t i = 0; i < n; ++i) folds[i % 2][i] = 1;
  auto run = [&](const std::vector<std::vector<double>>& w, std::uint64_t* repaired) {
    const GivenWeights provider(static_cast<int>(n), w, {}, folds);
    const search::OutcomeTiles tiles = search::make_tiles(design.outcomes[0], 0, 4, extents, provider, s);
    search::Workspace workspace(extents, 1);
    search::RowRepair repair(tiles, provider);
    KeepRows sink;
    search::walk(tiles.pairs[0][0], plan, 0, search::Wanted::b, kernels::best_kernels(), repair, sink, workspace);
    *repaired = repair.n_repaired;
    if (repair.n_repaired > 0) {  // place of {c0, c3} is 2
      const search::CellRows& rows = tiles.rows[0];
      const double* columns[2] = {rows.z.data() + n, rows.z.data() + 4 * n};
      for (const int lane : {3, 11}) {
        const kernels::LeastSquares twin = kernels::least_squares(static_cast<int>(n), columns, rows.z.data() + 5 * n,
                                                                  w[static_cast<std::size_t>(lane)].data(), true);
        // QR has 64 bits: n k kappa^2 2^-63, kappa^2 = VIF k and the columns' squares about N.
        for (std::size_t i = 0; i < 2; ++i)
          EXPECT_NEAR(sink.kept.at(2).b[16 * i + static_cast<std::size_t>(lane)], twin.b[i],
                      static_cast<double>(n) * 4 * twin.v[i] * twin.n * 0x1p-63 * std::fabs(twin.b[i]));
      }
    }
    return sink.kept;
  };
  std::uint64_t with = 0, without = 0;
  const auto flagged = run(weights, &with);
  std::vector<std::vector<double>> clean = weights;
  clean[3] = clean[11] = weights[0];
  const auto unflagged = run(clean, &without);
  EXPECT_EQ(with, 2U);
  EXPECT_EQ(without, 0U);
  for (const auto& [place, a] : flagged)
    for (std::size_t lane = 0; lane < 16; ++lane)
      if (lane != 3 && lane != 11) {
        EXPECT_EQ(a.sse[lane], unflagged.at(place).sse[lane]);
        EXPECT_EQ(a.b[lane], unflagged.at(place).b[lane]);
      }
}

}  // namespace
}  // namespace nokkel::testing
