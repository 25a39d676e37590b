// The join is a sort: every row of a dated table becomes an entry (unit, year, table, row); equal (unit, year) are
// neighbours afterwards, and two of one table are a duplicate.
#include "engine/panel/panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "engine/error.h"
#include "engine/panel/messages.h"

namespace nokkel::panel {
namespace {

constexpr int kNone = -1;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// A table with the places of its key columns; kNone: it has no such key.
struct Keyed {
  const Table* table = nullptr;
  int unit = kNone, year = kNone, unit_name = kNone, parent = kNone;

  [[nodiscard]] std::string place(std::size_t row) const { return fmt::format("{}:{}", table->source, table->line[row]); }
  [[nodiscard]] std::string_view cell(std::size_t row, int column) const {
    return table->rows[row][static_cast<std::size_t>(column)];
  }
  [[nodiscard]] bool is_key(int column) const {
    return column == unit || column == year || column == unit_name || column == parent;
  }
};

int key_column(const Table& table, const std::string& name, const char* key) {
  if (name.empty()) return kNone;
  const auto at = std::find(table.header.begin(), table.header.end(), name);
  if (at != table.header.end()) return static_cast<int>(at - table.header.begin());
  Panel named;  // only its names, for the message
  named.source = table.source;
  named.column_name = table.header;
  require_column(named, name, fmt::format("{}: {} column", table.source, key));
  return kNone;
}

Keyed keyed(const Table& table, const TableKeys& keys) {
  if (keys.unit.empty()) throw InputError(table.source, "no unit column is named", "name the column of the unit ids");
  return {&table, key_column(table, keys.unit, "unit"), key_column(table, keys.year, "year"),
          key_column(table, keys.unit_name, "name"), key_column(table, keys.parent, "parent")};
}

int year_of(const Keyed& source, std::size_t row) {
  if (source.year == kNone) return 0;
  const std::string_view text = trimmed(source.cell(row, source.year));
  int year = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), year);
  if (error != std::errc{} || end != text.data() + text.size() || year < 1000 || year > 9999)
    throw InputError(source.place(row),
                     fmt::format("\"{}\" in column \"{}\" is no year", text, source.table->header[source.year]),
                     "write a whole number from 1000 to 9999");
  return year;
}

struct Entry {
  std::string_view unit;
  int year = 0, table = 0;
  std::size_t row = 0;
  [[nodiscard]] bool same_row(const Entry& other) const { return unit == other.unit && year == other.year; }
};

std::vector<Entry> entries_of(const Keyed& source, int table) {
  std::vector<Entry> entries;
  entries.reserve(source.table->rows.size());
  for (std::size_t row = 0; row < source.table->rows.size(); ++row) {
    const std::string_view unit = trimmed(source.cell(row, source.unit));
    if (unit.empty())
      throw InputError(source.place(row), fmt::format("column \"{}\" is empty", source.table->header[source.unit]),
                       "every row needs the id of its unit");
    entries.push_back({unit, year_of(source, row), table, row});
  }
  return entries;
}

void sort_and_refuse_duplicates(std::vector<Entry>& entries, const std::vector<Keyed>& sources) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.unit, a.year, a.table, a.row) < std::tie(b.unit, b.year, b.table, b.row);
  });
  const auto twice = std::adjacent_find(entries.begin(), entries.end(),
                                        [](const Entry& a, const Entry& b) { return a.same_row(b) && a.table == b.table; });
  if (twice == entries.end()) return;
  const Keyed& source = sources[static_cast<std::size_t>(twice->table)];
  const std::string year = twice->year == 0 ? "" : fmt::format(", year {}", twice->year);
  throw InputError(source.place((twice + 1)->row),
                   fmt::format("unit {}{} is already on line {}", twice->unit, year, source.table->line[twice->row]),
                   "keep one of the two rows");
}

/// Per panel row and table the row there, or none.
using Places = std::vector<std::vector<std::size_t>>;
constexpr std::size_t kNoRow = std::numeric_limits<std::size_t>::max();

/// Rows of the dated tables (of all tables, when none is dated), joined and sorted.
Places joined(const std::vector<Keyed>& sources, bool any_dated, Panel& panel) {
  std::vector<Entry> entries;
  for (std::size_t k = 0; k < sources.size(); ++k) {
    if (any_dated && sources[k].year == kNone) continue;
    const std::vector<Entry> more = entries_of(sources[k], static_cast<int>(k));
    entries.insert(entries.end(), more.begin(), more.end());
  }
  sort_and_refuse_duplicates(entries, sources);
  Places places;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i == 0 || !entries[i].same_row(entries[i - 1])) {
      panel.unit.emplace_back(entries[i].unit);
      panel.year.push_back(entries[i].year);
      places.emplace_back(sources.size(), kNoRow);
    }
    places.back()[static_cast<std::size_t>(entries[i].table)] = entries[i].row;
  }
  return places;
}

void join_undated(const std::vector<Keyed>& sources, const Panel& panel, Places& places) {
  for (std::size_t k = 0; k < sources.size(); ++k) {
    if (sources[k].year != kNone) continue;
    std::vector<Entry> entries = entries_of(sources[k], static_cast<int>(k));
    sort_and_refuse_duplicates(entries, sources);
    std::unordered_map<std::string_view, std::size_t> row_of;
    for (const Entry& entry : entries) row_of.emplace(entry.unit, entry.row);
    for (std::size_t i = 0; i < panel.n_rows(); ++i)
      if (const auto at = row_of.find(panel.unit[i]); at != row_of.end()) places[i][k] = at->second;
  }
}

/// A key's text per panel row, from the first table that fills it; empty when no table has the key.
std::vector<std::string> key_texts(const std::vector<Keyed>& sources, const Places& places, int Keyed::* key) {
  std::vector<std::string> texts;
  for (std::size_t k = 0; k < sources.size(); ++k) {
    if (sources[k].*key == kNone) continue;
    texts.resize(places.size());
    for (std::size_t i = 0; i < places.size(); ++i)
      if (texts[i].empty() && places[i][k] != kNoRow) texts[i] = trimmed(sources[k].cell(places[i][k], sources[k].*key));
  }
  return texts;
}

void check_parents(const std::vector<Keyed>& sources, const Places& places, const Panel& panel) {
  for (std::size_t i = 0; i < places.size(); ++i)
    for (std::size_t k = 0; k < sources.size(); ++k) {
      if (sources[k].parent == kNone || places[i][k] == kNoRow) continue;
      const std::string_view parent = trimmed(sources[k].cell(places[i][k], sources[k].parent));
      if (!parent.empty() && parent != panel.parent[i])
        throw InputError(
            sources[k].place(places[i][k]),
            fmt::format("{} has parent {} here and {} in another table", row_name(panel, i), parent, panel.parent[i]),
            "let the tables agree");
    }
}

/// Place of a column in the panel, new or (key columns of one name) shared.
std::size_t column_place(Panel& panel, std::map<std::string, bool>& is_key, const Keyed& source, int column, int table) {
  const std::string& name = source.table->header[static_cast<std::size_t>(column)];
  const auto [seen, is_new] = is_key.emplace(name, source.is_key(column));
  if (is_new) {
    panel.column_name.push_back(name);
    panel.column.emplace_back(panel.n_rows());
    panel.column_table.push_back(table);
    return panel.column.size() - 1;
  }
  const auto at = std::find(panel.column_name.begin(), panel.column_name.end(), name) - panel.column_name.begin();
  if (!seen->second || !source.is_key(column))
    throw InputError(source.table->source,
                     fmt::format("column \"{}\" is also in {}", name, panel.table_source[panel.column_table[at]]),
                     "rename one of them");
  return static_cast<std::size_t>(at);
}

void fill_columns(const std::vector<Keyed>& sources, const Places& places, Panel& panel) {
  std::map<std::string, bool> is_key;
  for (std::size_t k = 0; k < sources.size(); ++k)
    for (int j = 0; j < static_cast<int>(sources[k].table->header.size()); ++j) {
      std::vector<std::string>& column = panel.column[column_place(panel, is_key, sources[k], j, static_cast<int>(k))];
      for (std::size_t i = 0; i < places.size(); ++i)
        if (places[i][k] != kNoRow && column[i].empty()) column[i] = sources[k].cell(places[i][k], j);
    }
}

void fill_lines(const std::vector<Keyed>& sources, const Places& places, Panel& panel) {
  panel.line.assign(places.size(), 0);
  for (std::size_t k = 0; k < sources.size(); ++k) {
    std::vector<int>& lines = panel.table_line.emplace_back(places.size(), 0);
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (places[i][k] == kNoRow) continue;
      lines[i] = sources[k].table->line[places[i][k]];
      if (panel.line[i] == 0) panel.line[i] = lines[i];
    }
  }
}

/// A decimal comma is the mistake that has a remedy of its own.
std::string number_remedy(std::string_view text) {
  const bool decimal_comma = std::count(text.begin(), text.end(), ',') == 1 && text.find('.') == std::string_view::npos;
  return decimal_comma ? "write a decimal point, not a comma" : "write a number with a decimal point, or leave the cell empty";
}

double number_of(const Panel& panel, std::size_t column, std::size_t row) {
  const std::string_view text = trimmed(panel.column[column][row]);
  if (text.empty() || text == "NA" || text == "NaN" || text == ".") return std::numeric_limits<double>::quiet_NaN();
  const char* const end = text.data() + text.size();
  const bool signed_plus = text.size() > 1 && text[0] == '+' && text[1] != '-';
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data() + (signed_plus ? 1 : 0), end, value);
  const bool is_number = stop == end && error != std::errc::invalid_argument && !std::isnan(value);
  if (is_number && error == std::errc{} && std::isfinite(value)) return value;
  const int table = column < panel.column_table.size() ? panel.column_table[column] : kNone;
  throw InputError(fmt::format("{}: column \"{}\"", row_file(panel, row, table), panel.column_name[column]),
                   fmt::format("\"{}\" at {} is {}", text, row_name(panel, row),
                               is_number ? "infinite or beyond the range of a double" : "no number"),
                   number_remedy(text));
}

}  // namespace

bool Panel::has(std::string_view name) const {
  return std::find(column_name.begin(), column_name.end(), name) != column_name.end() ||
         std::find(derived_name.begin(), derived_name.end(), name) != derived_name.end();
}

Panel make_panel(const std::vector<Table>& tables, const std::vector<TableKeys>& keys) {
  if (tables.empty()) throw InputError("data", "no table is named", "name at least one file");
  if (tables.size() != keys.size())
    throw InputError("data", "tables and keys differ in number", "name the keys of every table");
  Panel panel;
  std::vector<Keyed> sources;
  for (std::size_t k = 0; k < tables.size(); ++k) {
    panel.source += (k ? ", " : "") + tables[k].source;
    panel.table_source.push_back(tables[k].source);
    sources.push_back(keyed(tables[k], keys[k]));
  }
  const bool any_dated = std::any_of(sources.begin(), sources.end(), [](const Keyed& s) { return s.year != kNone; });
  Places places = joined(sources, any_dated, panel);
  if (places.empty()) throw InputError(panel.source, "no rows", "add at least one row below the header");
  if (any_dated) join_undated(sources, panel, places);
  fill_lines(sources, places, panel);
  panel.unit_name = key_texts(sources, places, &Keyed::unit_name);
  panel.parent = key_texts(sources, places, &Keyed::parent);
  check_parents(sources, places, panel);
  fill_columns(sources, places, panel);
  return panel;
}

std::vector<double> column_as_numbers(const Panel& panel, std::string_view name) {
  require_column(panel, name, panel.source);
  if (const auto at = std::find(panel.derived_name.begin(), panel.derived_name.end(), name); at != panel.derived_name.end())
    return panel.derived[static_cast<std::size_t>(at - panel.derived_name.begin())];
  const auto column =
      static_cast<std::size_t>(std::find(panel.column_name.begin(), panel.column_name.end(), name) - panel.column_name.begin());
  std::vector<double> values(panel.n_rows());
  for (std::size_t row = 0; row < values.size(); ++row) values[row] = number_of(panel, column, row);
  return values;
}

const std::vector<std::string>& column_as_text(const Panel& panel, std::string_view name) {
  require_column(panel, name, panel.source);
  const auto at = std::find(panel.column_name.begin(), panel.column_name.end(), name);
  if (at == panel.column_name.end())
    throw InputError(panel.source, fmt::format("column \"{}\" is derived, a number", name), "name a column of the data");
  return panel.column[static_cast<std::size_t>(at - panel.column_name.begin())];
}

std::vector<char> cities_with_districts(const Panel& panel, const std::vector<char>& in) {
  std::vector<char> split(panel.n_rows(), 0);
  if (panel.parent.empty()) return split;
  std::set<std::pair<std::string_view, int>> parents;
  for (std::size_t row = 0; row < panel.n_rows(); ++row)
    if ((in.empty() || in[row]) && !panel.parent[row].empty() && panel.parent[row] != panel.unit[row])
      parents.emplace(panel.parent[row], panel.year[row]);
  for (std::size_t row = 0; row < panel.n_rows(); ++row)
    split[row] = (in.empty() || in[row]) && parents.contains({panel.unit[row], panel.year[row]});
  return split;
}

}  // namespace nokkel::panel
