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

/// Ranks from 1; 0 where score is NaN or infinite; other scores are >= 0 (asserted). Arrays are by combination number;
/// sizes come as the last id of each size, increasing (last_id[s] is one past the last combination of the s-th size; the
/// last one is the number of combinations, asserted), since ids sort by size.
/// A best score of 0 puts every score of 0 into tier 0 and all others into the last tier.
/// NaN in `stab` counts as 0. Cost: O(C log C), 8 bytes a combination beside the result.
std::vector<std::int32_t> rank(std::span<const double> score, std::span<const float> stab,
                               std::span<const std::uint64_t> last_id);

/// The n best by rank: combination numbers, best first, -1 where fewer are ranked. Cost: one pass.
std::vector<std::int32_t> best(std::span<const std::int32_t> rank, int n);

}  // namespace nokkel::ranking
