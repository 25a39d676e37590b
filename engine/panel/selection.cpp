#include "engine/panel/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "engine/error.h"
#include "engine/panel/messages.h"

namespace nokkel::panel {
namespace {

constexpr double kSplitTolerance = 0.005;

long count(const std::vector<char>& in) { return std::count(in.begin(), in.end(), char{1}); }

std::string where_of(const Panel& panel, const SampleSpec& sample) {
  return sample.where.empty() ? panel.source : sample.where;
}

void keep_years(const Panel& panel, const SampleSpec& sample, Selection& selection) {
  const bool all = sample.first_year == 0 && sample.last_year == 0;
  std::set<int> there, kept;
  for (std::size_t row = 0; row < panel.n_rows(); ++row) {
    const int year = panel.year[row];
    there.insert(year);
    if (all || (year >= sample.first_year && year <= sample.last_year))
      kept.insert(year);
    else
      selection.in[row] = 0;
  }
  selection.years.assign(kept.begin(), kept.end());
  selection.rows_outside_years = static_cast<int>(panel.n_rows()) - static_cast<int>(count(selection.in));
  if (!kept.empty()) return;
  if (*there.rbegin() == 0)
    throw InputError(
        where_of(panel, sample),
        fmt::format("no rows left: years {}-{} are asked for and the data have no years", sample.first_year, sample.last_year),
        "name the year column, or leave the years out");
  throw InputError(where_of(panel, sample),
                   fmt::format("no rows left: years {}-{} are asked for, the data have {}-{}", sample.first_year,
                               sample.last_year, *there.begin(), *there.rbegin()),
                   "ask for years of the data");
}

void refuse_population(const Panel& panel, const SampleSpec& sample, std::size_t row, double population) {
  throw InputError(fmt::format("{}: column \"{}\"", row_file(panel, row), sample.population),
                   fmt::format("population {} at {} is not above 0", population, row_name(panel, row)),
                   "correct it, or leave the cell empty to lose the row");
}

/// A negative number is a mistake wherever it stands, and a condition on population would hide it; a zero, which may say
/// that the unit is no more, matters only in the sample.
void check_population(const Panel& panel, const SampleSpec& sample, const std::vector<double>& population, bool in_sample,
                      const std::vector<char>& in) {
  for (std::size_t row = 0; row < population.size(); ++row)
    if (population[row] < 0 || (in_sample && in[row] && population[row] == 0))
      refuse_population(panel, sample, row, population[row]);
}

void keep_condition(const Panel& panel, const SampleSpec& sample, Selection& selection) {
  const std::vector<char> holds = rows_where(panel, sample.condition, where_of(panel, sample));
  const long before = count(selection.in);
  for (std::size_t row = 0; row < holds.size(); ++row) selection.in[row] = selection.in[row] && holds[row];
  const long after = count(selection.in);
  selection.rows_filtered = static_cast<int>(before - after);
  if (after == 0)
    throw InputError(where_of(panel, sample),
                     fmt::format("no rows left: `{}` holds in none of {} rows", sample.condition, before),
                     "widen the condition");
}

struct Children {
  int n = 0, n_unknown = 0;
  double population = 0;
};

void check_city(const Panel& panel, std::size_t row, const Children& children, double city) {
  const double apart = std::abs(children.population / city - 1);
  if (children.n_unknown == 0 && apart <= kSplitTolerance) return;
  const std::string unknown = children.n_unknown == 0 ? "" : fmt::format(", {} of them without a number", children.n_unknown);
  throw InputError(row_place(panel, row),
                   fmt::format("its {} districts have {} inhabitants together{}, the city {} ({:.2f} % apart)", children.n,
                               children.population, unknown, city, 100 * apart),
                   "districts must add up to their city within 0.5 %: complete them or take the parent column out");
}

/// Every city that is replaced, against all its districts of that year.
void check_split(const Panel& panel, const std::vector<char>& split, const std::vector<double>& population) {
  std::map<std::pair<std::string_view, int>, Children> children;
  for (std::size_t row = 0; row < panel.n_rows(); ++row) {
    if (panel.parent[row].empty() || panel.parent[row] == panel.unit[row]) continue;
    Children& of_city = children[{panel.parent[row], panel.year[row]}];
    ++of_city.n;
    if (std::isnan(population[row]))
      ++of_city.n_unknown;
    else
      of_city.population += population[row];
  }
  for (std::size_t row = 0; row < panel.n_rows(); ++row)
    if (split[row] && !std::isnan(population[row]))
      check_city(panel, row, children[{panel.unit[row], panel.year[row]}], population[row]);
}

void split_cities(const Panel& panel, const std::vector<double>& population, Selection& selection) {
  const std::vector<char> split = cities_with_districts(panel, selection.in);
  selection.rows_split_cities = static_cast<int>(count(split));
  if (selection.rows_split_cities == 0) return;
  if (!population.empty()) check_split(panel, split, population);
  for (std::size_t row = 0; row < split.size(); ++row) selection.in[row] = selection.in[row] && !split[row];
}

}  // namespace

Selection select_rows(const Panel& panel, const SampleSpec& sample, const std::vector<double>& population) {
  Selection selection;
  selection.in.assign(panel.n_rows(), 1);
  check_population(panel, sample, population, false, selection.in);
  keep_years(panel, sample, selection);
  keep_condition(panel, sample, selection);
  check_population(panel, sample, population, true, selection.in);
  split_cities(panel, population, selection);
  return selection;
}

}  // namespace nokkel::panel
