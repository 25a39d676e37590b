/// Correlations of the columns of one cell.
#pragma once

#include <span>
#include <vector>

#include "engine/panel/sample.h"

namespace nokkel::panel {

/// A column that does not vary, to rounding: max - min <= 1e-12 max |x|. Fewer than two numbers never vary; NaN: false.
bool is_constant(std::span<const double> column);

/// Column j of a cell (controls, then criteria).
std::span<const double> cell_column(const Cell& cell, int j);

/// Columns centred and scaled to length 1, so that r is a dot product; empty where r is undefined (fewer than three rows,
/// constant, unavailable). One per column of the cell, then y last. Cost: O(rows x columns).
std::vector<std::vector<double>> unit_columns(const Cell& cell, int n_columns);

/// r of two unit columns, in [-1, 1]; NaN when either is empty.
double correlation(std::span<const double> unit_a, std::span<const double> unit_b);

}  // namespace nokkel::panel
