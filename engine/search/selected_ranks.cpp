#include "engine/search/selected_ranks.h"

#include <algorithm>
#include <limits>

#include "engine/search/row_repair.h"
#include "engine/variables.h"
#include "kernels/quantile.h"

namespace nokkel::search {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Bin of each listed combination in each half-sample, -1 without a fit.
class BinPlaces final : public RankReceiver {
 public:
  BinPlaces(const RankScale& scale, std::size_t n_places)
      : scale_(scale), bin_(n_places * static_cast<std::size_t>(scale.n_halves()), -1) {}
  void start(const Tile& tile) override { tile_ = &tile; }
  void values(int place, const double* value, kernels::LaneMask live) override {
    live.for_each([&](int r) {
      const int half = tile_->replicate[static_cast<std::size_t>(r)];
      bin_[at(static_cast<std::size_t>(place), half)] = scale_.bin(half, value[static_cast<std::size_t>(r)]);
    });
  }
  [[nodiscard]] int of(std::size_t place, int half) const { return bin_[at(place, half)]; }

 private:
  [[nodiscard]] std::size_t at(std::size_t place, int half) const {
    return place * static_cast<std::size_t>(scale_.n_halves()) + static_cast<std::size_t>(half);
  }
  const RankScale& scale_;
  const Tile* tile_ = nullptr;
  std::vector<int> bin_;
};

/// A ranked combination is ok in every year or lacks a criterion there.
StatusTable status_of_ranked(const OutcomeContext& context, const std::vector<std::vector<int>>& members) {
  const std::size_t n_controls = context.design.controls.size();
  StatusTable status;
  for (const auto& combination : members)
    for (const CellRows& rows : context.tiles.rows) {
      const bool available = std::all_of(combination.begin(), combination.end(),
                                         [&](int m) { return rows.available[n_controls + static_cast<std::size_t>(m)] != 0; });
      status.push_back(static_cast<std::int8_t>(available ? Status::ok : Status::criterion_unavailable));
    }
  return status;
}

BinPlaces places_of(const OutcomeContext& context, const std::vector<std::vector<int>>& members, const RankScale& scale,
                    Workspace& workspace) {
  const int n_forced = context.universe.n_forced(), n_controls = static_cast<int>(context.design.controls.size());
  std::vector<std::vector<int>> free(members.size());
  for (std::size_t i = 0; i < members.size(); ++i)
    for (const int m : members[i])
      if (m >= n_forced) free[i].push_back(m - n_forced);
  const BlockPlan plan = plan_list(free, n_forced, std::max(context.extents.max_free, 1));
  const BlockShape shape{plan.n_places, static_cast<int>(context.tiles.rows.size()), n_controls + context.universe.max_size()};
  const StatusTable status = status_of_ranked(context, members);
  const std::vector<YearFacts> years = year_facts(context);
  TopLists unused(scale.n_halves(), 1);
  BinPlaces places(scale, members.size());
  HalfMarks marks(shape, {}, status, years, context.tiles.critical, std::vector<std::uint32_t>(members.size()), &unused,
                  context.kernels);
  marks.tell(&places);
  RowRepair repair(context.tiles, context.provider);
  repair.skip_unless_zero(&status);
  for (std::size_t i = 0;; ++i) {
    const std::vector<const Tile*> tiles = OutcomeTiles::side_by_side(context.tiles.halves, i);
    if (tiles.empty()) return places;
    marks.start(tiles);
    walk(tiles, plan, n_controls, Wanted::b, context.kernels, repair, marks, workspace);
  }
}

/// Least and largest possible rank of each combination in every half-sample.
struct RankRange {
  std::vector<double> least, most;
};

std::vector<RankRange> ranges_of(const BinPlaces& places, const std::vector<std::uint32_t>& id, const RankBins& bins,
                                 const TopLists& lists) {
  std::vector<RankRange> out(id.size());
  for (int half = 0; half < lists.n_lists(); ++half) {
    const std::uint32_t* count = bins.of(half);
    const std::vector<std::uint32_t> leading = lists.ids(half);
    std::vector<double> below(kRankBins + 1, 0.0);
    for (int b = 0; b < kRankBins; ++b) below[static_cast<std::size_t>(b) + 1] = below[static_cast<std::size_t>(b)] + count[b];
    for (std::size_t i = 0; i < id.size(); ++i) {
      const int bin = places.of(i, half);
      if (bin < 0) {  // no fit: behind all that have one (METHODS 1.3)
        out[i].least.push_back(below[kRankBins] + 1);
        out[i].most.push_back(below[kRankBins] + 1);
        continue;
      }
      double least = below[static_cast<std::size_t>(bin)] + 1, most = below[static_cast<std::size_t>(bin) + 1];
      const auto at = std::find(leading.begin(), leading.end(), id[i]);
      if (at != leading.end())
        least = most = static_cast<double>(at - leading.begin() + 1);
      else  // whoever is not in it ranks below all of it
        least = std::max(least, static_cast<double>(leading.size()) + 1);
      out[i].least.push_back(least);
      out[i].most.push_back(most);
    }
  }
  return out;
}

double mean(const std::vector<double>& x) {
  double sum = 0;
  for (const double v : x) sum += v;
  return sum / static_cast<double>(x.size());
}

}  // namespace

SelectedRanks selected_ranks(const OutcomeContext& context, const std::vector<std::vector<int>>& members,
                             const std::vector<std::uint32_t>& id, const RankBins& bins, const TopLists& lists,
                             Workspace& workspace) {
  const std::size_t n_levels = kRankLevels.size();
  SelectedRanks out;
  out.quantile.assign(members.size() * n_levels, kNaN);
  out.quantile_error = out.quantile;
  out.expected.assign(members.size(), kNaN);
  out.expected_error = out.expected;
  if (members.empty() || bins.scale().n_halves() == 0) return out;
  const BinPlaces places = places_of(context, members, bins.scale(), workspace);
  const std::vector<RankRange> ranges = ranges_of(places, id, bins, lists);
  const kernels::OrderKernels& kernels = kernels::order_kernels_of(context.kernels);
  std::vector<double> scratch(static_cast<std::size_t>(kernels::order_scratch(bins.scale().n_halves())));
  for (std::size_t i = 0; i < members.size(); ++i) {
    const RankRange& range = ranges[i];
    if (range.least.empty()) continue;
    // Quantiles and means are increasing in every value: those of the true ranks lie between those of the bounds.
    const kernels::Quantiles quantiles(kRankLevels, static_cast<int>(range.least.size()));
    double least[kRankLevels.size()], most[kRankLevels.size()];
    quantiles.of(kernels, range.least.data(), scratch.data(), least);
    quantiles.of(kernels, range.most.data(), scratch.data(), most);
    for (std::size_t q = 0; q < n_levels; ++q) {
      out.quantile[i * n_levels + q] = (least[q] + most[q]) / 2;
      out.quantile_error[i * n_levels + q] = (most[q] - least[q]) / 2;
    }
    out.expected[i] = (mean(range.least) + mean(range.most)) / 2;
    out.expected_error[i] = (mean(range.most) - mean(range.least)) / 2;
  }
  return out;
}

}  // namespace nokkel::search
