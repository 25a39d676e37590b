/// The pairs bootstrap of a block: what is kept of every replicate's coefficients, by year and across years.
#pragma once

#include <vector>

#include "engine/search/sinks.h"
#include "engine/variables.h"

namespace nokkel::search {

/// Pairs bootstrap, all years of a replicate together: sums about the full-sample estimate, by year, and of two contrasts over
/// the years of a combination that are ok (METHODS 6.5): the sum of its coefficients, each times its price factor, and their
/// least-squares slope over calendar years. A combination with a year that is neither ok nor without a criterion has none.
class PairSums final : public RowSink {
 public:
  PairSums(const FullFits& full, const StatusTable& status, const std::vector<YearFacts>& years,
           const kernels::Kernels& kernels);
  void start(std::span<const Tile* const> tiles);
  void combination(const Leaf& leaf) override;

  [[nodiscard]] kernels::RowSums row(int place, int year, int i) const;
  [[nodiscard]] kernels::RowSums r2(int place, int year, int n_members) const;                   ///< about the full-sample r2
  [[nodiscard]] int used(int place, int year) const { return used_[shape_.cell(place, year)]; }  ///< replicates with a fit

  /// A contrast over years of one row: its full-sample value, and sums over replicates about it.
  struct Contrast {
    double value = 0;
    kernels::RowSums sums;
  };
  [[nodiscard]] int n_years_of(int place) const {
    return places_[static_cast<std::size_t>(place)].n_years;
  }  ///< 0: no contrasts
  [[nodiscard]] int used_across(int place) const { return places_[static_cast<std::size_t>(place)].used; }
  [[nodiscard]] Contrast total(int place, int i) const { return contrast(place, i, 0); }
  [[nodiscard]] Contrast slope(int place, int i) const { return contrast(place, i, 1); }

 private:
  struct YearWeights {
    std::vector<char> years;           // ok years
    std::vector<double> level, slope;  // by year; 0 elsewhere
  };
  struct Place {
    int n_years = 0, used = 0, weights = -1;
  };
  void plan_contrasts();
  [[nodiscard]] int weights_of(const std::vector<char>& years);
  [[nodiscard]] Contrast contrast(int place, int i, int which) const;
  void across_years(const Leaf& leaf);

  BlockShape shape_;
  const StatusTable& status_;
  const std::vector<YearFacts>& years_;
  const kernels::Kernels& kernels_;
  std::size_t row_stride_, cross_stride_;
  AlignedBuffer sums_, cross_;               // [cell][3 rows + 2], [place][4 rows], padded
  std::vector<double> shift_, cross_shift_;  // [cell][row + 1]: b, then r2; [place][row][2]
  std::vector<int> used_;                    // [cell]
  std::vector<Place> places_;
  std::vector<YearWeights> weights_;
  std::vector<AlignedBuffer> inverse_sst_;  // [year][lane]
  std::vector<LaneWeights> lane_weights_;   // [year]; last: across years
  std::vector<const double*> rows_;         // scratch: rows by year
  std::vector<double> level_, slope_;       // scratch
};

}  // namespace nokkel::search
