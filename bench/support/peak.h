/// The loop behind peak_flops().
#pragma once

namespace nokkel::bench {

/// n rounds of independent multiply-adds; the return value keeps them alive.
double peak_loop(long n);
double peak_loop_flops(long n);

}  // namespace nokkel::bench
