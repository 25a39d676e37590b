/// What is computed when every block is in: ranks, the selected and what is kept of them (DESIGN 3a d).
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/search/block_search.h"
#include "engine/search/top_list.h"
#include "engine/sink.h"

namespace nokkel::search {

/// Sends the after-loop variables of one outcome to the sink, from what it received in the loop. Memory: rank_bytes(), and
/// what a few rows of records and the selected take.
void send_after_loop(const OutcomeContext& context, std::uint64_t n_combinations, const TopLists& lists, int top,
                     int n_rank_positions, std::size_t ranks_together, Workspace& workspace, ResultSink& sink);

/// Bytes that grow with the combinations while ranks are made: one outcome at a time, and its years one at a time when all
/// would take more than `together`; then 12 a combination.
std::size_t rank_bytes(std::uint64_t n_combinations, int n_years, std::size_t together);

}  // namespace nokkel::search
