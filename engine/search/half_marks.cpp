#include "engine/search/half_marks.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/variables.h"

namespace nokkel::search {

using kernels::kTileLanes;
using kernels::LaneMask;

namespace {
constexpr double kInfinity = std::numeric_limits<double>::infinity();
}

HalfMarks::HalfMarks(const BlockShape& shape, const std::vector<double>& se2, const StatusTable& status,
                     const std::vector<YearFacts>& years, const CriticalValues& critical, std::vector<std::uint32_t> id,
                     TopLists* lists, const kernels::Kernels& kernels)
    : shape_(shape),
      status_(status),
      years_(years),
      critical_(critical),
      id_(std::move(id)),
      lists_(lists),
      kernels_(kernels),
      stride_(static_cast<std::size_t>(kernels::padded_sums(2L * shape.n_rows))),
      counts_(se2.empty() ? 0 : shape.n_cells() * stride_),
      inverse_se2_(se2.size()),
      used_(shape.n_cells()),
      n_ranked_(static_cast<std::size_t>(shape.n_places), 0),
      factors_(static_cast<std::size_t>(shape.n_years)),
      masked05_(kTileLanes),
      masked10_(kTileLanes),
      value_(kTileLanes),
      share_(kTileLanes),
      threshold_(kTileLanes) {
  std::transform(se2.begin(), se2.end(), inverse_se2_.begin(), [](double x) { return 1 / x; });
  for (int place = 0; place < shape.n_places; ++place) {
    int n = 0;
    bool usable = true;
    for (int year = 0; year < shape.n_years; ++year) {
      const auto s = static_cast<Status>(status[shape.cell(place, year)]);
      if (s == Status::ok) ++n;
      usable = usable && (s == Status::ok || s == Status::criterion_unavailable);
    }
    if (usable && lists != nullptr) n_ranked_[static_cast<std::size_t>(place)] = n;
  }
}

void HalfMarks::start(std::span<const Tile* const> tiles) {
  for (auto& of_year : factors_) {
    of_year.resize(static_cast<std::size_t>(shape_.n_rows) + 1);
    for (Factors& f : of_year) f.made = false;
  }
  first_tile_ = tiles.front();
  if (receiver_ != nullptr) receiver_->start(*first_tile_);
  if (lists_ == nullptr) return;
  for (int r = 0; r < first_tile_->n_live; ++r)
    threshold_[static_cast<std::size_t>(r)] = lists_->threshold(first_tile_->replicate[static_cast<std::size_t>(r)]);
}

const HalfMarks::Factors& HalfMarks::factors_of(const Tile& tile, int n_members) {
  Factors& f = factors_[static_cast<std::size_t>(tile.year)][static_cast<std::size_t>(n_members)];
  if (f.made) return f;
  f.made = true;
  if (f.t05.size() == 0) f = {AlignedBuffer(kTileLanes), AlignedBuffer(kTileLanes), AlignedBuffer(kTileLanes), true};
  const YearFacts& year = years_[static_cast<std::size_t>(tile.year)];
  const int k = n_members + (tile.shape.intercept ? 1 : 0);
  for (int r = 0; r < tile.shape.node.n_lanes; ++r) {
    const double n = tile.root.n_rows[r], df = n - k;
    const std::size_t lane = static_cast<std::size_t>(r);
    if (df < 1) {
      f.t05[lane] = f.t10[lane] = kInfinity;
      f.gcv[lane] = 0;
      continue;
    }
    const double t05 = critical_.at05(df), t10 = critical_.at10(df);
    f.t05[lane] = t05 * t05 * year.n_rows / n;
    f.t10[lane] = t10 * t10 * year.n_rows / n;
    f.gcv[lane] = n / (df * df) / (year.sst / year.n_rows);
  }
  return f;
}

void HalfMarks::combination(const Leaf& leaf) {
  int n_years = 0;
  LaneMask dead;
  for (const Part& part : leaf.parts) {
    if (!part.alive) continue;
    const std::size_t cell = shape_.cell(leaf.place, part.tile->year);
    if (status_[cell] != 0) continue;
    const Factors& f = factors_of(*part.tile, leaf.n_members);
    if (counts_.size() > 0) count(part, cell, f);
    used_[cell] += part.rows.n_lanes - part.dead.count();
    if (lists_ != nullptr) kernels_.scaled(part.rows.n_lanes, part.rows.sse, f.gcv.data(), n_years == 0, value_.data());
    dead = dead | part.dead;
    ++n_years;
  }
  if (lists_ != nullptr && n_years > 0 && n_years == n_ranked_[static_cast<std::size_t>(leaf.place)]) offer(leaf, dead);
}

void HalfMarks::count(const Part& part, std::size_t cell, const Factors& f) {
  const int lanes = part.rows.n_lanes;
  const double *t05 = f.t05.data(), *t10 = f.t10.data();
  if (part.dead.any()) {
    std::copy_n(t05, lanes, masked05_.data());
    std::copy_n(t10, lanes, masked10_.data());
    part.dead.for_each(
        [&](int r) { masked05_[static_cast<std::size_t>(r)] = masked10_[static_cast<std::size_t>(r)] = kInfinity; });
    t05 = masked05_.data();
    t10 = masked10_.data();
  }
  kernels_.exceed(lanes, part.rows.n_members, part.rows.b, inverse_se2_.data() + cell * static_cast<std::size_t>(shape_.n_rows),
                  t05, t10, counts_.data() + cell * stride_);
}

void HalfMarks::offer(const Leaf& leaf, LaneMask dead) {
  const std::size_t place = static_cast<std::size_t>(leaf.place);
  const int lanes = first_tile_->shape.node.n_lanes;
  if (n_ranked_[place] != share_of_) {
    share_of_ = n_ranked_[place];
    std::fill_n(share_.data(), kTileLanes, 1.0 / share_of_);
  }
  kernels_.scaled(lanes, value_.data(), share_.data(), true, value_.data());
  const LaneMask live = LaneMask::first(first_tile_->n_live).without(dead);
  if (receiver_ != nullptr) receiver_->values(leaf.place, value_.data(), live);
  const LaneMask near = live.without(kernels_.below(lanes, threshold_.data(), value_.data()));
  near.for_each([&](int r) {
    const int list = first_tile_->replicate[static_cast<std::size_t>(r)];
    lists_->offer(list, value_[static_cast<std::size_t>(r)], id_[place]);
    threshold_[static_cast<std::size_t>(r)] = lists_->threshold(list);
  });
}

}  // namespace nokkel::search
