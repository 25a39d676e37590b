/// A result sink that keeps everything in memory and counts the work done.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "engine/sink.h"

namespace nokkel::testing {

/// Whole variables by (variable, outcome); rows in combination order.
class MemorySink final : public ResultSink {
 public:
  void begin(const Extents& e) override { extents = e; }

  void block(const RecordBlock& records) override {
    ++n_blocks;
    for (const VariableInfo& v : variables()) {
      if (v.axis()[0] != records.axis) continue;
      std::size_t stride = 1;
      for (const Axis a : v.axis())
        if (a != Axis::outcome && a != records.axis) stride *= static_cast<std::size_t>(extents.of(a));
      n_rows_ = extents.of(records.axis);
      const Values& from = records.values[static_cast<std::size_t>(v.id)];
      Values& to = values[{v.id, records.outcome}];
      std::size_t place = 0;
      for (const auto& range : records.ranges) {
        copy(from.real, to.real, place, range.first_id, range.count, stride);
        copy(from.int32, to.int32, place, range.first_id, range.count, stride);
        copy(from.int8, to.int8, place, range.first_id, range.count, stride);
        place += range.count;
      }
    }
    for (const auto& range : records.ranges) n_records += range.count;
  }

  void keep(std::span<const std::uint32_t> ids) override { kept.assign(ids.begin(), ids.end()); }

  Values read(Var v, int outcome, std::uint64_t first, std::uint64_t count) override {
    const Values& from = values.at({v, outcome});
    const std::uint64_t n = extents.n_combinations;
    return {piece(from.real, n, first, count), piece(from.int32, n, first, count), piece(from.int8, n, first, count)};
  }

  void after(const AfterLoop& a) override {
    ++n_after;
    Values& to = values[{a.id, a.outcome}];
    if (a.year < 0) {
      to = a.values;
      return;
    }
    const std::size_t n_years = static_cast<std::size_t>(extents.n_years);
    to.int32.resize(a.values.int32.size() * n_years);
    for (std::size_t i = 0; i < a.values.int32.size(); ++i)
      to.int32[i * n_years + static_cast<std::size_t>(a.year)] = a.values.int32[i];
  }
  void finish() override { finished = true; }

  [[nodiscard]] const std::vector<double>& real(Var v, int outcome = 0) const { return values.at({v, outcome}).real; }
  [[nodiscard]] const std::vector<std::int32_t>& int32(Var v, int outcome = 0) const { return values.at({v, outcome}).int32; }
  [[nodiscard]] const std::vector<std::int8_t>& int8(Var v, int outcome = 0) const { return values.at({v, outcome}).int8; }

  Extents extents;
  std::map<std::pair<Var, int>, Values> values;
  std::vector<std::uint32_t> kept;
  int n_blocks = 0, n_after = 0;
  std::uint64_t n_records = 0;
  bool finished = false;

 private:
  std::uint64_t n_rows_ = 0;

  template <class T>
  static std::vector<T> piece(const std::vector<T>& all, std::uint64_t n, std::uint64_t first, std::uint64_t count) {
    const std::size_t stride = all.size() / n;
    return {all.begin() + static_cast<std::ptrdiff_t>(first * stride),
            all.begin() + static_cast<std::ptrdiff_t>((first + count) * stride)};
  }
  template <class T>
  void copy(const std::vector<T>& from, std::vector<T>& to, std::size_t place, std::uint64_t id, std::uint64_t n,
            std::size_t stride) {
    if (from.empty()) return;
    to.resize(static_cast<std::size_t>(n_rows_) * stride);
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(place * stride), n * stride,
                to.begin() + static_cast<std::ptrdiff_t>(id * stride));
  }
};

/// Equal to the bit, NaN included.
inline bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

/// Everything two sinks received, to the bit.
inline void expect_same(const MemorySink& a, const MemorySink& b) {
  ASSERT_EQ(a.values.size(), b.values.size());
  for (const auto& [key, va] : a.values) {
    const Values& vb = b.values.at(key);
    EXPECT_TRUE(same_bits(va.real, vb.real)) << info(key.first).name;
    EXPECT_EQ(va.int32, vb.int32) << info(key.first).name;
    EXPECT_EQ(va.int8, vb.int8) << info(key.first).name;
  }
}

}  // namespace nokkel::testing
