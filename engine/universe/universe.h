/// All admissible combinations of criteria: counted before anything is fitted, numbered, cut into blocks.
///
/// Criteria are 0 .. n_criteria-1, forced first. A combination is its forced criteria, then free ones ascending. Order:
/// by size (forced and free counted), then lexicographic; the id is the rank in that order, from 0 (METHODS 0.1).
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
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
  [[nodiscard]] int count() const {
    return std::popcount(word_[0]) + std::popcount(word_[1]) + std::popcount(word_[2]) + std::popcount(word_[3]);
  }
  [[nodiscard]] bool empty() const { return (word_[0] | word_[1] | word_[2] | word_[3]) == 0; }
  [[nodiscard]] int first() const { return next(-1); }  ///< smallest member, -1 when empty
  [[nodiscard]] int next(int c) const;                  ///< smallest member > c, -1 when none
  friend ColumnSet operator&(const ColumnSet& a, const ColumnSet& b) {
    ColumnSet r;
    for (std::size_t i = 0; i < 4; ++i) r.word_[i] = a.word_[i] & b.word_[i];
    return r;
  }
  friend ColumnSet operator|(const ColumnSet& a, const ColumnSet& b) {
    ColumnSet r;
    for (std::size_t i = 0; i < 4; ++i) r.word_[i] = a.word_[i] | b.word_[i];
    return r;
  }
  [[nodiscard]] ColumnSet without(const ColumnSet& other) const {
    ColumnSet r;
    for (std::size_t i = 0; i < 4; ++i) r.word_[i] = word_[i] & ~other.word_[i];
    return r;
  }
  [[nodiscard]] ColumnSet after(int c) const;  ///< the members > c
  friend bool operator==(const ColumnSet&, const ColumnSet&) = default;
  friend auto operator<=>(const ColumnSet&, const ColumnSet&) = default;  ///< for use as a key; not a meaning
  [[nodiscard]] const std::array<std::uint64_t, 4>& words() const { return word_; }

 private:
  std::array<std::uint64_t, 4> word_{};
};

inline int ColumnSet::next(int c) const {
  ++c;
  for (int i = c >> 6; i < 4; ++i) {
    const std::uint64_t mask = i == c >> 6 ? ~std::uint64_t{0} << (c & 63) : ~std::uint64_t{0};
    const std::uint64_t rest = word_[static_cast<std::size_t>(i)] & mask;
    if (rest != 0) return 64 * i + std::countr_zero(rest);
  }
  return -1;
}

inline ColumnSet ColumnSet::after(int c) const {
  ColumnSet r;
  for (int i = 0; i < 4; ++i) {
    const int below = c + 1 - 64 * i;  // members of this word that go
    const std::uint64_t mask = below <= 0 ? ~std::uint64_t{0} : below >= 64 ? 0 : ~std::uint64_t{0} << below;
    r.word_[static_cast<std::size_t>(i)] = word_[static_cast<std::size_t>(i)] & mask;
  }
  return r;
}

struct ExcludedPair {
  int a = 0, b = 0;
  std::string reason;  ///< "listed in universe.exclude" or "median |r| 0.83 >= 0.80"
};

struct GroupLimit {
  std::string name;
  std::vector<int> members;
  int max = 1;  ///< at most so many of the group in a combination
};

struct UniverseSpec {
  std::vector<std::string> names;  ///< of the criteria, forced first
  int n_forced = 0;
  int min_size = 1, max_size = 4;  ///< count forced and free criteria
  std::vector<ExcludedPair> excluded;
  std::vector<GroupLimit> groups;
};

/// A contiguous piece of the depth-first walk (a prefix before its children, children ascending): the prefix's own
/// combination when `with_prefix`, then the subtrees of the children in [first_child, last_child) that the prefix's node
/// allows. At most one id range a size. first_child == last_child: the prefix alone.
struct Block {
  struct Range {
    int size = 0;  ///< of the combinations
    std::uint64_t first_id = 0;
    std::uint32_t count = 0;
  };
  std::vector<int> prefix;  ///< forced criteria first; then free ascending
  int first_child = 0, last_child = 0;
  bool with_prefix = false;
  std::vector<Range> ranges;  ///< by size, none empty; a place in the block counts through them in this order
  [[nodiscard]] std::uint32_t count() const;
};

/// Where a walk stands: which later criteria may still join. Made by Universe::root, changed by Universe::descend.
struct Node {
  ColumnSet allowed;            ///< free criteria after the last member that may join; none at the largest size
  std::vector<int> group_left;  ///< per group that may hold more than one but not all: how many more may join
  int size = 0;                 ///< forced and free members so far
};

class Counter;  // counter.h

class Universe {
 public:
  /// Errors (InputError): more than kMaxCriteria criteria, sizes below 1, out of order or above the number of criteria,
  /// forced criteria that exclude each other or break their group's limit, a criterion paired with itself, a group limit
  /// below 1, a criterion in two groups whose limits are above 1, an empty universe.
  /// Counts by generating functions over connected components of the conflict graph (METHODS 11, R19); never
  /// enumerates. Cost: milliseconds for 60 criteria with 100 excluded pairs; it grows exponentially with the largest
  /// tangle of scattered pairs (128 criteria, 300 pairs, sizes to 6: 0.5 s; to 10: 10 s) and takes at most about 60 MB.
  explicit Universe(UniverseSpec spec);

  [[nodiscard]] int n_criteria() const { return static_cast<int>(spec_.names.size()); }
  [[nodiscard]] int n_forced() const { return spec_.n_forced; }
  [[nodiscard]] int min_size() const { return spec_.min_size; }
  [[nodiscard]] int max_size() const { return spec_.max_size; }
  [[nodiscard]] const UniverseSpec& spec() const { return spec_; }

  /// Number of combinations, exact; saturates at 2^63 - 1 (is_saturated).
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] bool is_saturated() const;
  [[nodiscard]] std::uint64_t count_of_size(int size) const;  ///< 0 outside the limits; saturates too

  /// Id of an admissible combination (members in any order). Errors (InputError): why_barred's text.
  /// Not for a saturated universe (asserted). Cost: one count_below per criterion passed over.
  [[nodiscard]] std::uint64_t rank(std::span<const int> members) const;
  /// Members of the combination with this id, forced then free ascending. id < count() is asserted. Cost: as rank.
  [[nodiscard]] std::vector<int> unrank(std::uint64_t id) const;
  /// Why a combination is not in the universe, in words, all reasons; nothing when it is.
  [[nodiscard]] std::optional<std::string> why_barred(std::span<const int> members) const;

  [[nodiscard]] Node root() const;                                ///< forced criteria in, nothing free yet
  [[nodiscard]] Node descend(const Node& node, int child) const;  ///< child is in node.allowed (asserted)
  /// Number of combinations of `size` in the subtree of a node, the node's own included; 0 outside the size limits.
  /// Thread-safe: counts are remembered behind a lock. Cost: below a microsecond where no pair or group of the node's
  /// allowed criteria binds, microseconds when remembered, else as the constructor.
  [[nodiscard]] std::uint64_t count_below(const Node& node, int size) const;

  /// Cuts the universe into blocks of at most `most` combinations, about `least` where siblings allow it, in walk order.
  /// A function of the universe and these two numbers only. count() below 2^31 and 1 <= least <= most are asserted.
  [[nodiscard]] std::vector<Block> blocks(std::uint32_t least, std::uint32_t most) const;

 private:
  friend class BlockWalk;
  [[nodiscard]] std::vector<int> sorted_free(std::span<const int> members) const;

  UniverseSpec spec_;
  Node root_;
  std::shared_ptr<Counter> counter_;  // shared by copies: what it remembers is a pure function of the constraints
  std::vector<std::uint64_t> count_by_size_;
  std::uint64_t count_ = 0;
};

/// The blocks of Universe::blocks, one after the other; memory does not grow with their number.
class BlockWalk {
 public:
  /// The universe outlives the walk. Asserts what Universe::blocks does.
  BlockWalk(const Universe& universe, std::uint32_t least, std::uint32_t most);
  ~BlockWalk();
  BlockWalk(const BlockWalk&) = delete;
  BlockWalk& operator=(const BlockWalk&) = delete;
  /// Nothing when the walk is at its end.
  std::optional<Block> next();

 private:
  class Cutter;
  std::unique_ptr<Cutter> cutter_;
};

}  // namespace nokkel::universe
