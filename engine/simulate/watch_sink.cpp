#include "engine/simulate/watch_sink.h"

#include <bit>
#include <cmath>
#include <cstdio>

#include "kernels/qr.h"

namespace nokkel::simulate {
namespace {

/// The fit of a combination in one year, its rows weighted.
kernels::LeastSquares by_rows(const Case& data, const std::vector<int>& members, int year, const std::vector<double>& weight) {
  const panel::Cell& cell = data.design.outcomes[0].cells[static_cast<std::size_t>(year)];
  std::vector<const double*> columns;
  for (const int m : members) columns.push_back(cell.x.data() + static_cast<std::size_t>(m) * cell.y.size());
  return kernels::least_squares(cell.n_rows(), columns, cell.y.data(), weight.data(), true);
}

double r2_of(const kernels::LeastSquares& fit) { return 1 - fit.sse / fit.sst; }

/// Well-conditioned fits (pair correlations of 0.2) of 106 rows agree far better than this.
bool differ(double a, double b) { return !(std::fabs(a - b) <= 1e-11); }

}  // namespace

void WatchSink::begin(const Extents& extents) {
  n_years_ = extents.n_years;
  if (inner_ != nullptr) inner_->begin(extents);
}

void WatchSink::block(const RecordBlock& records) {
  const std::vector<double>& r2 = records.values[static_cast<std::size_t>(Var::r2)].real;
  const std::vector<double>& boot = records.values[static_cast<std::size_t>(Var::r2_boot_mean)].real;
  for (const auto& range : records.ranges) n_records_ += range.count;
  for (const double x : r2) sum_r2_ += x;
  n_r2_ += r2.size();
  for (const Values& values : records.values) mix(values.real);

  std::size_t place = 0;  // the last range holds the largest combinations
  for (std::size_t i = 0; i + 1 < records.ranges.size(); ++i) place += records.ranges[i].count;
  const std::size_t cell = place * static_cast<std::size_t>(n_years_);
  samples_.push_back(
      {records.ranges.back().first_id,
       {r2.begin() + static_cast<std::ptrdiff_t>(cell), r2.begin() + static_cast<std::ptrdiff_t>(cell) + n_years_},
       boot.empty() ? 0 : boot[cell]});
  if (inner_ != nullptr) inner_->block(records);
}

Values WatchSink::read(Var v, int outcome, std::uint64_t first, std::uint64_t count) {
  return inner_ != nullptr ? inner_->read(v, outcome, first, count) : Values{};
}

void WatchSink::after(const AfterLoop& values) {
  if (inner_ != nullptr) inner_->after(values);
}

void WatchSink::finish() {
  if (inner_ != nullptr) inner_->finish();
}

std::string WatchSink::digest() const {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(digest_));
  return text;
}

/// Multiply and rotate, eight bytes at a time: no cryptography, a fingerprint.
void WatchSink::mix(const std::vector<double>& values) {
  std::uint64_t h = digest_;
  for (const double x : values) h = std::rotl((h ^ std::bit_cast<std::uint64_t>(x)) * 0x9fb21c651e98df25, 29);
  digest_ = h;
}

std::string WatchSink::disagreement(const Case& data) const {
  const std::vector<double> once(data.design.frames[0].units.size(), 1.0);
  for (const Sample& sample : samples_) {
    const std::vector<int> members = data.universe.unrank(sample.id);
    for (int year = 0; year < n_years_; ++year)
      if (differ(sample.r2[static_cast<std::size_t>(year)], r2_of(by_rows(data, members, year, once))))
        return "r2 of combination " + std::to_string(sample.id) + " differs from QR on rows";
  }
  if (samples_.empty()) return "no records came";
  const Sample& last = samples_.back();
  const std::vector<int> members = data.universe.unrank(last.id);
  std::vector<double> weight(once.size());
  double sum = 0;
  for (int r = 0; r < data.statistics.n_pairs; ++r) {
    data.providers[0]->weights(resample::Stream::pairs, r, 1, weight.data(), 1);
    sum += r2_of(by_rows(data, members, 0, weight));
  }
  if (differ(last.r2_boot_mean, sum / data.statistics.n_pairs))
    return "r2_boot_mean of combination " + std::to_string(last.id) + " differs from QR on rows";
  return {};
}

}  // namespace nokkel::simulate
