/// Whole runs of W1 from design to the last record (records are received and dropped), by threads; and moments alone.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <type_traits>
#include <utility>

#include "bench/support/machine.h"
#include "bench/support/w1.h"
#include "kernels/moments.h"
#include "kernels/qr.h"

namespace nokkel::bench {
namespace {

/// Counts records and keeps of each block what ranks are made of.
class Drop final : public ResultSink {
 public:
  void begin(const Extents& e) override { extents_ = e; }
  void block(const RecordBlock& records) override {
    for (const auto& range : records.ranges) n += range.count;
    if (records.ranges[0].first_id == 0) first = records.values[static_cast<std::size_t>(Var::r2)].real[0];
    for (const Var v : {Var::status, Var::score, Var::cv_rmse, Var::sig_share_10}) keep(v, records);
  }
  Values read(Var v, int outcome, std::uint64_t at, std::uint64_t count) override {
    const Values& all = kept_.at({v, outcome});
    const auto rows = [&](const auto& values) {
      const std::size_t stride = values.size() / extents_.n_combinations;
      return std::remove_cvref_t<decltype(values)>(values.data() + at * stride, values.data() + (at + count) * stride);
    };
    return {rows(all.real), rows(all.int32), rows(all.int8)};
  }
  void after(const AfterLoop&) override {}
  void finish() override {}
  std::uint64_t n = 0;
  double first = 0;

 private:
  void keep(Var v, const RecordBlock& records) {
    const Values& from = records.values[static_cast<std::size_t>(v)];
    Values& to = kept_[{v, records.outcome}];
    const auto copy = [&](const auto& source, auto& all) {
      std::size_t n_places = 0, place = 0;
      for (const auto& range : records.ranges) n_places += range.count;
      const std::size_t stride = source.size() / n_places;
      all.resize(extents_.n_combinations * stride);
      for (const auto& range : records.ranges) {
        std::copy_n(source.data() + place * stride, range.count * stride, all.data() + range.first_id * stride);
        place += range.count;
      }
    };
    copy(from.real, to.real);
    copy(from.int8, to.int8);
  }

  Extents extents_;
  std::map<std::pair<Var, int>, Values> kept_;
};

/// The r2 of x1 alone in the first year, by QR on rows.
double expected_r2(const Case& data) {
  const panel::Cell& cell = data.design.outcomes[0].cells[0];
  const std::vector<double> weight(cell.y.size(), 1.0);
  const double* column = cell.x.data();
  const kernels::LeastSquares fit = kernels::least_squares(cell.n_rows(), {&column, 1}, cell.y.data(), weight.data(), true);
  return 1 - fit.sse / fit.sst;
}

void run_w1(benchmark::State& state) {
  static const Case data = make_case({});
  const search::Job job = data.job();
  Execution execution;
  execution.n_threads = static_cast<int>(state.range(0));
  search::Summary summary;
  for (auto _ : state) {
    Drop sink;
    summary = search::run(job, execution, sink);
    if (sink.n != data.universe.count() || std::fabs(sink.first - expected_r2(data)) > 1e-12)
      return state.SkipWithError("a record is missing, or r2 differs from QR on rows");
  }
  state.counters["fits/s"] =
      benchmark::Counter(static_cast<double>(summary.plan.fits()), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["moments_s"] = summary.seconds_moments;
  state.counters["loop_s"] = summary.seconds_loop;
  state.counters["after_s"] = summary.seconds_after;
}

/// One panel of 96 replicates: the GEMM against a plain triple loop that skips rows not drawn.
void moments(benchmark::State& state) {
  const int n = static_cast<int>(state.range(0)), columns = 32;
  const long entries = kernels::triangle(columns - 1, columns - 1, columns) + 1;
  std::vector<double> z(static_cast<std::size_t>(n) * columns),
      o(static_cast<std::size_t>(n) * static_cast<std::size_t>(entries)), w(static_cast<std::size_t>(n) * kernels::kTileLanes),
      m(static_cast<std::size_t>(entries) * kernels::kTileLanes);
  std::vector<int> place(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    place[static_cast<std::size_t>(i)] = i;
    for (int j = 0; j < columns; ++j) z[static_cast<std::size_t>(j * n + i)] = std::sin(i * 0.7 + j);
    for (int r = 0; r < kernels::kTileLanes; ++r)
      w[static_cast<std::size_t>(i * kernels::kTileLanes + r)] = (i * 31 + r * 7) % 3;
  }
  kernels::products(n, columns, z.data(), place.data(), n, o.data());
  kernels::panel_moments(n, entries, w.data(), o.data(), m.data());
  double direct = 0;
  for (int i = 0; i < n; ++i)
    direct += w[static_cast<std::size_t>(i * kernels::kTileLanes + 5)] * z[static_cast<std::size_t>(3 * n + i)] *
              z[static_cast<std::size_t>(9 * n + i)];
  if (std::fabs(direct - m[static_cast<std::size_t>(kernels::triangle(3, 9, columns) * kernels::kTileLanes + 5)]) > 1e-12 * n)
    return state.SkipWithError("moments differ from plain sums");
  for (auto _ : state) {
    kernels::panel_moments(n, entries, w.data(), o.data(), m.data());
    benchmark::DoNotOptimize(m.data());
  }
  const double flops = 2.0 * kernels::kTileLanes * n * static_cast<double>(entries);
  state.counters["flop/s"] = benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["of_peak"] = benchmark::Counter(flops / peak_flops(), benchmark::Counter::kIsIterationInvariantRate);
}

void moments_plain_loop(benchmark::State& state) {
  const int n = static_cast<int>(state.range(0)), columns = 32;
  std::vector<double> z(static_cast<std::size_t>(n) * columns), w(static_cast<std::size_t>(n)),
      m(static_cast<std::size_t>(columns * columns));
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = std::sin(static_cast<double>(i));
  for (int i = 0; i < n; ++i) w[static_cast<std::size_t>(i)] = i % 3;
  for (auto _ : state) {
    std::fill(m.begin(), m.end(), 0.0);
    for (int j = 0; j < columns; ++j)
      for (int l = j; l < columns; ++l) {
        double s = 0;
        for (int i = 0; i < n; ++i)
          s += w[static_cast<std::size_t>(i)] * z[static_cast<std::size_t>(j * n + i)] * z[static_cast<std::size_t>(l * n + i)];
        m[static_cast<std::size_t>(j * columns + l)] = s;
      }
    benchmark::DoNotOptimize(m.data());
  }
  state.counters["flop/s"] =
      benchmark::Counter(2.0 * n * columns * (columns + 1) / 2, benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK(moments_plain_loop)->Arg(106)->Arg(1000);
BENCHMARK(moments)->Arg(106)->Arg(1000)->Arg(10000);
BENCHMARK(run_w1)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();

}  // namespace
}  // namespace nokkel::bench
