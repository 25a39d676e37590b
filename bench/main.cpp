/// Prints the machine, then runs what was asked for.
#include <benchmark/benchmark.h>

#include "bench/support/machine.h"
#include "kernels/blas.h"

int main(int argc, char** argv) {
  nokkel::kernels::prepare_blas();
  nokkel::bench::print_machine();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
