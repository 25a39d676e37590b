#include "io/config/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/error.h"
#include "engine/text.h"

namespace nokkel::config {
namespace {

constexpr std::size_t kMostNames = 16;  // a message holds the keys of any section, not every criterion of a study

[[noreturn]] void refuse(const Value& value, const std::string& key, const std::string& allowed) {
  throw InputError(place(value, key), describe(value) + " is not allowed", "allowed: " + allowed);
}

std::string words(const IntegerRange& range) {
  return fmt::format("{}an integer from {} to {}", range.or_zero ? "0 or " : "", range.low, range.high);
}

std::string words(const RealRange& range) {
  std::vector<std::string> bounds;
  if (std::isfinite(range.low)) bounds.push_back(fmt::format("{} {}", range.low_open ? "above" : "at least", range.low));
  if (std::isfinite(range.high)) bounds.push_back(fmt::format("{} {}", range.high_open ? "below" : "at most", range.high));
  return fmt::format("a number{}{}", bounds.empty() ? "" : " ", fmt::join(bounds, " and "));
}

bool within(double x, const RealRange& range) {
  return std::isfinite(x) && (range.low_open ? x > range.low : x >= range.low) &&
         (range.high_open ? x < range.high : x <= range.high);
}

}  // namespace

std::string place(const Value& value, const std::string& key) { return fmt::format("{}: {}", value.where, key); }

std::string allowed_names(const std::vector<std::string>& names, const std::string& wrong) {
  const std::size_t shown = std::min(names.size(), kMostNames);
  std::string text = fmt::format("allowed: \"{}\"", fmt::join(names.begin(), names.begin() + shown, "\", \""));
  if (shown < names.size()) text += fmt::format(" and {} more", names.size() - shown);
  const std::string near = wrong.empty() ? "" : closest(wrong, names);
  if (!near.empty()) text += fmt::format("; did you mean \"{}\"?", near);
  return text;
}

void refuse_unknown_keys(const Value& table, const std::string& key, const std::vector<std::string>& names) {
  for (const Entry& entry : table.entries) {
    if (std::find(names.begin(), names.end(), entry.key) != names.end()) continue;
    const std::string full = key.empty() ? entry.key : key + "." + entry.key;
    throw InputError(place(entry.value, full), "unknown key", allowed_names(names, entry.key));
  }
}

std::string read_text(const Value& value, const std::string& key, bool filled) {
  if (value.kind != Value::Kind::text) refuse(value, key, "a text in quotes");
  if (filled && value.text.empty()) throw InputError(place(value, key), "an empty text", "allowed: a text that says something");
  return value.text;
}

bool read_boolean(const Value& value, const std::string& key) {
  if (value.kind != Value::Kind::boolean) refuse(value, key, "true, false");
  return value.boolean;
}

std::vector<std::string> read_texts(const Value& value, const std::string& key, std::size_t least) {
  if (value.kind != Value::Kind::list) refuse(value, key, "a list of texts");
  if (value.items.size() < least) throw InputError(place(value, key), "an empty list", "allowed: a list of texts, one or more");
  std::vector<std::string> texts;
  for (const Value& item : value.items) {
    std::string text = read_text(item, key, true);
    if (std::find(texts.begin(), texts.end(), text) != texts.end()) {
      throw InputError(place(value, key), fmt::format("\"{}\" is listed twice", text), "list it once");
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

std::int64_t read_integer(const Value& value, const std::string& key, const IntegerRange& range) {
  const bool integer = value.kind == Value::Kind::integer;
  const bool fits = (value.integer >= range.low && value.integer <= range.high) || (range.or_zero && value.integer == 0);
  if (!integer || !fits) refuse(value, key, words(range));
  return value.integer;
}

double read_real(const Value& value, const std::string& key, const RealRange& range) {
  double x = std::nan("");
  if (value.kind == Value::Kind::real) x = value.real;
  if (value.kind == Value::Kind::integer) x = static_cast<double>(value.integer);
  if (!within(x, range)) refuse(value, key, words(range));
  return x;
}

std::vector<double> read_reals(const Value& value, const std::string& key, const RealRange& range) {
  if (value.kind != Value::Kind::list || value.items.empty()) refuse(value, key, "a list, each " + words(range));
  std::vector<double> reals;
  reals.reserve(value.items.size());
  for (const Value& item : value.items) reals.push_back(read_real(item, key, range));
  return reals;
}

std::pair<int, int> read_span(const Value& value, const std::string& key, const IntegerRange& range) {
  const std::string allowed = fmt::format("[from, to], each {}, from <= to", words(range));
  if (value.kind != Value::Kind::list) refuse(value, key, allowed);
  if (value.items.size() != 2) {
    throw InputError(place(value, key), fmt::format("a list of {}", value.items.size()), "allowed: " + allowed);
  }
  const auto low = static_cast<int>(read_integer(value.items[0], key, range));
  const auto high = static_cast<int>(read_integer(value.items[1], key, range));
  if (low > high) throw InputError(place(value, key), fmt::format("{} comes after {}", low, high), "allowed: " + allowed);
  return {low, high};
}

std::size_t read_choice(const Value& value, const std::string& key, const std::vector<std::string>& names) {
  const auto name = std::find(names.begin(), names.end(), value.text);
  if (value.kind != Value::Kind::text || name == names.end()) {
    const std::string wrong = value.kind == Value::Kind::text ? value.text : std::string();
    throw InputError(place(value, key), describe(value) + " is not allowed", allowed_names(names, wrong));
  }
  return static_cast<std::size_t>(name - names.begin());
}

std::uint64_t read_seed(const Value& value, const std::string& key) {
  if (value.kind == Value::Kind::integer && value.integer >= 0) return static_cast<std::uint64_t>(value.integer);
  std::uint64_t seed = 0;
  const char* end = value.text.data() + value.text.size();
  const auto [stop, error] = std::from_chars(value.text.data(), end, seed);
  if (value.kind != Value::Kind::text || error != std::errc() || stop != end) {
    refuse(value, key, "a whole number from 0 to 18446744073709551615 (above 9223372036854775807 in quotes)");
  }
  return seed;
}

}  // namespace nokkel::config
