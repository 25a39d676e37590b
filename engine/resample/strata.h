/// The groups of units that are resampled apart, after small strata are merged (METHODS 4.2).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/panel/sample.h"

namespace nokkel::resample {

/// Fewer units than this: merged. Fewer in the smallest stratum: Rao-Wu weights for pairs (METHODS 4.2).
inline constexpr int kSmallStratum = 5;
inline constexpr int kRaoWuBelow = 20;

struct Stratum {
  std::uint32_t substream = 0;  ///< of its draws: its place in Frame::strata, the first one's when merged
  std::vector<int> labels;      ///< places in Frame::strata, ascending
  std::vector<int> units;       ///< ascending
  [[nodiscard]] int n() const { return static_cast<int>(units.size()); }
};

/// False when the frame has the one empty label.
bool is_stratified(const panel::Frame& frame);

/// Strata with units, by label. All with fewer than kSmallStratum units become one; while that is still small, the smallest
/// other stratum (the first of equals) joins it. Merging looks at this frame alone.
std::vector<Stratum> merged_strata(const panel::Frame& frame);

/// The smallest stratum is below kRaoWuBelow units, in a stratified frame.
bool uses_rao_wu(const panel::Frame& frame, const std::vector<Stratum>& strata);

}  // namespace nokkel::resample
