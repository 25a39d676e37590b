/// From the sums of a block, in standardised units, to the variables of the result file, in raw units.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/search/block_search.h"
#include "engine/search/coefficient_quantiles.h"
#include "engine/search/half_marks.h"
#include "engine/search/pair_sums.h"

namespace nokkel::search {

/// Below this share of estimable replicates bootstrap figures are withheld (METHODS 1.3).
inline constexpr double kLeastEstimable = 0.90;

/// Root of the held-out squared error per row over all repeats, and its Monte Carlo error over them (METHODS 5); sse and
/// rows_of_repeat by repeat.
struct HeldOutError {
  double rmse = 0, se = 0;
};
HeldOutError held_out_error(const double* sse, const std::vector<double>& rows_of_repeat, double sd_y);

/// Mean over the available years of cv_rmse / sd(response); NaN where a year is not ok. Arrays are by year.
double score_of(int n_years, const std::int8_t* status, const double* cv_rmse, const double* sd_of_year);

/// SD of the response of an outcome, by year.
std::vector<double> response_sd(const OutcomeTiles& tiles);

/// Scores alone: the record is Var::score_all.
class ScoreMaker {
 public:
  ScoreMaker(const OutcomeContext& context, const BlockShape& shape, const StatusTable& status);
  void folds(int year, const HeldOut& held_out, const std::vector<double>& rows_of_repeat);
  [[nodiscard]] BlockResult finish(const std::vector<universe::Block::Range>& rows) const;

 private:
  const OutcomeContext& c_;
  BlockShape shape_;
  const StatusTable& status_;
  std::vector<double> cv_rmse_;  // [place][year]
};

/// Collects what each stage leaves, year by year; finish() makes the cross-year figures and the score.
class RecordMaker {
 public:
  RecordMaker(const OutcomeContext& context, const BlockPlan& plan, const BlockShape& shape, const FullFits& full,
              const StatusTable& status);

  void pairs(const PairSums& sums);
  /// Quantiles of the combinations of a piece that stand in `quantiles`, for every year: after pairs().
  void quantiles(int year, const PlanPiece& piece, CoefficientQuantiles& quantiles);
  void halves(const HalfMarks& marks);
  /// rows_of_repeat: held-out rows of each repeat (all of the cell's, unless a fold is empty that year).
  void folds(int year, const HeldOut& held_out, const std::vector<double>& rows_of_repeat);
  BlockResult finish(const std::vector<universe::Block::Range>& rows);

  /// Squared pairs SE in standardised units, [place][year][row]; NaN where unknown.
  [[nodiscard]] const std::vector<double>& se2() const { return se2_; }
  /// Status by cell as it stands now.
  [[nodiscard]] const std::vector<std::int8_t>& status_now() { return small(Var::status); }

 private:
  void full_sample();
  void full_cell(int place, int year);
  void marks(Var var, Var se);
  void across_years(int place);
  void pairs_cell(int place, int year, const PairSums& sums);
  void pairs_across_years(int place, const PairSums& sums);
  [[nodiscard]] double price_factor(int year) const;

  std::vector<double>& real(Var v) { return result_.records.values[static_cast<std::size_t>(v)].real; }
  std::vector<std::int32_t>& integer(Var v) { return result_.records.values[static_cast<std::size_t>(v)].int32; }
  std::vector<std::int8_t>& small(Var v) { return result_.records.values[static_cast<std::size_t>(v)].int8; }
  [[nodiscard]] std::size_t cell(int place, int year) const { return shape_.cell(place, year); }
  [[nodiscard]] std::size_t slot(int place, int year, int p) const { return cell(place, year) * n_slots_ + p; }
  [[nodiscard]] int size(int place) const { return plan_.size_of_place[static_cast<std::size_t>(place)]; }
  [[nodiscard]] Status status(int place, int year) const { return static_cast<Status>(status_[cell(place, year)]); }
  /// Column (without the one) of row i of a combination: controls, forced, free.
  [[nodiscard]] int column(int place, int i) const;
  /// Raw units of a standardised coefficient of that column.
  [[nodiscard]] double unit(int column) const;
  [[nodiscard]] double sd_y() const { return c_.tiles.scale.sd.back(); }
  [[nodiscard]] double sst(int year) const { return c_.tiles.full.root.sst[year]; }
  [[nodiscard]] int n_obs(int year) const { return c_.tiles.rows[static_cast<std::size_t>(year)].n_rows; }

  const OutcomeContext& c_;
  const BlockPlan& plan_;
  BlockShape shape_;
  const FullFits& full_;
  const StatusTable& status_;
  int n_controls_, n_slots_;
  std::vector<double> se2_;
  BlockResult result_;
};

}  // namespace nokkel::search
