/// What this machine can do at most, measured in the same run as the benches that are held against it.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace nokkel::bench {

/// Multiply-adds of independent vectors, times two, a second, on one core: the widest that the kernels are compiled for.
double peak_flops();

/// Operations a second of dgemm on one core: the best of 512 x 512 x 512 and of 96 x 106 x 496, which the moments use.
double dgemm_flops();

/// Processor, kernels, BLAS, compiler, build and the two rates; for the context of the JSON and above the results.
std::vector<std::pair<std::string, std::string>> machine_context();

}  // namespace nokkel::bench
