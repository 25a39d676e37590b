/// The default order of combinations until METHODS 10 is whole (STUDY-FORMAT, "Decisions"):
/// floor(100 (score/best - 1)), then floor(20 (1 - stab)), then size, score, id.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace nokkel::ranking {

/// Text of the attribute `formula` of score.
inline constexpr std::string_view kFormula =
    "score = mean over available years of cv_rmse / sd(response); order: floor(100 (score/best - 1)), then "
    "floor(20 (1 - stab)) with stab = mean over criteria and available years of sig_share_10, then size, score, "
    "combination number; not ok in an available year: rank 0";

/// Combinations in the order of their scores, cut into tiers: the first half of a ranking, which needs the scores alone and
/// lets them go. The second half needs a byte a combination. So ranks cost at most 12 bytes a combination beside one.
class ScoreOrder {
 public:
  /// Scores by combination number; NaN or infinite: not ranked; others are >= 0 (asserted).
  /// A best score of 0 puts every score of 0 into tier 0 and all others into the last tier.
  explicit ScoreOrder(std::vector<double> score);

  /// Ranks from 1 by combination number, 0: not ranked. step: stability_step() by combination number. Sizes come as the last id
  /// of each size, increasing (last_id[s] is one past the last combination of the s-th size; the last one is the number of
  /// combinations, asserted), since ids sort by size. Each tier is put in order in place.
  std::vector<std::int32_t> ranks(std::span<const std::uint8_t> step, std::span<const std::uint64_t> last_id) &&;

 private:
  std::size_t n_ = 0;
  std::vector<std::int32_t> ids_;
  std::vector<std::int32_t> tier_end_;  ///< places in ids_
};

/// floor(20 (1 - stab)), 0 to 20; NaN counts as 0. stab is in [0, 1] (asserted).
std::uint8_t stability_step(float stab);

/// Both halves at once. Cost: O(C log C).
std::vector<std::int32_t> rank(std::span<const double> score, std::span<const float> stab,
                               std::span<const std::uint64_t> last_id);

/// The n best by rank: combination numbers, best first, -1 where fewer are ranked. Cost: one pass.
std::vector<std::int32_t> best(std::span<const std::int32_t> rank, int n);

}  // namespace nokkel::ranking
