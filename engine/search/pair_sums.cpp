#include "engine/search/pair_sums.h"

#include <algorithm>

#include "engine/assert.h"

namespace nokkel::search {

using kernels::LaneMask;
using kernels::padded_sums;

PairSums::PairSums(const FullFits& full, const StatusTable& status, const std::vector<YearFacts>& years,
                   const kernels::Kernels& kernels)
    : shape_(full.shape),
      status_(status),
      years_(years),
      kernels_(kernels),
      row_stride_(static_cast<std::size_t>(padded_sums(3L * shape_.n_rows + 2))),
      cross_stride_(static_cast<std::size_t>(padded_sums(4L * shape_.n_rows))),
      sums_(shape_.n_cells() * row_stride_),
      shift_(shape_.n_cells() * (static_cast<std::size_t>(shape_.n_rows) + 1), 0.0),
      used_(shape_.n_cells()),
      places_(static_cast<std::size_t>(shape_.n_places)),
      inverse_sst_(static_cast<std::size_t>(shape_.n_years)),
      lane_weights_(static_cast<std::size_t>(shape_.n_years) + 1),
      rows_(static_cast<std::size_t>(shape_.n_years)),
      level_(static_cast<std::size_t>(shape_.n_years)),
      slope_(static_cast<std::size_t>(shape_.n_years)) {
  for (auto& buffer : inverse_sst_) buffer = AlignedBuffer(kernels::kTileLanes);
  const std::size_t n = static_cast<std::size_t>(shape_.n_rows);
  for (std::size_t cell = 0; cell < shape_.n_cells(); ++cell) {
    if (full.fitted[cell] == 0) continue;
    double* to = shift_.data() + cell * (n + 1);
    std::copy_n(full.b.data() + cell * n, n, to);
    // r2's shift stands behind the last coefficient, wherever that is: b is NaN in unused rows.
    const std::size_t used = static_cast<std::size_t>(std::find_if(to, to + n, [](double b) { return b != b; }) - to);
    to[used] = 1 - full.sse[cell] / years_[cell % static_cast<std::size_t>(shape_.n_years)].sst;
  }
  if (shape_.n_years > 1) plan_contrasts();
}

void PairSums::plan_contrasts() {
  const std::size_t n = static_cast<std::size_t>(shape_.n_rows);
  cross_ = AlignedBuffer(places_.size() * cross_stride_);
  cross_shift_.assign(places_.size() * 2 * n, 0.0);
  std::vector<char> ok(static_cast<std::size_t>(shape_.n_years));
  for (int place = 0; place < shape_.n_places; ++place) {
    bool usable = true;
    int count = 0;
    for (int year = 0; year < shape_.n_years; ++year) {
      const auto s = static_cast<Status>(status_[shape_.cell(place, year)]);
      ok[static_cast<std::size_t>(year)] = s == Status::ok ? 1 : 0;
      count += s == Status::ok ? 1 : 0;
      usable = usable && (s == Status::ok || s == Status::criterion_unavailable);
    }
    if (!usable || count < 2) continue;
    Place& p = places_[static_cast<std::size_t>(place)];
    p.n_years = count;
    p.weights = weights_of(ok);
    const YearWeights& w = weights_[static_cast<std::size_t>(p.weights)];
    double* shift = cross_shift_.data() + static_cast<std::size_t>(place) * 2 * n;
    for (std::size_t year = 0; year < ok.size(); ++year) {
      if (ok[year] == 0) continue;
      const double* b = shift_.data() + shape_.cell(place, static_cast<int>(year)) * (n + 1);
      for (std::size_t i = 0; i < n; ++i) {
        if (b[i] != b[i]) break;
        shift[2 * i] += w.level[year] * b[i];
        shift[2 * i + 1] += w.slope[year] * b[i];
      }
    }
  }
}

int PairSums::weights_of(const std::vector<char>& years) {
  for (std::size_t i = 0; i < weights_.size(); ++i)
    if (weights_[i].years == years) return static_cast<int>(i);
  YearWeights w;
  w.years = years;
  double n = 0, mean = 0, square = 0;
  for (std::size_t y = 0; y < years.size(); ++y)
    if (years[y] != 0) n += 1, mean += years_[y].calendar;
  mean /= n;
  for (std::size_t y = 0; y < years.size(); ++y)
    if (years[y] != 0) square += (years_[y].calendar - mean) * (years_[y].calendar - mean);
  for (std::size_t y = 0; y < years.size(); ++y) {
    w.level.push_back(years[y] != 0 ? years_[y].price_factor : 0);
    w.slope.push_back(years[y] != 0 ? years_[y].price_factor * (years_[y].calendar - mean) / square : 0);
  }
  weights_.push_back(std::move(w));
  return static_cast<int>(weights_.size()) - 1;
}

void PairSums::start(std::span<const Tile* const> tiles) {
  for (const Tile* tile : tiles)
    for (int r = 0; r < tile->shape.node.n_lanes; ++r)
      inverse_sst_[static_cast<std::size_t>(tile->year)][static_cast<std::size_t>(r)] = 1 / tile->root.sst[r];
}

void PairSums::combination(const Leaf& leaf) {
  for (const Part& part : leaf.parts) {
    if (!part.alive) continue;
    const std::size_t year = static_cast<std::size_t>(part.tile->year), cell = shape_.cell(leaf.place, part.tile->year);
    if (status_[cell] != 0) continue;
    const int lanes = part.rows.n_lanes;
    kernels_.tally(lanes, leaf.n_members, part.rows.b, part.rows.sse,
                   shift_.data() + cell * (static_cast<std::size_t>(shape_.n_rows) + 1), inverse_sst_[year].data(),
                   lane_weights_[year].of(part.dead, lanes), sums_.data() + cell * row_stride_);
    used_[cell] += lanes - part.dead.count();
  }
  if (places_[static_cast<std::size_t>(leaf.place)].n_years > 0) across_years(leaf);
}

void PairSums::across_years(const Leaf& leaf) {
  Place& place = places_[static_cast<std::size_t>(leaf.place)];
  const YearWeights& w = weights_[static_cast<std::size_t>(place.weights)];
  int n = 0, lanes = 0;
  LaneMask dead;
  for (const Part& part : leaf.parts) {
    const std::size_t year = static_cast<std::size_t>(part.tile == nullptr ? 0 : part.tile->year);
    if (!part.alive || w.years[year] == 0) continue;
    rows_[static_cast<std::size_t>(n)] = part.rows.b;
    level_[static_cast<std::size_t>(n)] = w.level[year];
    slope_[static_cast<std::size_t>(n)] = w.slope[year];
    dead = dead | part.dead;
    lanes = part.rows.n_lanes;
    ++n;
  }
  if (n != place.n_years) return;  // a year without a single fit: no replicate has all years
  const int n_live = lanes - dead.count();
  if (n_live == 0) return;
  const std::size_t at = static_cast<std::size_t>(leaf.place);
  kernels_.year_sums(lanes, n, leaf.n_members, rows_.data(), level_.data(), slope_.data(),
                     cross_shift_.data() + at * 2 * static_cast<std::size_t>(shape_.n_rows),
                     lane_weights_.back().of(dead, lanes), cross_.data() + at * cross_stride_);
  place.used += n_live;
}

kernels::RowSums PairSums::row(int place, int year, int i) const {
  const double* s = sums_.data() + shape_.cell(place, year) * row_stride_ + 3 * static_cast<std::size_t>(i);
  return {s[0], s[1], s[2]};
}

kernels::RowSums PairSums::r2(int place, int year, int n_members) const {
  const double* s = sums_.data() + shape_.cell(place, year) * row_stride_ + 3 * static_cast<std::size_t>(n_members);
  return {s[0], s[1], 0};
}

PairSums::Contrast PairSums::contrast(int place, int i, int which) const {
  const std::size_t at = static_cast<std::size_t>(place), row = static_cast<std::size_t>(i),
                    w = static_cast<std::size_t>(which);
  const double* s = cross_.data() + at * cross_stride_ + 4 * row + 2 * w;
  return {cross_shift_[(at * static_cast<std::size_t>(shape_.n_rows) + row) * 2 + w], {s[0], s[1], 0}};
}

}  // namespace nokkel::search
