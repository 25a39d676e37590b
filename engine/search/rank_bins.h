/// How the rank values of all combinations are spread in every half-sample: integer counts in fixed bins, exactly mergeable
/// state (DESIGN 3a b), from which the ranks of a few combinations are looked up afterwards (METHODS 6.2).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/aligned.h"
#include "engine/search/half_marks.h"
#include "engine/search/tiles.h"

namespace nokkel::search {

inline constexpr int kRankBins = 1024;

/// Bins of the half-samples of one outcome: of equal width between bounds that no rank value of a usable fit passes, rounding
/// aside; what passes them goes to the end bins.
///
/// The rank value of a combination is the mean over its years of SSE n_h / (n_h - k)^2 / (SST/N). SSE lies between that of the
/// fit on all columns and that of what is in every combination; k between its least and largest. A combination that lacks some
/// years has a mean of the others: with a criterion that is unavailable in some year the bounds are the outermost years'.
class RankScale {
 public:
  RankScale() = default;
  /// Cost: one sweep of all columns a half-sample and year, some n_free^3 / 6 multiply-adds.
  RankScale(const OutcomeTiles& tiles, const TileExtents& extents);
  [[nodiscard]] int n_halves() const { return static_cast<int>(low_.size()); }
  [[nodiscard]] double low(int half) const { return low_[static_cast<std::size_t>(half)]; }
  [[nodiscard]] double per_bin(int half) const { return per_bin_[static_cast<std::size_t>(half)]; }
  /// Bin of a finite value, increasing with it: the arithmetic of Kernels::bins.
  [[nodiscard]] int bin(int half, double value) const {
    const double at = (value - low_[static_cast<std::size_t>(half)]) * per_bin_[static_cast<std::size_t>(half)];
    return at > 0 ? static_cast<int>(at < kRankBins - 1 ? at : kRankBins - 1) : 0;
  }

 private:
  std::vector<double> low_, per_bin_;  ///< by half-sample; bins a unit of the value
};

/// Counts of one thread and outcome, [half-sample][bin].
class RankBins final : public RankReceiver {
 public:
  RankBins(const RankScale& scale, const kernels::Kernels& kernels);
  void start(const Tile& tile) override;
  void values(int place, const double* value, kernels::LaneMask live) override;
  void merge(const RankBins& other);
  [[nodiscard]] const std::uint32_t* of(int half) const { return count_.data() + static_cast<std::size_t>(half) * kRankBins; }
  [[nodiscard]] const RankScale& scale() const { return *scale_; }
  [[nodiscard]] static std::size_t bytes(int n_halves) {
    return static_cast<std::size_t>(n_halves) * kRankBins * sizeof(std::uint32_t);
  }

 private:
  const RankScale* scale_;
  const kernels::Kernels* kernels_;
  std::vector<std::uint32_t> count_;
  // Of the tile at hand, by lane.
  int n_lanes_ = 0, n_live_ = 0;
  AlignedBuffer low_, per_bin_;
  std::array<std::size_t, kernels::kTileLanes> first_{};  // place in count_ of the half-sample's first bin
};

}  // namespace nokkel::search
