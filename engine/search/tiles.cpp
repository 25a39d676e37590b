#include "engine/search/tiles.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "engine/assert.h"

namespace nokkel::search {

using kernels::kTileLanes;
using kernels::LaneMask;
using kernels::triangle;
using resample::Stream;

kernels::RootShape TileExtents::shape(int n_lanes) const {
  kernels::RootShape s;
  s.node.n_lanes = n_lanes;
  s.node.n_free = n_free;
  s.node.max_members = n_swept + std::max(max_free, 1);
  s.n_swept = n_swept;
  return s;
}

namespace {

/// Points the root (and test moments) into one buffer; with a null base only counts.
std::size_t carve(bool with_v, bool with_test, double* base, Tile* tile) {
  Carver carver(base);
  const kernels::RootShape& s = tile->shape;
  const std::size_t lanes = static_cast<std::size_t>(s.node.n_lanes),
                    columns = static_cast<std::size_t>(s.n_swept + s.node.n_free);
  const std::size_t members = static_cast<std::size_t>(s.node.max_members);
  kernels::Root& r = tile->root;
  r.node.a = carver.take(static_cast<std::size_t>(s.node.n_entries()) * lanes);
  r.node.d = carver.take(static_cast<std::size_t>(s.node.n_free) * members * lanes);
  r.node.b = carver.take(members * lanes);
  r.node.v = with_v ? carver.take(members * lanes) : nullptr;
  r.node.det = with_v ? carver.take(lanes) : nullptr;
  r.node.sse = carver.take(lanes);
  r.floor = carver.take(static_cast<std::size_t>(s.node.n_free) * lanes);
  r.diagonal = carver.take(columns * lanes);
  r.mean = carver.take((columns + 1) * lanes);
  r.sst = carver.take(lanes);
  r.n_rows = carver.take(lanes);
  if (with_test) {
    tile->test = carver.take((columns + 1) * (columns + 2) / 2 * lanes);
    tile->n_test = carver.take(lanes);
  }
  return carver.used();
}

constexpr int whole_vectors(int lanes) {
  return (lanes + kernels::kVectorLanes - 1) / kernels::kVectorLanes * kernels::kVectorLanes;
}

Tile new_tile(const TileExtents& extents, Stream stream, int year, std::vector<int> replicates, bool with_v, bool with_test) {
  Tile tile;
  tile.stream = stream;
  tile.year = year;
  tile.n_live = static_cast<int>(replicates.size());
  tile.replicate = std::move(replicates);
  tile.shape = extents.shape(whole_vectors(tile.n_live));
  Tile counter = {};
  counter.shape = tile.shape;
  tile.memory = AlignedBuffer(carve(with_v, with_test, nullptr, &counter));
  carve(with_v, with_test, tile.memory.data(), &tile);
  tile.column_dead.resize(static_cast<std::size_t>(extents.n_swept + extents.n_free));
  tile.root.column_dead = tile.column_dead.data();
  return tile;
}

/// Buffers for making the tiles of one cell, and the steps that use them.
class CellMoments {
 public:
  CellMoments(const CellRows& rows, int n_columns, const TileExtents& extents, const resample::Provider& provider)
      : n_units_(provider.n_units()),
        n_entries_(triangle(n_columns - 1, n_columns - 1, n_columns) + 1),
        extents_(extents),
        provider_(provider),
        o_(static_cast<std::size_t>(n_entries_) * n_units_),
        w_(static_cast<std::size_t>(kPanelsTogether * kTileLanes) * n_units_),
        m_(static_cast<std::size_t>(kPanelsTogether * kTileLanes) * n_entries_),
        packed_(static_cast<std::size_t>(kTileLanes) * n_entries_) {
    kernels::products(rows.n_rows, n_columns, rows.z.data(), rows.unit.data(), n_units_, o_.data());
  }

  /// Moments of up to kPanelsTogether panels of replicates; the bits of a replicate do not depend on its place.
  void panels(Stream stream, std::span<const int> replicates) {
    const int n_panels = (static_cast<int>(replicates.size()) + kTileLanes - 1) / kTileLanes;
    const std::size_t stride = static_cast<std::size_t>(kTileLanes) * n_units_;
    std::fill_n(w_.data(), static_cast<std::size_t>(n_panels) * stride, 0.0);
    for (std::size_t first = 0; first < replicates.size();) {  // runs of consecutive replicates within a panel
      std::size_t last = first + 1;
      while (last < replicates.size() && last % kTileLanes != 0 && replicates[last] == replicates[last - 1] + 1) ++last;
      provider_.weights(stream, replicates[first], static_cast<int>(last - first),
                        w_.data() + first / kTileLanes * stride + first % kTileLanes, kTileLanes);
      first = last;
    }
    kernels::panel_moments(n_panels, n_units_, n_entries_, w_.data(), o_.data(), m_.data());
  }

  /// Lanes first .. first+width-1 of what panels() made, all of one panel, as a tile has them.
  const double* packed(int first, int width) {
    const double* from = m_.data() + static_cast<std::ptrdiff_t>(first / kTileLanes) * n_entries_ * kTileLanes;
    if (width == kTileLanes) return from;
    for (long e = 0; e < n_entries_; ++e)
      std::copy_n(from + e * kTileLanes + first % kTileLanes, width, packed_.data() + e * width);
    return packed_.data();
  }

  void root(Tile* tile, const double* m) {
    scratch_.resize(static_cast<std::size_t>(kernels::root_scratch(tile->shape)));
    kernels::make_root(tile->shape, m, LaneMask::first(tile->n_live), scratch_.data(), &tile->root);
  }

  std::vector<Tile> replicates(Stream stream, int year, int widest) {
    std::vector<Tile> tiles;
    std::vector<int> numbers(static_cast<std::size_t>(provider_.n_replicates(stream)));
    std::iota(numbers.begin(), numbers.end(), 0);
    const std::span<const int> all(numbers);
    constexpr std::size_t kTogether = static_cast<std::size_t>(kPanelsTogether * kTileLanes);
    for (std::size_t first = 0; first < all.size(); first += kTogether) {
      const std::span<const int> group = all.subspan(first, std::min(kTogether, all.size() - first));
      panels(stream, group);
      int lane = 0;
      for (const int width : tile_widths(static_cast<int>(group.size()), widest)) {
        const auto own = group.subspan(
            static_cast<std::size_t>(lane),
            std::min<std::size_t>(static_cast<std::size_t>(width), group.size() - static_cast<std::size_t>(lane)));
        Tile tile = new_tile(extents_, stream, year, {own.begin(), own.end()}, false, false);
        root(&tile, packed(lane, width));
        lane += width;
        tiles.push_back(std::move(tile));
      }
    }
    return tiles;
  }

  /// Training sets of the folds: all rows minus the fold's, by subtraction of uncentred moments (METHODS 1.1). Lanes go fold by
  /// fold with the repeats inside, so that errors of the repeats add up lane by lane.
  std::vector<Tile> folds(int year, const std::vector<double>& all, int n_folds, int n_repeats) {
    std::vector<Tile> tiles;
    std::vector<double> train;
    if (provider_.n_replicates(Stream::folds) == 0) return tiles;
    NOKKEL_ASSERT(provider_.n_replicates(Stream::folds) == n_folds * n_repeats);
    for (const FoldRuns& runs : fold_runs(n_folds, n_repeats)) {
      std::vector<int> sets;
      for (int fold = runs.first_fold; fold < runs.first_fold + runs.n_folds; ++fold)
        for (int repeat = runs.first_repeat; repeat < runs.first_repeat + runs.n_repeats; ++repeat)
          sets.push_back(repeat * n_folds + fold);
      Tile tile = new_tile(extents_, Stream::folds, year, std::move(sets), false, true);
      tile.first_repeat = runs.first_repeat;
      tile.n_repeats = runs.n_repeats;
      const int lanes = tile.shape.node.n_lanes;
      panels(Stream::folds, tile.replicate);
      const double* test = packed(0, lanes);
      train.resize(static_cast<std::size_t>(n_entries_) * lanes);
      for (long e = 0; e < n_entries_; ++e)
        for (int r = 0; r < lanes; ++r)
          train[static_cast<std::size_t>(e * lanes + r)] = all[static_cast<std::size_t>(e)] - test[e * lanes + r];
      root(&tile, train.data());
      kernels::test_moments(tile.shape, test, tile.root.mean, tile.test, tile.n_test);
      tiles.push_back(std::move(tile));
    }
    return tiles;
  }

  /// Moments of the whole cell: one lane.
  std::vector<double> all() {
    constexpr int kOnly = 0;
    panels(Stream::full, {&kOnly, 1});
    const double* m = packed(0, kTileLanes);
    std::vector<double> out(static_cast<std::size_t>(n_entries_));
    for (long e = 0; e < n_entries_; ++e) out[static_cast<std::size_t>(e)] = m[e * kTileLanes];
    return out;
  }

 private:
  int n_units_;
  long n_entries_;
  const TileExtents& extents_;
  const resample::Provider& provider_;
  AlignedBuffer o_, w_, m_, packed_;
  std::vector<double> scratch_;
};

}  // namespace

std::vector<int> tile_widths(int n_replicates, int widest) {
  std::vector<int> widths;
  for (int first = 0; first < n_replicates; first += widest)
    widths.push_back(whole_vectors(std::min(widest, n_replicates - first)));
  return widths;
}

int FoldRuns::width() const { return whole_vectors(n_folds * n_repeats); }

std::vector<FoldRuns> fold_runs(int n_folds, int n_repeats) {
  std::vector<FoldRuns> out;
  for (int repeat = 0; repeat < n_repeats; repeat += kTileLanes) {
    const int length = std::min(kTileLanes, n_repeats - repeat), most = kTileLanes / length;
    for (int fold = 0; fold < n_folds; fold += most) out.push_back({fold, std::min(most, n_folds - fold), repeat, length});
  }
  return out;
}

std::vector<const Tile*> OutcomeTiles::side_by_side(const std::vector<std::vector<Tile>>& stream, std::size_t i) {
  std::vector<const Tile*> out;
  for (const auto& tiles : stream)
    if (i < tiles.size()) out.push_back(&tiles[i]);
  return out;
}

std::size_t tile_doubles(const TileExtents& extents, int n_lanes, bool with_v, bool with_test) {
  Tile counter = {};
  counter.shape = extents.shape(n_lanes);
  return carve(with_v, with_test, nullptr, &counter);
}

void standardise(const panel::Outcome& outcome, int n_controls, int n_criteria, Scale* scale, std::vector<CellRows>* rows) {
  const int n_x = n_controls + n_criteria;
  const auto value = [&](const panel::Cell& cell, int j, int i) {
    return j == n_x ? cell.y[static_cast<std::size_t>(i)]
                    : cell.x[static_cast<std::size_t>(j) * cell.y.size() + static_cast<std::size_t>(i)];
  };
  const auto present = [&](const panel::Cell& cell, int j) {
    return j < n_controls || j == n_x || cell.available[static_cast<std::size_t>(j - n_controls)] != 0;
  };
  scale->mean.assign(static_cast<std::size_t>(n_x) + 1, 0);
  scale->sd.assign(static_cast<std::size_t>(n_x) + 1, 1);
  for (int j = 0; j <= n_x; ++j) {
    long double n = 0, sum = 0, square = 0;
    for (const auto& cell : outcome.cells)
      if (present(cell, j))
        for (int i = 0; i < cell.n_rows(); ++i) sum += value(cell, j, i), n += 1;
    if (n == 0) continue;
    const long double mean = sum / n;
    for (const auto& cell : outcome.cells)
      if (present(cell, j))
        for (int i = 0; i < cell.n_rows(); ++i) {
          const long double e = value(cell, j, i) - mean;
          square += e * e;
        }
    scale->mean[static_cast<std::size_t>(j)] = static_cast<double>(mean);
    const double sd = static_cast<double>(std::sqrt(square / n));
    if (sd > 0) scale->sd[static_cast<std::size_t>(j)] = sd;
  }
  rows->clear();
  for (const auto& cell : outcome.cells) {
    CellRows r;
    r.n_rows = cell.n_rows();
    r.unit = cell.unit;
    r.available.resize(static_cast<std::size_t>(n_x));
    r.z.assign(static_cast<std::size_t>(n_x + 2) * static_cast<std::size_t>(r.n_rows), 0.0);
    std::fill_n(r.z.begin(), r.n_rows, 1.0);
    for (int j = 0; j <= n_x; ++j) {
      const bool here = present(cell, j);
      if (j < n_x) r.available[static_cast<std::size_t>(j)] = here ? 1 : 0;
      if (!here) continue;
      const double mean = scale->mean[static_cast<std::size_t>(j)], sd = scale->sd[static_cast<std::size_t>(j)];
      for (int i = 0; i < r.n_rows; ++i)
        r.z[static_cast<std::size_t>(j + 1) * static_cast<std::size_t>(r.n_rows) + static_cast<std::size_t>(i)] =
            (value(cell, j, i) - mean) / sd;
    }
    rows->push_back(std::move(r));
  }
}

TileMaker::TileMaker(const panel::Outcome& outcome, int n_controls, int n_criteria, const TileExtents& extents,
                     const resample::Provider& provider, const Statistics& statistics)
    : n_columns_(n_controls + n_criteria + 2), extents_(extents), provider_(provider), statistics_(statistics) {
  standardise(outcome, n_controls, n_criteria, &tiles_.scale, &tiles_.rows);
  int n_with_rows = 0, most_rows = 0;
  for (const CellRows& rows : tiles_.rows) {
    n_with_rows += rows.n_rows > 0 ? 1 : 0;
    most_rows = std::max(most_rows, rows.n_rows);
  }
  widest_ = replicate_lanes(n_with_rows);
  tiles_.critical = CriticalValues(most_rows);
}

TileMaker::Year TileMaker::year(int year) const {
  Year out;
  const CellRows& rows = tiles_.rows[static_cast<std::size_t>(year)];
  if (rows.n_rows == 0) {
    out.all.assign(static_cast<std::size_t>(triangle(n_columns_ - 1, n_columns_ - 1, n_columns_) + 1), 0.0);
    return out;
  }
  CellMoments moments(rows, n_columns_, extents_, provider_);
  out.all = moments.all();
  if (statistics_.n_pairs > 0) out.pairs = moments.replicates(Stream::pairs, year, widest_);
  if (statistics_.n_half_pairs > 0) out.halves = moments.replicates(Stream::halves, year, widest_);
  out.folds = moments.folds(year, out.all, statistics_.n_folds, statistics_.n_repeats);
  return out;
}

OutcomeTiles TileMaker::finish(std::vector<Year> years) {
  OutcomeTiles out = std::move(tiles_);
  std::vector<int> lanes(years.size());
  std::iota(lanes.begin(), lanes.end(), 0);
  out.full = new_tile(extents_, Stream::full, -1, lanes, true, false);
  const int full_lanes = out.full.shape.node.n_lanes;
  const std::size_t n_entries = years.front().all.size(), stride = static_cast<std::size_t>(full_lanes);
  std::vector<double> full(n_entries * stride, 0.0);
  for (std::size_t t = 0; t < years.size(); ++t) {
    for (std::size_t e = 0; e < n_entries; ++e) full[e * stride + t] = years[t].all[e];
    out.pairs.push_back(std::move(years[t].pairs));
    out.halves.push_back(std::move(years[t].halves));
    out.folds.push_back(std::move(years[t].folds));
  }
  std::vector<double> scratch(static_cast<std::size_t>(kernels::root_scratch(out.full.shape)));
  kernels::make_root(out.full.shape, full.data(), LaneMask::first(static_cast<int>(years.size())), scratch.data(),
                     &out.full.root);

  // The fit of each year (lane) on the rows of one test year.
  for (std::size_t t = 0; t < years.size(); ++t) {
    Tile tile = new_tile(extents_, Stream::full, static_cast<int>(t), lanes, false, true);
    for (std::size_t e = 0; e < n_entries; ++e)
      std::fill_n(full.begin() + static_cast<std::ptrdiff_t>(e * stride), full_lanes, years[t].all[e]);
    kernels::test_moments(tile.shape, full.data(), out.full.root.mean, tile.test, tile.n_test);
    out.transfer.push_back(std::move(tile));
  }
  return out;
}

OutcomeTiles make_tiles(const panel::Outcome& outcome, int n_controls, int n_criteria, const TileExtents& extents,
                        const resample::Provider& provider, const Statistics& statistics) {
  TileMaker maker(outcome, n_controls, n_criteria, extents, provider, statistics);
  std::vector<TileMaker::Year> years;
  for (int year = 0; year < maker.n_years(); ++year) years.push_back(maker.year(year));
  return maker.finish(std::move(years));
}

}  // namespace nokkel::search
