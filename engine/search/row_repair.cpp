#include "engine/search/row_repair.h"

#include "kernels/lane_fit.h"

namespace nokkel::search {

using kernels::LaneMask;

LaneMask RowRepair::out_already(const Tile& tile, int place, LaneMask suspect) const {
  LaneMask out;
  if (status_ == nullptr) return out;
  const auto bad = [&](int year) {
    return (*status_)[static_cast<std::size_t>(place) * n_years_ + static_cast<std::size_t>(year)] != 0;
  };
  if (tile.year >= 0) return bad(tile.year) ? suspect : out;
  suspect.for_each([&](int lane) {
    if (bad(lane)) out.add(lane);
  });
  return out;
}

LaneMask RowRepair::fix(const Tile& tile, int place, const int* members, kernels::Rows& rows, LaneMask suspect) {
  LaneMask killed = out_already(tile, place, suspect);
  const LaneMask lanes = suspect.without(killed);
  if (!lanes.any()) return killed;
  LaneMoments& moments = moments_[static_cast<std::size_t>(tile.year + 1)];
  moments.open(tile);
  const int k = rows.n_members, y = tile.shape.n_columns() - 1;
  const auto column = [&](int i) { return i < k ? members[i] + 1 : y; };
  cross_.clear();
  for (int i = 0; i <= k; ++i)
    for (int j = i; j <= k; ++j) cross_.push_back(moments.cross(column(i), column(j), lanes));
  scratch_.resize(static_cast<std::size_t>(kernels::lane_fit_scratch(k)));
  const LaneMask deficient = kernels::lane_fit(cross_.data(), lanes, scratch_.data(), &rows);
  n_not_estimable += static_cast<std::uint64_t>(deficient.count());
  n_repaired += static_cast<std::uint64_t>(lanes.without(deficient).count());
  return killed | deficient;
}

}  // namespace nokkel::search
