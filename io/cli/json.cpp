#include "io/cli/json.h"

#include <nlohmann/json.hpp>

namespace nokkel::cli {
namespace {

using Json = nlohmann::ordered_json;

Json value_of(const Cell& cell) {
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) return *whole;
  if (const auto* real = std::get_if<double>(&cell)) return *real;  // not finite: dumped as null
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  return nullptr;
}

std::string dumped(const Json& json, int indent) {
  // Bytes that are no UTF-8 (a file name of another encoding) become U+FFFD instead of an exception.
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string table_json(std::string_view command, const Table& table) {
  Json rows = Json::array();
  for (const std::vector<Cell>& cells : table.rows) {
    Json row = Json::object();
    for (std::size_t c = 0; c < cells.size(); ++c) row[table.columns[c].name] = value_of(cells[c]);
    rows.push_back(std::move(row));
  }
  Json json = Json::object();
  json["schema"] = "nokkel-table/1";
  json["command"] = command;
  json["rows"] = std::move(rows);
  return dumped(json, 1) + "\n";
}

std::string object_json(const Fields& fields, bool pretty) {
  Json json = Json::object();
  for (const auto& [key, cell] : fields) json[key] = value_of(cell);
  return dumped(json, pretty ? 2 : -1);
}

std::string text_in_json(const std::string& json, const std::string& key) {
  const Json parsed = Json::parse(json, nullptr, false);
  if (!parsed.is_object() || !parsed.contains(key) || !parsed[key].is_string()) return {};
  return parsed[key].get<std::string>();
}

}  // namespace nokkel::cli
