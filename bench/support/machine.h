/// What this machine can do at most, measured in the same run as the benches that are held against it.
#pragma once

namespace nokkel::bench {

/// Multiply-adds of independent vectors, times two, a second, on one core: the widest that the kernels are compiled for.
double peak_flops();

/// dgemm of 96 x 106 x 496 as the moments use it: operations a second on one core.
double dgemm_flops();

/// Processor, kernels, BLAS, compiler; warns of a debug build. Printed once above the results.
void print_machine();

}  // namespace nokkel::bench
