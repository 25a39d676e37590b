/// Sample quantiles for several levels at once: which order statistics they need, and the interpolation between them.
///
/// Q(a) of x_(1) <= ... <= x_(n): position h = (n + 1) a, linear between the order statistics beside it, clamped to [1, n]
/// (METHODS 4.4; Hyndman & Fan 1996, type 6). With n = 999 and the usual levels h is whole and Q(a) is an order statistic. A
/// position within 4 roundings of a whole number counts as whole, so that 0.07 * 100 does not interpolate.
#pragma once

#include <span>
#include <vector>

#include "kernels/order_statistics.h"

namespace nokkel::kernels {

/// The quantiles of rows of n values. Making one costs a few microseconds; it is for many rows.
class Quantiles {
 public:
  /// levels: increasing, 0 < level < 1. n >= 1.
  Quantiles(std::span<const double> levels, int n);

  /// out[i] = Q(levels[i]) of x[0 .. n-1], no NaN; x and scratch as OrderKernels::select. Equal to the quantiles of a sorted
  /// copy to the bit, zeros without their sign.
  void of(const OrderKernels& kernels, const double* x, double* scratch, double* out) const;

  [[nodiscard]] int n() const { return n_; }
  [[nodiscard]] int n_levels() const { return static_cast<int>(place_.size()); }
  /// The position was outside [1, n]: the figure is the smallest or largest value and too narrow (flag extreme_quantile).
  [[nodiscard]] bool is_extreme(int level) const { return place_[static_cast<std::size_t>(level)].is_extreme; }

 private:
  struct Place {
    int first = 0;      ///< into orders_; the next one is used when weight > 0
    double weight = 0;  ///< of the upper order statistic
    bool is_extreme = false;
  };
  int n_;
  std::vector<Place> place_;
  std::vector<Order> orders_;
  int n_low_ = 0, n_high_ = 0;
  double low_tail_ = 0, high_tail_ = 0;
};

}  // namespace nokkel::kernels
