#include "engine/search/sinks.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nokkel::search {

using kernels::kTileLanes;
using kernels::LaneMask;

namespace {
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
}

void LaneWeights::make(LaneMask dead, int n_lanes) {
  for (int r = 0; r < n_lanes; ++r) weight_[static_cast<std::size_t>(r)] = dead.has(r) ? 0 : 1;
  made_for_ = dead;
  n_lanes_ = n_lanes;
}

FullFits::FullFits(const BlockShape& s, const OutcomeTiles& tiles, const kernels::Kernels& kernels, bool transfer)
    : shape(s),
      b(s.n_cells() * s.n_rows, kNaN),
      v(s.n_cells() * s.n_rows, kNaN),
      sse(s.n_cells(), kNaN),
      vif_max(s.n_cells(), kNaN),
      intercept(s.n_cells(), kNaN),
      transfer_sse(transfer ? s.n_cells() * s.n_years : 0, kNaN),
      fitted(s.n_cells(), 0),
      tiles_(tiles),
      kernels_(kernels),
      error_(kTileLanes) {}

void FullFits::combination(const Leaf& leaf) {
  const Tile& tile = tiles_.full;
  const Part& part = leaf.parts.front();
  const kernels::Rows& rows = part.rows;
  const int lanes = tile.shape.node.n_lanes, n = leaf.n_members;
  for (int year = 0; year < shape.n_years; ++year) {
    if (part.dead.has(year)) continue;
    const std::size_t cell = shape.cell(leaf.place, year);
    fitted[cell] = 1;
    sse[cell] = std::max(rows.sse[year], 0.0);
    const double* mean = tile.root.mean;
    double vif = 0, constant = mean[static_cast<std::size_t>(tile.shape.n_swept + tile.shape.node.n_free) * lanes + year];
    for (int i = 0; i < n; ++i) {
      const std::size_t from = static_cast<std::size_t>(i) * lanes + year,
                        column = static_cast<std::size_t>(leaf.members[i]) * lanes + year;
      b[shape.row(leaf.place, year, i)] = rows.b[from];
      v[shape.row(leaf.place, year, i)] = rows.v[from];
      vif = std::max(vif, rows.v[from] * tile.root.diagonal[column]);
      constant -= rows.b[from] * mean[column];
    }
    vif_max[cell] = vif;
    intercept[cell] = constant;
  }
  if (transfer_sse.empty()) return;
  for (int test = 0; test < shape.n_years; ++test) {
    const CellRows& cell_rows = tiles_.rows[static_cast<std::size_t>(test)];
    const bool usable = cell_rows.n_rows > 0 && std::all_of(leaf.members, leaf.members + n, [&](int j) {
                          return cell_rows.available[static_cast<std::size_t>(j)] != 0;
                        });
    if (!usable) continue;
    const Tile& moments = tiles_.transfer[static_cast<std::size_t>(test)];
    kernels_.held_out(lanes, n, rows.b, moments.test, moments.shape.n_columns() - 1, leaf.members, error_.data());
    for (int year = 0; year < shape.n_years; ++year)
      if (!part.dead.has(year))
        transfer_sse[shape.cell(leaf.place, year) * shape.n_years + test] = error_[static_cast<std::size_t>(year)];
  }
}

HeldOut::HeldOut(const BlockShape& shape, const StatusTable& status, int n_repeats, const kernels::Kernels& kernels)
    : fitted(static_cast<std::size_t>(shape.n_places)),
      shape_(shape),
      status_(status),
      kernels_(kernels),
      stride_(static_cast<std::size_t>(kernels::padded_sums(n_repeats))),
      sse_(static_cast<std::size_t>(shape.n_places) * stride_),
      error_(kTileLanes + kernels::kVectorLanes) {}

void HeldOut::start_year(int year) {
  year_ = year;
  std::fill_n(sse_.data(), sse_.size(), 0.0);
  std::fill(fitted.begin(), fitted.end(), 0);
}

void HeldOut::combination(const Leaf& leaf) {
  const std::size_t place = static_cast<std::size_t>(leaf.place);
  if (status_[shape_.cell(leaf.place, year_)] != 0) return;
  for (const Part& part : leaf.parts) {
    if (!part.alive) continue;
    const Tile& tile = *part.tile;
    kernels_.held_out(part.rows.n_lanes, leaf.n_members, part.rows.b, tile.test, tile.shape.n_columns() - 1, leaf.members,
                      error_.data());
    // A dead lane adds something that means nothing: then the combination has failed in this year, and nobody looks.
    kernels_.add_runs(tile.n_live / tile.n_repeats, tile.n_repeats, error_.data(),
                      sse_.data() + place * stride_ + tile.first_repeat);
    fitted[place] += tile.n_live - (part.dead & LaneMask::first(tile.n_live)).count();
  }
}

MaxT::MaxT(const FullFits& full, int year, const std::vector<double>& inverse_se, int n_columns,
           const kernels::Kernels& kernels)
    : full_(full),
      year_(year),
      inverse_se_(inverse_se),
      n_columns_(n_columns),
      kernels_(kernels),
      most_(static_cast<std::size_t>(n_columns) * kTileLanes),
      most_of_(static_cast<std::size_t>(full.shape.n_rows)) {}

void MaxT::start_tile(const Tile& /*tile: lanes are those of the leaves*/) {
  std::fill_n(most_.data(), static_cast<std::size_t>(n_columns_) * kTileLanes, 0.0);
}

void MaxT::combination(const Leaf& leaf) {
  const Part& part = leaf.parts.front();
  const int lanes = part.rows.n_lanes;
  for (int i = 0; i < leaf.n_members; ++i)
    most_of_[static_cast<std::size_t>(i)] = most_.data() + static_cast<std::size_t>(leaf.members[i]) * kTileLanes;
  kernels_.max_t(lanes, leaf.n_members, part.rows.b, full_.b.data() + full_.shape.row(leaf.place, year_, 0),
                 inverse_se_.data() + static_cast<std::size_t>(leaf.place) * static_cast<std::size_t>(full_.shape.n_rows),
                 weights_.of(part.dead, lanes), most_of_.data());
}

FitSums::FitSums(int n_places, const kernels::Kernels& kernels)
    : kernels_(kernels), sums_(static_cast<std::size_t>(n_places) * kStride), inverse_sst_(kTileLanes) {}

void FitSums::start_tile(const Tile& tile) {
  for (int r = 0; r < tile.shape.node.n_lanes; ++r) inverse_sst_[static_cast<std::size_t>(r)] = 1 / tile.root.sst[r];
}

void FitSums::combination(const Leaf& leaf) {
  const Part& part = leaf.parts.front();
  const double no_shift = 0;
  kernels_.tally(part.rows.n_lanes, 0, nullptr, part.rows.sse, &no_shift, inverse_sst_.data(),
                 weights_.of(part.dead, part.rows.n_lanes), sums_.data() + static_cast<std::size_t>(leaf.place) * kStride);
}

}  // namespace nokkel::search
