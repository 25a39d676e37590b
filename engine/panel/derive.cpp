// Kinds of derived columns: each is a formula for one row, given the operands as numbers.
#include "engine/panel/derive.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "engine/error.h"
#include "engine/panel/expression.h"
#include "engine/panel/messages.h"

namespace nokkel::panel {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

class Deriver {
 public:
  Deriver(const Panel& panel, const DerivedSpec& spec, const std::string& population)
      : panel_(panel), spec_(spec), population_(population) {}

  std::vector<double> values() const {
    check_operands();
    std::vector<double> result = of_kind();
    for (std::size_t row = 0; row < result.size(); ++row) {
      result[row] *= spec_.scale;
      if (std::isinf(result[row])) fail_at(row, "is infinite", "mend the operands in that row");
    }
    return result;
  }

 private:
  std::vector<double> of_kind() const {
    switch (spec_.kind) {
      case DerivedKind::sum:
        return sum();
      case DerivedKind::product:
        return product();
      case DerivedKind::power:
        return power();
      case DerivedKind::share:
        return quotient(sum(), denominator(spec_.by));
      case DerivedKind::per_inhabitant:
        return quotient(sum(), denominator(""));
      case DerivedKind::relative_share:
        return relative_share(sum(), denominator(spec_.by));
      case DerivedKind::expression:
        break;
    }
    return evaluate_number(panel_, spec_.expression, spec_.where);
  }

  void check_operands() const {
    if (spec_.kind == DerivedKind::expression) {
      if (!spec_.of.empty()) fail("an expression takes no `of`", "write the columns into the expression");
      return;
    }
    if (spec_.of.empty()) fail("`of` is empty", "name at least one column");
    if (spec_.kind == DerivedKind::power && spec_.of.size() != 1)
      fail(fmt::format("power takes one column, not {}", spec_.of.size()), "name one in `of`");
  }

  std::vector<double> operand(const std::string& name) const {
    require_column(panel_, name, spec_.where);
    return column_as_numbers(panel_, name);
  }

  std::vector<double> sum() const {
    std::vector<double> total(panel_.n_rows(), 0.0);
    for (const std::string& name : spec_.of) {
      const std::vector<double> x = operand(name);
      for (std::size_t row = 0; row < x.size(); ++row) total[row] += x[row];
    }
    return total;
  }

  std::vector<double> product() const {
    std::vector<double> result(panel_.n_rows(), 1.0);
    for (const std::string& name : spec_.of) {
      const std::vector<double> x = operand(name);
      for (std::size_t row = 0; row < x.size(); ++row) result[row] *= x[row];
    }
    return result;
  }

  std::vector<double> power() const {
    std::vector<double> x = operand(spec_.of[0]);
    const bool whole = std::floor(spec_.exponent) == spec_.exponent;
    for (std::size_t row = 0; row < x.size(); ++row) {
      if (x[row] < 0 && !whole)
        fail_at(row, fmt::format("raises {} to the power {}", x[row], spec_.exponent),
                "a fractional power needs numbers from 0");
      // pow(NaN, 0) is 1, and a missing operand is to stay missing.
      if (!std::isnan(x[row])) x[row] = std::pow(x[row], spec_.exponent);
    }
    return x;
  }

  std::vector<double> denominator(const std::string& by) const {
    const std::string& name = by.empty() ? population_ : by;
    if (name.empty()) fail("no denominator", "name one in `by`, or the population column in sample.population");
    std::vector<double> d = operand(name);
    for (std::size_t row = 0; row < d.size(); ++row)
      if (d[row] <= 0)
        fail_at(row, fmt::format("divides by \"{}\", which is {}", name, d[row]), "a denominator must be above 0 or missing");
    return d;
  }

  static std::vector<double> quotient(std::vector<double> x, const std::vector<double>& d) {
    for (std::size_t row = 0; row < x.size(); ++row) x[row] /= d[row];
    return x;
  }

  /// (x_i / X) / (p_i / P). Totals are over the year's rows that have both operands; a city whose districts are there
  /// too is left out of the totals, or its inhabitants would count twice.
  std::vector<double> relative_share(std::vector<double> x, const std::vector<double>& p) const {
    const std::vector<char> split = cities_with_districts(panel_);
    std::map<int, std::pair<double, double>> totals;
    for (std::size_t row = 0; row < x.size(); ++row) {
      if (split[row] || std::isnan(x[row] + p[row])) continue;
      totals[panel_.year[row]].first += x[row];
      totals[panel_.year[row]].second += p[row];
    }
    for (std::size_t row = 0; row < x.size(); ++row) {
      if (std::isnan(x[row] + p[row])) {
        x[row] = kMissing;
        continue;
      }
      const auto [x_total, p_total] = totals[panel_.year[row]];
      if (!(x_total > 0))
        fail_at(row, fmt::format("needs a total above 0, and the year's is {}", x_total), "leave the column out");
      x[row] = (x[row] / x_total) / (p[row] / p_total);
    }
    return x;
  }

  [[noreturn]] void fail(const std::string& what, const std::string& remedy) const {
    throw InputError(spec_.where, fmt::format("derived column \"{}\": {}", spec_.name, what), remedy);
  }
  [[noreturn]] void fail_at(std::size_t row, const std::string& what, const std::string& remedy) const {
    fail(fmt::format("{} at {}", what, row_place(panel_, row)), remedy);
  }

  const Panel& panel_;
  const DerivedSpec& spec_;
  const std::string& population_;
};

}  // namespace

void add_derived(Panel& panel, const std::vector<DerivedSpec>& specs, const std::string& population) {
  for (const DerivedSpec& spec : specs) {
    if (spec.name.empty()) throw InputError(spec.where, "a derived column has no name", "name it");
    if (panel.has(spec.name))
      throw InputError(spec.where, fmt::format("column \"{}\" is there already", spec.name), "choose another name");
    std::vector<double> values = Deriver(panel, spec, population).values();
    panel.derived_name.push_back(spec.name);
    panel.derived.push_back(std::move(values));
  }
}

std::vector<char> rows_where(const Panel& panel, const std::string& condition, const std::string& where) {
  if (condition.find_first_not_of(" \t\r\n") == std::string::npos) return std::vector<char>(panel.n_rows(), 1);
  return evaluate_condition(panel, condition, where);
}

}  // namespace nokkel::panel
