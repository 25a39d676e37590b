#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>

#include "engine/error.h"
#include "engine/simulate/drop_sink.h"
#include "engine/simulate/part.h"
#include "engine/simulate/watch_sink.h"
#include "engine/simulate/workload.h"
#include "io/cli/bench_file.h"
#include "io/cli/build_info.h"
#include "io/cli/commands.h"
#include "io/cli/machine.h"
#include "io/cli/memory_limit.h"
#include "io/cli/stop.h"

namespace nokkel::cli {
namespace {

using Clock = std::chrono::steady_clock;
using simulate::WatchSink;
using simulate::Workload;

/// One run, or one pass over a part of the blocks.
struct Measured {
  double seconds = 0, moments = 0, loop = 0, after = 0;
  std::uint64_t fits = 0, combinations = 0, file_bytes = 0;
  std::size_t blocks = 0, all_blocks = 0;
  std::uint64_t all_combinations = 0;
  std::string kernel, digest;
  double mean_r2 = 0;
  std::size_t checked = 0;
};

/// The repeats of one workload on one number of threads.
struct Series {
  const Workload* workload = nullptr;
  int threads = 0;
  Measured of_median;  ///< the run whose time is the median, the later one of two in the middle
  std::vector<double> seconds;

  [[nodiscard]] double median() const { return middle(seconds); }
  /// Median absolute deviation from the median.
  [[nodiscard]] double mad() const {
    std::vector<double> apart;
    for (const double s : seconds) apart.push_back(std::fabs(s - median()));
    return middle(apart);
  }
  static double middle(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t n = values.size();
    return (values[(n - 1) / 2] + values[n / 2]) / 2;
  }
};

/// Rounding of a mean of well-conditioned R2 over any number of combinations; sums are taken in the same order everywhere.
constexpr double kRounding = 1e-10;

std::string wrong(const Workload& workload, const simulate::Case& data, const WatchSink& watch, bool whole_part) {
  if (const std::string what = watch.disagreement(data); !what.empty()) return what;
  if (workload.n_blocks == 0 && watch.n_records() != data.universe.count()) return "a record is missing";
  if (!whole_part && !(std::fabs(watch.mean_r2() - workload.mean_r2) <= kRounding * workload.mean_r2))
    return fmt::format("mean r2 is {}, every machine finds {}", shortest(watch.mean_r2()), shortest(workload.mean_r2));
  return {};
}

class Bench {
 public:
  explicit Bench(const BenchOptions& options) : options_(options) {
    execution_.kernel = kernel_level_of(kernel_level_name(options.kernel));
    execution_.stop = StopOnSignal::flag();
    execution_.memory_limit = memory_limit(0, this_machine().memory).bytes;
    execution_.memory_outside = resident_memory();
  }

  /// All thread numbers of one workload. Throws Wrong when an answer is.
  std::vector<Series> measure(const Workload& workload) {
    const simulate::Case data = simulate::make_case(workload.size);
    std::vector<Series> all;
    for (const int threads : thread_numbers()) {
      execution_.n_threads = threads;
      all.push_back(repeat(workload, data, threads));
    }
    return all;
  }

  /// What was wrong with the answers; "" when nothing.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  [[nodiscard]] std::vector<int> thread_numbers() const {
    const int most = options_.threads > 0 ? options_.threads : this_machine().threads;
    std::vector<int> numbers;
    if (options_.scaling)
      for (int n = 1; n < most; n *= 2) numbers.push_back(n);
    numbers.push_back(most);
    return numbers;
  }

  Series repeat(const Workload& workload, const simulate::Case& data, int threads) {
    Series series;
    series.workload = &workload;
    series.threads = threads;
    std::vector<Measured> runs;
    for (int i = 0; i < options_.repeat && trouble_.empty(); ++i) {
      runs.push_back(once(workload, data));
      series.seconds.push_back(runs.back().seconds);
      fmt::print(stderr, "nokkel: {}, {} thread{}, {} of {}: {:.3f} s\n", workload.name, threads, threads == 1 ? "" : "s",
                 i + 1, options_.repeat, runs.back().seconds);
    }
    std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.seconds < b.seconds; });
    series.of_median = runs[runs.size() / 2];
    return series;
  }

  Measured once(const Workload& workload, const simulate::Case& data) {
    const bool is_part = workload.n_blocks > 0;
    std::unique_ptr<BenchFile> file;
    simulate::DropSink drop;
    if (options_.file) file = std::make_unique<BenchFile>(data);
    WatchSink watch(file ? &file->sink() : is_part ? nullptr : static_cast<ResultSink*>(&drop));
    const Clock::time_point start = Clock::now();
    Measured m = is_part ? part(data, watch, options_.whole ? 0 : workload.n_blocks) : whole(data, watch);
    m.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (file) m.file_bytes = file->size();
    m.digest = watch.digest();
    m.mean_r2 = watch.mean_r2();
    m.checked = watch.n_checked();
    if (const std::string what = wrong(workload, data, watch, is_part && options_.whole); !what.empty())
      trouble_ = fmt::format("{}: {}", workload.name, what);
    return m;
  }

  [[nodiscard]] Measured whole(const simulate::Case& data, WatchSink& watch) const {
    const search::Summary summary = search::run(data.job(), execution_, watch);
    watch.finish();
    Measured m;
    m.moments = summary.seconds_moments;
    m.loop = summary.seconds_loop;
    m.after = summary.seconds_after;
    m.fits = summary.plan.fits();
    m.combinations = m.all_combinations = summary.plan.n_combinations;
    m.blocks = m.all_blocks = summary.plan.n_blocks;
    m.kernel = summary.kernel;
    return m;
  }

  [[nodiscard]] Measured part(const simulate::Case& data, WatchSink& watch, std::size_t n_blocks) const {
    const simulate::Part part = simulate::run_part(data.job(), execution_, n_blocks, watch);
    Measured m;
    m.moments = part.seconds_moments;
    m.loop = part.seconds_loop;
    m.fits = part.fits;
    m.combinations = part.n_combinations;
    m.all_combinations = part.n_all_combinations;
    m.blocks = part.n_blocks;
    m.all_blocks = part.n_all_blocks;
    m.kernel = part.kernel;
    return m;
  }

  const BenchOptions& options_;
  const StopOnSignal stop_;
  Execution execution_;
  std::string trouble_;
};

/// Seconds of the whole: measured, or for a part its loop stretched to all combinations.
double whole_seconds(const Series& s) {
  const Measured& m = s.of_median;
  if (m.blocks == m.all_blocks) return s.median();
  return m.moments + m.loop * static_cast<double>(m.all_combinations) / static_cast<double>(m.combinations);
}

Table empty_table(KernelLevel kernel) {
  Table table;
  table.title = fmt::format("{}; {}", this_machine().processor, kernel_set(kernel_level_name(kernel)));
  const auto hidden = [](const char* name) { return Column{name, name, Kind::text, 3, false}; };
  table.columns = {{"workload", "workload"},
                   {"threads", "threads", Kind::number},
                   {"kernel", "kernel"},
                   {"seconds", "seconds", Kind::fixed, 3},
                   {"seconds_min", "least", Kind::fixed, 3},
                   {"seconds_max", "most", Kind::fixed, 3},
                   {"seconds_mad", "MAD", Kind::fixed, 3},
                   {"fits_per_second", "fits/s", Kind::general, 4},
                   {"ns_per_fit", "ns a fit", Kind::fixed, 2},
                   {"efficiency", "efficiency", Kind::fixed, 3},
                   hidden("measured")};
  for (const char* name : {"repeats", "fits", "combinations", "blocks", "blocks_of_whole", "seconds_of_whole",
                           "seconds_moments", "seconds_loop", "seconds_after", "share_loop", "file_bytes", "memory_peak_bytes",
                           "mean_r2", "digest", "combinations_checked", "processor", "cores", "kernel_set", "version"})
    table.columns.push_back(hidden(name));
  return table;
}

std::string measured_words(const Measured& m, double seconds_of_whole) {
  if (m.blocks < m.all_blocks)
    return fmt::format("{} of {} blocks; all: {}, reckoned", m.blocks, grouped(m.all_blocks), seconds_text(seconds_of_whole));
  return m.file_bytes > 0 ? fmt::format("whole, a file of {}", bytes_text(m.file_bytes)) : "whole, records dropped";
}

void add_row(const Series& s, const Series& first, Table* table) {
  const Measured& m = s.of_median;
  const auto whole = [](auto n) { return static_cast<std::int64_t>(n); };
  const double median = s.median(), fits = static_cast<double>(m.fits);
  // Only a series that began with one thread knows an efficiency.
  const double efficiency =
      first.threads == 1 ? first.median() / (s.threads * median) : std::numeric_limits<double>::quiet_NaN();
  const Machine machine = this_machine();
  table->rows.push_back({s.workload->name,
                         whole(s.threads),
                         m.kernel,
                         median,
                         *std::min_element(s.seconds.begin(), s.seconds.end()),
                         *std::max_element(s.seconds.begin(), s.seconds.end()),
                         s.mad(),
                         fits / median,
                         1e9 * median * s.threads / fits,
                         efficiency,
                         measured_words(m, whole_seconds(s)),
                         whole(s.seconds.size()),
                         whole(m.fits),
                         whole(m.combinations),
                         whole(m.blocks),
                         whole(m.all_blocks),
                         whole_seconds(s),
                         m.moments,
                         m.loop,
                         m.after,
                         m.loop / median,
                         whole(m.file_bytes),
                         whole(peak_memory()),
                         m.mean_r2,
                         m.digest,
                         whole(m.checked),
                         machine.processor,
                         whole(machine.cores_allowed),
                         kernel_set(m.kernel),
                         version_line()});
}

}  // namespace

int bench(const BenchOptions& options) {
  Bench bench(options);
  Table table = empty_table(options.kernel);
  std::string notes = "Seconds: median of the repeats; ns a fit: of one thread.\n";
  for (const std::string& name : options.workloads) {
    const auto& all = simulate::workloads();
    const Workload& workload = *std::find_if(all.begin(), all.end(), [&](const Workload& w) { return w.name == name; });
    if (options.file && workload.n_blocks > 0)
      throw InputError("--file", fmt::format("{} is measured on a part of its blocks, which make no file", name),
                       "leave --file out, or measure w1 or w2");
    const std::vector<Series> series = bench.measure(workload);
    if (!bench.trouble().empty()) {
      fmt::print(stderr, "nokkel: {}; no time is told\n", bench.trouble());
      return kFindings;
    }
    for (const Series& s : series) add_row(s, series.front(), &table);
    const Measured& m = series.back().of_median;
    notes += fmt::format("{}: {}; {} combination{} equal to QR on rows\n", name,
                         measured_words(m, whole_seconds(series.back())), m.checked, m.checked == 1 ? "" : "s");
  }
  print("bench", table, options.format);
  if (options.format == Format::text) print(notes);
  return kOk;
}

}  // namespace nokkel::cli
