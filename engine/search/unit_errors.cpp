/// The standard error of cv_rmse over units, for the selected: the walk on fold tiles with a sink that looks at rows.
#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/search/block_search.h"
#include "engine/search/row_repair.h"

namespace nokkel::search {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Squared held-out errors of one year, by row, averaged over repeats at the end.
class UnitLosses final : public RowSink {
 public:
  UnitLosses(const CellRows& rows, const resample::Provider& provider, int n_places)
      : rows_(rows),
        n_sets_(provider.n_replicates(resample::Stream::folds)),
        held_out_(static_cast<std::size_t>(n_sets_)),
        fitted_(static_cast<std::size_t>(n_places)),
        loss_(static_cast<std::size_t>(n_places) * static_cast<std::size_t>(rows.n_rows)) {
    std::vector<double> test(static_cast<std::size_t>(provider.n_units()));
    for (int set = 0; set < n_sets_; ++set) {
      std::fill(test.begin(), test.end(), 0.0);
      provider.weights(resample::Stream::folds, set, 1, test.data(), 1);
      for (int i = 0; i < rows.n_rows; ++i)
        if (test[static_cast<std::size_t>(rows.unit[static_cast<std::size_t>(i)])] != 0)
          held_out_[static_cast<std::size_t>(set)].push_back(i);
    }
  }
  void start_tile(const Tile& tile) { tile_ = &tile; }

  void combination(const Leaf& leaf) override {
    const Part& part = leaf.parts.front();
    const int lanes = part.rows.n_lanes, n_rows = rows_.n_rows, y = tile_->shape.n_swept + tile_->shape.node.n_free;
    const auto mean = [&](int column, int lane) { return tile_->root.mean[static_cast<std::size_t>(column) * lanes + lane]; };
    const auto z = [&](int column, int i) {
      return rows_.z[static_cast<std::size_t>(column + 1) * n_rows + static_cast<std::size_t>(i)];
    };
    double* to = loss_.data() + static_cast<std::size_t>(leaf.place) * n_rows;
    for (int lane = 0; lane < tile_->n_live; ++lane) {
      if (part.dead.has(lane)) continue;
      ++fitted_[static_cast<std::size_t>(leaf.place)];
      for (const int i : held_out_[static_cast<std::size_t>(tile_->replicate[static_cast<std::size_t>(lane)])]) {
        double e = z(y, i) - mean(y, lane);
        for (int k = 0; k < leaf.n_members; ++k)
          e -= part.rows.b[static_cast<std::size_t>(k) * lanes + lane] * (z(leaf.members[k], i) - mean(leaf.members[k], lane));
        to[i] += e * e;
      }
    }
  }

  /// SE over units of the root mean squared error, standardised; NaN where a training set had no fit.
  [[nodiscard]] double error(int place, int n_repeats) const {
    if (fitted_[static_cast<std::size_t>(place)] != n_sets_) return kNaN;
    const double n = rows_.n_rows;
    const double* l = loss_.data() + static_cast<std::size_t>(place) * static_cast<std::size_t>(rows_.n_rows);
    double sum = 0, square = 0;
    for (int i = 0; i < rows_.n_rows; ++i) sum += l[i] / n_repeats;
    for (int i = 0; i < rows_.n_rows; ++i) square += (l[i] / n_repeats - sum / n) * (l[i] / n_repeats - sum / n);
    return std::sqrt(square / (n - 1) / n) / (2 * std::sqrt(sum / n));
  }

 private:
  const CellRows& rows_;
  int n_sets_;
  std::vector<std::vector<int>> held_out_;  // rows of each set
  const Tile* tile_ = nullptr;
  std::vector<int> fitted_;
  std::vector<double> loss_;
};

}  // namespace

std::vector<double> unit_errors(const OutcomeContext& context, const std::vector<std::vector<int>>& members,
                                Workspace& workspace) {
  const int n_years = static_cast<int>(context.tiles.rows.size()), n_forced = context.universe.n_forced();
  std::vector<double> out(members.size() * static_cast<std::size_t>(n_years), kNaN);
  std::vector<std::vector<int>> free;
  for (const auto& combination : members) {
    std::vector<int> columns;
    for (const int m : combination)
      if (m >= n_forced) columns.push_back(m - n_forced);
    free.push_back(std::move(columns));
  }
  const BlockPlan plan = plan_list(free, n_forced, std::max(context.extents.max_free, 1));
  RowRepair repair(context.tiles, context.provider);
  for (int year = 0; year < n_years; ++year) {
    const auto& tiles = context.tiles.folds[static_cast<std::size_t>(year)];
    if (tiles.empty()) continue;
    UnitLosses losses(context.tiles.rows[static_cast<std::size_t>(year)], context.provider, plan.n_places);
    for (const Tile& tile : tiles) {
      losses.start_tile(tile);
      walk(tile, plan, static_cast<int>(context.design.controls.size()), Wanted::b, context.kernels, repair, losses, workspace);
    }
    for (std::size_t i = 0; i < members.size(); ++i)
      out[i * static_cast<std::size_t>(n_years) + static_cast<std::size_t>(year)] =
          context.tiles.scale.sd.back() * losses.error(static_cast<int>(i), context.statistics.n_repeats);
  }
  return out;
}

}  // namespace nokkel::search
