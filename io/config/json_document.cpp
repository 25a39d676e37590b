#include "io/config/json_document.h"

#include <nlohmann/json.hpp>

namespace nokkel::config {
namespace {

using Json = nlohmann::ordered_json;

Json convert(const Value& value) {
  switch (value.kind) {
    case Value::Kind::text:
      return value.text;
    case Value::Kind::integer:
      return value.integer;
    case Value::Kind::real:
      return value.real;
    case Value::Kind::boolean:
      return value.boolean;
    case Value::Kind::list: {
      Json list = Json::array();
      for (const Value& item : value.items) list.push_back(convert(item));
      return list;
    }
    case Value::Kind::table: {
      Json table = Json::object();
      for (const Entry& entry : value.entries) table[entry.key] = convert(entry.value);
      return table;
    }
    case Value::Kind::none:
    case Value::Kind::other:
      break;
  }
  return nullptr;
}

}  // namespace

std::string json_document(const Value& root) { return convert(root).dump(2) + "\n"; }

}  // namespace nokkel::config
