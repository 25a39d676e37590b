#include "engine/search/rank_bins.h"

#include <algorithm>
#include <limits>

namespace nokkel::search {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// SSE of the fit on all columns, by lane: forward sweeps of y and the cross-products alone. Columns below their pivot's floor
/// are left out.
std::vector<double> least_sse(const Tile& tile) {
  const kernels::NodeShape& shape = tile.shape.node;
  const std::size_t lanes = static_cast<std::size_t>(shape.n_lanes);
  std::vector<double> a(tile.root.node.a, tile.root.node.a + static_cast<std::size_t>(shape.n_entries()) * lanes),
      sse(tile.root.node.sse, tile.root.node.sse + lanes), f(lanes), p(lanes);
  for (int c = 0; c < shape.n_free; ++c) {
    const double* row = a.data() + static_cast<std::size_t>(shape.row(c)) * lanes;
    const double* floor = tile.root.floor + static_cast<std::size_t>(c) * lanes;
    const kernels::LaneMask dead = tile.column_dead[static_cast<std::size_t>(tile.shape.n_swept + c)];
    for (std::size_t r = 0; r < lanes; ++r)
      p[r] = row[lanes + r] < floor[r] || dead.has(static_cast<int>(r)) ? 0 : 1 / row[lanes + r];
    for (std::size_t r = 0; r < lanes; ++r) sse[r] -= row[r] * row[r] * p[r];
    for (int b = c + 1; b < shape.n_free; ++b) {
      const double* cb = row + static_cast<std::size_t>(1 + b - c) * lanes;
      double* to = a.data() + static_cast<std::size_t>(shape.row(b)) * lanes;
      for (std::size_t r = 0; r < lanes; ++r) f[r] = cb[r] * p[r];
      for (std::size_t r = 0; r < lanes; ++r) to[r] -= f[r] * row[r];
      for (int d = b; d < shape.n_free; ++d) {
        const double* cd = row + static_cast<std::size_t>(1 + d - c) * lanes;
        double* bd = to + static_cast<std::size_t>(1 + d - b) * lanes;
        for (std::size_t r = 0; r < lanes; ++r) bd[r] -= f[r] * cd[r];
      }
    }
  }
  return sse;
}

/// Bounds of one year's share in the rank value, by half-sample.
struct YearBounds {
  std::vector<double> low, high;
};

YearBounds year_bounds(const std::vector<Tile>& tiles, const TileExtents& extents, double full_variance, int n_halves) {
  YearBounds out{std::vector<double>(static_cast<std::size_t>(n_halves), 0.0),
                 std::vector<double>(static_cast<std::size_t>(n_halves), 0.0)};
  for (const Tile& tile : tiles) {
    const std::vector<double> least = least_sse(tile);
    const int k_least = extents.n_swept + (tile.shape.intercept ? 1 : 0);
    for (std::size_t r = 0; r < static_cast<std::size_t>(tile.n_live); ++r) {
      const double n = tile.root.n_rows[r];
      const auto value = [&](double sse, double k) { return std::max(sse, 0.0) * n / ((n - k) * (n - k)) / full_variance; };
      const double k_most = std::min<double>(k_least + extents.max_free, n - 1);  // more have no fit
      if (n - k_least < 1) continue;
      out.low[static_cast<std::size_t>(tile.replicate[r])] = value(least[r], k_least);
      out.high[static_cast<std::size_t>(tile.replicate[r])] = value(tile.root.node.sse[r], k_most);
    }
  }
  return out;
}

bool all_available(const OutcomeTiles& tiles) {
  return std::all_of(tiles.rows.begin(), tiles.rows.end(), [](const CellRows& rows) {
    return std::all_of(rows.available.begin(), rows.available.end(), [](char a) { return a != 0; });
  });
}

}  // namespace

RankScale::RankScale(const OutcomeTiles& tiles, const TileExtents& extents) {
  std::size_t n_halves = 0;
  for (const auto& of_year : tiles.halves) {
    std::size_t n = 0;
    for (const Tile& tile : of_year) n += tile.replicate.size();
    n_halves = std::max(n_halves, n);
  }
  std::vector<YearBounds> years;
  for (std::size_t t = 0; t < tiles.halves.size(); ++t)
    if (!tiles.halves[t].empty())
      years.push_back(
          year_bounds(tiles.halves[t], extents, tiles.full.root.sst[t] / tiles.rows[t].n_rows, static_cast<int>(n_halves)));
  const bool mean = all_available(tiles);
  for (std::size_t half = 0; half < n_halves; ++half) {
    double low = mean ? 0 : kInfinity, high = 0;
    for (const YearBounds& year : years) {
      low = mean ? low + year.low[half] / static_cast<double>(years.size()) : std::min(low, year.low[half]);
      high = mean ? high + year.high[half] / static_cast<double>(years.size()) : std::max(high, year.high[half]);
    }
    low_.push_back(low);
    per_bin_.push_back(high > low ? kRankBins / (high - low) : 0);
  }
}

RankBins::RankBins(const RankScale& scale, const kernels::Kernels& kernels)
    : scale_(&scale),
      kernels_(&kernels),
      count_(static_cast<std::size_t>(scale.n_halves()) * kRankBins),
      low_(kernels::kTileLanes),
      per_bin_(kernels::kTileLanes) {}

void RankBins::start(const Tile& tile) {
  n_lanes_ = tile.shape.node.n_lanes;
  n_live_ = tile.n_live;
  for (std::size_t r = 0; r < static_cast<std::size_t>(n_live_); ++r) {
    const int half = tile.replicate[r];
    low_[r] = scale_->low(half);
    per_bin_[r] = scale_->per_bin(half);
    first_[r] = static_cast<std::size_t>(half) * kRankBins;
  }
}

void RankBins::values(int /*place*/, const double* value, kernels::LaneMask live) {
  alignas(64) std::int32_t bin[kernels::kTileLanes];
  kernels_->bins(n_lanes_, value, low_.data(), per_bin_.data(), kRankBins, bin);
  const auto count = [&](int r) { ++count_[first_[static_cast<std::size_t>(r)] + static_cast<std::size_t>(bin[r])]; };
  if (live == kernels::LaneMask::first(n_live_))  // nearly always
    for (int r = 0; r < n_live_; ++r) count(r);
  else
    live.for_each(count);
}

void RankBins::merge(const RankBins& other) {
  std::transform(count_.begin(), count_.end(), other.count_.begin(), count_.begin(), std::plus<>());
}

}  // namespace nokkel::search
