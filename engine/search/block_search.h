/// All statistics of one block for one outcome: full sample, pairs, half-samples, folds, then records.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/panel/sample.h"
#include "engine/search/sinks.h"
#include "engine/search/top_list.h"
#include "engine/search/work.h"
#include "engine/sink.h"

namespace nokkel::search {

class RankBins;

/// What blocks of one outcome read.
struct OutcomeContext {
  const panel::Design& design;
  int outcome = 0;
  const universe::Universe& universe;
  const Statistics& statistics;
  const resample::Provider& provider;
  const TileExtents& extents;
  const OutcomeTiles& tiles;
  const kernels::Kernels& kernels;
};

/// By year of the outcome.
std::vector<YearFacts> year_facts(const OutcomeContext& context);

struct BlockResult {
  RecordBlock records;
  std::array<std::uint64_t, 8> status_count{};
  std::uint64_t lanes_repaired = 0, lanes_not_estimable = 0;
};

/// Which stages a block runs.
enum class Pass {
  whole,   ///< every statistic, and the half-samples' leading combinations
  scores,  ///< mode `kept`, all combinations: what the score and the half-samples' leading ones need; the record is score_all
  rows     ///< mode `kept`, those that have rows: every statistic; the half-samples' leading ones are known already
};

/// Runs one block. The numbers depend on the context and the combination only. Leading combinations of the half-samples go to
/// `lists`, and the rank values of all are counted in `bins` unless it is null (both exactly mergeable); neither is touched by
/// Pass::rows.
BlockResult search_block(const OutcomeContext& context, const BlockWork& work, Pass pass, Workspace& workspace, TopLists& lists,
                         RankBins* bins = nullptr);

/// Per-unit losses of a few combinations: SE over units of cv_rmse, [combination][year] in units of the outcome; NaN where
/// a training set has no fit. sd(l_u)/sqrt(G) of the squared error per row, by the delta method: SE(mse) / (2 rmse).
std::vector<double> unit_errors(const OutcomeContext& context, const std::vector<std::vector<int>>& members,
                                Workspace& workspace);

}  // namespace nokkel::search
