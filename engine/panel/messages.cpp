#include "engine/panel/messages.h"

#include <fmt/format.h>

#include "engine/error.h"
#include "engine/text.h"

namespace nokkel::panel {

std::string row_file(const Panel& panel, std::size_t row, int table) {
  const bool has_tables = !panel.table_line.empty();
  for (std::size_t k = 0; has_tables && k < panel.table_line.size(); ++k) {
    const int line = panel.table_line[k][row];
    if (line > 0 && (table < 0 || static_cast<std::size_t>(table) == k))
      return fmt::format("{}:{}", panel.table_source[k], line);
  }
  return row < panel.line.size() ? fmt::format("{}:{}", panel.source, panel.line[row]) : panel.source;
}

std::string row_name(const Panel& panel, std::size_t row) {
  std::string name = "unit " + panel.unit[row];
  if (!panel.unit_name.empty() && !panel.unit_name[row].empty()) name += " (" + panel.unit_name[row] + ")";
  if (panel.year[row] != 0) name += fmt::format(", year {}", panel.year[row]);
  return name;
}

std::string row_place(const Panel& panel, std::size_t row) { return row_file(panel, row) + ": " + row_name(panel, row); }

void require_column(const Panel& panel, std::string_view name, const std::string& where) {
  if (panel.has(name)) return;
  std::vector<std::string> known = panel.column_name;
  known.insert(known.end(), panel.derived_name.begin(), panel.derived_name.end());
  const std::string near = closest(name, known);
  throw InputError(where, fmt::format("no column \"{}\" in {}", name, panel.source),
                   near.empty() ? "name a column of the data or a derived one" : fmt::format("did you mean \"{}\"?", near));
}

}  // namespace nokkel::panel
