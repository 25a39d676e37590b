/// Checks of a universe, walking down, numbering. A combination's number is the count of everything before it: smaller
/// sizes, then, at each member, the completions of the criteria passed over.
#include "engine/universe/universe.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/assert.h"
#include "engine/error.h"
#include "engine/universe/counter.h"

namespace nokkel::universe {
namespace {

void check_sizes(const UniverseSpec& spec) {
  const int n = static_cast<int>(spec.names.size());
  if (spec.names.size() > kMaxCriteria) {
    throw InputError("criterion", fmt::format("{} criteria", spec.names.size()),
                     fmt::format("at most {} are allowed", kMaxCriteria));
  }
  NOKKEL_ASSERT(spec.n_forced >= 0 && spec.n_forced <= n);
  const std::string sizes = fmt::format("sizes {} to {}", spec.min_size, spec.max_size);
  if (spec.min_size < 1) throw InputError("universe.size", sizes, "the smallest size is at least 1");
  if (spec.min_size > spec.max_size)
    throw InputError("universe.size", sizes + " are out of order", "write [smallest, largest]");
  if (spec.max_size > n) {
    throw InputError("universe.size", fmt::format("{}, but there are {} criteria", sizes, n),
                     fmt::format("at most {} is possible", n));
  }
  if (spec.n_forced > spec.max_size) {
    throw InputError("universe.size", fmt::format("{}, but {} criteria are forced", sizes, spec.n_forced),
                     "force fewer criteria or allow larger sizes");
  }
}

ColumnSet set_of(std::span<const int> members) {
  ColumnSet set;
  for (const int c : members) set.add(c);
  return set;
}

void add_conflict(std::vector<ColumnSet>& conflict, int a, int b) {
  conflict[a].add(b);
  conflict[b].add(a);
}

void check_pairs(const UniverseSpec& spec) {
  for (const ExcludedPair& pair : spec.excluded) {
    NOKKEL_ASSERT(std::min(pair.a, pair.b) >= 0 && std::max(pair.a, pair.b) < static_cast<int>(spec.names.size()));
    if (pair.a == pair.b) {
      throw InputError("universe.exclude", fmt::format("'{}' is paired with itself", spec.names[pair.a]),
                       "name two different criteria, or leave the criterion out of the study");
    }
    if (std::max(pair.a, pair.b) < spec.n_forced) {
      throw InputError("universe.exclude",
                       fmt::format("'{}' and '{}' are both forced and may not meet ({})", spec.names[pair.a],
                                   spec.names[pair.b], pair.reason),
                       "force at most one of them");
    }
  }
}

/// Groups of which one may join become conflicts; groups that can never be full bind nothing; the others are counted.
/// `group_left` gets the places that the forced criteria leave.
void add_group(const UniverseSpec& spec, const GroupLimit& group, Constraints& constraints, std::vector<int>& group_left) {
  const ColumnSet members = set_of(group.members);
  if (group.max < 1) {
    throw InputError(fmt::format("groups.{}.max", group.name), fmt::format("{} of the group may meet", group.max),
                     "at least 1");
  }
  int n_forced = 0;
  for (int c = members.first(); c >= 0 && c < spec.n_forced; c = members.next(c)) ++n_forced;
  if (n_forced > group.max) {
    throw InputError(fmt::format("groups.{}.max", group.name),
                     fmt::format("{} of the group are forced, at most {} may meet", n_forced, group.max),
                     "force fewer of them or raise the limit");
  }
  if (group.max >= members.count()) return;
  if (group.max == 1) {
    for (int a = members.first(); a >= 0; a = members.next(a)) {
      for (int b = members.next(a); b >= 0; b = members.next(b)) add_conflict(constraints.conflict, a, b);
    }
    return;
  }
  for (int c = members.first(); c >= 0; c = members.next(c)) {
    if (constraints.group_of[c] >= 0) {
      throw InputError(fmt::format("groups.{}", group.name),
                       fmt::format("'{}' is in two groups whose limit is above 1", spec.names[c]), "leave it in one of them");
    }
    constraints.group_of[c] = static_cast<int>(constraints.group_members.size());
  }
  constraints.group_members.push_back(members);
  group_left.push_back(group.max - n_forced);
}

}  // namespace

Universe::Universe(UniverseSpec spec) : spec_(std::move(spec)) {
  check_sizes(spec_);
  check_pairs(spec_);
  const int n = n_criteria();
  Constraints constraints{std::vector<ColumnSet>(n), std::vector<int>(n, -1), {}};
  for (const ExcludedPair& pair : spec_.excluded) add_conflict(constraints.conflict, pair.a, pair.b);
  for (const GroupLimit& group : spec_.groups) add_group(spec_, group, constraints, root_.group_left);

  // What forced criteria bar is barred for good; their own places are already taken off group_left.
  root_.size = n_forced();
  for (int c = n_forced(); root_.size < max_size() && c < n; ++c) root_.allowed.add(c);
  for (int c = 0; c < n_forced(); ++c) root_.allowed = root_.allowed.without(constraints.conflict[c]);
  for (std::size_t g = 0; g < root_.group_left.size(); ++g) {
    if (root_.group_left[g] == 0) root_.allowed = root_.allowed.without(constraints.group_members[g]);
  }

  counter_ = std::make_shared<Counter>(std::move(constraints), n, max_size() - n_forced());
  count_by_size_.assign(max_size() + 1, 0);
  const Series series = counter_->completions(root_.allowed, root_.group_left, max_size() - n_forced());
  for (int size = std::max(min_size(), n_forced()); size <= max_size(); ++size) {
    count_by_size_[size] = series[size - n_forced()];
    count_ = saturating_add(count_, count_by_size_[size]);
  }
  if (count_ == 0) {
    throw InputError("universe", fmt::format("no combination of {} to {} criteria is allowed", min_size(), max_size()),
                     "allow smaller sizes, or fewer excluded pairs and group limits");
  }
}

bool Universe::is_saturated() const { return count_ == kSaturated; }

std::uint64_t Universe::count_of_size(int size) const {
  return size < min_size() || size > max_size() ? 0 : count_by_size_[size];
}

Node Universe::root() const { return root_; }

Node Universe::descend(const Node& node, int child) const {
  NOKKEL_ASSERT(node.allowed.has(child));
  Node below{node.allowed.after(child), node.group_left, node.size + 1};
  counter_->constraints().join(child, below.allowed, below.group_left);
  if (below.size == max_size()) below.allowed = {};
  return below;
}

std::uint64_t Universe::count_below(const Node& node, int size) const {
  if (size < std::max(min_size(), node.size) || size > max_size()) return 0;
  return counter_->completions_of(node.allowed, node.group_left, size - node.size);
}

std::vector<int> Universe::sorted_free(std::span<const int> members) const {
  std::vector<int> free;
  std::ranges::copy_if(members, std::back_inserter(free), [this](int c) { return c >= n_forced(); });
  std::ranges::sort(free);
  return free;
}

std::uint64_t Universe::rank(std::span<const int> members) const {
  NOKKEL_ASSERT(!is_saturated());
  if (const auto reason = why_barred(members)) throw InputError("combination", *reason, "");
  const int size = static_cast<int>(members.size());
  std::uint64_t id = std::accumulate(count_by_size_.begin(), count_by_size_.begin() + size, std::uint64_t{0});
  Node node = root_;
  for (const int member : sorted_free(members)) {
    for (int c = node.allowed.first(); c < member; c = node.allowed.next(c)) id += count_below(descend(node, c), size);
    node = descend(node, member);
  }
  return id;
}

std::vector<int> Universe::unrank(std::uint64_t id) const {
  NOKKEL_ASSERT(!is_saturated() && id < count_);
  int size = min_size();
  for (; id >= count_by_size_[size]; ++size) id -= count_by_size_[size];
  std::vector<int> members(n_forced());
  std::iota(members.begin(), members.end(), 0);
  Node node = root_;
  while (node.size < size) {
    int c = node.allowed.first();
    Node below = descend(node, c);
    for (std::uint64_t n = count_below(below, size); id >= n; n = count_below(below, size)) {
      id -= n;
      c = node.allowed.next(c);
      below = descend(node, c);
    }
    members.push_back(c);
    node = std::move(below);
  }
  return members;
}

}  // namespace nokkel::universe
