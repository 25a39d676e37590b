#include "io/config/value.h"

#include <fmt/format.h>

#include <utility>

namespace nokkel::config {

const Value* Value::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Value* Value::find(std::string_view key) {
  for (Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Value text_value(std::string text) {
  Value value;
  value.kind = Value::Kind::text;
  value.text = std::move(text);
  return value;
}

Value integer_value(std::int64_t integer) {
  Value value;
  value.kind = Value::Kind::integer;
  value.integer = integer;
  return value;
}

Value real_value(double real) {
  Value value;
  value.kind = Value::Kind::real;
  value.real = real;
  return value;
}

Value boolean_value(bool boolean) {
  Value value;
  value.kind = Value::Kind::boolean;
  value.boolean = boolean;
  return value;
}

Value list_value(std::vector<Value> items) {
  Value value;
  value.kind = Value::Kind::list;
  value.items = std::move(items);
  return value;
}

Value table_value() {
  Value value;
  value.kind = Value::Kind::table;
  return value;
}

Value texts_value(const std::vector<std::string>& texts) { return list_of(texts, text_value); }

std::string describe(const Value& value) {
  switch (value.kind) {
    case Value::Kind::none:
      return "nothing";
    case Value::Kind::text:
      return fmt::format("the text \"{}\"", value.text);
    case Value::Kind::integer:
      return fmt::format("the integer {}", value.integer);
    case Value::Kind::real:
      return fmt::format("the number {}", value.real);
    case Value::Kind::boolean:
      return value.boolean ? "true" : "false";
    case Value::Kind::list:
      return "a list";
    case Value::Kind::table:
      return "a table";
    case Value::Kind::other:
      return "a " + value.text;
  }
  return {};
}

}  // namespace nokkel::config
