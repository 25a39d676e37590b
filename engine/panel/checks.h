/// What a finished design tells about its columns: refusals, and notes for the loss report.
#pragma once

#include <string>
#include <vector>

#include "engine/panel/sample.h"

namespace nokkel::panel {

/// Refuses a control that is constant in a cell with at least three rows, and a control or criterion that is the
/// response in disguise: |r| > 0.999 in every cell of an outcome with at least four rows where r exists (three points lie
/// on a line too easily), in one at least. Errors: InputError at the column's `where`. Cost: O(rows x columns).
void refuse_columns(const Design& design, const std::vector<CriterionSpec>& specs);

/// Sentences on: years without rows, small cells, more criteria than rows, criteria that are constant, sparse (non-zero for 1
/// to 4 units while most are zero) or equal in pairs (|r| > 0.999999, at least four rows). Cost: O(rows x criteria^2).
std::vector<std::string> design_notes(const Design& design);

/// A sentence an outcome whose units differ between years.
std::vector<std::string> balance_remarks(const Design& design);

/// "2010, 2012", or "every year" when the list is as long as `n_all` and that is more than one; year 0 is "the data".
std::string year_list(const std::vector<int>& years, std::size_t n_all);

}  // namespace nokkel::panel
