// Own reader: liborcus' CSV parser (0.17) gives its handler no position, takes an unclosed quote as the end of a field and
// leaves CR in it, so a message could not name the line.
//
// One pass over the bytes, with the line counted at every LF. A quoted field is the only place where a line break,
// a comma or a quote is text.
#include "io/table/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>
#include <unordered_map>

#include "engine/error.h"
#include "engine/text.h"

namespace nokkel::table {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBlanks = " \t\r";

int line_at(std::string_view text, std::size_t position) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(position), '\n'));
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& source) : text_(text), source_(source) {}

  /// Moves over blank lines; true when a row follows, which then starts at line().
  bool find_row() {
    while (position_ < text_.size()) {
      const std::size_t end = std::min(text_.find('\n', position_), text_.size());
      if (text_.substr(position_, end - position_).find_first_not_of(kBlanks) != std::string_view::npos) return true;
      position_ = std::min(end + 1, text_.size());
      ++line_;
    }
    return false;
  }

  std::vector<std::string> row() {
    std::vector<std::string> fields;
    do fields.push_back(peek() == '"' ? quoted() : plain());
    while (take(','));
    take('\r');
    take('\n');
    return fields;
  }

  [[nodiscard]] int line() const { return line_; }
  [[nodiscard]] std::string_view rest() const { return text_.substr(position_); }

  [[noreturn]] void fail(int line, const std::string& what, const std::string& remedy) const {
    throw InputError(fmt::format("{}:{}", source_, line), what, remedy);
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }
  [[nodiscard]] bool at_row_end() const {
    return position_ == text_.size() || peek() == '\n' ||
           (peek() == '\r' && (peek(1) == '\n' || position_ + 1 == text_.size()));
  }

  bool take(char c) {
    if (position_ == text_.size() || text_[position_] != c) return false;
    if (c == '\n') ++line_;
    ++position_;
    return true;
  }

  std::string plain() {
    const std::size_t start = position_;
    while (!at_row_end() && peek() != ',') {
      if (peek() == '"')
        fail(line_, "a quote inside a field that does not begin with one",
             "put the whole field in quotes and double the quotes inside it");
      if (peek() == '\r') fail(line_, "a carriage return inside a field", "end rows with LF or CRLF");
      ++position_;
    }
    return std::string(text_.substr(start, position_ - start));
  }

  std::string quoted() {
    const int opened = line_;
    std::string field;
    ++position_;
    for (;;) {
      const std::size_t quote = text_.find('"', position_);
      if (quote == std::string_view::npos)
        fail(opened, "a quote is opened here and never closed", "close it, or double a quote that belongs to the text");
      const std::string_view piece = text_.substr(position_, quote - position_);
      field += piece;
      line_ += static_cast<int>(std::count(piece.begin(), piece.end(), '\n'));
      position_ = quote + 1;
      if (!take('"')) break;
      field += '"';
    }
    if (!at_row_end() && peek() != ',')
      fail(line_, "text after a closing quote", "double a quote that belongs to the text, and end the field with a comma");
    return field;
  }

  std::string_view text_;
  const std::string& source_;
  std::size_t position_ = 0;
  int line_ = 1;
};

void check_bytes(std::string_view text, const std::string& source) {
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
    throw InputError(fmt::format("{}:{}", source, line_at(text, nul)), "a NUL byte, so this is no UTF-8 text",
                     "save the table as CSV in UTF-8");
  if (const std::size_t bad = utf8_error(text); bad != std::string_view::npos)
    throw InputError(fmt::format("{}:{}", source, line_at(text, bad)),
                     fmt::format("byte 0x{:02X} is no UTF-8", static_cast<unsigned char>(text[bad])),
                     "save the file as UTF-8, for example with iconv -f latin1 -t utf-8");
}

/// The header line is where a wrong delimiter shows: more of the other sign than of commas, quoted text left out.
void check_delimiter(const Reader& reader) {
  long commas = 0, semicolons = 0, tabs = 0;
  bool in_quotes = false;
  for (const char c : reader.rest()) {
    if (c == '"') in_quotes = !in_quotes;
    if (in_quotes) continue;
    if (c == '\n') break;
    commas += c == ',';
    semicolons += c == ';';
    tabs += c == '\t';
  }
  if (std::max(semicolons, tabs) <= commas) return;
  reader.fail(reader.line(), fmt::format("fields are separated by {}", semicolons >= tabs ? "';'" : "tabs"),
              "save the file with commas between fields and a point in decimal numbers");
}

void check_header(const Reader& reader, const std::vector<std::string>& header, int line) {
  std::unordered_map<std::string_view, std::size_t> seen;
  for (std::size_t j = 0; j < header.size(); ++j) {
    if (header[j].find_first_not_of(kBlanks) == std::string::npos)
      reader.fail(line, fmt::format("column {} has no name", j + 1), "name it in the header or remove it");
    const auto [first, is_new] = seen.emplace(header[j], j);
    if (!is_new)
      reader.fail(line, fmt::format("columns {} and {} are both named \"{}\"", first->second + 1, j + 1, header[j]),
                  "rename one of them");
  }
}

std::string read_bytes(const std::filesystem::path& file, const std::string& source) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) throw InputError(source, "no such file", "check the name and the folder");
  if (std::filesystem::is_directory(status)) throw InputError(source, "this is a folder", "name a CSV file in it");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw InputError(source, "the file cannot be opened", "check that you may read it");
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (stream.bad()) throw MachineError(source + ": reading the file failed");
  return text;
}

}  // namespace

panel::Table parse_csv(const std::string& text, const std::string& source) {
  check_bytes(text, source);
  std::string_view body = text;
  if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
  Reader reader(body, source);
  if (!reader.find_row()) reader.fail(1, "the file is empty", "it needs a header line and rows");

  panel::Table table;
  table.source = source;
  const int header_line = reader.line();
  check_delimiter(reader);
  table.header = reader.row();
  check_header(reader, table.header, header_line);
  while (reader.find_row()) {
    const int line = reader.line();
    std::vector<std::string> row = reader.row();
    if (row.size() != table.header.size())
      reader.fail(line, fmt::format("the row has {} fields, the header {}", row.size(), table.header.size()),
                  "add or remove commas; a field that holds a comma goes in quotes");
    table.rows.push_back(std::move(row));
    table.line.push_back(line);
  }
  if (table.rows.empty()) reader.fail(header_line, "a header and no rows", "add at least one row below it");
  return table;
}

panel::Table read_csv(const std::filesystem::path& file, const std::string& source) {
  return parse_csv(read_bytes(file, source), source);
}

}  // namespace nokkel::table
