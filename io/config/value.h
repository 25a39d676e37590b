/// A small tree of values that knows where each came from: what the rest of the reader sees of TOML.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nokkel::config {

struct Entry;

struct Value {
  enum class Kind { none, text, integer, real, boolean, list, table, other };

  Kind kind = Kind::none;
  std::string where;  ///< "file:line", "NOKKEL_RESAMPLE_PAIRS" or "--set"; for messages only
  std::string text;   ///< text; other (a date or time): its kind
  std::int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  std::vector<Value> items;    ///< list
  std::vector<Entry> entries;  ///< table, in the order of the file

  /// Entry of a table; nullptr when there is none or this is no table.
  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] Value* find(std::string_view key);
};

struct Entry {
  std::string key;
  Value value;
};

Value text_value(std::string text);
Value integer_value(std::int64_t integer);
Value real_value(double real);
Value boolean_value(bool boolean);
Value list_value(std::vector<Value> items);
Value table_value();
Value texts_value(const std::vector<std::string>& texts);

/// The list of make(x) for each x.
template <class Range, class Make>
Value list_of(const Range& range, Make make) {
  Value list = list_value({});
  list.items.reserve(range.size());
  for (const auto& x : range) list.items.push_back(make(x));
  return list;
}

/// What a value is, in words: `the text "x"`, `the integer 5`, `a list`.
std::string describe(const Value& value);

}  // namespace nokkel::config
