/// Cutting the depth-first walk. Within a size the walk meets combinations in lexicographic order, so one running count a
/// size gives the ids. A subtree of more than `most` combinations becomes a prefix of its own; smaller siblings are gathered.
#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/assert.h"
#include "engine/universe/counter.h"

namespace nokkel::universe {

std::uint32_t Block::count() const {
  return std::accumulate(ranges.begin(), ranges.end(), std::uint32_t{0},
                         [](std::uint32_t sum, const Range& range) { return sum + range.count; });
}

namespace {

class Cutter {
 public:
  Cutter(const Universe& universe, Counter& counter, std::uint32_t least, std::uint32_t most)
      : universe_(universe), counter_(counter), least_(least), most_(most), next_id_(universe.max_size() + 1) {
    for (int size = 1; size <= universe.max_size(); ++size) {
      next_id_[size] = next_id_[size - 1] + universe.count_of_size(size - 1);
    }
  }

  std::vector<Block> cut() {
    std::vector<int> prefix(universe_.n_forced());
    std::iota(prefix.begin(), prefix.end(), 0);
    cut_prefix(prefix, universe_.root());
    return std::move(blocks_);
  }

 private:
  /// A block being gathered; count[size] combinations of each size.
  struct Gathered {
    Block block;
    std::vector<std::uint64_t> count;
    std::uint64_t total = 0;
  };

  void cut_prefix(std::vector<int>& prefix, const Node& node) {
    Gathered open = start(prefix);
    if (node.size >= std::max(universe_.min_size(), 1)) {
      open.block.with_prefix = true;
      open.count[node.size] = open.total = 1;
    }
    for (int c = node.allowed.first(); c >= 0; c = node.allowed.next(c)) {
      const Node below = universe_.descend(node, c);
      const std::vector<std::uint64_t> count = subtree(below);
      const std::uint64_t total = std::accumulate(count.begin(), count.end(), std::uint64_t{0});
      if (total == 0) continue;
      if (total > most_ || open.total + total > most_) close(open, prefix);
      if (total > most_) {
        prefix.push_back(c);
        cut_prefix(prefix, below);
        prefix.pop_back();
      } else {
        gather(open, c, count, total);
        if (open.total >= least_) close(open, prefix);
      }
    }
    close(open, prefix);
  }

  [[nodiscard]] Gathered start(const std::vector<int>& prefix) const {
    const int first_free = universe_.n_forced();
    return {{prefix, first_free, first_free, false, {}}, std::vector<std::uint64_t>(universe_.max_size() + 1), 0};
  }

  /// Combinations of each size in a node's subtree.
  [[nodiscard]] std::vector<std::uint64_t> subtree(const Node& node) const {
    std::vector<std::uint64_t> count(universe_.max_size() + 1);
    const Series series = counter_.completions(node.allowed, node.group_left, universe_.max_size() - node.size);
    for (int size = std::max(node.size, universe_.min_size()); size <= universe_.max_size(); ++size) {
      count[size] = series[size - node.size];
    }
    return count;
  }

  static void gather(Gathered& open, int child, const std::vector<std::uint64_t>& count, std::uint64_t total) {
    if (open.block.first_child == open.block.last_child) open.block.first_child = child;
    open.block.last_child = child + 1;
    for (std::size_t size = 0; size < count.size(); ++size) open.count[size] += count[size];
    open.total += total;
  }

  /// Gives the gathered combinations their ids and starts anew.
  void close(Gathered& open, const std::vector<int>& prefix) {
    if (open.total == 0) return;
    for (int size = 1; size <= universe_.max_size(); ++size) {
      if (open.count[size] == 0) continue;
      open.block.ranges.push_back({size, next_id_[size], static_cast<std::uint32_t>(open.count[size])});
      next_id_[size] += open.count[size];
    }
    blocks_.push_back(std::move(open.block));
    open = start(prefix);
  }

  const Universe& universe_;
  Counter& counter_;
  std::uint64_t least_, most_;
  std::vector<std::uint64_t> next_id_;  // per size
  std::vector<Block> blocks_;
};

}  // namespace

std::vector<Block> Universe::blocks(std::uint32_t least, std::uint32_t most) const {
  NOKKEL_ASSERT(count_ < std::uint64_t{1} << 31);
  NOKKEL_ASSERT(least >= 1 && least <= most);
  return Cutter(*this, *counter_, least, most).cut();
}

}  // namespace nokkel::universe
