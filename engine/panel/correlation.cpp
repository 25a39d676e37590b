#include "engine/panel/correlation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/assert.h"

namespace nokkel::panel {
namespace {

constexpr double kConstant = 1e-12;  // a few hundred roundings of the largest value

std::vector<double> unit_column(std::span<const double> x) {
  if (x.size() < 3 || is_constant(x) || std::any_of(x.begin(), x.end(), [](double v) { return std::isnan(v); })) return {};
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
  std::vector<double> u(x.size());
  std::transform(x.begin(), x.end(), u.begin(), [mean](double v) { return v - mean; });
  // The largest deviation is taken out first: squares of very small or large columns stay within range.
  const double largest =
      std::abs(*std::max_element(u.begin(), u.end(), [](double a, double b) { return std::abs(a) < std::abs(b); }));
  for (double& v : u) v /= largest;
  const double length = std::sqrt(std::inner_product(u.begin(), u.end(), u.begin(), 0.0));
  for (double& v : u) v /= length;
  return u;
}

/// Middle of the values, mean of the two middle ones when their number is even; NaN when there are none.
double median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

}  // namespace

bool is_constant(std::span<const double> column) {
  if (column.empty()) return true;
  if (std::isnan(column[0])) return false;
  const auto [low, high] = std::minmax_element(column.begin(), column.end());
  return *high - *low <= kConstant * std::max(std::abs(*low), std::abs(*high));
}

std::span<const double> cell_column(const Cell& cell, int j) {
  const auto n = static_cast<std::size_t>(cell.n_rows());
  return std::span(cell.x).subspan(static_cast<std::size_t>(j) * n, n);
}

std::vector<std::vector<double>> unit_columns(const Cell& cell, int n_columns) {
  std::vector<std::vector<double>> units;
  units.reserve(static_cast<std::size_t>(n_columns) + 1);
  for (int j = 0; j < n_columns; ++j) units.push_back(unit_column(cell_column(cell, j)));
  units.push_back(unit_column(cell.y));
  return units;
}

double correlation(std::span<const double> unit_a, std::span<const double> unit_b) {
  if (unit_a.empty() || unit_b.empty()) return std::numeric_limits<double>::quiet_NaN();
  NOKKEL_ASSERT_EQUAL(unit_a.size(), unit_b.size());
  return std::clamp(std::inner_product(unit_a.begin(), unit_a.end(), unit_b.begin(), 0.0), -1.0, 1.0);
}

std::vector<CorrelatedPair> correlated_pairs(const Design& design, double limit) {
  std::vector<CorrelatedPair> pairs;
  if (design.outcomes.empty()) return pairs;
  const int n_controls = static_cast<int>(design.controls.size()), n_criteria = static_cast<int>(design.criteria.size());
  std::vector<std::vector<std::vector<double>>> by_year;
  for (const Cell& cell : design.outcomes[0].cells) by_year.push_back(unit_columns(cell, design.n_columns()));
  for (int a = 0; a < n_criteria; ++a)
    for (int b = a + 1; b < n_criteria; ++b) {
      std::vector<double> r;
      for (const auto& units : by_year) {
        const double of_year = std::abs(correlation(units[n_controls + a], units[n_controls + b]));
        if (!std::isnan(of_year)) r.push_back(of_year);
      }
      if (const double m = median(std::move(r)); m >= limit) pairs.push_back({a, b, m});
    }
  return pairs;
}

}  // namespace nokkel::panel
