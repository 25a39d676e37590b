/// The baselines on the data of the sweeps, each held against QR on rows first.
#include "bench/baseline/baselines.h"
#include "bench/benches.h"
#include "bench/support/answers.h"
#include "bench/support/flops.h"

namespace nokkel::bench {
namespace {

using Baseline = void (*)(const BaselineTask&, BaselineAnswer*);

/// Few replicates: the rate does not depend on how many. Decompositions of rows are slow, so that every 16th combination does.
void time_baseline(benchmark::State& state, const Variant& variant, const char* name, Baseline baseline, bool full, int step,
                   double (*flops)(int)) {
  const BaselineTask task = baseline_task(sweep_case(variant), 4, step);
  BaselineAnswer answer;
  baseline(task, &answer);
  if (is_wrong(state, name_of(name, variant), [&] { return baseline_disagreement(task, answer, full); })) return;
  const Meter meter(1);
  for (auto _ : state) {
    baseline(task, &answer);
    benchmark::DoNotOptimize(answer.data());
  }
  meter.report(state, static_cast<double>(task.size.size() * task.weights.size()), mean_over_sizes(variant, flops));
}

/// A pairs draw of 106 rows has 67 different ones on average.
double qr_flops(int k) { return householder_flops(67, k); }

void baseline_eigen_llt_capacity(benchmark::State& state, const Variant& variant) {
  time_baseline(state, variant, "baseline_eigen_llt_capacity", eigen_llt_capacity, true, 1, llt_full_flops);
}
void baseline_eigen_llt_coef(benchmark::State& state, const Variant& variant) {
  time_baseline(state, variant, "baseline_eigen_llt_coef", eigen_llt_coefficients, false, 1, llt_flops);
}
void baseline_eigen_llt(benchmark::State& state, const Variant& variant) {
  time_baseline(state, variant, "baseline_eigen_llt", eigen_llt, true, 1, llt_full_flops);
}
void baseline_eigen_llt_unrolled(benchmark::State& state, const Variant& variant) {
  time_baseline(state, variant, "baseline_eigen_llt_unrolled", eigen_llt_unrolled, true, 1, llt_full_flops);
}
void baseline_eigen_llt_coef_unrolled(benchmark::State& state, const Variant& variant) {
  time_baseline(state, variant, "baseline_eigen_llt_coef_unrolled", eigen_llt_coefficients_unrolled, false, 1, llt_flops);
}
void baseline_eigen_qr(benchmark::State& state, const Variant& variant) {
  time_baseline(state, variant, "baseline_eigen_qr", eigen_qr, false, 16, qr_flops);
}
void baseline_lapack_gels(benchmark::State& state, const Variant& variant) {
  time_baseline(state, variant, "baseline_lapack_gels", lapack_gels, false, 16, qr_flops);
}

}  // namespace

void add_baselines() {
  add("baseline_eigen_llt_capacity", {}, baseline_eigen_llt_capacity);
  add("baseline_eigen_llt_coef", {}, baseline_eigen_llt_coef);
  add("baseline_eigen_llt", {}, baseline_eigen_llt);
  add("baseline_eigen_llt_unrolled", {}, baseline_eigen_llt_unrolled);
  add("baseline_eigen_llt_coef_unrolled", {}, baseline_eigen_llt_coef_unrolled);
  add("baseline_eigen_qr", {}, baseline_eigen_qr);
  add("baseline_lapack_gels", {}, baseline_lapack_gels);
  add("baseline_eigen_llt", {.max_size = 5}, baseline_eigen_llt);
}

}  // namespace nokkel::bench
