#include "io/config/deflator.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/error.h"
#include "io/table/csv.h"

namespace nokkel::config {
namespace {

template <class Number>
bool parse(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end;
}

std::size_t column(const panel::Table& table, const char* name) {
  const auto found = std::find(table.header.begin(), table.header.end(), name);
  if (found == table.header.end()) {
    throw InputError(table.source + ":1", fmt::format("no column \"{}\"", name), "a deflator has the columns year,index");
  }
  return static_cast<std::size_t>(found - table.header.begin());
}

}  // namespace

std::vector<std::pair<int, double>> read_deflator(const std::filesystem::path& file, const std::string& source) {
  const panel::Table table = table::read_csv(file, source);
  const std::size_t year_column = column(table, "year"), index_column = column(table, "index");
  std::vector<std::pair<int, double>> deflator;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const std::string at = fmt::format("{}:{}", source, table.line[row]);
    const std::string &year_text = table.rows[row][year_column], &index_text = table.rows[row][index_column];
    int year = 0;
    double index = 0;
    if (!parse(year_text, year) || year < 1000 || year > 9999) {
      throw InputError(at + ": year", fmt::format("\"{}\" is no year", year_text), "allowed: 1000 to 9999");
    }
    if (!parse(index_text, index) || !std::isfinite(index) || index <= 0) {
      throw InputError(at + ": index", fmt::format("\"{}\" is no price index", index_text), "allowed: a number above 0");
    }
    deflator.emplace_back(year, index);
  }
  std::sort(deflator.begin(), deflator.end());
  for (std::size_t i = 1; i < deflator.size(); ++i) {
    if (deflator[i].first != deflator[i - 1].first) continue;
    throw InputError(source, fmt::format("the year {} occurs twice", deflator[i].first), "one index a year");
  }
  return deflator;
}

}  // namespace nokkel::config
