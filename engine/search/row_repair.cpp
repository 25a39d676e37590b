#include "engine/search/row_repair.h"

#include "kernels/qr.h"

namespace nokkel::search {

RowRepair::RowRepair(const OutcomeTiles& tiles, const resample::Provider& provider)
    : tiles_(tiles), provider_(provider), unit_weight_(static_cast<std::size_t>(provider.n_units())) {}

const std::vector<double>& RowRepair::weights_of(const Tile& tile, int lane, int year) {
  const CellRows& rows = tiles_.rows[static_cast<std::size_t>(year)];
  weight_.assign(static_cast<std::size_t>(rows.n_rows), 1.0);
  if (tile.stream == resample::Stream::full) return weight_;
  provider_.weights(tile.stream, tile.first_replicate + lane, 1, unit_weight_.data(), 1);
  for (int i = 0; i < rows.n_rows; ++i) {
    const double w = unit_weight_[static_cast<std::size_t>(rows.unit[static_cast<std::size_t>(i)])];
    weight_[static_cast<std::size_t>(i)] = tile.stream == resample::Stream::folds ? 1.0 - w : w;
  }
  return weight_;
}

kernels::LaneMask RowRepair::fix(const Tile& tile, int place, const int* members, kernels::Rows& rows,
                                 kernels::LaneMask suspect) {
  const int lanes = tile.shape.node.n_lanes, k = rows.n_members;
  kernels::LaneMask killed;
  suspect.for_each([&](int lane) {
    const int year = tile.year >= 0 ? tile.year : lane;
    if (status_ != nullptr &&
        (*status_)[static_cast<std::size_t>(place) * tiles_.rows.size() + static_cast<std::size_t>(year)] != 0) {
      killed.add(lane);
      return;
    }
    const CellRows& cell = tiles_.rows[static_cast<std::size_t>(year)];
    const auto column = [&](int j) {
      return cell.z.data() + static_cast<std::size_t>(j) * static_cast<std::size_t>(cell.n_rows);
    };
    std::vector<const double*> x(static_cast<std::size_t>(k));
    for (int i = 0; i < k; ++i) x[static_cast<std::size_t>(i)] = column(members[i] + 1);
    const int y = tile.shape.n_swept + tile.shape.node.n_free + 1;
    const kernels::LeastSquares fit =
        kernels::least_squares(cell.n_rows, x, column(y), weights_of(tile, lane, year).data(), tile.shape.intercept);
    if (!fit.full_rank) {
      ++n_not_estimable;
      killed.add(lane);
      return;
    }
    ++n_repaired;
    for (int i = 0; i < k; ++i) {
      rows.b[static_cast<std::size_t>(i) * lanes + lane] = fit.b[static_cast<std::size_t>(i)];
      if (rows.v != nullptr) rows.v[static_cast<std::size_t>(i) * lanes + lane] = fit.v[static_cast<std::size_t>(i)];
    }
    rows.sse[lane] = fit.sse;
  });
  return killed;
}

}  // namespace nokkel::search
