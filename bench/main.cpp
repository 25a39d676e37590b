/// Prints the machine, then runs what was asked for. The context of the JSON holds the rates that the shares refer to.
#include <benchmark/benchmark.h>

#include "bench/benches.h"
#include "bench/support/machine.h"
#include "kernels/blas.h"

int main(int argc, char** argv) {
  using namespace nokkel;
  if (const std::string trouble = kernels::prepare_blas(); !trouble.empty())
    return std::fprintf(stderr, "%s\n", trouble.c_str()), 2;
  for (const auto& [key, value] : bench::machine_context()) benchmark::AddCustomContext(key, value);
  bench::add_baselines();
  bench::add_moments();
  bench::add_quantiles();
  bench::add_repairs();
  bench::add_roofline();
  bench::add_sweeps();
  bench::add_runs();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
