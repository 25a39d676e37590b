/// Slow twin of make_design's row rules: every definition read literally, one row and one column at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/panel/sample.h"

namespace nokkel::panel::twin {

struct Row {
  std::string unit, parent;
  int year = 0;
  std::map<std::string, double> x;  ///< NaN: missing
};

struct World {
  std::vector<Row> rows;
  std::vector<std::string> controls, criteria;  ///< criteria in the design's order
  std::string response, population;             ///< population "": none
  int first_year = 0, last_year = 0;
  double min_coverage = 0.8;
  bool balanced = false;
};

template <class Condition, class Subsample>
std::vector<Row> candidates(const World& w, int year, Condition holds, Subsample in_part) {
  const auto in_sample = [&](const Row& r) { return r.year >= w.first_year && r.year <= w.last_year && holds(r); };
  std::vector<Row> found;
  for (const Row& r : w.rows) {
    const bool split = std::any_of(w.rows.begin(), w.rows.end(),
                                   [&](const Row& c) { return c.parent == r.unit && c.year == r.year && in_sample(c); });
    if (r.year == year && in_sample(r) && !split && in_part(r)) found.push_back(r);
  }
  std::sort(found.begin(), found.end(), [](const Row& a, const Row& b) { return a.unit < b.unit; });
  return found;
}

inline bool missing(const Row& r, const std::string& column) { return std::isnan(r.x.at(column)); }

inline bool is_available(const World& w, const std::vector<Row>& rows, const std::string& column) {
  int there = 0;
  for (const Row& r : rows) there += !missing(r, column);
  return there > 0 && there >= w.min_coverage * static_cast<double>(rows.size()) - 1e-9;
}

inline std::set<std::string> required(const World& w, const std::vector<Row>& rows) {
  std::set<std::string> columns(w.controls.begin(), w.controls.end());
  columns.insert(w.response);
  if (!w.population.empty()) columns.insert(w.population);
  for (const std::string& c : w.criteria)
    if (is_available(w, rows, c)) columns.insert(c);
  return columns;
}

inline std::vector<Row> complete(const std::vector<Row>& rows, const std::set<std::string>& columns) {
  std::vector<Row> kept;
  for (const Row& r : rows)
    if (std::none_of(columns.begin(), columns.end(), [&](const std::string& c) { return missing(r, c); })) kept.push_back(r);
  return kept;
}

/// How many more rows would be complete without this column.
inline int lost_alone(const std::vector<Row>& rows, std::set<std::string> columns, const std::string& column) {
  const std::size_t with = complete(rows, columns).size();
  columns.erase(column);
  return static_cast<int>(complete(rows, columns).size() - with);
}

}  // namespace nokkel::panel::twin
