/// The search written out row by row: one pivoted QR on raw columns a fit, no moments, no sharing. For tests only.
#pragma once

#include "engine/search/search.h"
#include "tests/support/memory_sink.h"

namespace nokkel::testing {

/// All in-loop variables of every combination, computed plainly from the definitions of METHODS 1-5.
/// Quantile of type 6: position (n + 1) level in the sorted values, linear between two, clamped to the outermost.
double plain_quantile(std::vector<double> x, double level);

MemorySink slow_search(const search::Job& job);

}  // namespace nokkel::testing
