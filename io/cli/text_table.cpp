// Widths are counted in terminal cells. The table of wide ranges covers what Unicode's East Asian Width calls W and F, in
// blocks rather than single characters; wcwidth() would do the same only in a UTF-8 locale, which we never set.
#include "io/cli/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

#include "engine/text.h"

namespace nokkel::cli {
namespace {

constexpr int kGap = 2;
constexpr int kNarrowest = 8;
constexpr std::string_view kEllipsis = "…";
constexpr std::string_view kMissing = "–";

struct CodeRange {
  char32_t first, last;
};

constexpr std::array<CodeRange, 13> kWide{{{0x1100, 0x115F},
                                           {0x2E80, 0x303E},
                                           {0x3041, 0x33FF},
                                           {0x3400, 0x4DBF},
                                           {0x4E00, 0x9FFF},
                                           {0xA000, 0xA4CF},
                                           {0xA960, 0xA97F},
                                           {0xAC00, 0xD7A3},
                                           {0xF900, 0xFAFF},
                                           {0xFE30, 0xFE6F},
                                           {0xFF00, 0xFF60},
                                           {0x1F300, 0x1FAFF},
                                           {0x20000, 0x3FFFD}}};
constexpr std::array<CodeRange, 7> kCombining{{{0x0300, 0x036F},
                                               {0x0483, 0x0489},
                                               {0x1AB0, 0x1AFF},
                                               {0x1DC0, 0x1DFF},
                                               {0x200B, 0x200F},
                                               {0x20D0, 0x20FF},
                                               {0xFE00, 0xFE0F}}};

template <std::size_t n>
bool within(char32_t c, const std::array<CodeRange, n>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [c](const CodeRange& r) { return c >= r.first && c <= r.last; });
}

int width_of(char32_t c) {
  if (within(c, kCombining)) return 0;
  return within(c, kWide) ? 2 : 1;
}

/// Bytes of the UTF-8 sequence that starts with this byte; 1 where it starts none.
std::size_t sequence_bytes(unsigned char lead) { return lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4; }

bool shrinks(Kind kind) { return kind == Kind::text || kind == Kind::label; }
bool is_text(Kind kind) { return shrinks(kind) || kind == Kind::mark; }

/// Control characters of a cell (a line break in a quoted name) would break the line: a blank each.
std::string one_line(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return text;
}

std::string real_text(double value, const Column& column) {
  if (std::isnan(value)) return std::string(kMissing);
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return column.kind == Kind::fixed ? fmt::format("{:.{}f}", value, column.digits)
                                    : fmt::format("{:#.{}g}", value, column.digits);
}

std::string cell_text(const Cell& cell, const Column& column) {
  if (const auto* text = std::get_if<std::string>(&cell)) return one_line(*text);
  if (const auto* real = std::get_if<double>(&cell)) return real_text(*real, column);
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) {
    if (column.kind != Kind::count || *whole < 0) return fmt::format("{}", *whole);
    return grouped(static_cast<std::uint64_t>(*whole));
  }
  return std::string(kMissing);
}

std::string padded(const std::string& text, int width, bool left) {
  const std::string blanks(static_cast<std::size_t>(std::max(0, width - display_width(text))), ' ');
  return left ? text + blanks : blanks + text;
}

std::string coloured(const std::string& text, const Column& column, const Screen& screen) {
  if (!screen.colour || column.kind != Kind::mark) return text;
  if (text.find("xx") != std::string::npos) return "\033[32m" + text + "\033[0m";
  return text.find('x') != std::string::npos ? "\033[33m" + text + "\033[0m" : text;
}

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// The visible part of a table: which columns, their texts and widths.
struct Layout {
  std::vector<std::size_t> shown;              // indices into Table::columns
  std::vector<int> width;                      // per table column
  std::vector<std::vector<std::string>> text;  // [row][column]
  std::vector<std::string> left_out;           // headings
  std::size_t below = kNone;                   // a label column too wide for the line: under its row instead

  [[nodiscard]] int total() const {
    int sum = shown.empty() ? 0 : kGap * (static_cast<int>(shown.size()) - 1);
    for (const std::size_t c : shown) sum += width[c];
    return sum;
  }
};

Layout natural_layout(const Table& table) {
  Layout layout;
  layout.width.resize(table.columns.size());
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].in_text) layout.shown.push_back(c);
    layout.width[c] = display_width(table.columns[c].heading);
  }
  for (const std::vector<Cell>& row : table.rows) {
    std::vector<std::string>& texts = layout.text.emplace_back();
    for (std::size_t c = 0; c < row.size(); ++c) {
      texts.push_back(cell_text(row[c], table.columns[c]));
      layout.width[c] = std::max(layout.width[c], display_width(texts.back()));
    }
  }
  return layout;
}

/// Takes a cell from the widest text column; false when all are as narrow as they may be.
bool shrink_once(const Table& table, Layout& layout) {
  std::size_t widest = table.columns.size();
  for (const std::size_t c : layout.shown) {
    if (!shrinks(table.columns[c].kind) || layout.width[c] <= kNarrowest) continue;
    if (widest == table.columns.size() || layout.width[c] > layout.width[widest]) widest = c;
  }
  if (widest == table.columns.size()) return false;
  --layout.width[widest];
  return true;
}

/// Leaves out the last column that holds no text, or the last one.
void drop_one(const Table& table, Layout& layout) {
  auto victim = std::find_if(layout.shown.rbegin(), std::prev(layout.shown.rend()),
                             [&](std::size_t c) { return !is_text(table.columns[c].kind); });
  if (victim == std::prev(layout.shown.rend())) victim = layout.shown.rbegin();
  layout.left_out.push_back(table.columns[*victim].heading);
  layout.shown.erase(std::next(victim).base());
}

void fit(const Table& table, const Screen& screen, Layout& layout) {
  while (layout.total() > screen.width) {
    if (shrink_once(table, layout)) continue;
    if (layout.shown.size() <= 1) {
      if (!layout.shown.empty()) layout.width[layout.shown.front()] = screen.width;
      return;
    }
    drop_one(table, layout);
  }
}

std::string line_of(const Table& table, const Layout& layout, const std::vector<std::string>& texts, const Screen& screen) {
  std::string line;
  for (std::size_t i = 0; i < layout.shown.size(); ++i) {
    const std::size_t c = layout.shown[i];
    const Column& column = table.columns[c];
    const bool last = i + 1 == layout.shown.size();
    const bool is_label = column.kind == Kind::label;
    const std::string cut = is_label ? shorten_label(texts[c], layout.width[c]) : shorten(texts[c], layout.width[c]);
    const std::string cell = last && is_text(column.kind) ? cut : padded(cut, layout.width[c], is_text(column.kind));
    line += coloured(cell, column, screen);
    if (!last) line.append(kGap, ' ');
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line + "\n";
}

/// A last column of labels that would have to be cut goes under its row, where whole names have room.
void move_label_below(const Table& table, const Screen& screen, Layout& layout) {
  if (layout.shown.size() < 2 || layout.total() <= screen.width) return;
  if (table.columns[layout.shown.back()].kind != Kind::label) return;
  layout.below = layout.shown.back();
  layout.shown.pop_back();
}

/// A label on lines of its own, indented, broken after " +".
std::string label_lines(const std::string& label, const Screen& screen) {
  constexpr int kIndent = 6;
  constexpr std::string_view kJoin = " + ";
  std::string out, line;
  for (std::size_t from = 0; from < label.size();) {
    const std::size_t join = label.find(kJoin, from);
    const bool last = join == std::string::npos;
    const std::string name =
        shorten(label.substr(from, last ? join : join - from), screen.width - kIndent - 2) + (last ? "" : " +");
    if (!line.empty() && display_width(line) + 1 + display_width(name) > screen.width) {
      out += line + "\n";
      line.clear();
    }
    line += line.empty() ? std::string(kIndent, ' ') + name : " " + name;
    from = last ? label.size() : join + kJoin.size();
  }
  return line.empty() ? out : out + line + "\n";
}

std::string csv_field(const Cell& cell) {
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *whole);
  if (const auto* real = std::get_if<double>(&cell)) return std::isnan(*real) ? std::string() : shortest(*real);
  const auto* text = std::get_if<std::string>(&cell);
  if (text == nullptr) return {};
  if (text->find_first_of(",\"\r\n") == std::string::npos) return *text;
  std::string quoted = "\"";
  for (const char c : *text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

int display_width(std::string_view text) {
  const std::u32string points = code_points(text);
  return std::accumulate(points.begin(), points.end(), 0, [](int sum, char32_t c) { return sum + width_of(c); });
}

std::string shorten(std::string_view text, int width) {
  if (display_width(text) <= width) return std::string(text);
  std::string kept;
  int used = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t bytes = std::min(sequence_bytes(static_cast<unsigned char>(text[i])), text.size() - i);
    const std::string_view character = text.substr(i, bytes);
    const int w = display_width(character);
    if (used + w > width - 1) break;
    kept += character;
    used += w;
    i += bytes;
  }
  return width > 0 ? kept + std::string(kEllipsis) : std::string();
}

std::string shorten_label(std::string_view label, int width) {
  constexpr std::string_view kSeparator = " + ";
  constexpr int kShortest = 4;
  std::vector<std::string> names;
  for (std::size_t start = 0; start <= label.size();) {
    const std::size_t end = std::min(label.find(kSeparator, start), label.size());
    names.emplace_back(label.substr(start, end - start));
    start = end + kSeparator.size();
  }
  std::vector<int> widths;
  for (const std::string& name : names) widths.push_back(display_width(name));
  const int separators = static_cast<int>(kSeparator.size() * (names.size() - 1));
  while (std::accumulate(widths.begin(), widths.end(), separators) > width) {
    const auto longest = std::max_element(widths.begin(), widths.end());
    if (*longest <= kShortest) return shorten(label, width);
    --*longest;
  }
  std::string cut;
  for (std::size_t i = 0; i < names.size(); ++i) cut += (i == 0 ? "" : std::string(kSeparator)) + shorten(names[i], widths[i]);
  return cut;
}

std::string to_text(const Table& table, const Screen& screen) {
  Layout layout = natural_layout(table);
  move_label_below(table, screen, layout);
  fit(table, screen, layout);
  std::vector<std::string> headings;
  for (const Column& column : table.columns) headings.push_back(column.heading);
  std::string out;
  if (!table.title.empty()) out += shorten(table.title, screen.width) + "\n";
  const std::string heading = line_of(table, layout, headings, screen);
  if (heading != "\n") out += screen.colour ? "\033[1m" + heading.substr(0, heading.size() - 1) + "\033[0m\n" : heading;
  for (const std::vector<std::string>& row : layout.text) {
    out += line_of(table, layout, row, screen);
    if (layout.below != kNone) out += label_lines(row[layout.below], screen);
  }
  if (!layout.left_out.empty())
    out += shorten(fmt::format("(left out: {}; --csv has all)", fmt::join(layout.left_out, ", ")), screen.width) + "\n";
  return out;
}

std::string to_csv(const Table& table) {
  std::string out;
  for (std::size_t c = 0; c < table.columns.size(); ++c) out += (c == 0 ? "" : ",") + table.columns[c].name;
  out += "\n";
  for (const std::vector<Cell>& row : table.rows) {
    for (std::size_t c = 0; c < row.size(); ++c) out += (c == 0 ? "" : ",") + csv_field(row[c]);
    out += "\n";
  }
  return out;
}

std::string shortest(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} ? std::string(text.data(), end) : std::string();
}

std::string grouped(std::uint64_t value) {
  std::string digits = fmt::format("{}", value);
  for (auto i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(static_cast<std::size_t>(i), 1, ',');
  return digits;
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string seconds_text(double seconds) {
  if (seconds < 0.05) return "under 0.1 s";
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  const auto whole = std::llround(seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace nokkel::cli
