/// Two lanes of double-double: what the baseline instruction set holds in a register.
#pragma once

#include "kernels/double_double.h"

namespace nokkel::kernels {

using Pair [[gnu::vector_size(16)]] = double;
using PairDouble = BasicDoubleDouble<Pair>;
inline constexpr int kPairLanes = 2;

/// x is 16-byte aligned.
inline Pair load_pair(const double* x) { return *reinterpret_cast<const Pair*>(x); }
inline void store_pair(double* x, Pair v) { *reinterpret_cast<Pair*>(x) = v; }
inline Pair both(double x) { return Pair{x, x}; }
inline PairDouble both(DoubleDouble x) { return {both(x.hi), both(x.lo)}; }

}  // namespace nokkel::kernels
