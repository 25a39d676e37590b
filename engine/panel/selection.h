/// Which rows of the panel belong to the sample, before any column is looked at for completeness.
#pragma once

#include <string>
#include <vector>

#include "engine/panel/sample.h"

namespace nokkel::panel {

struct Selection {
  std::vector<int> years;  ///< of the design: those of the panel within the range, ascending
  std::vector<char> in;    ///< per panel row
  int rows_outside_years = 0, rows_filtered = 0, rows_split_cities = 0;
};

/// Years, then the condition, then the city split: a row leaves when children of its unit are in the sample that year.
/// `population` is per row, empty when none is named.
/// Errors (InputError): no rows left (with the step), population not above 0, districts whose population is not within 0.5 %
/// of their city's (all districts of the panel's year count, filtered or not). Cost: O(rows log rows).
Selection select_rows(const Panel& panel, const SampleSpec& sample, const std::vector<double>& population);

}  // namespace nokkel::panel
