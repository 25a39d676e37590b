#include "tests/cli/small_study.h"

#include <fmt/format.h>

#include <cstdint>

namespace nokkel::test {
namespace {

/// Numbers in (0, 1) as a function of what they are for (splitmix64).
double draw(std::uint64_t unit, std::uint64_t year, std::uint64_t column) {
  std::uint64_t z = (unit * 1'000'003 + year) * 1'000'003 + column + 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return (static_cast<double>((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;
}

/// A field of a CSV file.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string toml_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::string SmallStudy::csv() const {
  std::vector<std::string> columns{"unit", "year", "name", "population", "spending"};
  columns.insert(columns.end(), criteria.begin(), criteria.end());
  std::string text;
  for (std::size_t c = 0; c < columns.size(); ++c) text += (c == 0 ? "" : ",") + csv_field(columns[c]);
  text += "\n";
  for (int unit = 1; unit <= n_units; ++unit)
    for (const int year : years) {
      std::vector<double> x;
      for (std::size_t c = 0; c < criteria.size(); ++c)
        x.push_back(0.1 + 0.05 * draw(static_cast<std::uint64_t>(unit), static_cast<std::uint64_t>(year), c) +
                    0.1 * draw(static_cast<std::uint64_t>(unit), 0, c));
      double y = 1000 + 300 * draw(static_cast<std::uint64_t>(unit), static_cast<std::uint64_t>(year), 999);
      for (std::size_t c = 0; c < x.size(); ++c) y += 2000 * x[c] / static_cast<double>(c + 1);
      std::vector<std::string> cells{fmt::format("{:04}", unit), fmt::format("{}", year), fmt::format("Unit {}", unit),
                                     fmt::format("{}", 5000 + 100 * unit), fmt::format("{:.3f}", y)};
      for (const double value : x) cells.push_back(fmt::format("{:.6f}", value));
      for (std::size_t c = 0; c < cells.size(); ++c) {
        if (spoil) spoil(unit, year, columns[c], cells[c]);
        text += (c == 0 ? "" : ",") + csv_field(cells[c]);
      }
      text += "\n";
    }
  return text;
}

std::string SmallStudy::toml() const {
  std::string text = fmt::format(
      "[study]\ntitle = \"Small\"\nseed = 7\n\n"
      "[[data]]\nfile = \"panel.csv\"\nunit = \"unit\"\nyear = \"year\"\nname = \"name\"\n\n"
      "[sample]\npopulation = \"population\"\n\n"
      "[[response]]\nname = \"spending\"\ncolumn = \"spending\"\nunit = \"kr\"\n\n"
      "[universe]\nsize = [{}, {}]\n\n[resample]\npairs = {}\nhalf_pairs = {}\n\n"
      "[cross_validation]\nfolds = {}\nrepeats = {}\n\n",
      min_size, max_size, pairs, half_pairs, folds, repeats);
  for (const std::string& name : criteria) text += "[[criterion]]\nname = " + toml_text(name) + "\n\n";
  return text + more;
}

void SmallStudy::write(const Folder& folder) const {
  folder.write("panel.csv", csv());
  folder.write("study.toml", toml());
}

}  // namespace nokkel::test
