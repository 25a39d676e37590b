/// What is computed when every block is in: ranks, the selected and what is kept of them (DESIGN 3a d).
#pragma once

#include <vector>

#include "engine/search/block_search.h"
#include "engine/search/top_list.h"
#include "engine/sink.h"

namespace nokkel::search {

/// Scores of all combinations of one outcome, filled block by block. 12 bytes a combination, and 12 more a year.
struct RankInputs {
  std::vector<double> score;  ///< by combination number
  std::vector<float> stab;
  std::vector<std::vector<double>> score_by_year;  ///< [year]
  std::vector<std::vector<float>> stab_by_year;
  RankInputs(std::uint64_t n_combinations, int n_years);
  void add(const BlockResult& block);
  [[nodiscard]] static std::size_t bytes(std::uint64_t n_combinations, int n_years) {
    return n_combinations * 12 * (1 + static_cast<std::size_t>(n_years));
  }
};

/// Sends the after-loop variables of one outcome to the sink.
void send_after_loop(const OutcomeContext& context, const RankInputs& inputs, const TopLists& lists, int top,
                     int n_rank_positions, Workspace& workspace, ResultSink& sink);

}  // namespace nokkel::search
