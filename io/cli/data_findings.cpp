#include "io/cli/data_findings.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "engine/panel/derive.h"

namespace nokkel::cli {
namespace {

constexpr double kJump = std::numbers::ln10;  // at least ten times the year before
constexpr double kSpreads = 8;                // and so far from the usual change: small rates jump without a slip
constexpr std::size_t kFewestUnits = 5;

struct Change {
  std::size_t row = 0;  // of the later year; the earlier one is the row before
  double log_ratio = 0;
};

/// Rows of the sample whose year before is in the sample too, by year.
std::map<int, std::vector<std::size_t>> comparable_rows(const panel::Panel& panel, const config::Study& study) {
  const std::vector<char> in = panel::rows_where(panel, study.sample.condition, study.sample.where);
  const auto in_years = [&](int year) {
    return study.sample.first_year == 0 || (year >= study.sample.first_year && year <= study.sample.last_year);
  };
  std::map<int, std::vector<std::size_t>> rows;
  for (std::size_t r = 1; r < panel.n_rows(); ++r)
    if (in[r] != 0 && in[r - 1] != 0 && panel.unit[r] == panel.unit[r - 1] && panel.year[r] == panel.year[r - 1] + 1 &&
        in_years(panel.year[r]) && in_years(panel.year[r - 1]))
      rows[panel.year[r]].push_back(r);
  return rows;
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// How far the changes of a column lie from their median: kNormal makes the median distance comparable to a standard
/// deviation.
struct Usual {
  double median = 0, spread = 0;
};

Usual usual_of(const std::vector<Change>& changes) {
  constexpr double kNormal = 1.4826;
  std::vector<double> values;
  for (const Change& change : changes) values.push_back(change.log_ratio);
  const double median = median_of(values);
  for (double& value : values) value = std::fabs(value - median);
  return {median, kNormal * median_of(values)};
}

std::vector<std::string> columns_of(const config::Study& study) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const panel::ResponseSpec& response : study.responses) add(response.column);
  for (const panel::CriterionSpec& criterion : study.criteria) add(criterion.name);
  return names;
}

}  // namespace

std::vector<DataFinding> find_jumps(const panel::Panel& panel, const config::Study& study) {
  const std::map<int, std::vector<std::size_t>> rows = comparable_rows(panel, study);
  std::vector<DataFinding> findings;
  for (const std::string& name : columns_of(study)) {
    const std::vector<double> value = panel::column_as_numbers(panel, name);
    if (std::any_of(value.begin(), value.end(), [](double x) { return x < 0; })) continue;
    for (const auto& [year, candidates] : rows) {
      std::vector<Change> changes;
      for (const std::size_t r : candidates)
        if (value[r] > 0 && value[r - 1] > 0) changes.push_back({r, std::log(value[r] / value[r - 1])});
      if (changes.size() < kFewestUnits) continue;
      const Usual usual = usual_of(changes);
      const double limit = std::max(kJump, kSpreads * usual.spread);
      for (const Change& change : changes)
        if (std::fabs(change.log_ratio - usual.median) >= limit)
          findings.push_back(
              {panel.line[change.row], panel.unit[change.row], name, year, value[change.row - 1], value[change.row]});
    }
  }
  return findings;
}

}  // namespace nokkel::cli
