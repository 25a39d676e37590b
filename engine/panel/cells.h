/// Rows of one cell: availability of criteria, common rows and what each column costs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/panel/sample.h"

namespace nokkel::panel {

/// A column of the design as numbers, one per panel row; NaN is missing.
struct Column {
  std::string name;
  std::vector<double> values;
};

/// What all cells of a design share.
struct CellColumns {
  std::vector<Column> controls, criteria;
  Column population;  ///< no name: the study has none
  double min_coverage = 0;
};

struct CellRows {
  std::vector<std::size_t> rows;  ///< of the panel, ascending: complete over everything that counts
  std::vector<char> available;    ///< per criterion
  std::vector<double> coverage;   ///< per control, then per criterion: share of the cell's rows that have it
  std::vector<Loss> losses;       ///< response, population, controls, criteria; year and outcome left to the caller
  int n_candidates = 0;           ///< rows of the subsample in that year
  int n_response = 0;             ///< of which have the response
};

/// `candidates` are the rows of the subsample in one year. A row counts when response, population (if any), controls and
/// available criteria are there; a column that plays two parts counts once. Cost: O(candidates x columns).
CellRows cell_rows(const std::vector<std::size_t>& candidates, const Column& response, const CellColumns& columns);

/// The regression data of the rows; `unit` is left to the caller.
Cell make_cell(int year, const CellRows& chosen, const Column& response, const CellColumns& columns);

}  // namespace nokkel::panel
