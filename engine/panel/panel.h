/// Units x years x columns: the data of a study after reading and before any choice of sample.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/panel/table.h"

namespace nokkel::panel {

/// Which columns of one table identify its rows. Empty name: the table has no such column.
struct TableKeys {
  std::string unit;  ///< mandatory; text, leading zeros kept
  std::string year;  ///< empty: one cross-section, its year is 0
  std::string unit_name;
  std::string parent;  ///< a unit whose id occurs here is a city with districts; its own id: none
};

/// Columns stay text until a study uses one as a number (column_as_numbers).
struct Panel {
  std::string source;                            ///< for messages; several files: joined by ", "
  std::vector<std::string> unit;                 ///< per row
  std::vector<int> year;                         ///< per row
  std::vector<std::string> unit_name;            ///< per row; empty vector when no table has names
  std::vector<std::string> parent;               ///< per row; empty vector when no table has parents
  std::vector<int> line;                         ///< per row: line in its (first) file
  std::vector<std::string> column_name;          ///< text columns of all tables, key columns included
  std::vector<std::vector<std::string>> column;  ///< [column][row]
  std::vector<std::string> derived_name;         ///< numeric columns made by add_derived
  std::vector<std::vector<double>> derived;      ///< [derived][row]; NaN is missing
  // For messages only; a panel made by hand may leave them empty.
  std::vector<std::string> table_source;     ///< per table: its file
  std::vector<std::vector<int>> table_line;  ///< [table][row]: line there, 0 where the table lacks the row
  std::vector<int> column_table;             ///< per text column: the table that it came from

  [[nodiscard]] std::size_t n_rows() const { return unit.size(); }
  [[nodiscard]] bool has(std::string_view name) const;
};

/// Joins tables on (unit, year): outer join, rows sorted by unit id (bytes) then year. Blanks around ids are dropped.
/// A table without a year column is joined to every year of its units; when no table has one, all rows have year 0.
/// Key columns of one name are one column; unit names and parents come from the first table that fills them.
/// Errors (InputError): no table, missing key column, empty unit id, a year that is no whole number in 1000..9999,
/// duplicate (unit, year) with both lines named, a non-key column name in two tables, two parents of one unit and year, no
/// rows.
/// Cost: O(rows log rows).
Panel make_panel(const std::vector<Table>& tables, const std::vector<TableKeys>& keys);

/// A column as numbers, NaN where the cell is empty, "NA", "NaN" or ".".
/// Numbers are read with from_chars whatever the locale: decimal point, optional exponent, blanks around allowed.
/// Errors (InputError): no such column (with "did you mean"), text where a number belongs (file, line, row's unit and
/// year, column and text named), infinite values and those beyond the range of a double.
std::vector<double> column_as_numbers(const Panel& panel, std::string_view name);

/// A column as text, for filters on text and strata. Errors (InputError): no such column, a derived (numeric) column.
const std::vector<std::string>& column_as_text(const Panel& panel, std::string_view name);

/// Rows of cities that have districts in the same year; with `in` (per row) only rows inside it count on either side.
/// Cost: O(rows log rows).
std::vector<char> cities_with_districts(const Panel& panel, const std::vector<char>& in = {});

}  // namespace nokkel::panel
