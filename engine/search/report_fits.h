/// The selected combinations once more by the report path: double-double on raw rows, full sample, every year (METHODS 1.4).
#pragma once

#include <utility>
#include <vector>

#include "engine/search/block_search.h"

namespace nokkel::search {

/// Values of the report variables of one outcome, each with its first axis `selected`: n_selected rows, of which the first
/// members.size() are filled. members: criteria of a combination, ascending. NaN where a year has no fit (a criterion
/// unavailable, too few rows, rank deficient) and, along `criterion`, where the combination does not hold it.
/// Cost: about 30 us a fit of four criteria on 106 rows, linear in rows.
std::vector<std::pair<Var, std::vector<double>>> report_fits(const OutcomeContext& context,
                                                             const std::vector<std::vector<int>>& members,
                                                             std::size_t n_selected);

}  // namespace nokkel::search
