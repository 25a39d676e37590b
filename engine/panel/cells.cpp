// A row is lost to one column alone when that column is the only one missing: one pass counts, per row, how many required
// columns are missing and remembers the last of them.
#include "engine/panel/cells.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nokkel::panel {
namespace {

int n_missing(const std::vector<std::size_t>& rows, const std::vector<double>& values) {
  return static_cast<int>(std::count_if(rows.begin(), rows.end(), [&](std::size_t row) { return std::isnan(values[row]); }));
}

/// One division of whole numbers, so that 4 of 5 is the same double as 0.80 in a study.
double coverage_of(int missing, std::size_t n) {
  return n == 0 ? 0 : (static_cast<double>(n) - missing) / static_cast<double>(n);
}

class Counter {
 public:
  explicit Counter(const std::vector<std::size_t>& candidates)
      : candidates_(candidates), missing_(candidates.size(), 0), last_(candidates.size(), 0) {}

  /// A column that every row needs.
  void require(const Column& column) {
    if (std::any_of(all_.begin(), all_.end(), [&](const Loss& loss) { return loss.column == column.name; })) return;
    Loss loss;
    loss.column = column.name;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (!std::isnan(column.values[candidates_[i]])) continue;
      ++loss.rows_missing;
      ++missing_[i];
      last_[i] = all_.size();
    }
    add(std::move(loss));
  }

  /// A criterion below the limit: it costs no row.
  void excuse(const Column& column) {
    Loss loss;
    loss.column = column.name;
    loss.rows_missing = n_missing(candidates_, column.values);
    loss.unavailable = true;
    add(std::move(loss));
  }

  void finish(CellRows& result) {
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (missing_[i] == 0) result.rows.push_back(candidates_[i]);
      if (missing_[i] == 1) ++all_[last_[i]].rows_lost_alone;
    }
    for (Loss& loss : all_)
      if (loss.unavailable || loss.rows_missing > 0) result.losses.push_back(std::move(loss));
  }

 private:
  void add(Loss loss) {
    loss.coverage = coverage_of(loss.rows_missing, candidates_.size());
    all_.push_back(std::move(loss));
  }

  const std::vector<std::size_t>& candidates_;
  std::vector<int> missing_;
  std::vector<std::size_t> last_;
  std::vector<Loss> all_;
};

std::vector<double> gather(const std::vector<std::size_t>& rows, const std::vector<double>& values) {
  std::vector<double> chosen(rows.size());
  std::transform(rows.begin(), rows.end(), chosen.begin(), [&](std::size_t row) { return values[row]; });
  return chosen;
}

}  // namespace

CellRows cell_rows(const std::vector<std::size_t>& candidates, const Column& response, const CellColumns& columns) {
  CellRows result;
  result.n_candidates = static_cast<int>(candidates.size());
  result.n_response = result.n_candidates - n_missing(candidates, response.values);
  Counter counter(candidates);
  counter.require(response);
  if (!columns.population.name.empty()) counter.require(columns.population);
  for (const Column& control : columns.controls) {
    result.coverage.push_back(coverage_of(n_missing(candidates, control.values), candidates.size()));
    counter.require(control);
  }
  for (const Column& criterion : columns.criteria) {
    const double coverage = coverage_of(n_missing(candidates, criterion.values), candidates.size());
    const bool available = !candidates.empty() && coverage >= columns.min_coverage && coverage > 0;
    result.coverage.push_back(coverage);
    result.available.push_back(available);
    if (available)
      counter.require(criterion);
    else
      counter.excuse(criterion);
  }
  counter.finish(result);
  return result;
}

Cell make_cell(int year, const CellRows& chosen, const Column& response, const CellColumns& columns) {
  Cell cell;
  cell.year = year;
  cell.y = gather(chosen.rows, response.values);
  cell.population = columns.population.name.empty() ? std::vector<double>(chosen.rows.size(), 1.0)
                                                    : gather(chosen.rows, columns.population.values);
  cell.available = chosen.available;
  cell.x.reserve(chosen.rows.size() * (columns.controls.size() + columns.criteria.size()));
  const auto append = [&](const std::vector<double>& x) { cell.x.insert(cell.x.end(), x.begin(), x.end()); };
  for (const Column& control : columns.controls) append(gather(chosen.rows, control.values));
  for (std::size_t j = 0; j < columns.criteria.size(); ++j)
    append(chosen.available[j] ? gather(chosen.rows, columns.criteria[j].values)
                               : std::vector<double>(chosen.rows.size(), std::numeric_limits<double>::quiet_NaN()));
  return cell;
}

}  // namespace nokkel::panel
