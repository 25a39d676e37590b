/// The leading combinations of every half-sample: exactly mergeable state, whatever the order of blocks (DESIGN 3a b).
#pragma once

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace nokkel::search {

/// For each of n lists the `length` smallest (value, id), ties by the smaller id. Values are no NaN.
class TopLists {
 public:
  TopLists(int n_lists, int length);
  /// A value above this cannot enter; one equal to it may, by its id.
  [[nodiscard]] double threshold(int list) const { return threshold_[static_cast<std::size_t>(list)]; }
  void offer(int list, double value, std::uint32_t id);
  void merge(const TopLists& other);
  /// Ids of a list, best first.
  [[nodiscard]] std::vector<std::uint32_t> ids(int list) const;
  [[nodiscard]] int n_lists() const { return static_cast<int>(heap_.size()); }
  [[nodiscard]] static std::size_t bytes(int n_lists, int length) {
    return static_cast<std::size_t>(n_lists) * (static_cast<std::size_t>(length) * sizeof(Entry) + 64);
  }

 private:
  using Entry = std::pair<double, std::uint32_t>;
  std::size_t length_;
  std::vector<std::vector<Entry>> heap_;  // max-heaps
  std::vector<double> threshold_;
};

}  // namespace nokkel::search
