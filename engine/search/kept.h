/// Which combinations a file of mode `kept` has rows for: the best of every outcome by (score, number), exactly mergeable.
///
/// With several outcomes a combination's place is its best place among theirs, and the first N by (place, number) are
/// kept: N rows whatever the number of outcomes, and of each outcome at least its N / n_outcomes best. No score
/// (a year that is not ok) and an infinite one count as last.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/search/top_list.h"
#include "engine/sink.h"

namespace nokkel::search {

class KeptRows {
 public:
  /// keep is at most the number of combinations.
  KeptRows(int n_outcomes, std::uint64_t keep) : keep_(keep), best_(n_outcomes, static_cast<int>(keep)) {}

  /// Takes in Var::score_all of a block.
  void add(const RecordBlock& scores);

  /// Combination numbers, ascending: exactly `keep` of them once every combination was added.
  [[nodiscard]] std::vector<std::uint32_t> ids() const;

  [[nodiscard]] static std::size_t bytes(int n_outcomes, std::uint64_t keep) {
    return TopLists::bytes(n_outcomes, static_cast<int>(keep));
  }

 private:
  std::uint64_t keep_;
  TopLists best_;  // a list an outcome
};

}  // namespace nokkel::search
