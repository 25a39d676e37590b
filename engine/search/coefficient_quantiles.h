/// Quantiles of coefficients over the pairs replicates (METHODS 4.4, percentile): the walk again with a sink that keeps every
/// value, a few combinations at a time so that their rows stay in the cache; then exact order statistics.
#pragma once

#include <map>
#include <vector>

#include "engine/search/block_search.h"
#include "engine/search/replicate_rows.h"
#include "kernels/quantile.h"

namespace nokkel::search {

/// Quantiles of some combinations of one outcome, a year at a time. One object a thread.
class CoefficientQuantiles {
 public:
  explicit CoefficientQuantiles(const OutcomeContext& context);

  /// Combinations that a plan may have.
  [[nodiscard]] int n_places() const { return n_places_; }
  [[nodiscard]] int n_levels() const { return static_cast<int>(context_.statistics.quantiles.size()); }
  /// Walks a plan on the pairs tiles of a year.
  void walk_year(const BlockPlan& plan, int year, Repair& repair, Workspace& workspace);
  /// Quantiles of one coefficient of a combination in units of the outcome per unit of the criterion, to out[n_levels]; NaN
  /// when fewer than 90 % of the replicates have a fit. criterion: that of the slot.
  void of(int place, int slot, int criterion, double* out);

  /// What an object takes.
  [[nodiscard]] static std::size_t bytes(int n_slots, int n_replicates);

 private:
  const OutcomeContext& context_;
  const kernels::OrderKernels& kernels_;
  int n_replicates_, n_controls_, n_places_;
  ReplicateRows rows_;
  std::map<int, kernels::Quantiles> by_used_;  // by number of replicates with a fit
  AlignedBuffer scratch_;
};

/// Quantiles of listed combinations, [combination][year][criterion][level], NaN where a combination lacks the criterion. Made
/// again from the tiles by a list pass; cost: one fit a replicate, and some 0.3 us a level and coefficient.
std::vector<double> listed_quantiles(const OutcomeContext& context, const std::vector<std::vector<int>>& members,
                                     Workspace& workspace);

}  // namespace nokkel::search
