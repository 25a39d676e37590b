#include "bench/support/machine.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "bench/support/peak.h"
#include "kernels/blas.h"
#include "kernels/sweep.h"

namespace nokkel::bench {
namespace {

/// Processor time of this thread: what others do on a shared machine is not counted.
double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// Best of several timings of f, in seconds.
template <class F>
double best_of(int n, F f) {
  double best = 1e300;
  for (int i = 0; i < n; ++i) {
    const double start = thread_seconds();
    f();
    best = std::min(best, thread_seconds() - start);
  }
  return best;
}

}  // namespace

double peak_flops() {
  static const double peak = [] {
    constexpr long kRounds = 4'000'000;
    volatile double keep = 0;
    return peak_loop_flops(kRounds) / best_of(5, [&] { keep = keep + peak_loop(kRounds); });
  }();
  return peak;
}

namespace {

double dgemm_rate(int m, int n, int k, int calls) {
  const auto size = [](int rows, int columns) { return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns); };
  const std::vector<double> a(size(m, k), 1.0), b(size(k, n), 0.5);
  std::vector<double> c(size(m, n));
  const double seconds = best_of(20, [&] {
    for (int i = 0; i < calls; ++i) kernels::multiply(m, n, k, a.data(), b.data(), false, c.data());
  });
  return 2.0 * m * n * k * calls / seconds;
}

std::string giga(double rate) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", rate * 1e-9);
  return text;
}

std::string processor() {
  std::string line;
  std::ifstream info("/proc/cpuinfo");
  while (std::getline(info, line))
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

}  // namespace

double dgemm_flops() {
  static const double speed = std::max(dgemm_rate(512, 512, 512, 1), dgemm_rate(kernels::kTileLanes, 496, 106, 20));
  return speed;
}

std::vector<std::pair<std::string, std::string>> machine_context() {
  const kernels::BlasInfo blas = kernels::blas_info();
#ifdef NDEBUG
  const char* build = "release";
#else
  const char* build = "with assertions: these figures are not to be quoted";
#endif
  return {{"processor", processor()},
          {"kernel", kernels::best_kernels().name},
          {"blas", blas.config + ", core " + blas.core},
          {"compiler", "gcc " __VERSION__},
          {"build", build},
          {"fma_peak_gflops", giga(peak_flops())},
          {"dgemm_gflops", giga(dgemm_flops())}};
}

}  // namespace nokkel::bench
