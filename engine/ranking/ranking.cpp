/// The tier of a score grows with the score, so one sort by score puts the tiers one after the other; each tier is then
/// ordered by its other keys, stably, so that score and number decide what is left.
#include "engine/ranking/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/assert.h"

namespace nokkel::ranking {
namespace {

/// floor(100 (score/best - 1)), as a real: a score may be any multiple of the best.
double tier(double score, double best) {
  if (best == 0) return score == 0 ? 0 : std::numeric_limits<double>::infinity();
  return std::floor(100 * (score / best - 1));
}

/// Combinations with a finite score, best first, equal scores by number.
std::vector<std::int32_t> order_by_score(std::span<const double> score) {
  std::vector<std::int32_t> order;
  order.reserve(score.size());
  for (std::size_t id = 0; id < score.size(); ++id) {
    NOKKEL_ASSERT(!(std::isfinite(score[id]) && score[id] < 0));
    if (std::isfinite(score[id])) order.push_back(static_cast<std::int32_t>(id));
  }
  std::ranges::sort(order,
                    [score](std::int32_t a, std::int32_t b) { return score[a] != score[b] ? score[a] < score[b] : a < b; });
  return order;
}

}  // namespace

std::uint8_t stability_step(float stab) {
  NOKKEL_ASSERT(std::isnan(stab) || (stab >= 0 && stab <= 1));
  return static_cast<std::uint8_t>(std::floor(20 * (1 - (std::isnan(stab) ? 0.0 : static_cast<double>(stab)))));
}

ScoreOrder::ScoreOrder(std::vector<double> score) : n_(score.size()), ids_(order_by_score(score)) {
  NOKKEL_ASSERT(n_ <= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()));
  const double best = ids_.empty() ? 0 : score[ids_.front()];
  for (auto first = ids_.begin(); first != ids_.end();) {
    const double here = tier(score[*first], best);
    first = std::partition_point(first, ids_.end(), [&](std::int32_t id) { return tier(score[id], best) <= here; });
    tier_end_.push_back(static_cast<std::int32_t>(first - ids_.begin()));
  }
}

std::vector<std::int32_t> ScoreOrder::ranks(std::span<const std::uint8_t> step, std::span<const std::uint64_t> last_id) && {
  NOKKEL_ASSERT_EQUAL(step.size(), n_);
  NOKKEL_ASSERT(n_ == 0 || (!last_id.empty() && last_id.back() == n_));
  const auto size_of = [last_id](std::int32_t id) {
    return std::ranges::upper_bound(last_id, static_cast<std::uint64_t>(id)) - last_id.begin();
  };
  auto first = ids_.begin();
  for (const std::int32_t end : tier_end_) {
    const auto last = ids_.begin() + end;
    std::stable_sort(first, last, [&](std::int32_t a, std::int32_t b) {
      return step[a] != step[b] ? step[a] < step[b] : size_of(a) < size_of(b);
    });
    first = last;
  }
  std::vector<std::int32_t> ranks(n_, 0);
  for (std::size_t place = 0; place < ids_.size(); ++place) ranks[ids_[place]] = static_cast<std::int32_t>(place) + 1;
  return ranks;
}

std::vector<std::int32_t> rank(std::span<const double> score, std::span<const float> stab,
                               std::span<const std::uint64_t> last_id) {
  NOKKEL_ASSERT_EQUAL(score.size(), stab.size());
  std::vector<std::uint8_t> step(stab.size());
  std::ranges::transform(stab, step.begin(), stability_step);
  return ScoreOrder({score.begin(), score.end()}).ranks(step, last_id);
}

std::vector<std::int32_t> best(std::span<const std::int32_t> rank, int n) {
  std::vector<std::int32_t> ids(static_cast<std::size_t>(n), -1);
  for (std::size_t id = 0; id < rank.size(); ++id) {
    if (rank[id] >= 1 && rank[id] <= n) ids[static_cast<std::size_t>(rank[id]) - 1] = static_cast<std::int32_t>(id);
  }
  return ids;
}

}  // namespace nokkel::ranking
