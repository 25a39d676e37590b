#include "engine/search/work.h"

#include <algorithm>
#include <utility>

#include "engine/assert.h"

namespace nokkel::search {

BlockWork work_of(const universe::Universe& universe, const universe::Block& block) {
  BlockWork work{plan_block(universe, block), block.ranges, {}};
  work.id.reserve(block.count());
  for (const auto& range : block.ranges)
    for (std::uint32_t i = 0; i < range.count; ++i) work.id.push_back(static_cast<std::uint32_t>(range.first_id + i));
  return work;
}

BlockWork work_of(const universe::Universe& universe, std::span<const std::uint32_t> ids, std::uint64_t first_row) {
  const int n_forced = universe.n_forced();
  std::vector<std::vector<int>> free;
  free.reserve(ids.size());
  for (const std::uint32_t id : ids) {
    const std::vector<int> members = universe.unrank(id);
    std::vector<int>& columns = free.emplace_back();
    for (const int m : members)
      if (m >= n_forced) columns.push_back(m - n_forced);
  }
  BlockWork work;
  work.plan = plan_list(free, n_forced, universe.max_size() - n_forced);
  work.rows.push_back({0, first_row, static_cast<std::uint32_t>(ids.size())});
  work.id.assign(ids.begin(), ids.end());
  return work;
}

std::uint32_t least_places(const universe::Universe& universe) {
  const auto entries = static_cast<std::uint32_t>((universe.n_criteria() + 1) * (universe.n_criteria() + 2) / 2);
  return std::min(kMostPlaces, std::max(kLeastPlaces, 2 * entries));
}

BlockCount count_blocks(const universe::Universe& universe) {
  BlockCount out;
  universe::BlockWalk walk(universe, least_places(universe), kMostPlaces);
  while (auto block = walk.next()) {
    ++out.n_blocks;
    if (block->count() > out.largest.count()) out.largest = std::move(*block);
  }
  return out;
}

universe::Block BlockWindow::get(std::size_t i) {
  const std::scoped_lock lock(mutex_);
  for (; next_ <= i; ++next_) {
    auto block = walk_.next();
    NOKKEL_ASSERT(block.has_value());
    held_.emplace(next_, std::move(*block));
  }
  const auto at = held_.find(i);
  NOKKEL_ASSERT(at != held_.end());
  return at->second;
}

void BlockWindow::let_go(std::size_t i) {
  const std::scoped_lock lock(mutex_);
  held_.erase(i);
}

}  // namespace nokkel::search
