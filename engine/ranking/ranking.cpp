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

/// floor(20 (1 - stab)).
double stability_step(float stab) { return std::floor(20 * (1 - (std::isnan(stab) ? 0.0 : static_cast<double>(stab)))); }

/// Orders one tier by stability, then size.
void order_tier(std::span<std::int32_t> ids, std::span<const float> stab, std::span<const std::uint64_t> last_id) {
  const auto size_of = [last_id](std::int32_t id) {
    return std::ranges::upper_bound(last_id, static_cast<std::uint64_t>(id)) - last_id.begin();
  };
  std::ranges::stable_sort(ids, [&](std::int32_t a, std::int32_t b) {
    const double step_a = stability_step(stab[a]);
    const double step_b = stability_step(stab[b]);
    return step_a != step_b ? step_a < step_b : size_of(a) < size_of(b);
  });
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

std::vector<std::int32_t> rank(std::span<const double> score, std::span<const float> stab,
                               std::span<const std::uint64_t> last_id) {
  NOKKEL_ASSERT_EQUAL(score.size(), stab.size());
  NOKKEL_ASSERT(score.size() <= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()));
  NOKKEL_ASSERT(score.empty() || (!last_id.empty() && last_id.back() == score.size()));

  std::vector<std::int32_t> order = order_by_score(score);
  const double best = order.empty() ? 0 : score[order.front()];
  for (auto first = order.begin(); first != order.end();) {
    const double here = tier(score[*first], best);
    const auto last = std::partition_point(first, order.end(), [&](std::int32_t id) { return tier(score[id], best) <= here; });
    order_tier({first, last}, stab, last_id);
    first = last;
  }

  std::vector<std::int32_t> ranks(score.size(), 0);
  for (std::size_t place = 0; place < order.size(); ++place) ranks[order[place]] = static_cast<std::int32_t>(place) + 1;
  return ranks;
}

std::vector<std::int32_t> best(std::span<const std::int32_t> rank, int n) {
  std::vector<std::int32_t> ids(static_cast<std::size_t>(n), -1);
  for (std::size_t id = 0; id < rank.size(); ++id) {
    if (rank[id] >= 1 && rank[id] <= n) ids[static_cast<std::size_t>(rank[id]) - 1] = static_cast<std::int32_t>(id);
  }
  return ids;
}

}  // namespace nokkel::ranking
