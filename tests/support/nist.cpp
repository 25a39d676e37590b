#include "tests/support/nist.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace nokkel::testing {
namespace {

const std::string kFolder = std::string(NOKKEL_SOURCE_DIR) + "/data/nist/";

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::vector<std::vector<std::string>> read_cells(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in.good()) << path;
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> cells;
    std::stringstream s(line);
    for (std::string cell; std::getline(s, cell, ',');) cells.push_back(cell);
    rows.push_back(std::move(cells));
  }
  return rows;
}

double number(const std::string& text) {
  double x = std::nan("");
  std::from_chars(text.data(), text.data() + text.size(), x);
  return x;
}

}  // namespace

const std::vector<NistSet>& nist_table() {
  static const std::vector<NistSet> table = {
      {"Norris", 36, 2, 0.999993745883712, 0.884796396144373, 0, true, 11, 13},
      {"Pontius", 40, 3, 0.999999900178537, 0.205177424076185e-3, 2, true, 11, 12.5},
      {"NoInt1", 11, 1, 0.999365492298663, 3.56753034006338, 0, false, 13, 14},
      {"NoInt2", 3, 1, 0.993348115299335, 0.369274472937998, 0, false, 13, 14},
      {"Longley", 16, 7, 0.995479004577296, 304.854073561965, 0, true, 10.5, 13},
      {"Wampler1", 21, 6, 1, 0, 5, true, 5.5, 12.5, true, true},
      {"Wampler2", 21, 6, 1, 0, 5, true, 5.5, 12.5, true, true},
      {"Wampler3", 21, 6, 0.999995559025820, 2360.14502379268, 5, true, 5.5, 13, false, true},
      {"Wampler4", 21, 6, 0.957478440825662, 236014.502379268, 5, true, 5.5, 13, false, true},
      {"Wampler5", 21, 6, 0.224668921574940e-2, 23601450.2379268, 5, true, 5.5, 13, false, true},
      {"Filip", 82, 11, 0.996727416185620, 0.334801051324544e-2, 10, true, 0, 13, false, true},
  };
  return table;
}

std::vector<NistSet> nist_sets_present() {
  std::vector<NistSet> present;
  std::size_t n_files = 0;
  for (const auto& file : std::filesystem::directory_iterator(kFolder)) {
    const std::string stem = file.path().stem();
    if (file.path().extension() != ".csv" || stem.starts_with("certified_")) continue;
    ++n_files;
    for (const NistSet& set : nist_table())
      if (lower(set.name) == stem) present.push_back(set);
  }
  EXPECT_EQ(present.size(), n_files) << "a file of data/nist is not in the table";
  std::sort(present.begin(), present.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return present;
}

NistData read_nist(const NistSet& set) {
  const auto cells = read_cells(kFolder + lower(set.name) + ".csv");
  NistData data;
  data.degree = set.degree;
  data.x.resize(cells[0].size() - 1);
  for (std::size_t i = 1; i < cells.size(); ++i) {
    data.y.push_back(number(cells[i][0]));
    for (std::size_t j = 1; j < cells[i].size(); ++j) data.x[j - 1].emplace_back(number(cells[i][j]));
  }
  for (int power = 2; power <= set.degree; ++power) {
    data.x.push_back(data.x.back());
    for (std::size_t i = 0; i < data.y.size(); ++i) data.x.back()[i] = data.x.back()[i] * data.x[0][i];
  }
  for (const auto& row : read_cells(kFolder + "certified_coefficients.csv"))
    if (row[0] == set.name) data.b.push_back(number(row[2])), data.se.push_back(number(row[3]));
  for (const auto& row : read_cells(kFolder + "certified_statistics.csv"))
    if (row[0] == set.name) data.residual_sd = number(row[6]), data.r2 = number(row[7]);
  return data;
}

std::vector<std::vector<double>> NistData::plain_columns() const {
  std::vector<std::vector<double>> columns;
  for (std::size_t j = 0; j < x.size(); ++j) {
    std::vector<double> column(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) column[i] = degree > 0 && j > 0 ? columns[j - 1][i] * x[0][i].hi : x[j][i].hi;
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace nokkel::testing
