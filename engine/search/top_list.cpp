#include "engine/search/top_list.h"

#include <algorithm>

namespace nokkel::search {

TopLists::TopLists(int n_lists, int length)
    : length_(static_cast<std::size_t>(length)),
      heap_(static_cast<std::size_t>(n_lists)),
      threshold_(static_cast<std::size_t>(n_lists), std::numeric_limits<double>::infinity()) {}

void TopLists::offer(int list, double value, std::uint32_t id) {
  auto& heap = heap_[static_cast<std::size_t>(list)];
  const Entry entry{value, id};
  if (heap.size() == length_) {
    if (!(entry < heap.front())) return;
    std::pop_heap(heap.begin(), heap.end());
    heap.back() = entry;
  } else {
    heap.push_back(entry);
  }
  std::push_heap(heap.begin(), heap.end());
  if (heap.size() == length_) threshold_[static_cast<std::size_t>(list)] = heap.front().first;
}

void TopLists::merge(const TopLists& other) {
  for (std::size_t i = 0; i < heap_.size(); ++i)
    for (const auto& [value, id] : other.heap_[i]) offer(static_cast<int>(i), value, id);
}

std::vector<std::uint32_t> TopLists::ids(int list) const {
  auto entries = heap_[static_cast<std::size_t>(list)];
  std::sort_heap(entries.begin(), entries.end());
  std::vector<std::uint32_t> out;
  out.reserve(entries.size());
  for (const auto& entry : entries) out.push_back(entry.second);
  return out;
}

}  // namespace nokkel::search
