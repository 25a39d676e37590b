/// Cutting the depth-first walk. Within a size the walk meets combinations in lexicographic order, so one running count a
/// size gives the ids. A subtree of more than `most` combinations becomes a prefix of its own; smaller siblings are gathered.
#include <algorithm>
#include <deque>
#include <numeric>
#include <utility>

#include "engine/assert.h"
#include "engine/universe/counter.h"

namespace nokkel::universe {

std::uint32_t Block::count() const {
  return std::accumulate(ranges.begin(), ranges.end(), std::uint32_t{0},
                         [](std::uint32_t sum, const Range& range) { return sum + range.count; });
}

class BlockWalk::Cutter {
 public:
  Cutter(const Universe& universe, Counter& counter, std::uint32_t least, std::uint32_t most)
      : universe_(universe), counter_(counter), least_(least), most_(most), next_id_(universe.max_size() + 1) {
    for (int size = 1; size <= universe.max_size(); ++size) {
      next_id_[size] = next_id_[size - 1] + universe.count_of_size(size - 1);
    }
    prefix_.resize(universe_.n_forced());
    std::iota(prefix_.begin(), prefix_.end(), 0);
    enter(universe_.root());
  }

  std::optional<Block> next() {
    while (ready_.empty() && !frames_.empty()) step();
    if (ready_.empty()) return std::nullopt;
    Block block = std::move(ready_.front());
    ready_.pop_front();
    return block;
  }

 private:
  /// A block being gathered; count[size] combinations of each size.
  struct Gathered {
    Block block;
    std::vector<std::uint64_t> count;
    std::uint64_t total = 0;
  };
  /// A prefix whose children are being looked at, and the child that was looked at last.
  struct Frame {
    Node node;
    Gathered open;
    int child;
  };

  void enter(const Node& node) {
    Frame frame{node, start(), -1};
    if (node.size >= std::max(universe_.min_size(), 1)) {
      frame.open.block.with_prefix = true;
      frame.open.count[node.size] = frame.open.total = 1;
    }
    frames_.push_back(std::move(frame));
  }

  /// Looks at one more child of the innermost prefix, or leaves it.
  void step() {
    Frame& frame = frames_.back();
    const int c = frame.child = frame.node.allowed.next(frame.child);
    if (c < 0) {
      close(frame.open);
      frames_.pop_back();
      if (!frames_.empty()) prefix_.pop_back();
      return;
    }
    const Node below = universe_.descend(frame.node, c);
    const std::vector<std::uint64_t> count = subtree(below);
    const std::uint64_t total = std::accumulate(count.begin(), count.end(), std::uint64_t{0});
    if (total == 0) return;
    if (total > most_ || frame.open.total + total > most_) close(frame.open);
    if (total > most_) {
      prefix_.push_back(c);
      enter(below);
    } else {
      gather(frame.open, c, count, total);
      if (frame.open.total >= least_) close(frame.open);
    }
  }

  [[nodiscard]] Gathered start() const {
    const int first_free = universe_.n_forced();
    return {{prefix_, first_free, first_free, false, {}}, std::vector<std::uint64_t>(universe_.max_size() + 1), 0};
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

  /// Gives the gathered combinations of the innermost prefix their ids and starts anew.
  void close(Gathered& open) {
    if (open.total == 0) return;
    for (int size = 1; size <= universe_.max_size(); ++size) {
      if (open.count[size] == 0) continue;
      open.block.ranges.push_back({size, next_id_[size], static_cast<std::uint32_t>(open.count[size])});
      next_id_[size] += open.count[size];
    }
    ready_.push_back(std::move(open.block));
    open = start();
  }

  const Universe& universe_;
  Counter& counter_;
  std::uint64_t least_, most_;
  std::vector<std::uint64_t> next_id_;  // per size
  std::vector<int> prefix_;             // of the innermost frame
  std::vector<Frame> frames_;
  std::deque<Block> ready_;  // at most two
};

BlockWalk::BlockWalk(const Universe& universe, std::uint32_t least, std::uint32_t most) {
  NOKKEL_ASSERT(universe.count() < std::uint64_t{1} << 31);
  NOKKEL_ASSERT(least >= 1 && least <= most);
  cutter_ = std::make_unique<Cutter>(universe, *universe.counter_, least, most);
}

BlockWalk::~BlockWalk() = default;

std::optional<Block> BlockWalk::next() { return cutter_->next(); }

std::vector<Block> Universe::blocks(std::uint32_t least, std::uint32_t most) const {
  std::vector<Block> blocks;
  BlockWalk walk(*this, least, most);
  while (std::optional<Block> block = walk.next()) blocks.push_back(std::move(*block));
  return blocks;
}

}  // namespace nokkel::universe
