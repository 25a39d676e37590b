/// One value of a study turned into what its consumer takes, or an error that says where, what and what is allowed.
///
/// `key` is the full key, "resample.pairs" or "criterion[name=age].need"; messages open with "file:line: key".
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "io/config/value.h"

namespace nokkel::config {

/// "file:line: key" of a value.
std::string place(const Value& value, const std::string& key);

/// `allowed: "a", "b"; did you mean "b"?` — the question only when a name is near.
std::string allowed_names(const std::vector<std::string>& names, const std::string& wrong);

/// Errors (InputError): a key of the table that is not among the names, with "did you mean".
void refuse_unknown_keys(const Value& table, const std::string& key, const std::vector<std::string>& names);

/// Errors (InputError): a value of another type; an empty text where `filled`.
std::string read_text(const Value& value, const std::string& key, bool filled = false);
bool read_boolean(const Value& value, const std::string& key);

/// A list of filled texts. Errors (InputError): another type, fewer than `least`, a text that occurs twice.
std::vector<std::string> read_texts(const Value& value, const std::string& key, std::size_t least);

/// An integer from low to high, or 0 where `or_zero`.
struct IntegerRange {
  std::int64_t low = 0;
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
  bool or_zero = false;
};
std::int64_t read_integer(const Value& value, const std::string& key, const IntegerRange& range);

/// A finite number in an interval; integers are numbers too.
struct RealRange {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false, high_open = false;
};
double read_real(const Value& value, const std::string& key, const RealRange& range);
std::vector<double> read_reals(const Value& value, const std::string& key, const RealRange& range);

/// Two integers, the first no larger than the second: years, sizes.
std::pair<int, int> read_span(const Value& value, const std::string& key, const IntegerRange& range);

/// Index of a text among the names. Errors (InputError): another type, another text (with "did you mean").
std::size_t read_choice(const Value& value, const std::string& key, const std::vector<std::string>& names);

/// A whole number from 0 to 2^64-1: an integer, or decimal digits as a text for what TOML's integers cannot hold.
std::uint64_t read_seed(const Value& value, const std::string& key);

}  // namespace nokkel::config
