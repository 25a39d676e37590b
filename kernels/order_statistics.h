/// Exact order statistics of a row of numbers by filter-and-select: vector compares keep the few values near the wanted
/// rank, and only those are ordered (KERNELS 5).
///
/// Where to look is guessed from mean and SD as if the row were normal, as a bootstrap distribution nearly is; every guess
/// is verified by counts, a wrong one is widened, and the last resort halves the range of representable numbers. So the
/// answer is exact for every input and equal on every instruction set, the guess decides the time only.
#pragma once

#include "kernels/sweep.h"

namespace nokkel::kernels {

/// A wanted order statistic and where a normal sample has it, in SDs from the mean.
struct Order {
  int rank = 0;  ///< 0 .. n-1, 0 the smallest
  double low = 0, high = 0;
};

/// Order statistics wanted of a row, ranks strictly increasing. The first n_low stand in the lower tail and are looked for
/// among the values below low_tail, the last n_high among those above high_tail (SDs from the mean).
struct Orders {
  int n = 0, n_orders = 0, n_low = 0, n_high = 0;
  const Order* order = nullptr;
  double low_tail = 0, high_tail = 0;
};

struct OrderKernels {
  const char* name;  ///< "portable", "v3", "v4"
  /// out[i] = the value of rank order[i].rank among x[0 .. n-1], as a sorted copy has it; a zero comes without its sign. x:
  /// no NaN, infinities allowed, any alignment, read only. scratch: order_scratch(n) doubles, overwritten.
  /// Cost: about one compare and one compress a vector and window (bench/quantile_bench.cpp); at worst some 80 passes a rank.
  void (*select)(const Orders& orders, const double* x, double* scratch, double* out);
};

/// Doubles of scratch for rows of n.
constexpr long order_scratch(int n) { return 4 * (static_cast<long>(n) + kVectorLanes); }

/// Null when this processor lacks the instruction set.
const OrderKernels* order_kernels_for(Isa isa);
/// Those of the instruction set of `kernels`.
const OrderKernels& order_kernels_of(const Kernels& kernels);

}  // namespace nokkel::kernels
