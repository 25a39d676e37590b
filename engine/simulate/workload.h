/// Generated data of the size of a real study: n = 106 units, P = 30 criteria, 7 years, sizes up to 4 (31,930 combinations).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/panel/sample.h"
#include "engine/resample/resample.h"
#include "engine/search/search.h"
#include "engine/universe/universe.h"

namespace nokkel::simulate {

struct Size {
  int n_units = 106, n_criteria = 30, n_years = 7, max_size = 4;
  int n_pairs = 999, n_half_pairs = 500, n_folds = 10, n_repeats = 10;
};

/// A named size that is measured, and what every machine finds on it.
struct Workload {
  std::string name;
  Size size;
  /// 0: whole runs; else the loop over that many of its blocks, evenly spread: a whole run would take too long.
  std::size_t n_blocks = 0;
  /// Mean of r2 over the combinations (of these blocks) and years; the same on every instruction set to rounding.
  double mean_r2 = 0;
};
/// smoke (298 combinations, an instant), w1, w2 (60 criteria, 9,999 replicates, one year), w3 (60 criteria, sizes up to 6, 7
/// years).
const std::vector<Workload>& workloads();

/// Criteria with pair correlations of about 0.2; a response of three of them; errors that persist over the years.
panel::Design generate(const Size& size);

/// A design with its universe and resamples.
struct Case {
  panel::Design design;
  universe::Universe universe;
  Statistics statistics;
  std::vector<std::unique_ptr<resample::Provider>> providers;
  [[nodiscard]] search::Job job() const;
};
Case make_case(const Size& size);

}  // namespace nokkel::simulate
