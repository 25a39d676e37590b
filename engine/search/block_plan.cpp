#include "engine/search/block_plan.h"

#include <algorithm>

#include "engine/assert.h"

namespace nokkel::search {
namespace {

using universe::ColumnSet;

class Planner {
 public:
  Planner(const universe::Universe& universe, const universe::Block& block)
      : universe_(universe), n_forced_(universe.n_forced()), next_place_(static_cast<std::size_t>(universe.max_size()) + 1, 0) {
    int place = 0;
    for (const auto& range : block.ranges) {
      next_place_[static_cast<std::size_t>(range.size)] = place;
      plan_.size_of_place.insert(plan_.size_of_place.end(), range.count, range.size);
      place += static_cast<int>(range.count);
    }
    plan_.n_places = place;
    plan_.max_free = universe.max_size() - n_forced_;
    plan_.members.assign(static_cast<std::size_t>(place) * plan_.max_free, -1);
  }

  BlockPlan run(const universe::Block& block) {
    universe::Node node = universe_.root();
    for (std::size_t i = static_cast<std::size_t>(n_forced_); i < block.prefix.size(); ++i) {
      path_.push_back(block.prefix[i] - n_forced_);
      node = universe_.descend(node, block.prefix[i]);
    }
    if (block.with_prefix) emit_prefix();
    std::vector<int> children;
    for (int c = node.allowed.first(); c >= 0; c = node.allowed.next(c))
      if (c >= block.first_child && c < block.last_child) children.push_back(c);
    below(node, children);
    while (!open_.empty()) close();
    return std::move(plan_);
  }

 private:
  /// Makes the nodes of the first `depth` columns of the path.
  void reach(int depth) {
    while (static_cast<int>(open_.size()) < depth) {
      const int d = static_cast<int>(open_.size());
      open_.push_back(plan_.steps.size());
      plan_.steps.push_back({Step::Kind::down, d, path_[static_cast<std::size_t>(d)], 0, 0, 0, 0});
      plan_.max_depth = std::max(plan_.max_depth, d + 1);
    }
  }
  void close() {
    plan_.steps[open_.back()].end = static_cast<int>(plan_.steps.size());
    open_.pop_back();
  }

  void leaves_of(std::size_t path_length, const std::vector<int>& columns, int size) {
    Step step;
    step.first_leaf = static_cast<int>(plan_.leaf.size());
    step.n_leaves = static_cast<int>(columns.size());
    step.first_place = next_place_[static_cast<std::size_t>(size)];
    next_place_[static_cast<std::size_t>(size)] += step.n_leaves;
    plan_.leaf.insert(plan_.leaf.end(), columns.begin(), columns.end());
    for (int k = 0; k < step.n_leaves; ++k) {
      int* members = plan_.members.data() + static_cast<std::size_t>(step.first_place + k) * plan_.max_free;
      std::copy_n(path_.begin(), path_length, members);
      members[path_length] = columns[static_cast<std::size_t>(k)];
    }
    if (path_length == 0) {
      step.kind = Step::Kind::single;
    } else {
      step.kind = Step::Kind::pair;
      step.depth = static_cast<int>(path_length) - 1;
      step.column = path_[path_length - 1];
      reach(step.depth);
    }
    plan_.steps.push_back(step);
  }

  void emit_prefix() {
    const int size = n_forced_ + static_cast<int>(path_.size());
    if (path_.empty()) {
      Step step;
      step.kind = Step::Kind::itself;
      step.first_place = next_place_[static_cast<std::size_t>(size)]++;
      plan_.steps.push_back(step);
    } else {
      leaves_of(path_.size() - 1, {path_.back()}, size);
    }
  }

  /// Leaves and subtrees of the given children of the path's node.
  void below(const universe::Node& node, const std::vector<int>& children) {
    const int size = node.size + 1;
    if (children.empty() || size > universe_.max_size()) return;
    if (size >= universe_.min_size()) {
      std::vector<int> columns(children.size());
      std::transform(children.begin(), children.end(), columns.begin(), [&](int c) { return c - n_forced_; });
      leaves_of(path_.size(), columns, size);
    }
    if (size == universe_.max_size()) return;
    const std::size_t depth = path_.size();
    for (const int c : children) {
      const universe::Node child = universe_.descend(node, c);
      if (child.allowed.empty()) continue;
      std::vector<int> grandchildren;
      for (int g = child.allowed.first(); g >= 0; g = child.allowed.next(g)) grandchildren.push_back(g);
      path_.push_back(c - n_forced_);
      below(child, grandchildren);
      path_.pop_back();
      while (open_.size() > depth) close();
    }
  }

  const universe::Universe& universe_;
  int n_forced_;
  BlockPlan plan_;
  std::vector<int> path_;          // free columns
  std::vector<std::size_t> open_;  // down steps whose subtree is being written, by depth
  std::vector<int> next_place_;    // by size
};

}  // namespace

BlockPlan plan_block(const universe::Universe& universe, const universe::Block& block) {
  BlockPlan plan = Planner(universe, block).run(block);
  NOKKEL_ASSERT_EQUAL(plan.n_places, block.count());
  return plan;
}

BlockPlan plan_list(const std::vector<std::vector<int>>& combinations, int n_forced, int max_free) {
  BlockPlan plan;
  plan.n_places = static_cast<int>(combinations.size());
  plan.max_free = max_free;
  plan.members.assign(combinations.size() * static_cast<std::size_t>(max_free), -1);
  std::vector<int> order(combinations.size());
  for (std::size_t i = 0; i < combinations.size(); ++i) {
    order[i] = static_cast<int>(i);
    plan.size_of_place.push_back(n_forced + static_cast<int>(combinations[i].size()));
    std::copy(combinations[i].begin(), combinations[i].end(), plan.members.begin() + static_cast<std::ptrdiff_t>(i) * max_free);
  }
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    return combinations[static_cast<std::size_t>(a)] < combinations[static_cast<std::size_t>(b)];
  });
  std::vector<std::pair<int, std::size_t>> open;  // column of a node and its step
  const auto close = [&] {
    plan.steps[open.back().second].end = static_cast<int>(plan.steps.size());
    open.pop_back();
  };
  for (const int place : order) {
    const std::vector<int>& c = combinations[static_cast<std::size_t>(place)];
    Step step;
    step.kind = c.empty() ? Step::Kind::itself : c.size() == 1 ? Step::Kind::single : Step::Kind::pair;
    step.depth = std::max(0, static_cast<int>(c.size()) - 2);
    step.column = c.size() < 2 ? -1 : c[c.size() - 2];
    std::size_t shared = 0;
    while (shared < open.size() && static_cast<int>(shared) < step.depth && open[shared].first == c[shared]) ++shared;
    while (open.size() > shared) close();
    while (static_cast<int>(open.size()) < step.depth) {
      const int d = static_cast<int>(open.size());
      open.emplace_back(c[static_cast<std::size_t>(d)], plan.steps.size());
      plan.steps.push_back({Step::Kind::down, d, c[static_cast<std::size_t>(d)], 0, 0, 0, 0});
      plan.max_depth = std::max(plan.max_depth, d + 1);
    }
    step.first_leaf = static_cast<int>(plan.leaf.size());
    step.n_leaves = c.empty() ? 0 : 1;
    step.first_place = place;
    if (!c.empty()) plan.leaf.push_back(c.back());
    plan.steps.push_back(step);
  }
  while (!open.empty()) close();
  return plan;
}

namespace {

/// Builds the pieces of a plan while its steps go by.
class PlanCutter {
 public:
  PlanCutter(const BlockPlan& whole, int most) : whole_(whole), most_(most) {}

  std::vector<PlanPiece> run() {
    for (int i = 0; i < static_cast<int>(whole_.steps.size()); ++i) {
      while (!path_.empty() && step(path_.back()).end <= i) path_.pop_back();
      if (step(i).kind == Step::Kind::down)
        path_.push_back(i);
      else
        leaves(step(i));
    }
    close();
    return std::move(pieces_);
  }

 private:
  [[nodiscard]] const Step& step(int i) const { return whole_.steps[static_cast<std::size_t>(i)]; }
  [[nodiscard]] BlockPlan& plan() { return pieces_.back().plan; }

  /// Ends what is open in the present piece beyond the first `keep` nodes.
  void leave(std::size_t keep) {
    for (; open_.size() > keep; open_.pop_back()) plan().steps[open_.back().second].end = static_cast<int>(plan().steps.size());
  }

  /// Brings the piece to the node that the whole plan is at.
  void follow() {
    std::size_t shared = 0;
    while (shared < open_.size() && shared < path_.size() && open_[shared].first == path_[shared]) ++shared;
    leave(shared);
    for (std::size_t d = shared; d < path_.size(); ++d) {
      open_.emplace_back(path_[d], plan().steps.size());
      plan().steps.push_back(step(path_[d]));
    }
  }

  void leaves(const Step& s) {
    const int n = std::max(1, s.n_leaves);  // `itself` has no leaf and one place
    for (int first = 0; first < n;) {
      if (pieces_.empty() || plan().n_places == most_) {
        close();
        pieces_.emplace_back();
        plan().max_depth = whole_.max_depth;
        plan().max_free = whole_.max_free;
      }
      follow();
      const int count = std::min(n - first, most_ - plan().n_places);
      Step part = s;
      part.first_leaf = static_cast<int>(plan().leaf.size());
      part.n_leaves = std::min(count, s.n_leaves);
      part.first_place = plan().n_places;
      for (int i = 0; i < part.n_leaves; ++i)
        plan().leaf.push_back(whole_.leaf[static_cast<std::size_t>(s.first_leaf + first + i)]);
      plan().steps.push_back(part);
      for (int i = 0; i < count; ++i) add_place(s.first_place + first + i);
      first += count;
    }
  }

  void add_place(int place) {
    ++plan().n_places;
    pieces_.back().place.push_back(place);
    plan().size_of_place.push_back(whole_.size_of_place[static_cast<std::size_t>(place)]);
    const auto members = whole_.members.begin() + static_cast<std::ptrdiff_t>(place) * whole_.max_free;
    plan().members.insert(plan().members.end(), members, members + whole_.max_free);
  }

  void close() {
    if (!pieces_.empty()) leave(0);
  }

  const BlockPlan& whole_;
  int most_;
  std::vector<int> path_;                          // open nodes of the whole plan, by step
  std::vector<std::pair<int, std::size_t>> open_;  // of the piece: step of the whole plan, and of the piece
  std::vector<PlanPiece> pieces_;
};

}  // namespace

std::vector<PlanPiece> cut_plan(const BlockPlan& plan, int most) { return PlanCutter(plan, most).run(); }

}  // namespace nokkel::search
