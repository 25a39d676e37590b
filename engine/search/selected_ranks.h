/// Ranks of the selected over half-samples (METHODS 6.2), from the bins of all combinations and the leading lists.
#pragma once

#include <vector>

#include "engine/search/block_search.h"
#include "engine/search/rank_bins.h"

namespace nokkel::search {

/// Each with a bound of its error: inside a bin ranks are not resolved, so that a rank is known to lie between two; the figure
/// is the middle of what the two give, the bound half their distance. 0 where every rank is known.
struct SelectedRanks {
  std::vector<double> quantile, quantile_error;  ///< [combination][level of kRankLevels]
  std::vector<double> expected, expected_error;  ///< [combination]: mean rank
};

/// Ranks of listed combinations, which must be ranked ones, over the half-samples; where one has no fit it ranks behind all
/// that have one (METHODS 1.3). Their values are made again by a list pass over the half-sample tiles and fall into the bins
/// that they were counted in; a combination in a half-sample's leading list has its exact rank. `id`: their combination
/// numbers.
SelectedRanks selected_ranks(const OutcomeContext& context, const std::vector<std::vector<int>>& members,
                             const std::vector<std::uint32_t>& id, const RankBins& bins, const TopLists& lists,
                             Workspace& workspace);

}  // namespace nokkel::search
