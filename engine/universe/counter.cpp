#include "engine/universe/counter.h"

#include <algorithm>
#include <utility>

#include "engine/assert.h"

namespace nokkel::universe {
namespace {

constexpr std::size_t kMemoLimit = std::size_t{1} << 18;  // components remembered: about 50 MB

/// a <- a * b, cut at z^degree.
void multiply(Series& a, const Series& b, int degree) {
  Series product(std::min(a.size() + b.size() - 1, static_cast<std::size_t>(degree) + 1));
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == 0) continue;
    for (std::size_t j = 0; j < b.size() && i + j < product.size(); ++j) {
      product[i + j] = saturating_add(product[i + j], saturating_multiply(a[i], b[j]));
    }
  }
  a = std::move(product);
}

}  // namespace

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) { return std::min(a + b, kSaturated); }

std::uint64_t saturating_multiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kSaturated : std::min(product, kSaturated);
}

void Constraints::join(int c, ColumnSet& allowed, std::vector<int>& group_left) const {
  allowed = allowed.without(conflict[c]);
  allowed.remove(c);
  const int g = group_of[c];
  if (g >= 0 && --group_left[g] == 0) allowed = allowed.without(group_members[g]);
}

Counter::Counter(Constraints constraints, int n, int max_degree)
    : constraints_(std::move(constraints)), row_(static_cast<std::size_t>(max_degree) + 1), binomial_((n + 1) * row_) {
  for (int i = 0; i <= n; ++i) {
    binomial_[i * row_] = 1;
    for (std::size_t k = 1; i > 0 && k < row_; ++k) {
      binomial_[i * row_ + k] = saturating_add(binomial_[(i - 1) * row_ + k - 1], binomial_[(i - 1) * row_ + k]);
    }
  }
  for (int c = 0; c < n; ++c) {
    if (!constraints_.conflict[c].empty() || constraints_.group_of[c] >= 0) constrained_.add(c);
  }
}

std::size_t Counter::Hash::operator()(const Problem& p) const {
  std::uint64_t h = 0;
  const auto mix = [&h](std::uint64_t x) {
    h = (h ^ x) * 0x9E3779B97F4A7C15U;
    h ^= h >> 32;
  };
  for (const std::uint64_t word : p.allowed.words()) mix(word);
  for (const int left : p.group_left) mix(static_cast<std::uint64_t>(left) + 1);
  return h;
}

Series Counter::completions(const ColumnSet& allowed, const std::vector<int>& group_left, int degree) {
  NOKKEL_ASSERT(degree >= 0 && static_cast<std::size_t>(degree) < row_);
  Series series;
  if ((allowed & constrained_).empty()) {
    series = binomial_series(allowed.count(), degree);
  } else {
    const std::scoped_lock lock(mutex_);
    series = count({allowed, group_left}, degree);
  }
  series.resize(static_cast<std::size_t>(degree) + 1);
  return series;
}

std::uint64_t Counter::completions_of(const ColumnSet& allowed, const std::vector<int>& group_left, int n_more) {
  if ((allowed & constrained_).empty()) return binomial(allowed.count(), n_more);
  return completions(allowed, group_left, n_more)[static_cast<std::size_t>(n_more)];
}

Series Counter::binomial_series(int n, int degree) const {
  const auto row = binomial_.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(n) * row_);
  return {row, row + std::min(n, degree) + 1};
}

bool Counter::binds(int group, const Problem& problem) const {
  return (constraints_.group_members[group] & problem.allowed).count() > problem.group_left[group];
}

/// Product over components; criteria that nothing binds are one factor.
Series Counter::count(const Problem& problem, int degree) {
  if (degree <= 2) return count_pairs(problem, degree);
  ColumnSet rest = problem.allowed & constrained_;
  int n_loose = problem.allowed.count() - rest.count();
  Series product{1};
  for (int v = rest.first(); v >= 0; v = rest.first()) {
    const Problem component = component_of(v, problem);
    rest = rest.without(component.allowed);
    if (component.allowed.count() == 1) {
      ++n_loose;
    } else {
      multiply(product, count_component(component, degree), degree);
    }
  }
  multiply(product, binomial_series(n_loose, degree), degree);
  return product;
}

/// At most two members: all pairs but those in conflict and those in a group with one place left.
Series Counter::count_pairs(const Problem& problem, int degree) const {
  const auto conflicts_within = [this](const ColumnSet& set) {
    int twice = 0;
    for (int c = set.first(); c >= 0; c = set.next(c)) twice += (constraints_.conflict[c] & set).count();
    return static_cast<std::uint64_t>(twice / 2);
  };
  const auto n = static_cast<std::uint64_t>(problem.allowed.count());
  Series series{1, n, 0};
  if (degree == 2 && n >= 2) {
    series[2] = n * (n - 1) / 2 - conflicts_within(problem.allowed & constrained_);
    for (std::size_t g = 0; g < problem.group_left.size(); ++g) {
      if (problem.group_left[g] != 1) continue;
      const ColumnSet members = constraints_.group_members[g] & problem.allowed;
      const auto m = static_cast<std::uint64_t>(members.count());
      series[2] -= m * (m - 1) / 2 - conflicts_within(members);
    }
  }
  series.resize(static_cast<std::size_t>(degree) + 1);
  return series;
}

/// All that hangs together with v by conflicts and by groups that bind. Places of other groups are set to a common
/// value, so that equal components are recognised.
Counter::Problem Counter::component_of(int v, const Problem& problem) const {
  const std::size_t n_groups = problem.group_left.size();
  Problem component{{}, std::vector<int>(n_groups, kMaxCriteria)};
  ColumnSet waiting;
  waiting.add(v);
  for (int c = v; c >= 0; c = waiting.first()) {
    component.allowed.add(c);
    ColumnSet reached = constraints_.conflict[c];
    const int g = constraints_.group_of[c];
    if (g >= 0 && component.group_left[g] == kMaxCriteria && binds(g, problem)) {
      component.group_left[g] = problem.group_left[g];
      reached = reached | constraints_.group_members[g];
    }
    waiting = (waiting | (reached & problem.allowed)).without(component.allowed);
  }
  return component;
}

Series Counter::count_component(const Problem& component, int degree) {
  int v = -1;
  int highest = 0;
  for (int c = component.allowed.first(); c >= 0; c = component.allowed.next(c)) {
    const int n_conflicts = (constraints_.conflict[c] & component.allowed).count();
    if (n_conflicts > highest) {
      highest = n_conflicts;
      v = c;
    }
  }
  if (v < 0) {  // one group and no conflict: any of its members, up to its places
    const int left = component.group_left[constraints_.group_of[component.allowed.first()]];
    return binomial_series(component.allowed.count(), std::min(degree, left));
  }
  if (highest == component.allowed.count() - 1 && component.allowed.count() == 2) return {1, 2};

  const auto known = memo_.find(component);
  if (known != memo_.end() && known->second.size() > static_cast<std::size_t>(degree)) {
    return {known->second.begin(), known->second.begin() + degree + 1};
  }
  Series series = branch(component, v, degree);
  series.resize(static_cast<std::size_t>(degree) + 1);
  if (memo_.size() >= kMemoLimit) memo_.clear();
  memo_.insert_or_assign(component, series);
  return series;
}

/// Sets without v, and z times the sets that v may join.
Series Counter::branch(const Problem& component, int v, int degree) {
  Problem without = component;
  without.allowed.remove(v);
  Problem with = component;
  constraints_.join(v, with.allowed, with.group_left);
  Series series = count(without, degree);
  const Series joined = count(with, degree - 1);
  series.resize(std::max(series.size(), joined.size() + 1));
  for (std::size_t i = 0; i < joined.size(); ++i) series[i + 1] = saturating_add(series[i + 1], joined[i]);
  return series;
}

}  // namespace nokkel::universe
