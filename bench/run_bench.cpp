/// Whole runs from design to the last record; records are received and dropped. `nokkel bench` times the same with files.
#include <cmath>

#include "bench/benches.h"
#include "bench/support/flops.h"
#include "bench/support/rates.h"
#include "engine/simulate/drop_sink.h"
#include "engine/simulate/workload.h"
#include "kernels/qr.h"

namespace nokkel::bench {
namespace {

/// The r2 of x1 alone in the first year, by QR on rows.
double expected_r2(const simulate::Case& data) {
  const panel::Cell& cell = data.design.outcomes[0].cells[0];
  const std::vector<double> weight(cell.y.size(), 1.0);
  const double* column = cell.x.data();
  const kernels::LeastSquares fit = kernels::least_squares(cell.n_rows(), {&column, 1}, cell.y.data(), weight.data(), true);
  return 1 - fit.sse / fit.sst;
}

void time_run(benchmark::State& state, const Variant& variant, const simulate::Size& size) {
  const simulate::Case data = simulate::make_case(size);
  const search::Job job = data.job();
  Execution execution;
  execution.n_threads = variant.n_threads;
  execution.kernel = variant.kernel;
  search::Summary summary;
  const Meter meter(variant.n_threads);
  for (auto _ : state) {
    simulate::DropSink sink;
    summary = search::run(job, execution, sink);
    if (sink.n_records != data.universe.count() || std::fabs(sink.read(Var::r2, 0, 0, 1).real[0] - expected_r2(data)) > 1e-12)
      return state.SkipWithError("a record is missing, or r2 differs from QR on rows");
  }
  const search::Plan& plan = summary.plan;
  const auto flops = [&](std::uint64_t fits, double (*of_size)(int)) {
    return static_cast<double>(fits) * mean_over_sizes(variant, of_size);
  };
  const double total =
      flops(plan.fits_pairs, pairs_flops) + flops(plan.fits_halves, halves_flops) + flops(plan.fits_folds, held_out_flops);
  meter.report(state, static_cast<double>(plan.fits()), total / static_cast<double>(plan.fits()));
  state.counters["moments_s"] = summary.seconds_moments;
  state.counters["loop_s"] = summary.seconds_loop;
  state.counters["after_s"] = summary.seconds_after;
}

void run_w1(benchmark::State& state, const Variant& variant) {
  simulate::Size size;
  size.n_units = variant.n_units;
  time_run(state, variant, size);
}

void run_w2(benchmark::State& state, const Variant& variant) {
  simulate::Size size;
  size.n_criteria = variant.n_criteria;
  size.n_years = 1;
  size.n_pairs = 9999;
  time_run(state, variant, size);
}

}  // namespace

void add_runs() {
  for (const int threads : {1, 2}) {
    add("run_w1", {.n_threads = threads}, run_w1);
    add("run_w2", {.n_criteria = 60, .n_threads = threads}, run_w2);
  }
  add("run_w1", {.kernel = KernelLevel::v3}, run_w1);
  add("run_w1", {.kernel = KernelLevel::portable}, run_w1);
  for (const int n : {1060, 10600}) add("run_w1", {.n_units = n}, run_w1);
}

}  // namespace nokkel::bench
