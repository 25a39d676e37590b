/// All admissible combinations of criteria: counted before anything is fitted, numbered, cut into blocks.
///
/// Criteria are 0 .. n_criteria-1, forced first. A combination is its forced criteria, then free ones ascending. Order:
/// by size (forced and free counted), then lexicographic; the id is the rank in that order, from 0 (METHODS 0.1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nokkel::universe {

inline constexpr int kMaxCriteria = 256;

/// A set of criteria as bits.
class ColumnSet {
public:
  [[nodiscard]] bool has(int c) const { return ((word_[c >> 6] >> (c & 63)) & 1U) != 0; }
  void add(int c) { word_[c >> 6] |= std::uint64_t{1} << (c & 63); }
  void remove(int c) { word_[c >> 6] &= ~(std::uint64_t{1} << (c & 63)); }
  [[nodiscard]] int count() const;
  [[nodiscard]] bool empty() const { return (word_[0] | word_[1] | word_[2] | word_[3]) == 0; }
  [[nodiscard]] int first() const;                ///< smallest member, -1 when empty
  [[nodiscard]] int next(int c) const;            ///< smallest member > c, -1 when none
  friend ColumnSet operator&(const ColumnSet& a, const ColumnSet& b);
  friend ColumnSet operator|(const ColumnSet& a, const ColumnSet& b);
  [[nodiscard]] ColumnSet without(const ColumnSet& other) const;
  friend bool operator==(const ColumnSet&, const ColumnSet&) = default;
  friend auto operator<=>(const ColumnSet&, const ColumnSet&) = default;   ///< for use as a key; not a meaning
  [[nodiscard]] const std::array<std::uint64_t, 4>& words() const { return word_; }

private:
  std::array<std::uint64_t, 4> word_{};
};

struct ExcludedPair {
  int a = 0, b = 0;
  std::string reason;      ///< "listed in universe.exclude" or "median |r| 0.83 >= 0.80"
};

struct GroupLimit {
  std::string name;
  std::vector<int> members;
  int max = 1;             ///< at most so many of the group in a combination
};

struct UniverseSpec {
  std::vector<std::string> names;         ///< of the criteria, forced first
  int n_forced = 0;
  int min_size = 1, max_size = 4;         ///< count forced and free criteria
  std::vector<ExcludedPair> excluded;
  std::vector<GroupLimit> groups;
};

/// A contiguous piece of the depth-first walk: the subtrees of the children [first_child, last_child) of `prefix`, and
/// the prefix's own combination when `with_prefix`. At most one id range a size.
struct Block {
  struct Range {
    int size = 0;                     ///< of the combinations
    std::uint64_t first_id = 0;
    std::uint32_t count = 0;
  };
  std::vector<int> prefix;            ///< forced criteria first; then free ascending
  int first_child = 0, last_child = 0;
  bool with_prefix = false;
  std::vector<Range> ranges;          ///< by size; a place in the block counts through them in this order
  [[nodiscard]] std::uint32_t count() const;
};

/// Where a walk stands: which later criteria may still join. Made by Universe::root, changed by Universe::descend.
struct Node {
  ColumnSet allowed;                  ///< free criteria after the last member that may join
  std::vector<int> group_left;        ///< per group with a limit: how many more may join
  int size = 0;                       ///< forced and free members so far
};

class Universe {
public:
  /// Errors (InputError): more than kMaxCriteria criteria, sizes out of order or above the number of criteria, forced
  /// criteria that exclude each other or break their group's limit, an empty universe. Counts by generating functions
  /// over connected components of the conflict graph (METHODS 11, R19); never enumerates.
  explicit Universe(UniverseSpec spec);

  [[nodiscard]] int n_criteria() const;
  [[nodiscard]] int n_forced() const;
  [[nodiscard]] int min_size() const;
  [[nodiscard]] int max_size() const;
  [[nodiscard]] const UniverseSpec& spec() const;

  /// Number of combinations, exact; saturates at 2^63 - 1 (is_saturated).
  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] std::uint64_t count_of_size(int size) const;

  /// Id of an admissible combination (members in any order). Errors (InputError): why_barred's text.
  [[nodiscard]] std::uint64_t rank(std::span<const int> members) const;
  /// Members of the combination with this id, forced then free ascending. id < count() is asserted.
  [[nodiscard]] std::vector<int> unrank(std::uint64_t id) const;
  /// Why a combination is not in the universe, in words, all reasons; nothing when it is.
  [[nodiscard]] std::optional<std::string> why_barred(std::span<const int> members) const;

  [[nodiscard]] Node root() const;                             ///< forced criteria in, nothing free yet
  [[nodiscard]] Node descend(const Node& node, int child) const;   ///< child is in node.allowed
  /// Number of combinations of `size` in the subtree of a node, the node's own included. Cost: microseconds.
  [[nodiscard]] std::uint64_t count_below(const Node& node, int size) const;

  /// Cuts the universe into blocks of at most `most` combinations, about `least` where siblings allow it, in walk order.
  /// A function of the universe and these two numbers only. count() below 2^31 is asserted.
  [[nodiscard]] std::vector<Block> blocks(std::uint32_t least, std::uint32_t most) const;

private:
  struct Counter;
  UniverseSpec spec_;
  std::vector<ColumnSet> conflict_;          // per criterion
  std::vector<int> group_of_;                // per criterion: index into groups with max > 1 handled by counting, or -1
  std::vector<ColumnSet> group_members_;
  std::vector<int> group_max_;
  std::vector<std::uint64_t> count_by_size_;
};

}  // namespace nokkel::universe
