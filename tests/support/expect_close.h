/// Records of a search held against those of its slow twin.
#pragma once

#include "tests/support/memory_sink.h"

namespace nokkel::testing {

/// Forward sweeps of centred double moments lose about VIF digits against QR on rows: 1e-16 VIF k is the rounding of the
/// moments, 1e4 covers the growth through sums over rows (n) and the smallest coefficients beside the largest.
inline constexpr double kTolerance = 1e-10;

/// Every variable of the loop: whole numbers equal, reals within the tolerance of their own size (coefficients: or of their
/// SE).
void expect_close(const MemorySink& fast, const MemorySink& slow, double tolerance = kTolerance);

}  // namespace nokkel::testing
