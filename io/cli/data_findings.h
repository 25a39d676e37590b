/// Values that are probably slips of the hand: a decimal point, a missing digit, another unit of measure.
#pragma once

#include <string>
#include <vector>

#include "engine/panel/panel.h"
#include "io/config/study.h"

namespace nokkel::cli {

struct DataFinding {
  int line = 0;  ///< of the row in its (first) file
  std::string unit, column;
  int year = 0;  ///< the later of the two years
  double before = 0, now = 0;
};

/// Values of responses and criteria, in rows of the sample, that are ten times or a tenth of the same unit's year before,
/// measured against the median change of all units between the two years. Columns with a negative value are left alone (a
/// balance or a growth rate passes near 0), and so are those whose changes spread so widely that ten times is nothing unusual
/// and years with fewer than 5 units to compare. Cost: O(rows) a column.
std::vector<DataFinding> find_jumps(const panel::Panel& panel, const config::Study& study);

}  // namespace nokkel::cli
