#include "engine/panel/checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "engine/error.h"
#include "engine/panel/correlation.h"

namespace nokkel::panel {
namespace {

constexpr double kDisguise = 0.999, kEqual = 0.999999;
constexpr int kRowsForEvidence = 4;
constexpr int kSparseUnits = 5;
constexpr int kFewDegreesOfFreedom = 10;  // METHODS 1.3: below it a fit is flagged

using UnitColumns = std::vector<std::vector<double>>;

int n_controls(const Design& design) { return static_cast<int>(design.controls.size()); }
int n_criteria(const Design& design) { return static_cast<int>(design.criteria.size()); }

const CriterionSpec& spec_of(const std::vector<CriterionSpec>& specs, const std::string& name) {
  return *std::find_if(specs.begin(), specs.end(), [&](const CriterionSpec& s) { return s.name == name; });
}

void refuse_constant_controls(const Design& design, const Outcome& outcome, const std::vector<CriterionSpec>& specs) {
  for (const Cell& cell : outcome.cells)
    for (int j = 0; j < n_controls(design); ++j) {
      if (cell.n_rows() < 3 || !is_constant(cell_column(cell, j))) continue;
      throw InputError(spec_of(specs, design.controls[j]).where,
                       fmt::format("control \"{}\" is {} in every row of {} in {}", design.controls[j], cell_column(cell, j)[0],
                                   outcome.name, year_list({cell.year}, 0)),
                       "a control must vary in every year: remove it, or leave the year out");
    }
}

void refuse_disguises(const Design& design, const Outcome& outcome, const std::vector<UnitColumns>& cells,
                      const std::vector<CriterionSpec>& specs) {
  for (int j = 0; j < design.n_columns(); ++j) {
    double least = 2;
    for (const UnitColumns& units : cells) {
      if (static_cast<int>(units.back().size()) < kRowsForEvidence) continue;
      if (const double r = std::abs(correlation(units[j], units.back())); !std::isnan(r)) least = std::min(least, r);
    }
    if (least > 1 || least <= kDisguise) continue;
    const bool is_control = j < n_controls(design);
    const std::string& name = is_control ? design.controls[j] : design.criteria[j - n_controls(design)];
    throw InputError(spec_of(specs, name).where,
                     fmt::format("{} \"{}\" is the response {} in disguise (|r| > {} in every year)",
                                 is_control ? "control" : "criterion", name, outcome.name, kDisguise),
                     fmt::format("remove it from the {}", is_control ? "controls" : "criteria"));
  }
}

std::vector<UnitColumns> unit_columns_of(const Design& design, const Outcome& outcome) {
  std::vector<UnitColumns> cells;
  cells.reserve(outcome.cells.size());
  for (const Cell& cell : outcome.cells) cells.push_back(unit_columns(cell, design.n_columns()));
  return cells;
}

/// Years of the cells for which `f(cell)` holds.
template <class F>
std::vector<int> years_where(const Outcome& outcome, F&& f) {
  std::vector<int> years;
  for (const Cell& cell : outcome.cells)
    if (f(cell)) years.push_back(cell.year);
  return years;
}

void note_sizes(const Design& design, const Outcome& outcome, std::vector<std::string>& notes) {
  const std::size_t n_all = outcome.cells.size();
  if (const auto empty = years_where(outcome, [](const Cell& c) { return c.n_rows() == 0; }); !empty.empty())
    notes.push_back(fmt::format("{}: no rows in {}", outcome.name, year_list(empty, n_all)));
  const int smallest_fit = n_controls(design) + 2;  // intercept, controls and one criterion
  const auto is_small = [&](const Cell& c) { return c.n_rows() > 0 && c.n_rows() - smallest_fit < kFewDegreesOfFreedom; };
  for (const Cell& cell : outcome.cells)
    if (is_small(cell))
      notes.push_back(fmt::format("{}, {}: {} rows leave a fit of one criterion {} degrees of freedom", outcome.name,
                                  year_list({cell.year}, 0), cell.n_rows(), std::max(0, cell.n_rows() - smallest_fit)));
  for (const Cell& cell : outcome.cells) {
    const auto available = std::count(cell.available.begin(), cell.available.end(), char{1});
    if (cell.n_rows() > 0 && available > cell.n_rows())
      notes.push_back(fmt::format("{}, {}: more criteria ({}) than rows ({}); large combinations cannot be fitted",
                                  outcome.name, year_list({cell.year}, 0), available, cell.n_rows()));
  }
}

void remark_on_balance(const Design& design, const Outcome& outcome, std::vector<std::string>& remarks) {
  std::map<int, int> cells_of_unit;
  int least = 0, most = 0, n_cells = 0;
  for (const Cell& cell : outcome.cells) {
    if (cell.n_rows() == 0) continue;
    for (const int unit : cell.unit) ++cells_of_unit[unit];
    least = n_cells == 0 ? cell.n_rows() : std::min(least, cell.n_rows());
    most = std::max(most, cell.n_rows());
    ++n_cells;
  }
  const auto always =
      std::count_if(cells_of_unit.begin(), cells_of_unit.end(), [&](const auto& u) { return u.second == n_cells; });
  if (n_cells < 2 || (least == most && always == most)) return;
  remarks.push_back(fmt::format("{}: {} to {} units a year, {} of them in every year that has rows ({} units in the frame)",
                                outcome.name, least, most, always, design.frames[outcome.frame].units.size()));
}

bool is_sparse(std::span<const double> x) {
  const auto n_zero = std::count(x.begin(), x.end(), 0.0), n = static_cast<std::ptrdiff_t>(x.size());
  return n_zero < n && n - n_zero < kSparseUnits && 2 * n_zero > n;
}

void note_columns(const Design& design, const Outcome& outcome, std::vector<std::string>& notes) {
  const auto n_all = static_cast<std::size_t>(
      std::count_if(outcome.cells.begin(), outcome.cells.end(), [](const Cell& c) { return c.n_rows() > 0; }));
  for (int j = 0; j < n_criteria(design); ++j) {
    const auto column = [&](const Cell& cell) { return cell_column(cell, n_controls(design) + j); };
    const auto usable = [&](const Cell& cell) { return cell.n_rows() > 1 && cell.available[j]; };
    const auto constant = years_where(outcome, [&](const Cell& c) { return usable(c) && is_constant(column(c)); });
    const auto sparse = years_where(outcome, [&](const Cell& c) { return usable(c) && is_sparse(column(c)); });
    const auto absent = years_where(outcome, [&](const Cell& c) { return c.n_rows() > 0 && !c.available[j]; });
    if (!constant.empty())
      notes.push_back(fmt::format("{}: criterion \"{}\" is constant in {}; no combination with it has a fit there",
                                  outcome.name, design.criteria[j], year_list(constant, n_all)));
    if (!sparse.empty())
      notes.push_back(fmt::format("{}: criterion \"{}\" is sparse (carried by fewer than {} units) in {}", outcome.name,
                                  design.criteria[j], kSparseUnits, year_list(sparse, n_all)));
    if (!absent.empty() && absent.size() == n_all)
      notes.push_back(
          fmt::format("{}: criterion \"{}\" is unavailable in {}", outcome.name, design.criteria[j], year_list(absent, n_all)));
  }
}

using NamedPairs = std::set<std::pair<int, int>>;

/// Each pair once, at the first outcome where it shows.
void note_equal(const Design& design, const Outcome& outcome, const std::vector<UnitColumns>& cells, NamedPairs& named,
                std::vector<std::string>& notes) {
  for (int a = 0; a < n_criteria(design); ++a)
    for (int b = a + 1; b < n_criteria(design); ++b) {
      std::vector<int> years;
      for (std::size_t t = 0; t < cells.size(); ++t) {
        const auto& u = cells[t][n_controls(design) + a];
        const auto& v = cells[t][n_controls(design) + b];
        if (static_cast<int>(u.size()) >= kRowsForEvidence && std::abs(correlation(u, v)) > kEqual)
          years.push_back(outcome.cells[t].year);
      }
      if (years.empty() || !named.emplace(a, b).second) continue;
      notes.push_back(
          fmt::format("{}: criteria \"{}\" and \"{}\" are equal up to scale (|r| > {}) in {}; exclude the pair or remove one",
                      outcome.name, design.criteria[a], design.criteria[b], kEqual, year_list(years, cells.size())));
    }
}

}  // namespace

std::string year_list(const std::vector<int>& years, std::size_t n_all) {
  if (years.size() == 1 && years[0] == 0) return "the data";
  if (years.size() > 1 && years.size() == n_all) return "every year";
  return fmt::format("{}", fmt::join(years, ", "));
}

void refuse_columns(const Design& design, const std::vector<CriterionSpec>& specs) {
  for (const Outcome& outcome : design.outcomes) {
    refuse_constant_controls(design, outcome, specs);
    refuse_disguises(design, outcome, unit_columns_of(design, outcome), specs);
  }
}

std::vector<std::string> design_notes(const Design& design) {
  std::vector<std::string> notes;
  NamedPairs named;
  for (const Outcome& outcome : design.outcomes) {
    note_sizes(design, outcome, notes);
    note_columns(design, outcome, notes);
    note_equal(design, outcome, unit_columns_of(design, outcome), named, notes);
  }
  return notes;
}

std::vector<std::string> balance_remarks(const Design& design) {
  std::vector<std::string> remarks;
  for (const Outcome& outcome : design.outcomes) remark_on_balance(design, outcome, remarks);
  return remarks;
}

}  // namespace nokkel::panel
