#include "engine/search/kept.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace nokkel::search {

void KeptRows::add(const RecordBlock& scores) {
  const std::vector<double>& score = scores.values[static_cast<std::size_t>(Var::score_all)].real;
  std::size_t place = 0;
  for (const auto& range : scores.ranges)
    for (std::uint64_t id = range.first_id; id < range.first_id + range.count; ++id, ++place) {
      const double value = std::isnan(score[place]) ? std::numeric_limits<double>::infinity() : score[place];
      if (value <= best_.threshold(scores.outcome)) best_.offer(scores.outcome, value, static_cast<std::uint32_t>(id));
    }
}

std::vector<std::uint32_t> KeptRows::ids() const {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> at;  // number, place
  for (int outcome = 0; outcome < best_.n_lists(); ++outcome) {
    std::uint32_t place = 0;
    for (const std::uint32_t id : best_.ids(outcome)) at.emplace_back(id, place++);
  }
  std::ranges::sort(at);
  const auto [last, end] = std::ranges::unique(at, {}, &std::pair<std::uint32_t, std::uint32_t>::first);
  at.erase(last, end);
  std::ranges::sort(at, {}, [](const auto& x) { return std::pair{x.second, x.first}; });
  at.resize(std::min<std::size_t>(at.size(), keep_));
  std::vector<std::uint32_t> ids;
  ids.reserve(at.size());
  for (const auto& [id, place] : at) ids.push_back(id);
  std::ranges::sort(ids);
  return ids;
}

}  // namespace nokkel::search
