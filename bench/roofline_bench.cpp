/// What the machine can do beside the kernels: multiply-adds, loads from a cache of each size, divisions. docs/performance.md
/// holds the counted work of a fit against these.
#include <algorithm>
#include <string>

#include "bench/benches.h"
#include "bench/support/machine.h"
#include "bench/support/peak.h"
#include "bench/support/rates.h"
#include "engine/aligned.h"

namespace nokkel::bench {
namespace {

/// Bytes a second of reading `kib` again and again.
void read_bandwidth(benchmark::State& state, int kib) {
  const std::size_t n = static_cast<std::size_t>(kib) * 128;  // doubles
  AlignedBuffer data(n);
  std::fill_n(data.data(), n, 1.0);
  const Meter meter(1);
  for (auto _ : state) benchmark::DoNotOptimize(sum_loop(static_cast<long>(n), data.data()));
  state.counters["bytes/s"] = static_cast<double>(state.iterations()) * static_cast<double>(n) * 8 / meter.seconds();
}

void divisions(benchmark::State& state) {
  const Meter meter(1);
  constexpr long kRounds = 10'000;
  for (auto _ : state) benchmark::DoNotOptimize(division_loop(kRounds));
  state.counters["divisions/s"] = static_cast<double>(state.iterations()) * division_loop_count(kRounds) / meter.seconds();
}

void multiply_adds(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(peak_flops());
  state.counters["flop/s"] = peak_flops();
  state.counters["dgemm"] = dgemm_flops();
}

}  // namespace

void add_roofline() {
  benchmark::RegisterBenchmark("roofline_multiply_adds", multiply_adds);
  benchmark::RegisterBenchmark("roofline_divisions", divisions);
  for (const int kib : {32, 1024, 16 * 1024, 256 * 1024})
    benchmark::RegisterBenchmark(("roofline_read/KiB:" + std::to_string(kib)).c_str(),
                                 [kib](benchmark::State& state) { read_bandwidth(state, kib); });
}

}  // namespace nokkel::bench
