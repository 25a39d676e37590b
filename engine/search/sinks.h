/// What is kept of the walks of one block: a sink a statistic. All numbers are in standardised units and by place; rows
/// count controls first, then slots (forced, then free ascending).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/search/walk.h"

namespace nokkel::search {

/// Extents of a block's records.
struct BlockShape {
  int n_places = 0, n_years = 0, n_rows = 0;  ///< n_rows: controls and slots of the largest combination
  [[nodiscard]] std::size_t cell(int place, int year) const { return static_cast<std::size_t>(place) * n_years + year; }
  [[nodiscard]] std::size_t row(int place, int year, int i) const { return cell(place, year) * n_rows + i; }
  [[nodiscard]] std::size_t n_cells() const { return cell(n_places, 0); }
};

/// Status by cell, as engine/variables.h; 0 is ok.
using StatusTable = std::vector<std::int8_t>;

/// 0 in the dead lanes, 1 in the others; null when none is dead. Made anew only when the dead lanes change.
class LaneWeights {
 public:
  LaneWeights() : weight_(kernels::kTileLanes) {}
  const double* of(kernels::LaneMask dead, int n_lanes) {
    if (!dead.any()) return nullptr;
    if (!(dead == made_for_) || n_lanes != n_lanes_) make(dead, n_lanes);
    return weight_.data();
  }

 private:
  void make(kernels::LaneMask dead, int n_lanes);
  AlignedBuffer weight_;
  kernels::LaneMask made_for_;
  int n_lanes_ = 0;
};

/// The full sample, lanes = years: coefficients, diagonal of the inverse, SSE, largest VIF, and the error in every year.
class FullFits final : public RowSink {
 public:
  /// transfer: errors in other years too.
  FullFits(const BlockShape& shape, const OutcomeTiles& tiles, const kernels::Kernels& kernels, bool transfer = true);
  void combination(const Leaf& leaf) override;

  BlockShape shape;
  std::vector<double> b, v;          ///< [place][year][row]
  std::vector<double> sse, vif_max;  ///< [place][year]
  std::vector<double> intercept;     ///< [place][year]: of standardised y on standardised columns
  std::vector<double> transfer_sse;  ///< [place][training year][test year]; empty: not asked for
  std::vector<char> fitted;          ///< [place][year]

 private:
  const OutcomeTiles& tiles_;
  const kernels::Kernels& kernels_;
  AlignedBuffer error_;
};

/// What a sink needs of the years of an outcome.
struct YearFacts {
  int calendar = 0;         ///< the year itself
  double price_factor = 1;  ///< of coefficients in figures across years (METHODS 0.2)
  double n_rows = 0, sst = 1;
};

/// Cross-validation of one year, its tiles side by side: held-out squared error by repeat.
class HeldOut final : public RowSink {
 public:
  HeldOut(const BlockShape& shape, const StatusTable& status, int n_repeats, const kernels::Kernels& kernels);
  void start_year(int year);
  void combination(const Leaf& leaf) override;

  /// Of the repeats of a place. Meaningless unless every training set has a fit.
  [[nodiscard]] const double* sse(int place) const { return sse_.data() + static_cast<std::size_t>(place) * stride_; }
  std::vector<int> fitted;  ///< [place] training sets with a fit

 private:
  BlockShape shape_;
  const StatusTable& status_;
  const kernels::Kernels& kernels_;
  int year_ = 0;
  std::size_t stride_;
  AlignedBuffer sse_, error_;
};

/// Per replicate the largest |b* - b| / se over the combinations that hold a column (METHODS 7.2), all of one year.
class MaxT final : public RowSink {
 public:
  /// inverse_se: [place][row] of the year, 0 where a coefficient takes no part.
  MaxT(const FullFits& full, int year, const std::vector<double>& inverse_se, int n_columns, const kernels::Kernels& kernels);
  void start_tile(const Tile& tile);  ///< forgets the maxima
  void combination(const Leaf& leaf) override;
  /// [lane] of a column (controls, forced, free); 0 where no combination had a fit.
  [[nodiscard]] const double* of(int column) const {
    return most_.data() + static_cast<std::size_t>(column) * kernels::kTileLanes;
  }

 private:
  const FullFits& full_;
  int year_;
  const std::vector<double>& inverse_se_;
  int n_columns_;
  const kernels::Kernels& kernels_;
  AlignedBuffer most_;
  LaneWeights weights_;
  std::vector<double*> most_of_;
};

/// Explained variance alone: sum and sum of squares of r2 over replicates of one year, by place.
class FitSums final : public RowSink {
 public:
  explicit FitSums(int n_places, const kernels::Kernels& kernels);
  void start_tile(const Tile& tile);
  void combination(const Leaf& leaf) override;
  [[nodiscard]] const double* of(int place) const { return sums_.data() + static_cast<std::size_t>(place) * kStride; }

 private:
  static constexpr std::size_t kStride = kernels::padded_sums(2);
  const kernels::Kernels& kernels_;
  AlignedBuffer sums_, inverse_sst_;
  LaneWeights weights_;
};

}  // namespace nokkel::search
