/// Three exact quantiles (0.025, 0.5, 0.975) of rows of 999 replicates, beside nth_element and a sort of the same rows.
///
/// Every batch of rows is drawn anew outside the timed part: repeated rows train the branch predictor and flatter
/// nth_element twofold. A batch fits the second-level cache, where the search has its rows too. The answer is first compared
/// with a sorted copy, to the bit.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <random>
#include <vector>

#include "engine/aligned.h"
#include "kernels/quantile.h"

namespace nokkel::bench {
namespace {

constexpr int kReplicates = 999, kStride = 1000, kRows = 120;
constexpr double kLevels[] = {0.025, 0.5, 0.975};
constexpr int kRanks[] = {24, 499, 974};

struct Batch {
  std::mt19937_64 random{1};
  std::normal_distribution<double> normal;
  AlignedBuffer x{static_cast<std::size_t>(kRows) * kStride};
  void draw() {
    for (std::size_t i = 0; i < static_cast<std::size_t>(kRows) * kStride; ++i) x[i] = 3 + normal(random);
  }
  [[nodiscard]] double* row(int i) { return x.data() + static_cast<std::size_t>(i) * kStride; }
};

/// f(row, out) for the three quantiles of each row.
template <class F>
void time_rows(benchmark::State& state, F f) {
  Batch batch;
  batch.draw();
  double out[3], keep = 0;
  for (int i = 0; i < kRows; ++i) {
    std::vector<double> sorted(batch.row(i), batch.row(i) + kReplicates);
    std::sort(sorted.begin(), sorted.end());
    f(batch.row(i), out);
    for (int k = 0; k < 3; ++k)
      if (std::memcmp(&out[k], &sorted[static_cast<std::size_t>(kRanks[k])], sizeof(double)) != 0)
        return state.SkipWithError("a quantile differs from that of a sorted copy");
  }
  for (auto _ : state) {
    batch.draw();
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kRows; ++i) {
      f(batch.row(i), out);
      keep += out[0] + out[1] + out[2];
    }
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  benchmark::DoNotOptimize(keep);
  state.counters["rows/s"] = benchmark::Counter(kRows, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["ns/row"] =
      benchmark::Counter(1e-9 * kRows, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void by_kernel(benchmark::State& state, const kernels::OrderKernels* kernels) {
  if (kernels == nullptr) return state.SkipWithError("this processor lacks the instruction set");
  const kernels::Quantiles quantiles(kLevels, kReplicates);
  AlignedBuffer scratch(static_cast<std::size_t>(kernels::order_scratch(kReplicates)));
  time_rows(state, [&](const double* x, double* out) { quantiles.of(*kernels, x, scratch.data(), out); });
}
void quantiles(benchmark::State& state) { by_kernel(state, &kernels::order_kernels_of(kernels::best_kernels())); }
void quantiles_v3(benchmark::State& state) { by_kernel(state, kernels::order_kernels_for(kernels::Isa::v3)); }
void quantiles_portable(benchmark::State& state) { by_kernel(state, kernels::order_kernels_for(kernels::Isa::portable)); }

/// nth_element from the largest rank down: each call has the part below the last one left to do.
void quantiles_nth_element(benchmark::State& state) {
  std::vector<double> copy(kReplicates);
  time_rows(state, [&](const double* x, double* out) {
    std::copy_n(x, kReplicates, copy.begin());
    auto end = copy.end();
    for (int k = 2; k >= 0; --k) {
      std::nth_element(copy.begin(), copy.begin() + kRanks[k], end);
      out[k] = copy[static_cast<std::size_t>(kRanks[k])];
      end = copy.begin() + kRanks[k];
    }
  });
}

void quantiles_sort(benchmark::State& state) {
  std::vector<double> copy(kReplicates);
  time_rows(state, [&](const double* x, double* out) {
    std::copy_n(x, kReplicates, copy.begin());
    std::sort(copy.begin(), copy.end());
    for (int k = 0; k < 3; ++k) out[k] = copy[static_cast<std::size_t>(kRanks[k])];
  });
}

BENCHMARK(quantiles)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(quantiles_v3)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(quantiles_portable)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(quantiles_nth_element)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(quantiles_sort)->UseManualTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace nokkel::bench
