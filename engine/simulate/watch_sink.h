/// A sink in front of another: keeps of what passes what the answer can be checked by.
#pragma once

#include <string>

#include "engine/simulate/workload.h"
#include "engine/sink.h"

namespace nokkel::simulate {

class WatchSink final : public ResultSink {
 public:
  /// inner: where everything goes on to; null: it is dropped.
  explicit WatchSink(ResultSink* inner) : inner_(inner) {}
  void begin(const Extents& extents) override;
  void block(const RecordBlock& records) override;
  Values read(Var v, int outcome, std::uint64_t first, std::uint64_t count) override;
  void after(const AfterLoop& values) override;
  void finish() override;

  [[nodiscard]] std::uint64_t n_records() const { return n_records_; }
  /// Mean of r2 over the records and years.
  [[nodiscard]] double mean_r2() const { return sum_r2_ / static_cast<double>(n_r2_); }
  /// Of the bits of every real of every record, in order: equal digests are equal results.
  [[nodiscard]] std::string digest() const;

  /// Against pivoted QR on rows: r2 of every year for one combination of each block, and the mean of the resampled r2 of the
  /// first year for one of them. What differs, or "".
  [[nodiscard]] std::string disagreement(const Case& data) const;
  [[nodiscard]] std::size_t n_checked() const { return samples_.size(); }

 private:
  struct Sample {
    std::uint64_t id = 0;
    std::vector<double> r2;  // by year
    double r2_boot_mean = 0;
  };
  void mix(const std::vector<double>& values);

  ResultSink* inner_;
  int n_years_ = 0;
  std::uint64_t n_records_ = 0, n_r2_ = 0, digest_ = 0x9e3779b97f4a7c15;
  double sum_r2_ = 0;
  std::vector<Sample> samples_;
};

}  // namespace nokkel::simulate
