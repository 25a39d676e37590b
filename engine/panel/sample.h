/// From a panel to regression data sets: filter, city split, subsamples, availability and common rows.
///
/// A cell is one outcome (response on a sample) in one year. All combinations of a cell use the same rows: the year's
/// rows that are complete over the response, the controls and every available criterion (METHODS 0.2.1).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/panel/derive.h"
#include "engine/panel/panel.h"

namespace nokkel::panel {

enum class PriceBasis { relative, nominal, deflated };

struct ResponseSpec {
  std::string name, column, label, unit;
  PriceBasis price = PriceBasis::relative;
  std::vector<std::pair<int, double>> deflator;  ///< (year, index), only for PriceBasis::deflated
  std::string where;                             ///< `file:line: key`
};

enum class Role { criterion, control, target };

struct CriterionSpec {
  std::string name, label;      ///< name is a column of the panel or a derived one
  Role role = Role::criterion;  ///< a target is a criterion that takes the rest of the weight
  int need = 0;                 ///< declared sign: +1, -1, 0 none
  bool forced = false;
  std::string group, denominator, source;
  std::vector<std::pair<std::string, std::string>> requirements;  ///< SYSTEMS C2
  std::string where;
};

struct SubsampleSpec {
  std::string name, condition, where;
};

struct SampleSpec {
  int first_year = 0, last_year = 0;  ///< 0, 0: all years of the panel
  std::string condition;              ///< applied per row
  bool balanced = false;              ///< keep only units with complete rows in all years
  double min_coverage = 0.80;         ///< below: a criterion is unavailable that year
  std::string population;             ///< column; empty: none
  std::string strata;                 ///< column; empty: unstratified
  std::string where;
};

/// The units that one subsample resamples over, shared by its years and responses.
struct Frame {
  std::string name;                     ///< "all" or the subsample's name
  std::vector<std::string> units;       ///< sorted by id; every unit with a used row in some cell of this subsample
  std::vector<std::string> unit_names;  ///< as in the panel's last year of the unit; id where no name is known
  std::vector<int> stratum;             ///< per unit: index into strata; all 0 when unstratified
  std::vector<std::string> strata;      ///< labels, sorted, the same list in every frame; one empty label: unstratified
};

/// One regression data set. Columns: controls, then criteria (forced first). Raw units.
struct Cell {
  int year = 0;
  std::vector<std::int32_t> unit;  ///< per row: index into Frame::units, increasing
  std::vector<double> x;           ///< n_rows x n_columns, column-major; a column of NaN where unavailable
  std::vector<double> y;           ///< n_rows
  std::vector<double> population;  ///< n_rows; all 1 when the study names no population column
  std::vector<char> available;     ///< per criterion (not controls)
  double price_factor = 1;         ///< cross-year figures of coefficients are factor * coef (METHODS 0.2.2)
  [[nodiscard]] int n_rows() const { return static_cast<int>(unit.size()); }
};

struct Outcome {
  std::string name;            ///< "child_welfare" or "child_welfare [without_oslo]"
  std::string response, unit;  ///< unit: text for attributes, e.g. "kr"
  int frame = 0;               ///< index into Design::frames
  std::vector<Cell> cells;     ///< one a year, in Design::years order; a cell may have no rows
};

/// What one column costs: rows of (outcome, year) that would be complete without it.
struct Loss {
  int outcome = 0, year = 0;
  std::string column;
  int rows_missing = 0;      ///< rows where it is missing
  int rows_lost_alone = 0;   ///< rows lost to it alone
  bool unavailable = false;  ///< below min_coverage: it cost no row
  double coverage = 0;
};

struct LossReport {
  int rows_in_panel = 0, rows_outside_years = 0, rows_filtered = 0, rows_split_cities = 0;
  std::vector<Loss> losses;          ///< only columns that lost rows or were unavailable
  std::vector<std::string> notes;    ///< sparse criteria (fewer than 5 units), constant criteria, small cells, ...
  std::vector<std::string> remarks;  ///< what calls for no action: units that come and go, rows dropped by balancing
};

/// Everything that universe, search and writer need of the data.
struct Design {
  std::vector<int> years;
  std::vector<std::string> controls;
  std::vector<std::string> criteria;  ///< forced first, then free in study order
  std::vector<std::string> labels;    ///< of the criteria
  int n_forced = 0;
  std::vector<Frame> frames;
  std::vector<Outcome> outcomes;  ///< response-major: all samples of the first response first
  LossReport report;
  [[nodiscard]] int n_columns() const { return static_cast<int>(controls.size() + criteria.size()); }
};

/// Builds the design. Steps: years, `condition`, city split (a unit with children present that year is replaced by them;
/// children whose population does not add up to the parent's within 0.5 % are an error), subsamples, availability per
/// year (share of the subsample's rows of that year with the criterion < min_coverage), common rows (a named population
/// column must be there too), balance.
/// Errors (InputError): no rows left (with the step that emptied it), unknown columns, text where a number belongs,
/// negative or zero population (row named), the response among the criteria, by name or in disguise (|r| > 0.999 over all
/// rows of a cell, in every year with four rows or more), duplicated criterion names, a control that is constant or not
/// available in a year, a criterion unavailable in every year, a response with fewer than 3 rows in every year.
/// Cost: O(rows x columns x outcomes).
Design make_design(const Panel& panel, const SampleSpec& sample, const std::vector<SubsampleSpec>& subsamples,
                   const std::vector<ResponseSpec>& responses, const std::vector<CriterionSpec>& criteria);

/// Pairs of criteria with median over years of |r| >= limit, r on the first outcome's complete rows of each year
/// (METHODS 0.2.5). Indices into Design::criteria, a < b.
struct CorrelatedPair {
  int a = 0, b = 0;
  double median_abs_r = 0;
};
std::vector<CorrelatedPair> correlated_pairs(const Design& design, double limit);

}  // namespace nokkel::panel
