#include "bench/support/classical_sums.h"

#include <limits>

#include "kernels/distributions.h"

namespace nokkel::bench {

using kernels::kTileLanes;

ClassicalSums::ClassicalSums(const search::FullFits& full, const kernels::Kernels& kernels)
    : kernels_(kernels),
      stride_(static_cast<std::size_t>(kernels::padded_sums(3L * full.shape.n_rows + 2))),
      sums_(static_cast<std::size_t>(full.shape.n_places) * stride_),
      marks_(static_cast<std::size_t>(full.shape.n_places) * stride_),
      inverse_sst_(kTileLanes),
      no_shift_(static_cast<std::size_t>(full.shape.n_rows) + 1, 0.0),
      t05_(static_cast<std::size_t>(full.shape.n_rows) + 1),
      t10_(static_cast<std::size_t>(full.shape.n_rows) + 1) {
  for (auto* t : {&t05_, &t10_})
    for (auto& buffer : *t) buffer = AlignedBuffer(kTileLanes);
}

void ClassicalSums::start_tile(const search::Tile& tile) {
  const double no_mark = std::numeric_limits<double>::infinity();
  double last_n = -1, t05 = 0, t10 = 0;
  for (std::size_t k = 1; k < t05_.size(); ++k, last_n = -1)
    for (int r = 0; r < tile.shape.node.n_lanes; ++r) {
      const std::size_t lane = static_cast<std::size_t>(r);
      inverse_sst_[lane] = 1 / tile.root.sst[r];
      const double n = tile.root.n_rows[r], df = n - static_cast<double>(k) - 1;
      if (df < 1) {
        t05_[k][lane] = t10_[k][lane] = no_mark;
        continue;
      }
      if (n != last_n) {
        t05 = kernels::student_t_quantile(0.975, df);
        t10 = kernels::student_t_quantile(0.95, df);
        last_n = n;
      }
      t05_[k][lane] = t05 * t05 / df;
      t10_[k][lane] = t10 * t10 / df;
    }
}

void ClassicalSums::combination(const search::Leaf& leaf) {
  const kernels::Rows& rows = leaf.parts.front().rows;
  const std::size_t at = static_cast<std::size_t>(leaf.place) * stride_, k = static_cast<std::size_t>(leaf.n_members);
  kernels_.tally(rows.n_lanes, leaf.n_members, rows.b, rows.sse, no_shift_.data(), inverse_sst_.data(),
                 weights_.of(leaf.parts.front().dead, rows.n_lanes), sums_.data() + at);
  kernels_.marks(rows.n_lanes, leaf.n_members, rows.b, rows.v, rows.sse, t05_[k].data(), t10_[k].data(), marks_.data() + at);
}

}  // namespace nokkel::bench
