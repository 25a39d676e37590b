/// How many admissible sets can be made of a set of criteria, by size, without making one of them.
///
/// The generating function of the sets, I(A; z) = sum over admissible S in A of z^|S|, is a product over the connected
/// components of the constraints (METHODS 11, R19): criteria that nothing binds give (1 + z)^f, a group of m criteria of
/// which c may join gives the binomial series up to z^c, and a tangle of pairs is split on its criterion v of highest
/// degree, I(A) = I(A - v) + z I(A - v - neighbours of v). Subproblems are remembered.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/universe/universe.h"

namespace nokkel::universe {

/// Counts saturate here; sums and products of saturated counts stay saturated, so a count below it is exact.
inline constexpr std::uint64_t kSaturated = (std::uint64_t{1} << 63) - 1;
std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b);
std::uint64_t saturating_multiply(std::uint64_t a, std::uint64_t b);

/// Coefficients of z^0, z^1, ...
using Series = std::vector<std::uint64_t>;

/// What binds free criteria together.
struct Constraints {
  std::vector<ColumnSet> conflict;  ///< per criterion: those it may not meet (excluded pairs, groups of which one may join)
  std::vector<int> group_of;        ///< per criterion: index into group_members or -1
  std::vector<ColumnSet> group_members;  ///< groups of which more than one, but not all, may join; disjoint

  /// Takes c into a set: what it bars leaves `allowed`, its group has one place less.
  void join(int c, ColumnSet& allowed, std::vector<int>& group_left) const;
};

class Counter {
 public:
  /// `n` criteria in all, sets of at most `max_degree` free ones.
  Counter(Constraints constraints, int n, int max_degree);

  [[nodiscard]] const Constraints& constraints() const { return constraints_; }

  /// Numbers of admissible subsets of `allowed` of 0 .. degree members, groups holding at most `group_left` more.
  /// Returns degree + 1 coefficients. Thread-safe. Cost: O(degree) when nothing binds; else see Universe.
  [[nodiscard]] Series completions(const ColumnSet& allowed, const std::vector<int>& group_left, int degree);

  /// One coefficient of the above.
  [[nodiscard]] std::uint64_t completions_of(const ColumnSet& allowed, const std::vector<int>& group_left, int n_more);

 private:
  struct Problem {
    ColumnSet allowed;
    std::vector<int> group_left;
    bool operator==(const Problem&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Problem& p) const;
  };

  [[nodiscard]] std::uint64_t binomial(int n, int k) const { return binomial_[static_cast<std::size_t>(n) * row_ + k]; }
  [[nodiscard]] Series binomial_series(int n, int degree) const;
  [[nodiscard]] Series count(const Problem& problem, int degree);
  [[nodiscard]] Series count_pairs(const Problem& problem, int degree) const;
  [[nodiscard]] Series count_component(const Problem& component, int degree);
  [[nodiscard]] Series branch(const Problem& component, int v, int degree);
  [[nodiscard]] Problem component_of(int v, const Problem& problem) const;
  [[nodiscard]] bool binds(int group, const Problem& problem) const;

  Constraints constraints_;
  ColumnSet constrained_;                           // criteria with a conflict or a group
  std::size_t row_ = 0;                             // length of a row of binomial_
  std::vector<std::uint64_t> binomial_;             // [n][k], k <= max_degree
  std::mutex mutex_;                                // guards memo_
  std::unordered_map<Problem, Series, Hash> memo_;  // connected components with a conflict in them
};

}  // namespace nokkel::universe
