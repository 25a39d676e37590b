/// What is kept of the walks of one block: a sink a statistic. All numbers are in standardised units and by place; rows
/// count controls first, then slots (forced, then free ascending).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/search/top_list.h"
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

/// The full sample, lanes = years: coefficients, diagonal of the inverse, SSE, largest VIF, and the error in every year.
class FullFits final : public RowSink {
 public:
  FullFits(const BlockShape& shape, const OutcomeTiles& tiles, const kernels::Kernels& kernels);
  void combination(const Leaf& leaf) override;

  BlockShape shape;
  std::vector<double> b, v;          ///< [place][year][row]
  std::vector<double> sse, vif_max;  ///< [place][year]
  std::vector<double> intercept;     ///< [place][year]: of standardised y on standardised columns
  std::vector<double> transfer_sse;  ///< [place][training year][test year]
  std::vector<char> fitted;          ///< [place][year]

 private:
  const OutcomeTiles& tiles_;
  const kernels::Kernels& kernels_;
  std::vector<const double*> test_;
  AlignedBuffer error_;
};

/// Which moments of held-out rows the coefficients of `members` meet: pointers for Kernels::held_out.
void held_out_pointers(const Tile& tile, const int* members, int n, std::vector<const double*>* out);

/// Pairs bootstrap of one year: sums about the full-sample estimate.
class PairSums final : public RowSink {
 public:
  PairSums(const FullFits& full, const StatusTable& status, const kernels::Kernels& kernels);
  /// Forgets the sums; the walks that follow are of this year, whose full-sample SST is given.
  void start_year(int year, double full_sst);
  void start_tile(const Tile& tile);
  void combination(const Leaf& leaf) override;

  std::vector<kernels::RowSums> rows;  ///< [place][row]
  std::vector<kernels::RowSums> r2;    ///< [place], about the full-sample r2
  std::vector<int> used;               ///< [place] replicates with a fit

 private:
  const FullFits& full_;
  const StatusTable& status_;
  const kernels::Kernels& kernels_;
  int year_ = 0;
  double full_sst_ = 1;
  AlignedBuffer inverse_sst_, weight_;
  kernels::LaneMask weight_of_;
};

/// Half-samples: counts of significance by the pairs SE (METHODS 4.3.1), and GCV summed over years for the ranks.
///
/// Significant: b^2 > t_{1-a/2, n_h-k}^2 se^2 n / n_h. Rank value: mean over the available years of
/// [SSE/n_h / (1 - k/n_h)^2] / [SST/n of the full sample]. Walks go tile by tile, years inside.
class HalfMarks final : public RowSink {
 public:
  /// se2: [place][year][row] squared pairs SE (standardised), NaN where unknown.
  HalfMarks(const BlockShape& shape, const std::vector<double>& se2, const StatusTable& status,
            const kernels::Kernels& kernels);
  void start_tile();  ///< forgets the rank values
  void start_year(const Tile& tile, double n_full, double sst_full);
  void combination(const Leaf& leaf) override;
  /// Hands the rank values of the tile's lanes to the lists of its half-samples. years[place]: number of years that must have
  /// been added, 0: not ranked. id[place]: combination numbers.
  void offer(const Tile& tile, const std::vector<int>& years, const std::vector<std::uint32_t>& id, TopLists& lists) const;

  std::vector<std::int32_t> count05, count10;  ///< [place][year][row]
  std::vector<std::int32_t> used;              ///< [place][year] halves with a fit

 private:
  struct Factors {
    AlignedBuffer t05, t10, gcv;
  };
  void make_factors(int n_members);

  BlockShape shape_;
  const std::vector<double>& se2_;
  const StatusTable& status_;
  const kernels::Kernels& kernels_;
  const Tile* tile_ = nullptr;
  double n_full_ = 0, sst_full_ = 1;
  std::vector<Factors> factors_;  // by members
  std::vector<char> have_factors_;
  AlignedBuffer masked05_, masked10_;
  AlignedBuffer value_;       // [place][lane]
  std::vector<int> n_years_;  // [place] years added to value_
};

/// Cross-validation of one year: held-out squared error by repeat.
class HeldOut final : public RowSink {
 public:
  HeldOut(const BlockShape& shape, const StatusTable& status, int n_folds, int n_repeats, const kernels::Kernels& kernels);
  void start_year(int year);
  void start_tile(const Tile& tile);
  void combination(const Leaf& leaf) override;

  std::vector<double> sse;  ///< [place][repeat]
  std::vector<int> fitted;  ///< [place] training sets with a fit

 private:
  BlockShape shape_;
  const StatusTable& status_;
  int n_folds_, n_repeats_;
  const kernels::Kernels& kernels_;
  int year_ = 0;
  const Tile* tile_ = nullptr;
  std::vector<const double*> test_;
  AlignedBuffer error_;
};

}  // namespace nokkel::search
