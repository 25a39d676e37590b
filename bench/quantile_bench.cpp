/// Three exact quantiles (0.025, 0.5, 0.975) of rows of 999 replicates, beside nth_element and a sort of the same rows.
///
/// Every batch of rows is drawn anew outside the timed part: repeated rows train the branch predictor and flatter
/// nth_element twofold. A batch fits the second-level cache, where the search has its rows too. The answer is first compared
/// with a sorted copy, to the bit.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <random>
#include <vector>

#include "bench/benches.h"
#include "bench/support/rates.h"
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
  [[nodiscard]] const double* row(int i) const { return x.data() + static_cast<std::size_t>(i) * kStride; }
};

/// f(row, out) for the three quantiles of each row. fits/s: a fit of k coefficients has k values among those ordered.
template <class F>
void time_rows(benchmark::State& state, const Variant& variant, F f) {
  Batch batch;
  batch.draw();
  double out[3], keep = 0, seconds = 0;
  for (int i = 0; i < kRows; ++i) {
    std::vector<double> sorted(batch.row(i), batch.row(i) + kReplicates);
    std::sort(sorted.begin(), sorted.end());
    f(batch.row(i), out);
    for (int k = 0; k < 3; ++k)
      if (std::bit_cast<std::uint64_t>(out[k]) != std::bit_cast<std::uint64_t>(sorted[static_cast<std::size_t>(kRanks[k])]))
        return state.SkipWithError("a quantile differs from that of a sorted copy");
  }
  for (auto _ : state) {
    batch.draw();
    const Meter meter(1);
    for (int i = 0; i < kRows; ++i) {
      f(batch.row(i), out);
      keep += out[0] + out[1] + out[2];
    }
    seconds += meter.seconds();
  }
  benchmark::DoNotOptimize(keep);
  const double rows = static_cast<double>(kRows) * static_cast<double>(state.iterations());
  report_rate(state, 1, rows / seconds * kReplicates / variant.max_size, variant.max_size);
  state.counters["ns/row"] = 1e9 * seconds / rows;
}

void quantiles(benchmark::State& state, const Variant& variant) {
  const kernels::Kernels* of = kernels_of(state, variant);
  if (of == nullptr) return;
  const kernels::OrderKernels& kernels = kernels::order_kernels_of(*of);
  const kernels::Quantiles three(kLevels, kReplicates);
  AlignedBuffer scratch(static_cast<std::size_t>(kernels::order_scratch(kReplicates)));
  time_rows(state, variant, [&](const double* x, double* out) { three.of(kernels, x, scratch.data(), out); });
}

/// nth_element from the largest rank down: each call has the part below the last one left to do.
void baseline_nth_element(benchmark::State& state, const Variant& variant) {
  std::vector<double> copy(kReplicates);
  time_rows(state, variant, [&](const double* x, double* out) {
    std::copy_n(x, kReplicates, copy.begin());
    auto end = copy.end();
    for (int k = 2; k >= 0; --k) {
      std::nth_element(copy.begin(), copy.begin() + kRanks[k], end);
      out[k] = copy[static_cast<std::size_t>(kRanks[k])];
      end = copy.begin() + kRanks[k];
    }
  });
}

void baseline_sort(benchmark::State& state, const Variant& variant) {
  std::vector<double> copy(kReplicates);
  time_rows(state, variant, [&](const double* x, double* out) {
    std::copy_n(x, kReplicates, copy.begin());
    std::sort(copy.begin(), copy.end());
    for (int k = 0; k < 3; ++k) out[k] = copy[static_cast<std::size_t>(kRanks[k])];
  });
}

}  // namespace

void add_quantiles() {
  add("quantiles", {}, quantiles);
  add("quantiles", {.kernel = KernelLevel::v3}, quantiles);
  add("quantiles", {.kernel = KernelLevel::portable}, quantiles);
  add("baseline_nth_element", {}, baseline_nth_element);
  add("baseline_sort", {}, baseline_sort);
}

}  // namespace nokkel::bench
