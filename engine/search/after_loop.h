/// What is computed when every block is in: ranks, the selected and what is kept of them (DESIGN 3a d).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/search/block_search.h"
#include "engine/search/rank_bins.h"
#include "engine/search/top_list.h"
#include "engine/sink.h"

namespace nokkel::search {

/// Combinations that have rows: all, row = combination number, or those of a list.
struct ResultRows {
  std::uint64_t n = 0;
  std::span<const std::uint32_t> id;  ///< combination numbers, ascending, by row; empty: all
  [[nodiscard]] std::uint64_t id_of(std::uint64_t row) const { return id.empty() ? row : id[row]; }
  /// Row of a combination; n: it has none.
  [[nodiscard]] std::uint64_t row_of(std::uint32_t combination) const;
  /// One past the last row of each size of the universe.
  [[nodiscard]] std::vector<std::uint64_t> last_of_sizes(const universe::Universe& universe) const;
};

/// Sends the after-loop variables of one outcome to the sink, from what it received in the loop: ranks are among the rows,
/// shares of half-samples among all combinations. Memory: rank_bytes(), and what a few rows of records and the selected take.
void send_after_loop(const OutcomeContext& context, const ResultRows& rows, const TopLists& lists, const RankBins& bins,
                     int top, int n_rank_positions, std::size_t ranks_together, int n_threads, ResultSink& sink);

/// Tasks that what is made again of the selected is cut into, each with a workspace.
inline constexpr int kSelectedTasks = 4;

/// Bytes that grow with the combinations while ranks are made: one outcome at a time, and its years one at a time when all
/// would take more than `together`; then 12 a combination.
std::size_t rank_bytes(std::uint64_t n_combinations, int n_years, std::size_t together);

}  // namespace nokkel::search
