/// The loops behind peak_flops() and the roofline.
#pragma once

namespace nokkel::bench {

/// n rounds of independent multiply-adds; the return value keeps them alive.
double peak_loop(long n);
double peak_loop_flops(long n);

/// Sum of n doubles (a multiple of 64), 64-byte aligned, by eight chains of vectors: reading at full width.
double sum_loop(long n, const double* x);

/// n rounds of independent vector divisions, and how many doubles they divide.
double division_loop(long n);
double division_loop_count(long n);

}  // namespace nokkel::bench
