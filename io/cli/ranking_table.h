/// The leading combinations of a result file as a table: of the ranking it holds, or by any of its variables.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/cli/text_table.h"
#include "io/results/results_file.h"

namespace nokkel::cli {

struct RankingQuery {
  int year = -1;  ///< index into Description::years; -1: over all years
  int top = 10;
  std::optional<Var> by;  ///< nothing: by rank (rank_by_year when a year is given)
};

/// Rows best first. Columns: outcome, rank, the variable sorted by (when one is), score, cv_rmse and adj_r2 (means over the
/// years where the combination is ok, or of the year), stability (mean over criteria and years of sig_share_10),
/// years_marked (years in which every criterion is marked at 0.10) and years, top_share, combination number and label.
/// Cost: reads rank or the variable whole, and the rows of the leading ones.
Table ranking_table(const results::Reader& reader, int outcome, const RankingQuery& query);

/// One sentence on what such a ranking does not prove.
std::string ranking_caveat(const results::Reader& reader);

/// Outcomes to show: all, or the one named. Errors (InputError): no such outcome, with "did you mean".
std::vector<int> outcomes_named(const results::Reader& reader, const std::string& name);

/// The variable of that name that a ranking can follow. Errors (InputError): unknown, absent or without a direction.
Var sortable_variable(const results::Reader& reader, const std::string& name);

/// The ids with ranks 1 .. n, best first; fewer where fewer are ranked.
std::vector<std::uint64_t> leading(const results::Reader& reader, int outcome, int n);

}  // namespace nokkel::cli
