/// Repairs of flagged lanes against the report path on the same rows and weights, and that nothing but a lane's own rows,
/// columns and weights can show in its numbers.
#include "engine/search/row_repair.h"

#include <gtest/gtest.h>

#include "kernels/report_fit.h"
#include "tests/support/tolerance.h"
#include "tests/support/worlds.h"

namespace nokkel::testing {
namespace {

using kernels::LaneMask;
using resample::Stream;

/// A world with a control whose last criterion follows the first, resampled in strata small enough for broken weights.
struct Repairable {
  World world;
  search::TileExtents extents{1, 6, 4};
  search::OutcomeTiles tiles;
  [[nodiscard]] const resample::Provider& provider() const { return *world.providers[0]; }
};

Repairable make_repairable(bool small_strata) {
  WorldOptions options;
  options.n_units = 46;
  options.n_years = 2;
  options.n_controls = 1;
  options.n_criteria = 6;
  panel::Design design = make_world(options);
  for (panel::Cell& cell : design.outcomes[0].cells) {
    const std::size_t n = cell.y.size();
    for (std::size_t i = 0; i < n; ++i) cell.x[6 * n + i] = cell.x[n + i] + 1e-7 * cell.x[2 * n + i];
  }
  if (small_strata) {
    design.frames[0].strata = {"east", "west"};
    for (std::size_t u = 0; u < 46; ++u) design.frames[0].stratum[u] = u < 12 ? 0 : 1;
  }
  Statistics s;
  s.seed = 11;
  s.n_pairs = 130;
  s.n_half_pairs = 20;
  s.n_folds = 5;
  s.n_repeats = 2;
  universe::Universe universe = make_universe(design, 1, 4);
  Repairable r{make_job(std::move(design), std::move(universe), s), {1, 6, 4}, {}};
  r.tiles = search::make_tiles(r.world.design.outcomes[0], 1, 6, r.extents, r.provider(), s);
  return r;
}

/// Rows of one combination, filled with something to recognise.
struct LaneRows {
  LaneRows(int k, int n_lanes) : memory(static_cast<std::size_t>(2 * k + 1) * static_cast<std::size_t>(n_lanes)) {
    for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = 0.125;
    const std::ptrdiff_t block = static_cast<std::ptrdiff_t>(k) * n_lanes;
    rows = {memory.data(), memory.data() + block, memory.data() + 2 * block, k, n_lanes};
  }
  [[nodiscard]] std::vector<double> lane(int r) const {
    std::vector<double> values;
    for (std::size_t i = static_cast<std::size_t>(r); i < memory.size(); i += static_cast<std::size_t>(rows.n_lanes))
      values.push_back(memory[i]);
    return values;
  }
  AlignedBuffer memory;
  kernels::Rows rows;
};

/// b, v and sse of a combination on weighted standardised rows.
std::vector<double> by_report(const Repairable& r, int year, const std::vector<int>& members,
                              const std::vector<double>& weight) {
  const search::CellRows& cell = r.tiles.rows[static_cast<std::size_t>(year)];
  const auto column = [&](int j) { return cell.z.data() + static_cast<std::ptrdiff_t>(j) * cell.n_rows; };
  std::vector<kernels::ReportColumn> x;
  for (const int m : members) x.push_back({column(m + 1), nullptr});
  const std::size_t k = members.size();
  AlignedBuffer scratch(static_cast<std::size_t>(kernels::report_fit_scratch(cell.n_rows, static_cast<int>(k))));
  std::vector<double> values(2 * k + 1), se(k);
  kernels::ReportFit fit;
  fit.b = values.data();
  fit.v = values.data() + k;
  fit.se = se.data();
  kernels::report_fit(cell.n_rows, x, {column(8), nullptr}, weight.data(), true, scratch.data(), &fit);
  EXPECT_TRUE(fit.full_rank);
  values.back() = fit.sse;
  return values;
}

std::vector<double> weights_of(const Repairable& r, const search::Tile& tile, int lane) {
  const int year = tile.year >= 0 ? tile.year : lane;
  std::vector<double> unit(46), rows;
  const int replicate = tile.year >= 0 ? tile.replicate[static_cast<std::size_t>(lane)] : 0;
  r.provider().weights(tile.stream, replicate, 1, unit.data(), 1);
  for (const auto u : r.tiles.rows[static_cast<std::size_t>(year)].unit) {
    const double w = unit[static_cast<std::size_t>(u)];
    rows.push_back(tile.stream == Stream::folds ? 1 - w : w);
  }
  return rows;
}

std::vector<const search::Tile*> all_tiles(const Repairable& r) {
  std::vector<const search::Tile*> tiles{&r.tiles.full};
  for (const auto* stream : {&r.tiles.pairs, &r.tiles.halves, &r.tiles.folds})
    for (const auto& year : *stream)
      for (const search::Tile& tile : year) tiles.push_back(&tile);
  return tiles;
}

const std::vector<int> kMembers = {0, 1, 3, 6};  // the control, the criterion that is followed, another, the one that follows

/// Both are double-double to the end; a last digit may fall either way.
TEST(RowRepair, EveryLaneOfEveryStreamEqualsTheReportPath) {
  for (const bool small_strata : {false, true}) {
    const Repairable r = make_repairable(small_strata);
    search::RowRepair repair(r.tiles, r.provider());
    std::uint64_t n = 0;
    for (const search::Tile* tile : all_tiles(r)) {
      LaneRows out(4, tile->shape.node.n_lanes);
      EXPECT_FALSE(repair.fix(*tile, 0, kMembers.data(), out.rows, LaneMask::first(tile->n_live)).any());
      for (int lane = 0; lane < tile->n_live; ++lane, ++n) {
        const std::vector<double> ours = out.lane(lane), theirs = by_report(r, tile->year >= 0 ? tile->year : lane, kMembers,
                                                                            weights_of(r, *tile, lane));
        for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_DOUBLE_EQ(ours[i], theirs[i]) << lane << " " << i;
      }
    }
    EXPECT_EQ(repair.n_repaired, n);
  }
}

TEST(RowRepair, ALaneAloneHasTheBitsOfALaneInABurst) {
  for (const bool small_strata : {false, true}) {
    const Repairable r = make_repairable(small_strata);
    search::RowRepair burst(r.tiles, r.provider());
    for (const search::Tile* tile : all_tiles(r)) {
      LaneRows all(4, tile->shape.node.n_lanes), other(3, tile->shape.node.n_lanes);
      const std::vector<int> first = {0, 2, 5};
      burst.fix(*tile, 0, first.data(), other.rows, LaneMask::first(tile->n_live));  // columns met in another order
      burst.fix(*tile, 0, kMembers.data(), all.rows, LaneMask::first(tile->n_live));
      for (int lane = 0; lane < tile->n_live; lane += 7) {
        search::RowRepair alone(r.tiles, r.provider());
        LaneRows one(4, tile->shape.node.n_lanes);
        LaneMask mask;
        mask.add(lane);
        alone.fix(*tile, 0, kMembers.data(), one.rows, mask);
        for (int mate = 0; mate < tile->shape.node.n_lanes; ++mate) {
          const std::vector<double> values = one.lane(mate),
                                    expected = mate == lane ? all.lane(lane) : std::vector<double>(9, 0.125);
          EXPECT_TRUE(equal_bits(values.data(), expected.data(), 9)) << lane << " " << mate;
        }
      }
    }
  }
}

TEST(RowRepair, CellsThatAreOutAreNotRepaired) {
  const Repairable r = make_repairable(false);
  const std::vector<std::int8_t> status = {0, 1, 0, 0};  // two places, two years
  search::RowRepair repair(r.tiles, r.provider());
  repair.skip_unless_zero(&status);
  const search::Tile& second_year = r.tiles.pairs[1][0];
  LaneRows out(4, second_year.shape.node.n_lanes);
  EXPECT_EQ(repair.fix(second_year, 0, kMembers.data(), out.rows, LaneMask::first(9)), LaneMask::first(9));
  EXPECT_EQ(out.lane(0)[0], 0.125);
  EXPECT_FALSE(repair.fix(second_year, 1, kMembers.data(), out.rows, LaneMask::first(9)).any());
  LaneRows years(4, r.tiles.full.shape.node.n_lanes);
  LaneMask last;
  last.add(1);
  EXPECT_EQ(repair.fix(r.tiles.full, 0, kMembers.data(), years.rows, LaneMask::first(2)), last);
  EXPECT_EQ(repair.n_repaired, 10U);
  EXPECT_EQ(repair.n_not_estimable, 0U);
}

TEST(RowRepair, DependentColumnsHaveNoFitInTheLanesWhereTheyDepend) {
  Repairable r = make_repairable(false);
  for (search::CellRows& cell : r.tiles.rows) {
    const std::size_t n = static_cast<std::size_t>(cell.n_rows);
    for (std::size_t i = 0; i < n; ++i) cell.z[7 * n + i] = cell.z[2 * n + i] + (cell.unit[i] == 4 ? 1.0 : 0.0);
  }
  search::RowRepair repair(r.tiles, r.provider());
  const search::Tile& tile = r.tiles.pairs[0][0];
  LaneRows out(4, tile.shape.node.n_lanes);
  const LaneMask given_up = repair.fix(tile, 0, kMembers.data(), out.rows, LaneMask::first(tile.n_live));
  int n_without = 0;
  std::vector<double> unit(46);
  for (int lane = 0; lane < tile.n_live; ++lane) {
    r.provider().weights(Stream::pairs, lane, 1, unit.data(), 1);
    EXPECT_EQ(given_up.has(lane), unit[4] == 0) << lane;
    n_without += unit[4] == 0 ? 1 : 0;
  }
  EXPECT_GT(n_without, 10);
  EXPECT_EQ(repair.n_not_estimable, static_cast<std::uint64_t>(n_without));
}

}  // namespace
}  // namespace nokkel::testing
