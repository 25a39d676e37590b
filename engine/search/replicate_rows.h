/// The coefficients of some combinations over all replicates of one year, kept side by side: a sink of the pairs walk.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/aligned.h"
#include "engine/search/walk.h"

namespace nokkel::search {

/// Rows of replicates, [place][criterion of the combination][replicate]; replicates without a fit are left out, so that the
/// used(place) others stand one after the other, in replicate order. Controls are not kept. Standardised units. Walks take the
/// tiles of the year one by one.
class ReplicateRows final : public RowSink {
 public:
  ReplicateRows(int n_places, int n_controls, int n_slots, int n_replicates);

  /// Forgets what it holds and takes the tiles of another year, or the combinations of another plan (at most n_places).
  void start();
  void combination(const Leaf& leaf) override;

  [[nodiscard]] int used(int place) const { return used_[static_cast<std::size_t>(place)]; }
  [[nodiscard]] const double* row(int place, int slot) const {
    return rows_.data() + (static_cast<std::size_t>(place) * n_slots_ + static_cast<std::size_t>(slot)) * stride_;
  }
  /// Doubles of one combination.
  [[nodiscard]] static std::size_t doubles(int n_slots, int n_replicates) {
    return static_cast<std::size_t>(n_slots) * stride_of(n_replicates);
  }

 private:
  [[nodiscard]] static std::size_t stride_of(int n_replicates) { return (static_cast<std::size_t>(n_replicates) + 7) / 8 * 8; }

  std::size_t n_slots_, stride_;
  int n_controls_;
  AlignedBuffer rows_;
  std::vector<int> used_;
};

}  // namespace nokkel::search
