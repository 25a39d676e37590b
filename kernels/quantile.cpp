#include "kernels/quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/distributions.h"

namespace nokkel::kernels {
namespace {

/// Share of a row up to which a rank is looked for in its tail rather than in the whole row.
constexpr double kTail = 0.12;
/// How far from its place in a normal sample an order statistic is looked for: multiples of its own standard error there, and
/// SDs for what is not normal.
constexpr double kErrors = 2.5, kSkew = 0.06;

/// The window of rank r (from 0) among n, in SDs from the mean.
Order order_of(int rank, int n) {
  const double p = (rank + 0.5) / n, z = normal_quantile(p);
  const double reach = kErrors * std::sqrt(p * (1 - p) / n) / normal_density(z) + kSkew;
  return {rank, z - reach, z + reach};
}

}  // namespace

Quantiles::Quantiles(std::span<const double> levels, int n) : n_(n) {
  const auto want = [&](int rank) {
    if (orders_.empty() || orders_.back().rank < rank) orders_.push_back(order_of(rank, n));
    return static_cast<int>(std::find_if(orders_.begin(), orders_.end(), [&](const Order& o) { return o.rank == rank; }) -
                            orders_.begin());
  };
  for (const double level : levels) {
    double h = (n + 1.0) * level;
    if (std::fabs(h - std::round(h)) <= 4 * std::numeric_limits<double>::epsilon() * h) h = std::round(h);
    Place place;
    place.is_extreme = h < 1 || h > n;
    h = std::clamp(h, 1.0, static_cast<double>(n));
    const int below = static_cast<int>(h);
    place.weight = h - below;
    place.first = want(below - 1);
    if (place.weight > 0) want(below);
    place_.push_back(place);
  }
  for (const Order& o : orders_) {
    if ((o.rank + 0.5) / n < kTail) {
      ++n_low_;
      low_tail_ = o.high;
    }
    if ((o.rank + 0.5) / n > 1 - kTail && n_high_++ == 0) high_tail_ = o.low;
  }
}

void Quantiles::of(const OrderKernels& kernels, const double* x, double* scratch, double* out) const {
  constexpr int kMost = 64;
  double few[kMost];
  std::vector<double> many;
  if (orders_.size() > kMost) many.resize(orders_.size());
  double* value = many.empty() ? few : many.data();
  kernels.select({n_, static_cast<int>(orders_.size()), n_low_, n_high_, orders_.data(), low_tail_, high_tail_}, x, scratch,
                 value);
  for (std::size_t i = 0; i < place_.size(); ++i) {
    const double low = value[place_[i].first];
    out[i] = place_[i].weight > 0 ? low + place_[i].weight * (value[place_[i].first + 1] - low) : low;
  }
}

}  // namespace nokkel::kernels
