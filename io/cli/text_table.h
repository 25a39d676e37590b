/// One table, three forms: columns that fit a terminal, CSV (RFC 4180) and, in json.h, JSON. The last two carry every
/// column in full precision; the first rounds, aligns by display width and wraps nothing but labels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nokkel::cli {

/// monostate: missing. A real that is NaN counts as missing too.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

enum class Kind {
  text,     ///< left; shrinks with an ellipsis when the table is too wide
  label,    ///< the same for criteria joined by " + ": each of them shrinks
  count,    ///< right, thousands grouped by ','
  number,   ///< right, no grouping (years, ids, ranks)
  fixed,    ///< right, `digits` decimals
  general,  ///< right, `digits` significant digits
  mark      ///< left, "xx", "x" or "xx/x", coloured
};

struct Column {
  std::string name;     ///< of --csv and --json: lower case, '_'
  std::string heading;  ///< at the terminal
  Kind kind = Kind::text;
  int digits = 3;
  bool in_text = true;  ///< false: only in --csv and --json
};

struct Table {
  std::string title;  ///< printed above, terminal only
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  ///< each as long as columns
};

/// Where a table is shown.
struct Screen {
  int width = 100;  ///< columns
  bool colour = false;
};

/// Terminal cells that a UTF-8 text takes: combining marks 0, East Asian wide and full-width characters and most pictographs
/// 2, the rest 1. Bytes that are no UTF-8 count 1.
int display_width(std::string_view text);

/// The text cut to at most `width` terminal cells, the last one "…" when something was cut.
std::string shorten(std::string_view text, int width);

/// A label of criteria joined by " + " cut to at most `width` cells: the longest names first, each ending in "…".
std::string shorten_label(std::string_view label, int width);

/// Lines as they appear on a screen, each ended by a line feed. Too wide: a last column of labels goes under its row, whole,
/// on lines of its own; then the widest text column shrinks, down to 8; then columns are left out from the right, which a
/// last line tells by name. No line is wider than the screen, as long as that has 20 columns.
std::string to_text(const Table& table, const Screen& screen);

/// Header line and rows. Reals in their shortest form that reads back equal; missing: an empty field.
std::string to_csv(const Table& table);

/// Shortest decimal text that reads back to the same double; "nan", "inf", "-inf" where it is none.
std::string shortest(double value);

/// 1234567 as "1,234,567".
std::string grouped(std::uint64_t value);

/// Bytes in words: "3.2 GiB".
std::string bytes_text(std::uint64_t bytes);

/// Seconds in words: "0.4 s", "3 min 12 s", "2 h 5 min".
std::string seconds_text(double seconds);

}  // namespace nokkel::cli
