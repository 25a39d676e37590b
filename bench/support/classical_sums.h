/// What programs for one regression give of every fit, summed over replicates: b, SE^2 in its marks at two levels, R2. Only
/// here, for comparison with them: the engine takes no classical SE from a resample (METHODS 4.3.1).
#pragma once

#include "engine/search/sinks.h"

namespace nokkel::bench {

class ClassicalSums final : public search::RowSink {
 public:
  ClassicalSums(const search::FullFits& full, const kernels::Kernels& kernels);
  void start_tile(const search::Tile& tile);
  void combination(const search::Leaf& leaf) override;

  /// Of a combination: 3 n + 2 sums as Kernels::tally makes them about 0; 2 n counts as Kernels::marks makes them.
  [[nodiscard]] const double* sums(int place) const { return sums_.data() + static_cast<std::size_t>(place) * stride_; }
  [[nodiscard]] const double* marks(int place) const { return marks_.data() + static_cast<std::size_t>(place) * stride_; }

 private:
  const kernels::Kernels& kernels_;
  std::size_t stride_;
  AlignedBuffer sums_, marks_, inverse_sst_;
  std::vector<double> no_shift_;
  std::vector<AlignedBuffer> t05_, t10_;  // by members: t^2 / (N - k) by lane
  search::LaneWeights weights_;
};

}  // namespace nokkel::bench
