#include "engine/search/replicate_rows.h"

#include <algorithm>

namespace nokkel::search {

ReplicateRows::ReplicateRows(int n_places, int n_controls, int n_slots, int n_replicates)
    : n_slots_(static_cast<std::size_t>(n_slots)),
      stride_(stride_of(n_replicates)),
      n_controls_(n_controls),
      rows_(static_cast<std::size_t>(n_places) * doubles(n_slots, n_replicates)),
      used_(static_cast<std::size_t>(n_places)) {}

void ReplicateRows::start() { std::fill(used_.begin(), used_.end(), 0); }

void ReplicateRows::combination(const Leaf& leaf) {
  const Part& part = leaf.parts.front();
  const int lanes = part.rows.n_lanes, n = leaf.n_members - n_controls_, n_live = part.tile->n_live;
  int& used = used_[static_cast<std::size_t>(leaf.place)];
  const kernels::LaneMask live = kernels::LaneMask::first(n_live).without(part.dead);
  for (int i = 0; i < n; ++i) {
    const double* from = part.rows.b + static_cast<std::size_t>(n_controls_ + i) * lanes;
    double* to =
        rows_.data() + (static_cast<std::size_t>(leaf.place) * n_slots_ + static_cast<std::size_t>(i)) * stride_ + used;
    if (live == kernels::LaneMask::first(n_live))
      std::copy_n(from, n_live, to);
    else
      live.for_each([&](int lane) { *to++ = from[lane]; });
  }
  used += live.count();
}

}  // namespace nokkel::search
