#include "engine/search/lane_moments.h"

#include <algorithm>
#include <cmath>

#include "engine/assert.h"
#include "kernels/double_double.h"

namespace nokkel::search {

using kernels::DoubleDouble;
using kernels::kTileLanes;
using kernels::kVectorLanes;
using kernels::LaneMask;

namespace {

/// Weights whose sum passes this many times the units are summed like fractions.
constexpr double kMostPerUnit = 2;

/// Not touched until used: most blocks never flag a lane, most tiles only a few columns.
double* untouched(std::size_t doubles) {
  void* memory = std::aligned_alloc(64, (doubles * sizeof(double) + 63) / 64 * 64);
  if (memory == nullptr) throw std::bad_alloc();
  return static_cast<double*>(memory);
}

LaneMask group(int first) {
  LaneMask mask;
  for (int r = 0; r < kVectorLanes; ++r) mask.add(first + r);
  return mask;
}

const double* column(const CellRows& cell, int j) {
  return j == 0 ? nullptr : cell.z.data() + static_cast<std::size_t>(j) * static_cast<std::size_t>(cell.n_rows);
}

/// Any number near the column will do: it keeps the sums about it small.
double centre_of(const CellRows& cell, int j) {
  if (j == 0) return 0;
  const double* x = column(cell, j);
  double sum = 0;
  for (int i = 0; i < cell.n_rows; ++i) sum += x[i];
  return sum / cell.n_rows;
}

DoubleDouble get(const double* entry, int lane) { return {entry[lane], entry[kTileLanes + lane]}; }
void put(double* entry, int lane, DoubleDouble x) {
  entry[lane] = x.hi;
  entry[kTileLanes + lane] = x.lo;
}

}  // namespace

LaneMoments::LaneMoments(const OutcomeTiles& tiles, const resample::Provider& provider)
    : tiles_(tiles),
      provider_(provider),
      slicing_(kernels::slicing(kMostPerUnit * provider.n_units())),
      cross_(nullptr, &std::free),
      weight_(nullptr, &std::free) {}

std::size_t LaneMoments::bytes(const TileExtents& extents, int n_units, int n_rows) {
  const std::size_t n_columns = static_cast<std::size_t>(extents.n_swept + extents.n_free + 2);
  return sizeof(double) * (n_columns * (n_columns + 1) * kTileLanes + static_cast<std::size_t>(n_units) * kTileLanes +
                           static_cast<std::size_t>(n_rows) * 6);
}

void LaneMoments::open(const Tile& tile) {
  if (tile_ == &tile) return;
  tile_ = &tile;
  drawn_ = whole_ = {};
  n_columns_ = tile.shape.n_columns();
  const std::size_t n_entries = static_cast<std::size_t>(place(n_columns_ - 1, n_columns_ - 1)) + 1;
  if (!cross_) {
    cross_.reset(untouched(n_entries * 2 * kTileLanes));
    weight_.reset(untouched(static_cast<std::size_t>(provider_.n_units()) * kTileLanes));
  }
  valid_.assign(n_entries, {});
}

void LaneMoments::draw(LaneMask lanes) {
  lanes.without(drawn_).for_each([&](int lane) {
    double* w = weight_.get() + lane;
    provider_.weights(tile_->stream, tile_->replicate[static_cast<std::size_t>(lane)], 1, w, kTileLanes);
    double sum = 0;
    bool whole = true;
    for (int u = 0; u < provider_.n_units(); ++u) {
      double& x = w[static_cast<std::ptrdiff_t>(u) * kTileLanes];
      if (tile_->stream == resample::Stream::folds) x = 1 - x;  // the fit is that of the training set
      sum += x;
      whole = whole && x == std::floor(x);
    }
    if (whole && sum <= kMostPerUnit * provider_.n_units()) whole_.add(lane);
  });
  drawn_ = drawn_ | lanes;
}

const double* LaneMoments::cross(int a, int b, LaneMask lanes) {
  NOKKEL_ASSERT(1 <= a && a <= b && b < n_columns_);
  return filled(a, b, lanes);
}

double* LaneMoments::filled(int a, int b, LaneMask lanes) {
  const long e = place(a, b);
  LaneMask& valid = valid_[static_cast<std::size_t>(e)];
  const LaneMask missing = lanes.without(valid);
  if (!missing.any()) return entry(e);
  if (tile_->year >= 0)
    fill_replicates(a, b, missing, entry(e));
  else
    fill_years(a, b, missing, entry(e));
  centre(a, b, missing, entry(e));
  valid = valid | missing;
  return entry(e);
}

void LaneMoments::products(const CellRows& cell, int a, int b) {
  const std::size_t n = static_cast<std::size_t>(cell.n_rows);
  if (hi_.size() < n) hi_.resize(n), lo_.resize(n);
  const bool about = tile_->shape.intercept;
  kernels::row_products(cell.n_rows, column(cell, a), about ? centre_of(cell, a) : 0, column(cell, b),
                        about ? centre_of(cell, b) : 0, hi_.data(), lo_.data());
}

void LaneMoments::fill_replicates(int a, int b, LaneMask lanes, double* to) {
  draw(lanes);
  const CellRows& cell = tiles_.rows[static_cast<std::size_t>(tile_->year)];
  products(cell, a, b);
  const LaneMask whole = lanes & whole_;
  if (whole.any()) {
    slices_.resize(static_cast<std::size_t>(slicing_.n_slices) * static_cast<std::size_t>(cell.n_rows));
    kernels::cut(cell.n_rows, slicing_, hi_.data(), lo_.data(), slices_.data());
  }
  alignas(64) double sum_hi[kVectorLanes], sum_lo[kVectorLanes];
  for (int first = 0; first < tile_->shape.node.n_lanes; first += kVectorLanes) {
    const auto keep = [&](LaneMask mask) {
      mask.for_each([&](int lane) { put(to, lane, {sum_hi[lane - first], sum_lo[lane - first]}); });
    };
    const double* w = weight_.get() + first;
    if (const LaneMask here = whole & group(first); here.any()) {
      kernels::whole_sums(cell.n_rows, slicing_.n_slices, slices_.data(), cell.unit.data(), w, sum_hi, sum_lo);
      keep(here);
    }
    if (const LaneMask here = lanes.without(whole) & group(first); here.any()) {
      kernels::general_sums(cell.n_rows, hi_.data(), lo_.data(), cell.unit.data(), w, sum_hi, sum_lo);
      keep(here);
    }
  }
}

void LaneMoments::fill_years(int a, int b, LaneMask lanes, double* to) {
  lanes.for_each([&](int lane) {
    const CellRows& cell = tiles_.rows[static_cast<std::size_t>(lane)];
    products(cell, a, b);
    put(to, lane, kernels::plain_sum(cell.n_rows, hi_.data(), lo_.data()));
  });
}

/// Row 0 of the triangle keeps the sum of weights and the means (about centre_of); the rest is centred with them.
void LaneMoments::centre(int a, int b, LaneMask lanes, double* to) {
  if (b == 0 || !tile_->shape.intercept) return;
  const double* n = filled(0, 0, lanes);
  if (a == 0) {
    lanes.for_each([&](int lane) { put(to, lane, get(to, lane) / get(n, lane)); });
    return;
  }
  const double *mean_a = filled(0, a, lanes), *mean_b = filled(0, b, lanes);
  lanes.for_each([&](int lane) { put(to, lane, get(to, lane) - get(mean_a, lane) * (get(mean_b, lane) * get(n, lane))); });
}

}  // namespace nokkel::search
