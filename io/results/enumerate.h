/// Every combination in id order, by a plain recursion over the allowed criteria: size by size, lexicographic within.
#pragma once

#include <vector>

#include "engine/universe/universe.h"

namespace nokkel::results {

namespace detail {
template <class Visit>
void visit_below(const universe::Universe& universe, const universe::Node& node, int size, std::vector<int>& members,
                 Visit& visit) {
  for (int c = node.allowed.first(); c >= 0; c = node.allowed.next(c)) {
    members.push_back(c);
    if (node.size + 1 == size)
      visit(members);
    else
      visit_below(universe, universe.descend(node, c), size, members, visit);
    members.pop_back();
  }
}
}  // namespace detail

/// visit(const std::vector<int>& members): forced, then free ascending. Cost: some 50 ns a combination.
template <class Visit>
void for_each_combination(const universe::Universe& universe, Visit visit) {
  std::vector<int> members;
  for (int c = 0; c < universe.n_forced(); ++c) members.push_back(c);
  const universe::Node root = universe.root();
  for (int size = universe.min_size(); size <= universe.max_size(); ++size) {
    if (size == root.size) visit(members);
    if (size > root.size) detail::visit_below(universe, root, size, members, visit);
  }
}

}  // namespace nokkel::results
