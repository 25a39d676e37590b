/// A study small enough to run in a moment, with data that are drawn but fixed; tests spoil one thing at a time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace nokkel::test {

struct SmallStudy {
  int n_units = 30;
  std::vector<int> years{2015, 2016};
  std::vector<std::string> criteria{"age", "poor", "alone", "dense"};  ///< columns of the same names
  int min_size = 1, max_size = 2;
  int pairs = 59, half_pairs = 20, folds = 5, repeats = 2;
  std::string more;  ///< TOML appended to the study
  /// Changes a cell before it is written; columns: unit, year, name, population, spending and the criteria.
  std::function<void(int unit, int year, const std::string& column, std::string& text)> spoil;

  [[nodiscard]] std::string csv() const;
  [[nodiscard]] std::string toml() const;
  /// Writes study.toml and panel.csv.
  void write(const Folder& folder) const;
};

}  // namespace nokkel::test
