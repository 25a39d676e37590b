#include "bench/support/rates.h"

#include <atomic>
#include <ctime>
#include <map>
#include <thread>
#include <vector>

#include "bench/support/machine.h"

namespace nokkel::bench {
namespace {

double now(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

const char* isa_name(KernelLevel level) {
  return level == KernelLevel::portable ? "portable" : level == KernelLevel::v3 ? "v3" : "v4";
}

}  // namespace

std::string name_of(const std::string& bench, const Variant& v) {
  const Variant usual;
  std::string name = bench + "/k:" + std::to_string(v.max_size) + "/P:" + std::to_string(v.n_criteria) +
                     "/threads:" + std::to_string(v.n_threads);
  if (v.kernel != usual.kernel) name += std::string("/isa:") + isa_name(v.kernel);
  if (v.n_units != usual.n_units) name += "/n:" + std::to_string(v.n_units);
  if (v.n_replicates != usual.n_replicates) name += "/B:" + std::to_string(v.n_replicates);
  return name;
}

void add(const std::string& bench, const Variant& variant, std::function<void(benchmark::State&, const Variant&)> body) {
  benchmark::RegisterBenchmark(name_of(bench, variant).c_str(), [variant, body = std::move(body)](benchmark::State& state) {
    body(state, variant);
  })->Unit(benchmark::kMillisecond);
}

const kernels::Kernels* kernels_of(benchmark::State& state, const Variant& variant) {
  if (variant.kernel == KernelLevel::automatic) return &kernels::best_kernels();
  const kernels::Isa isa = variant.kernel == KernelLevel::portable ? kernels::Isa::portable
                           : variant.kernel == KernelLevel::v3     ? kernels::Isa::v3
                                                                   : kernels::Isa::v4;
  const kernels::Kernels* k = kernels::kernels_for(isa);
  if (k == nullptr) state.SkipWithError("this processor lacks the instruction set");
  return k;
}

double mean_over_sizes(const Variant& variant, const std::function<double(int)>& f) {
  double n = 0, sum = 0, of_size = 1;
  for (int size = 1; size <= variant.max_size; ++size) {
    of_size = of_size * (variant.n_criteria - size + 1) / size;
    n += of_size;
    sum += of_size * f(size);
  }
  return sum / n;
}

void share_out(int n_threads, std::size_t n, const std::function<void(std::size_t, int)>& work) {
  std::atomic<std::size_t> next{0};
  const auto worker = [&](int slot) {
    for (std::size_t i = next++; i < n; i = next++) work(i, slot);
  };
  std::vector<std::jthread> others;
  for (int slot = 1; slot < n_threads; ++slot) others.emplace_back(worker, slot);
  worker(0);
}

bool is_wrong(benchmark::State& state, const std::string& name, const std::function<std::string()>& find) {
  static std::map<std::string, std::string> found;
  const auto [at, is_new] = found.try_emplace(name);
  if (is_new) at->second = find();
  if (!at->second.empty()) state.SkipWithError(at->second.c_str());
  return !at->second.empty();
}

Meter::Meter(int n_threads)
    : n_threads_(n_threads),
      wall_(now(CLOCK_MONOTONIC)),
      thread_(now(CLOCK_THREAD_CPUTIME_ID)),
      process_(now(CLOCK_PROCESS_CPUTIME_ID)) {}

double Meter::seconds() const {
  return n_threads_ == 1 ? now(CLOCK_THREAD_CPUTIME_ID) - thread_ : now(CLOCK_MONOTONIC) - wall_;
}

void Meter::report(benchmark::State& state, double fits, double flops_a_fit) const {
  const double wall = now(CLOCK_MONOTONIC) - wall_, process = now(CLOCK_PROCESS_CPUTIME_ID) - process_;
  report_rate(state, n_threads_, fits * static_cast<double>(state.iterations()) / seconds(), flops_a_fit);
  state.counters["busy"] = process / (wall * n_threads_);
}

void report_rate(benchmark::State& state, int n_threads, double rate, double flops_a_fit) {
  state.counters["fits/s"] = rate;
  state.counters["share_of_dgemm"] = rate * flops_a_fit / (dgemm_flops() * n_threads);
  state.counters["share_of_peak"] = rate * flops_a_fit / (peak_flops() * n_threads);
}

}  // namespace nokkel::bench
