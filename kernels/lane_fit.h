/// Least squares of lanes from their double-double cross-products: LDL' by forward sweeps, as in sweep.h.
#pragma once

#include "kernels/lanes.h"
#include "kernels/sweep.h"

namespace nokkel::kernels {

/// Doubles of scratch for n_members columns.
long lane_fit_scratch(int n_members);

/// Regresses the last of rows->n_members + 1 columns on the others, in `lanes`.
///
/// cross[e], e running over the upper triangle row by row: the centred cross-products of column i with column j >= i, n_lanes
/// doubles hi then, kTileLanes doubles on, n_lanes doubles lo; finite in `lanes`, anything elsewhere.
/// rows: b and v (where not null) and sse of `lanes` are overwritten, other lanes untouched to the bit. 64-byte aligned.
/// Returns the lanes that are rank deficient, where a pivot is at most 1e-24 of its column's own square (METHODS 1.3); their
/// rows are left as they were. Cost a lane: about 2,300 operations for four columns, two lanes at a time.
LaneMask lane_fit(const double* const* cross, LaneMask lanes, double* scratch, Rows* rows) noexcept;

}  // namespace nokkel::kernels
