/// Why a combination is not in the universe, in words: every reason, so that one correction is enough.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/universe/universe.h"

namespace nokkel::universe {
namespace {

using Reasons = std::vector<std::string>;

/// The members that exist, once each.
ColumnSet known_members(const UniverseSpec& spec, std::span<const int> members, Reasons& reasons) {
  const int n = static_cast<int>(spec.names.size());
  ColumnSet set;
  for (const int c : members) {
    if (c < 0 || c >= n) {
      reasons.push_back(fmt::format("there is no criterion number {} (0 to {})", c, n - 1));
    } else if (set.has(c)) {
      reasons.push_back(fmt::format("'{}' is named twice", spec.names[c]));
    } else {
      set.add(c);
    }
  }
  return set;
}

void add_size(const UniverseSpec& spec, std::size_t size, Reasons& reasons) {
  const auto low = static_cast<std::size_t>(spec.min_size);
  const auto high = static_cast<std::size_t>(spec.max_size);
  if (size >= low && size <= high) return;
  reasons.push_back(fmt::format("it has {} criteria, sizes {} to {} are allowed", size, low, high));
}

void add_groups(const UniverseSpec& spec, const ColumnSet& set, Reasons& reasons) {
  for (const GroupLimit& group : spec.groups) {
    ColumnSet in_group;
    for (const int c : group.members) {
      if (set.has(c)) in_group.add(c);
    }
    if (in_group.count() <= group.max) continue;
    std::vector<std::string> names;
    for (int c = in_group.first(); c >= 0; c = in_group.next(c)) names.push_back(fmt::format("'{}'", spec.names[c]));
    reasons.push_back(fmt::format("group '{}' allows {} at a time, here are {}: {}", group.name, group.max, names.size(),
                                  fmt::join(names, ", ")));
  }
}

}  // namespace

std::optional<std::string> Universe::why_barred(std::span<const int> members) const {
  Reasons reasons;
  const ColumnSet set = known_members(spec_, members, reasons);
  add_size(spec_, members.size(), reasons);
  for (int c = 0; c < n_forced(); ++c) {
    if (!set.has(c)) reasons.push_back(fmt::format("'{}' is forced into every combination and is missing", spec_.names[c]));
  }
  for (const ExcludedPair& pair : spec_.excluded) {
    if (!set.has(pair.a) || !set.has(pair.b)) continue;
    reasons.push_back(fmt::format("'{}' and '{}' may not meet: {}", spec_.names[pair.a], spec_.names[pair.b], pair.reason));
  }
  add_groups(spec_, set, reasons);
  if (reasons.empty()) return std::nullopt;
  return fmt::format("{}", fmt::join(reasons, "; "));
}

}  // namespace nokkel::universe
