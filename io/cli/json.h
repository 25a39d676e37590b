/// JSON of the program: tables, the run record, progress lines, what the program was built from.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/cli/text_table.h"

namespace nokkel::cli {

using Fields = std::vector<std::pair<std::string, Cell>>;

/// {"schema": "nokkel-table/1", "command": …, "rows": [{column: value}]}, line feed at the end. Missing, NaN and infinite
/// values are null; reals read back to the same double.
std::string table_json(std::string_view command, const Table& table);

/// One object with its fields in the order given, on one line, or over several lines when `pretty`. No line feed at the end.
std::string object_json(const Fields& fields, bool pretty);

/// The text of `key` in a JSON object; "" when the text is no object or has no such text.
std::string text_in_json(const std::string& json, const std::string& key);

}  // namespace nokkel::cli
