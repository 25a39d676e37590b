#include "engine/search/sinks.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/distributions.h"

namespace nokkel::search {

using kernels::kTileLanes;
using kernels::LaneMask;
using kernels::triangle;

namespace {
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();
}

void held_out_pointers(const Tile& tile, const int* members, int n, std::vector<const double*>* out) {
  const int q = tile.shape.n_swept + tile.shape.node.n_free + 1, y = q - 1, lanes = tile.shape.node.n_lanes;
  const auto at = [&](int i, int j) { return tile.test + triangle(i, j, q) * lanes; };
  out->clear();
  out->push_back(at(y, y));
  for (int i = 0; i < n; ++i) out->push_back(at(members[i], y));
  for (int i = 0; i < n; ++i)
    for (int j = i; j < n; ++j) out->push_back(at(members[i], members[j]));
}

FullFits::FullFits(const BlockShape& s, const OutcomeTiles& tiles, const kernels::Kernels& kernels)
    : shape(s),
      b(s.n_cells() * s.n_rows, kNaN),
      v(s.n_cells() * s.n_rows, kNaN),
      sse(s.n_cells(), kNaN),
      vif_max(s.n_cells(), kNaN),
      intercept(s.n_cells(), kNaN),
      transfer_sse(s.n_cells() * s.n_years, kNaN),
      fitted(s.n_cells(), 0),
      tiles_(tiles),
      kernels_(kernels),
      error_(kTileLanes) {}

void FullFits::combination(const Leaf& leaf) {
  const Tile& tile = tiles_.full;
  const int lanes = tile.shape.node.n_lanes, n = leaf.rows.n_members;
  for (int year = 0; year < shape.n_years; ++year) {
    if (leaf.dead.has(year)) continue;
    const std::size_t cell = shape.cell(leaf.place, year);
    fitted[cell] = 1;
    sse[cell] = std::max(leaf.rows.sse[year], 0.0);
    const double* mean = tile.root.mean;
    double vif = 0, constant = mean[static_cast<std::size_t>(tile.shape.n_swept + tile.shape.node.n_free) * lanes + year];
    for (int i = 0; i < n; ++i) {
      const std::size_t from = static_cast<std::size_t>(i) * lanes + year,
                        column = static_cast<std::size_t>(leaf.members[i]) * lanes + year;
      b[shape.row(leaf.place, year, i)] = leaf.rows.b[from];
      v[shape.row(leaf.place, year, i)] = leaf.rows.v[from];
      vif = std::max(vif, leaf.rows.v[from] * tile.root.diagonal[column]);
      constant -= leaf.rows.b[from] * mean[column];
    }
    vif_max[cell] = vif;
    intercept[cell] = constant;
  }
  for (int test = 0; test < shape.n_years; ++test) {
    const CellRows& rows = tiles_.rows[static_cast<std::size_t>(test)];
    const bool usable = rows.n_rows > 0 && std::all_of(leaf.members, leaf.members + n,
                                                       [&](int j) { return rows.available[static_cast<std::size_t>(j)] != 0; });
    if (!usable) continue;
    const Tile& moments = tiles_.transfer[static_cast<std::size_t>(test)];
    held_out_pointers(moments, leaf.members, n, &test_);
    kernels_.held_out(lanes, n, leaf.rows.b, test_.data(), error_.data());
    for (int year = 0; year < shape.n_years; ++year)
      if (!leaf.dead.has(year))
        transfer_sse[shape.cell(leaf.place, year) * shape.n_years + test] = error_[static_cast<std::size_t>(year)];
  }
}

PairSums::PairSums(const FullFits& full, const StatusTable& status, const kernels::Kernels& kernels)
    : rows(static_cast<std::size_t>(full.shape.n_places) * full.shape.n_rows),
      r2(static_cast<std::size_t>(full.shape.n_places)),
      used(static_cast<std::size_t>(full.shape.n_places)),
      full_(full),
      status_(status),
      kernels_(kernels),
      inverse_sst_(kTileLanes),
      weight_(kTileLanes) {}

void PairSums::start_year(int year, double full_sst) {
  year_ = year;
  full_sst_ = full_sst;
  std::fill(rows.begin(), rows.end(), kernels::RowSums{});
  std::fill(r2.begin(), r2.end(), kernels::RowSums{});
  std::fill(used.begin(), used.end(), 0);
}

void PairSums::start_tile(const Tile& tile) {
  for (int r = 0; r < tile.shape.node.n_lanes; ++r) {
    inverse_sst_[static_cast<std::size_t>(r)] = 1 / tile.root.sst[r];
    weight_[static_cast<std::size_t>(r)] = 1;
  }
  weight_of_ = {};
}

void PairSums::combination(const Leaf& leaf) {
  const std::size_t cell = full_.shape.cell(leaf.place, year_);
  if (status_[cell] != 0) return;
  const int lanes = leaf.rows.n_lanes, n = leaf.rows.n_members;
  const double* weight = nullptr;
  if (leaf.dead.any()) {
    if (!(leaf.dead == weight_of_)) {
      for (int r = 0; r < lanes; ++r) weight_[static_cast<std::size_t>(r)] = leaf.dead.has(r) ? 0 : 1;
      weight_of_ = leaf.dead;
    }
    weight = weight_.data();
  }
  kernels::RowSums tile_sums[64];
  const double* shift = full_.b.data() + full_.shape.row(leaf.place, year_, 0);
  for (int first = 0; first < n; first += 64) {
    const int count = std::min(64, n - first);
    kernels_.row_sums(lanes, count, leaf.rows.b + static_cast<std::size_t>(first) * lanes, shift + first, weight, tile_sums);
    kernels::RowSums* to = rows.data() + static_cast<std::size_t>(leaf.place) * full_.shape.n_rows + first;
    for (int i = 0; i < count; ++i) {
      to[i].sum += tile_sums[i].sum;
      to[i].sum2 += tile_sums[i].sum2;
      to[i].n_positive += tile_sums[i].n_positive;
    }
  }
  kernels_.r2_sums(lanes, leaf.rows.sse, inverse_sst_.data(), 1 - full_.sse[cell] / full_sst_, weight, tile_sums);
  const std::size_t place = static_cast<std::size_t>(leaf.place);
  r2[place].sum += tile_sums[0].sum;
  r2[place].sum2 += tile_sums[0].sum2;
  used[place] += lanes - leaf.dead.count();
}

HalfMarks::HalfMarks(const BlockShape& shape, const std::vector<double>& se2, const StatusTable& status,
                     const kernels::Kernels& kernels)
    : count05(shape.n_cells() * shape.n_rows),
      count10(shape.n_cells() * shape.n_rows),
      used(shape.n_cells()),
      shape_(shape),
      se2_(se2),
      status_(status),
      kernels_(kernels),
      factors_(static_cast<std::size_t>(shape.n_rows) + 1),
      have_factors_(static_cast<std::size_t>(shape.n_rows) + 1),
      masked05_(kTileLanes),
      masked10_(kTileLanes),
      value_(static_cast<std::size_t>(shape.n_places) * kTileLanes),
      n_years_(static_cast<std::size_t>(shape.n_places)) {
  for (auto& f : factors_) f = {AlignedBuffer(kTileLanes), AlignedBuffer(kTileLanes), AlignedBuffer(kTileLanes)};
}

void HalfMarks::start_tile() { std::fill(n_years_.begin(), n_years_.end(), 0); }

void HalfMarks::start_year(const Tile& tile, double n_full, double sst_full) {
  tile_ = &tile;
  n_full_ = n_full;
  sst_full_ = sst_full;
  std::fill(have_factors_.begin(), have_factors_.end(), 0);
}

void HalfMarks::make_factors(int n_members) {
  Factors& f = factors_[static_cast<std::size_t>(n_members)];
  const int k = n_members + (tile_->shape.intercept ? 1 : 0);
  double last_n = -1, t05 = 0, t10 = 0;
  for (int r = 0; r < tile_->shape.node.n_lanes; ++r) {
    const double n = tile_->root.n_rows[r], df = n - k;
    const std::size_t lane = static_cast<std::size_t>(r);
    if (df < 1) {
      f.t05[lane] = f.t10[lane] = kInfinity;
      f.gcv[lane] = 0;
      continue;
    }
    if (n != last_n) {
      t05 = kernels::student_t_quantile(0.975, df);
      t10 = kernels::student_t_quantile(0.95, df);
      last_n = n;
    }
    f.t05[lane] = t05 * t05 * n_full_ / n;
    f.t10[lane] = t10 * t10 * n_full_ / n;
    f.gcv[lane] = n / (df * df) / (sst_full_ / n_full_);
  }
  have_factors_[static_cast<std::size_t>(n_members)] = 1;
}

void HalfMarks::combination(const Leaf& leaf) {
  const std::size_t cell = shape_.cell(leaf.place, tile_->year);
  if (status_[cell] != 0) return;
  const int lanes = leaf.rows.n_lanes, n = leaf.rows.n_members;
  if (have_factors_[static_cast<std::size_t>(n)] == 0) make_factors(n);
  const Factors& f = factors_[static_cast<std::size_t>(n)];
  const double *t05 = f.t05.data(), *t10 = f.t10.data();
  if (leaf.dead.any()) {
    std::copy_n(t05, lanes, masked05_.data());
    std::copy_n(t10, lanes, masked10_.data());
    leaf.dead.for_each(
        [&](int r) { masked05_[static_cast<std::size_t>(r)] = masked10_[static_cast<std::size_t>(r)] = kInfinity; });
    t05 = masked05_.data();
    t10 = masked10_.data();
  }
  int c05[64], c10[64];
  const std::size_t row = shape_.row(leaf.place, tile_->year, 0);
  for (int first = 0; first < n; first += 64) {
    const int count = std::min(64, n - first);
    kernels_.exceed(lanes, count, leaf.rows.b + static_cast<std::size_t>(first) * lanes, se2_.data() + row + first, t05, t10,
                    c05, c10);
    for (int i = 0; i < count; ++i) {
      count05[row + static_cast<std::size_t>(first + i)] += c05[i];
      count10[row + static_cast<std::size_t>(first + i)] += c10[i];
    }
  }
  used[cell] += lanes - leaf.dead.count();
  const std::size_t place = static_cast<std::size_t>(leaf.place);
  double* value = value_.data() + place * kTileLanes;
  kernels_.scaled(lanes, leaf.rows.sse, f.gcv.data(), n_years_[place] == 0, value);
  leaf.dead.for_each([&](int r) { value[r] = kInfinity; });
  ++n_years_[place];
}

void HalfMarks::offer(const Tile& tile, const std::vector<int>& years, const std::vector<std::uint32_t>& id,
                      TopLists& lists) const {
  double threshold[kTileLanes];
  for (int r = 0; r < tile.n_live; ++r) threshold[r] = lists.threshold(tile.first_replicate + r);
  for (std::size_t place = 0; place < years.size(); ++place) {
    if (years[place] == 0 || years[place] != n_years_[place]) continue;
    const double* value = value_.data() + place * kTileLanes;
    const double share = 1.0 / years[place];
    for (int r = 0; r < tile.n_live; ++r) {
      const double mean = value[r] * share;
      if (!(mean <= threshold[r]) || mean == kInfinity) continue;
      lists.offer(tile.first_replicate + r, mean, id[place]);
      threshold[r] = lists.threshold(tile.first_replicate + r);
    }
  }
}

HeldOut::HeldOut(const BlockShape& shape, const StatusTable& status, int n_folds, int n_repeats,
                 const kernels::Kernels& kernels)
    : sse(static_cast<std::size_t>(shape.n_places) * n_repeats),
      fitted(static_cast<std::size_t>(shape.n_places)),
      shape_(shape),
      status_(status),
      n_folds_(n_folds),
      n_repeats_(n_repeats),
      kernels_(kernels),
      error_(kTileLanes) {}

void HeldOut::start_year(int year) {
  year_ = year;
  std::fill(sse.begin(), sse.end(), 0.0);
  std::fill(fitted.begin(), fitted.end(), 0);
}

void HeldOut::start_tile(const Tile& tile) { tile_ = &tile; }

void HeldOut::combination(const Leaf& leaf) {
  if (status_[shape_.cell(leaf.place, year_)] != 0) return;
  held_out_pointers(*tile_, leaf.members, leaf.rows.n_members, &test_);
  kernels_.held_out(leaf.rows.n_lanes, leaf.rows.n_members, leaf.rows.b, test_.data(), error_.data());
  double* to = sse.data() + static_cast<std::size_t>(leaf.place) * n_repeats_;
  for (int r = 0; r < tile_->n_live; ++r)
    if (!leaf.dead.has(r)) to[(tile_->first_replicate + r) / n_folds_] += error_[static_cast<std::size_t>(r)];
  fitted[static_cast<std::size_t>(leaf.place)] += tile_->n_live - (leaf.dead & LaneMask::first(tile_->n_live)).count();
}

}  // namespace nokkel::search
