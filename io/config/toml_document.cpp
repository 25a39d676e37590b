/// toml++ nodes to our tree and back. toml++ keeps tables sorted by name; the order of the file is put back by the place of
/// each key, since criteria are numbered in it.
#include "io/config/toml_document.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "engine/error.h"

namespace nokkel::config {
namespace {

std::string place(const std::string& source, const toml::source_region& region) {
  return fmt::format("{}:{}", source, region.begin.line);
}

Value convert(const toml::node& node, const std::string& source);

Value convert_list(const toml::array& array, const std::string& source) {
  Value value = list_value({});
  for (const toml::node& item : array) {
    value.items.push_back(convert(item, source));
    value.items.back().where = place(source, item.source());
  }
  return value;
}

Value convert_table(const toml::table& table, const std::string& source) {
  std::vector<std::pair<toml::source_position, Entry>> found;
  for (auto&& [key, node] : table) {
    Entry entry{std::string(key.str()), convert(node, source)};
    entry.value.where = place(source, key.source());
    found.emplace_back(key.source().begin, std::move(entry));
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  Value value = table_value();
  for (auto& [position, entry] : found) value.entries.push_back(std::move(entry));
  return value;
}

Value convert(const toml::node& node, const std::string& source) {
  switch (node.type()) {
    case toml::node_type::table:
      return convert_table(*node.as_table(), source);
    case toml::node_type::array:
      return convert_list(*node.as_array(), source);
    case toml::node_type::string:
      return text_value(node.as_string()->get());
    case toml::node_type::integer:
      return integer_value(node.as_integer()->get());
    case toml::node_type::floating_point:
      return real_value(node.as_floating_point()->get());
    case toml::node_type::boolean:
      return boolean_value(node.as_boolean()->get());
    default:
      break;
  }
  Value value;
  value.kind = Value::Kind::other;
  value.text = "date or time";
  return value;
}

void set_where(Value& value, const std::string& where) {
  value.where = where;
  for (Value& item : value.items) set_where(item, where);
  for (Entry& entry : value.entries) set_where(entry.value, where);
}

std::string quoted(const std::string& text) {
  std::ostringstream out;
  const toml::value<std::string> node(text);
  out << toml::toml_formatter(node, toml::format_flags::allow_unicode_strings);
  return out.str();
}

// The shortest digits that read back as the same number; the point tells TOML that it is no integer.
std::string real_text(double real) {
  std::string text = fmt::format("{}", real);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string key_text(const std::string& key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return bare ? key : quoted(key);
}

void append_entries(const Value& table, std::string& out) {
  for (const Entry& entry : table.entries) {
    if (entry.value.kind != Value::Kind::none) out += key_text(entry.key) + " = " + toml_text(entry.value) + "\n";
  }
}

}  // namespace

Value parse_toml(const std::string& text, const std::string& source) {
  try {
    Value root = convert_table(toml::parse(text, source), source);
    root.where = source + ":1";
    return root;
  } catch (const toml::parse_error& error) {
    throw InputError(place(source, error.source()), "not valid TOML: " + std::string(error.description()), "");
  }
}

std::optional<Value> parse_toml_value(const std::string& text, const std::string& source) {
  try {
    const toml::table table = toml::parse("v = " + text, source);
    const toml::node* node = table.get("v");
    if (node == nullptr || table.size() != 1) return std::nullopt;
    Value value = convert(*node, source);
    set_where(value, source);
    return value;
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
}

std::string toml_text(const Value& value) {
  std::vector<std::string> parts;
  switch (value.kind) {
    case Value::Kind::text:
      return quoted(value.text);
    case Value::Kind::integer:
      return fmt::format("{}", value.integer);
    case Value::Kind::real:
      return real_text(value.real);
    case Value::Kind::boolean:
      return value.boolean ? "true" : "false";
    case Value::Kind::list:
      for (const Value& item : value.items) parts.push_back(toml_text(item));
      return fmt::format("[{}]", fmt::join(parts, ", "));
    case Value::Kind::table:
      for (const Entry& entry : value.entries) parts.push_back(key_text(entry.key) + " = " + toml_text(entry.value));
      return parts.empty() ? "{}" : fmt::format("{{ {} }}", fmt::join(parts, ", "));
    case Value::Kind::none:
    case Value::Kind::other:
      break;
  }
  return "\"\"";
}

std::string toml_document(const Value& root) {
  std::string out;
  const auto append = [&out](const std::string& header, const Value& table) {
    out += (out.empty() ? "" : "\n") + header + "\n";
    append_entries(table, out);
  };
  for (const Entry& section : root.entries) {
    if (section.value.kind == Value::Kind::table) append("[" + key_text(section.key) + "]", section.value);
    for (const Value& item : section.value.items) append("[[" + key_text(section.key) + "]]", item);
  }
  return out;
}

}  // namespace nokkel::config
