/// Panels of 96 replicates, as many as a run takes together: the GEMM that turns weights into moments, held against a plain
/// triple loop first.
#include <cmath>

#include "bench/benches.h"
#include "bench/support/rates.h"
#include "bench/support/sweep_case.h"
#include "kernels/moments.h"

namespace nokkel::bench {
namespace {

constexpr int kPanels = search::kPanelsTogether;

/// Weights 0, 1, 2 and smooth columns: P criteria, the one and y.
struct Panel {
  explicit Panel(const Variant& v)
      : n(v.n_units),
        columns(v.n_criteria + 2),
        entries(kernels::triangle(columns - 1, columns - 1, columns) + 1),
        z(static_cast<std::size_t>(n) * static_cast<std::size_t>(columns)),
        o(static_cast<std::size_t>(n) * static_cast<std::size_t>(entries)),
        w(static_cast<std::size_t>(n) * kernels::kTileLanes * kPanels),
        m(static_cast<std::size_t>(entries) * kernels::kTileLanes * kPanels) {
    std::vector<int> place(static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i) {
      place[static_cast<std::size_t>(i)] = i;
      for (int j = 0; j < columns; ++j) z[static_cast<std::size_t>(j * n + i)] = std::sin(i * 0.7 + j);
      for (int p = 0; p < kPanels; ++p)
        for (int r = 0; r < kernels::kTileLanes; ++r)
          w[static_cast<std::size_t>((p * n + i) * kernels::kTileLanes + r)] = (i * 31 + r * 7 + p) % 3;
    }
    kernels::products(n, columns, z.data(), place.data(), n, o.data());
  }
  void run() { kernels::panel_moments(kPanels, n, entries, w.data(), o.data(), m.data()); }
  [[nodiscard]] std::string disagreement() const {
    constexpr int kLane = 5;
    for (int j = 0; j < columns; ++j)
      for (int l = j; l < columns; ++l) {
        double direct = 0;
        for (int i = 0; i < n; ++i)
          direct += w[static_cast<std::size_t>(((kPanels - 1) * n + i) * kernels::kTileLanes + kLane)] *
                    z[static_cast<std::size_t>(j * n + i)] * z[static_cast<std::size_t>(l * n + i)];
        const double ours = m[static_cast<std::size_t>(
            ((kPanels - 1) * entries + kernels::triangle(j, l, columns)) * kernels::kTileLanes + kLane)];
        if (!(std::fabs(direct - ours) <= 2.2e-16 * n * n))
          return "a moment differs from the plain sum";  // n terms of at most 2
      }
    return {};
  }
  int n, columns;
  long entries;
  std::vector<double> z, o, w, m;
};

/// fits/s: replicates a second times the combinations that use the moments of one.
void moments(benchmark::State& state, const Variant& variant) {
  Panel panel(variant);
  panel.run();
  if (is_wrong(state, name_of("moments", variant), [&] { return panel.disagreement(); })) return;
  const Meter meter(1);
  for (auto _ : state) {
    panel.run();
    benchmark::DoNotOptimize(panel.m.data());
  }
  double combinations = 0, of_size = 1;
  for (int size = 1; size <= variant.max_size; ++size) {
    of_size = of_size * (variant.n_criteria - size + 1) / size;
    combinations += of_size;
  }
  meter.report(state, kPanels * kernels::kTileLanes * combinations,
               2.0 * panel.n * static_cast<double>(panel.entries) / combinations);
}

}  // namespace

void add_moments() {
  for (const int n : {106, 1060, 10600}) add("moments", {.n_units = n}, moments);
  add("moments", {.n_criteria = 60}, moments);
}

}  // namespace nokkel::bench
