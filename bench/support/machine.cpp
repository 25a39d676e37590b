#include "bench/support/machine.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "bench/support/peak.h"
#include "kernels/blas.h"
#include "kernels/moments.h"
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

double dgemm_flops() {
  static const double speed = [] {
    constexpr int kRows = 106, kEntries = 496;
    const std::vector<double> w(kernels::kTileLanes * kRows, 1.0), o(static_cast<std::size_t>(kRows) * kEntries, 0.5);
    std::vector<double> m(static_cast<std::size_t>(kernels::kTileLanes) * kEntries);
    const double seconds = best_of(20, [&] {
      for (int i = 0; i < 20; ++i) kernels::panel_moments(kRows, kEntries, w.data(), o.data(), m.data());
    });
    return 2.0 * kernels::kTileLanes * kRows * kEntries * 20 / seconds;
  }();
  return speed;
}

void print_machine() {
  std::string model = "unknown processor", line;
  std::ifstream info("/proc/cpuinfo");
  while (std::getline(info, line))
    if (line.starts_with("model name")) {
      model = line.substr(line.find(':') + 2);
      break;
    }
  const kernels::BlasInfo blas = kernels::blas_info();
  std::fprintf(stderr, "%s; kernels %s; %s, core %s; gcc %s; FMA peak %.1f GFLOP/s, dgemm %.1f GFLOP/s a core\n", model.c_str(),
               kernels::best_kernels().name, blas.config.c_str(), blas.core.c_str(), __VERSION__, peak_flops() * 1e-9,
               dgemm_flops() * 1e-9);
#ifndef NDEBUG
  std::fprintf(stderr, "*** this is a build with assertions: the figures below are not to be quoted\n");
#endif
}

}  // namespace nokkel::bench
