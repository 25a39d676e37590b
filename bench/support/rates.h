/// How benches are named, shared among threads and measured.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <functional>
#include <string>

#include "engine/options.h"
#include "kernels/sweep.h"

namespace nokkel::bench {

/// What a bench may be asked to vary. Only the first three always stand in the name.
struct Variant {
  int max_size = 4, n_criteria = 30, n_threads = 1;
  KernelLevel kernel = KernelLevel::automatic;  ///< isa
  int n_units = 106;                            ///< n
  int n_replicates = 0;                         ///< B; 0: the bench's own
};

/// "sweep_pairs/k:4/P:30/threads:1/isa:v3".
std::string name_of(const std::string& bench, const Variant& variant);

/// Registers body(state, variant) under that name; times are printed in milliseconds.
void add(const std::string& bench, const Variant& variant, std::function<void(benchmark::State&, const Variant&)> body);

/// The kernels of the variant; null, with the state told so, when this processor lacks them.
const kernels::Kernels* kernels_of(benchmark::State& state, const Variant& variant);

/// work(i, worker) for i = 0 .. n-1, each taken by the next free worker of [0, n_threads); worker 0 is the calling thread.
void share_out(int n_threads, std::size_t n, const std::function<void(std::size_t i, int worker)>& work);

/// Whether something wrong was found, looked for once per name: `find` returns what, or an empty text. True: the state is told.
bool is_wrong(benchmark::State& state, const std::string& name, const std::function<std::string()>& find);

/// Mean of f(size) over the combinations of a universe without constraints: sizes 1 .. max_size of n_criteria.
double mean_over_sizes(const Variant& variant, const std::function<double(int size)>& f);

/// Sets the counters fits/s, share_of_dgemm and share_of_peak: `rate` fits a second of `flops_a_fit` operations against what
/// these threads could do at most (machine.h).
void report_rate(benchmark::State& state, int n_threads, double rate, double flops_a_fit);

/// Time of a bench's loop: made before it, asked after. With one thread its processor time counts, so that other programs on
/// the machine do not; with several the time on the wall, since waiting is then part of the answer.
class Meter {
 public:
  explicit Meter(int n_threads);
  /// Counters of report_rate, and busy: processor time against threads x wall time (below 1: waiting, or other programs).
  /// `fits`: of one iteration.
  void report(benchmark::State& state, double fits, double flops_a_fit) const;
  /// Until now.
  [[nodiscard]] double seconds() const;

 private:
  int n_threads_;
  double wall_, thread_, process_;
};

}  // namespace nokkel::bench
