#include "tests/universe/world.h"

#include <algorithm>
#include <numeric>

namespace nokkel::universe {
namespace {

int below(std::mt19937_64& random, int n) { return static_cast<int>(random() % static_cast<std::uint64_t>(n)); }

bool holds(std::uint32_t set, int c) { return ((set >> c) & 1U) != 0; }

bool admissible(const UniverseSpec& spec, std::uint32_t set) {
  const int n = static_cast<int>(spec.names.size());
  int size = 0;
  for (int c = 0; c < n; ++c) {
    if (holds(set, c)) ++size;
    if (c < spec.n_forced && !holds(set, c)) return false;
  }
  if (size < spec.min_size || size > spec.max_size) return false;
  for (const ExcludedPair& pair : spec.excluded) {
    if (holds(set, pair.a) && holds(set, pair.b)) return false;
  }
  return std::ranges::all_of(spec.groups, [set](const GroupLimit& group) {
    return std::ranges::count_if(group.members, [set](int c) { return holds(set, c); }) <= group.max;
  });
}

}  // namespace

UniverseSpec plain_spec(int n, int n_forced, int min_size, int max_size) {
  UniverseSpec spec;
  for (int c = 0; c < n; ++c) spec.names.push_back("c" + std::to_string(c));
  spec.n_forced = n_forced;
  spec.min_size = min_size;
  spec.max_size = max_size;
  return spec;
}

UniverseSpec random_spec(std::mt19937_64& random) {
  const int n = 2 + below(random, 11);
  const int n_forced = below(random, 3) == 0 ? below(random, std::min(n, 4)) : 0;
  const int max_size = std::max({1, n_forced, 1 + below(random, n)});
  UniverseSpec spec = plain_spec(n, n_forced, 1 + below(random, max_size), max_size);
  for (int i = below(random, 2 * n); i > 0; --i) {
    const int a = below(random, n);
    const int b = below(random, n);
    if (a != b && (std::max(a, b) >= n_forced)) spec.excluded.push_back({a, b, "drawn"});
  }
  std::vector<int> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::shuffle(order, random);
  for (auto at = order.begin(); order.end() - at >= 2 && below(random, 3) > 0;) {
    const int size = 1 + below(random, std::min(6, static_cast<int>(order.end() - at)));
    spec.groups.push_back({"g" + std::to_string(spec.groups.size()), {at, at + size}, 1 + below(random, 3)});
    at += size;
  }
  if (n > 2 && below(random, 4) == 0) spec.groups.push_back({"overlapping", {0, n / 2, n - 1}, 1});
  return spec;
}

std::vector<std::vector<int>> enumerate(const UniverseSpec& spec) {
  std::vector<std::vector<int>> all;
  for (std::uint32_t set = 1; set < 1U << spec.names.size(); ++set) {
    if (!admissible(spec, set)) continue;
    std::vector<int> members;
    for (int c = 0; c < static_cast<int>(spec.names.size()); ++c) {
      if (holds(set, c)) members.push_back(c);
    }
    all.push_back(std::move(members));
  }
  std::ranges::sort(all, [](const auto& a, const auto& b) { return a.size() != b.size() ? a.size() < b.size() : a < b; });
  return all;
}

void PrintTo(const UniverseSpec& spec, std::ostream* out) {
  *out << spec.names.size() << " criteria, " << spec.n_forced << " forced, sizes " << spec.min_size << ".." << spec.max_size
       << ", pairs";
  for (const ExcludedPair& pair : spec.excluded) *out << " " << pair.a << "-" << pair.b;
  for (const GroupLimit& group : spec.groups) {
    *out << ", " << group.max << " of {";
    for (const int c : group.members) *out << " " << c;
    *out << " }";
  }
}

}  // namespace nokkel::universe
