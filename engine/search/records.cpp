#include "engine/search/records.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace nokkel::search {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();

/// Variance of n numbers from their sums about some shift.
double variance(const kernels::RowSums& s, int n) {
  return n < 2 ? kNaN : std::max(0.0, (s.sum2 - s.sum * s.sum / n) / (n - 1));
}

}  // namespace

RecordMaker::RecordMaker(const OutcomeContext& context, const BlockPlan& plan, const BlockShape& shape, const FullFits& full,
                         const StatusTable& status)
    : c_(context),
      plan_(plan),
      shape_(shape),
      full_(full),
      status_(status),
      n_controls_(static_cast<int>(context.design.controls.size())),
      n_slots_(context.universe.max_size()),
      se2_(shape.n_cells() * shape.n_rows, kNaN) {
  Extents extents;
  extents.n_combinations = static_cast<std::uint64_t>(shape.n_places);
  extents.n_slots = n_slots_;
  extents.n_controls = n_controls_;
  extents.n_outcomes = 1;
  extents.n_years = shape.n_years;
  extents.n_quantiles = static_cast<int>(context.statistics.quantiles.size());
  extents.quantiles_of_all = context.statistics.quantiles_of == QuantilesOf::all && context.statistics.n_pairs > 0;
  result_.records.outcome = context.outcome;
  for (const VariableInfo& v : variables()) {
    if (!v.in_loop || !extents.have(v)) continue;
    std::size_t n = 1;
    for (const Axis a : v.axis())
      if (a != Axis::outcome) n *= static_cast<std::size_t>(extents.of(a));
    Values& values = result_.records.values[static_cast<std::size_t>(v.id)];
    if (v.type == VarType::real) values.real.assign(n, kNaN);
    if (v.type == VarType::int32) values.int32.assign(n, 0);
    if (v.type == VarType::int8) values.int8.assign(n, -1);
  }
  full_sample();
}

int RecordMaker::column(int place, int i) const {
  const int n_swept = c_.extents.n_swept;
  return i < n_swept ? i : n_swept + plan_.members[static_cast<std::size_t>(place) * plan_.max_free + (i - n_swept)];
}

double RecordMaker::unit(int column) const { return sd_y() / c_.tiles.scale.sd[static_cast<std::size_t>(column)]; }

void RecordMaker::full_sample() {
  for (int place = 0; place < shape_.n_places; ++place) {
    for (int year = 0; year < shape_.n_years; ++year) {
      small(Var::status)[cell(place, year)] = status_[cell(place, year)];
      integer(Var::n_obs)[cell(place, year)] = n_obs(year);
      if (status(place, year) == Status::ok || status(place, year) == Status::perfect_fit) full_cell(place, year);
    }
    across_years(place);
  }
  marks(Var::mark_classical, Var::coef_se);
}

void RecordMaker::full_cell(int place, int year) {
  const std::size_t at = cell(place, year);
  const int k = size(place) + n_controls_ + 1, n = n_obs(year);
  const bool perfect = status(place, year) == Status::perfect_fit;
  const double sse = perfect ? 0.0 : full_.sse[at], sigma2 = sse / (n - k);
  const Scale& scale = c_.tiles.scale;
  double intercept = scale.mean.back() + sd_y() * full_.intercept[at];
  for (int i = 0; i < n_controls_ + size(place); ++i) {
    const int j = column(place, i);
    const std::size_t row = shape_.row(place, year, i);
    const double b = full_.b[row] * unit(j), se = std::sqrt(sigma2 * full_.v[row]) * unit(j);
    intercept -= b * scale.mean[static_cast<std::size_t>(j)];
    if (i < n_controls_) {
      real(Var::control_coef)[at * n_controls_ + i] = b;
      real(Var::control_se)[at * n_controls_ + i] = se;
    } else {
      real(Var::coef)[slot(place, year, i - n_controls_)] = b;
      real(Var::coef_se)[slot(place, year, i - n_controls_)] = se;
    }
  }
  real(Var::intercept)[at] = intercept;
  real(Var::vif_max)[at] = full_.vif_max[at];
  const double r2 = 1 - sse / sst(year);
  real(Var::r2)[at] = r2;
  real(Var::adj_r2)[at] = 1 - (1 - r2) * (n - 1) / (n - k);
  const double two_log_likelihood =
      perfect ? kInfinity : -(n * std::log(sse * sd_y() * sd_y() / n) + n * (1 + std::log(2 * std::numbers::pi)));
  real(Var::aic)[at] = -two_log_likelihood + 2 * (k + 1);
  real(Var::bic)[at] = -two_log_likelihood + std::log(n) * (k + 1);
  for (int test = 0; test < shape_.n_years; ++test) {
    const double error = full_.transfer_sse[at * shape_.n_years + test];
    real(Var::transfer_rmse)[at * shape_.n_years + test] = sd_y() * std::sqrt(std::max(error, 0.0) / n_obs(test));
  }
}

void RecordMaker::marks(Var var, Var se) {
  for (int place = 0; place < shape_.n_places; ++place)
    for (int year = 0; year < shape_.n_years; ++year) {
      if (status(place, year) != Status::ok) continue;
      const double df = n_obs(year) - size(place) - n_controls_ - 1, t05 = c_.tiles.critical.at05(df),
                   t10 = c_.tiles.critical.at10(df);
      for (int p = 0; p < size(place); ++p) {
        const std::size_t at = slot(place, year, p);
        const double error = real(se)[at];
        if (std::isnan(error)) continue;
        const double t = std::fabs(real(Var::coef)[at]) / error;
        small(var)[at] = t > t05 ? 2 : t > t10 ? 1 : 0;
      }
    }
}

void RecordMaker::across_years(int place) {
  for (int p = 0; p < size(place); ++p) {
    double n = 0, sum = 0, square = 0, signs = 0;
    bool complete = true;
    const auto value = [&](int year) { return price_factor(year) * real(Var::coef)[slot(place, year, p)]; };
    for (int year = 0; year < shape_.n_years; ++year) {
      if (status(place, year) == Status::criterion_unavailable) continue;
      const double b = value(year);
      complete = complete && !std::isnan(b);
      n += 1;
      sum += b;
      signs += b > 0 ? 1 : b < 0 ? -1 : 0;
    }
    if (n == 0 || !complete) continue;
    for (int year = 0; year < shape_.n_years; ++year)
      if (status(place, year) != Status::criterion_unavailable) square += (value(year) - sum / n) * (value(year) - sum / n);
    const std::size_t at = static_cast<std::size_t>(place) * n_slots_ + p;
    if (n > 1) real(Var::coef_year_sd)[at] = std::sqrt(square / (n - 1));
    real(Var::sign_consistency)[at] = std::fabs(signs) / n;
  }
}

void RecordMaker::pairs(const PairSums& sums) {
  for (int place = 0; place < shape_.n_places; ++place) {
    for (int year = 0; year < shape_.n_years; ++year)
      if (status(place, year) == Status::ok && n_obs(year) > 0) pairs_cell(place, year, sums);
    pairs_across_years(place, sums);
  }
}

void RecordMaker::pairs_cell(int place, int year, const PairSums& sums) {
  const std::size_t at = cell(place, year);
  const int used = sums.used(place, year), n = n_controls_ + size(place);
  integer(Var::replicates_used)[at] = used;
  if (used < kLeastEstimable * c_.provider.n_replicates(resample::Stream::pairs)) {
    small(Var::status)[at] = static_cast<std::int8_t>(Status::few_replicates);
    return;
  }
  for (int i = 0; i < n; ++i) {
    const kernels::RowSums s = sums.row(place, year, i);
    const std::size_t row = shape_.row(place, year, i);
    const double v = variance(s, used);
    se2_[row] = v;
    if (i < n_controls_) continue;
    const double u = unit(column(place, i));
    const std::size_t to = slot(place, year, i - n_controls_);
    real(Var::coef_boot_mean)[to] = (full_.b[row] + s.sum / used) * u;
    real(Var::coef_boot_se)[to] = std::sqrt(v) * u;
    real(Var::sign_share)[to] = (full_.b[row] > 0 ? s.n_positive : used - s.n_positive) / used;
  }
  const kernels::RowSums r2 = sums.r2(place, year, n);
  real(Var::r2_boot_mean)[at] = real(Var::r2)[at] + r2.sum / used;
  real(Var::r2_boot_sd)[at] = std::sqrt(variance(r2, used));
}

double RecordMaker::price_factor(int year) const {
  return c_.design.outcomes[static_cast<std::size_t>(c_.outcome)].cells[static_cast<std::size_t>(year)].price_factor;
}

/// METHODS 6.1, 6.5: tau2 = max(0, S2 - vbar + cbar). S2 variance of the coefficient over years, vbar mean of its sampling
/// variances, cbar = (Var sum_t b_t - sum_t Var b_t) / (T (T - 1)) mean of its sampling covariances between years.
void RecordMaker::pairs_across_years(int place, const PairSums& sums) {
  const int n_years = sums.n_years_of(place), used = sums.used_across(place);
  if (n_years == 0 || used < kLeastEstimable * c_.provider.n_replicates(resample::Stream::pairs)) return;
  for (int p = 0; p < size(place); ++p) {
    const int i = n_controls_ + p;
    const double u = unit(column(place, i));
    const PairSums::Contrast total = sums.total(place, i), slope = sums.slope(place, i);
    const std::size_t at = static_cast<std::size_t>(place) * n_slots_ + p;
    real(Var::coef_trend)[at] = slope.value * u;
    real(Var::coef_trend_se)[at] = std::sqrt(variance(slope.sums, used)) * u;
    double own = 0, square = 0;  // sum of sampling variances; squared deviations of the coefficient over years
    for (int year = 0; year < shape_.n_years; ++year) {
      const std::size_t row = shape_.row(place, year, i);
      if (status_[cell(place, year)] != 0) continue;
      const double f = price_factor(year), e = f * full_.b[row] - total.value / n_years;
      own += f * f * se2_[row];
      square += e * e;
    }
    const double between = (variance(total.sums, used) - own) / (n_years * (n_years - 1.0));
    const double tau2 = square / (n_years - 1) - own / n_years + between;
    if (!std::isnan(tau2)) real(Var::coef_year_tau)[at] = std::sqrt(std::max(tau2, 0.0)) * u;
  }
}

void RecordMaker::quantiles(int year, const PlanPiece& piece, CoefficientQuantiles& quantiles) {
  for (int i = 0; i < piece.plan.n_places; ++i) {
    const int place = piece.place[static_cast<std::size_t>(i)];
    if (small(Var::status)[cell(place, year)] != 0) continue;
    for (int p = 0; p < size(place); ++p)
      quantiles.of(i, p, column(place, n_controls_ + p) - n_controls_,
                   real(Var::coef_quantile_all).data() + slot(place, year, p) * static_cast<std::size_t>(quantiles.n_levels()));
  }
}

void RecordMaker::halves(const HalfMarks& marks) {
  for (int place = 0; place < shape_.n_places; ++place)
    for (int year = 0; year < shape_.n_years; ++year) {
      const std::size_t at = cell(place, year);
      if (small(Var::status)[at] != 0 || marks.used(place, year) == 0) continue;
      for (int p = 0; p < size(place); ++p) {
        const std::size_t row = shape_.row(place, year, n_controls_ + p);
        if (std::isnan(se2_[row])) continue;
        real(Var::sig_share_05)[slot(place, year, p)] = marks.count05(place, year, n_controls_ + p) / marks.used(place, year);
        real(Var::sig_share_10)[slot(place, year, p)] = marks.count10(place, year, n_controls_ + p) / marks.used(place, year);
      }
    }
}

void RecordMaker::folds(int year, const HeldOut& held_out, const std::vector<double>& rows_of_repeat) {
  const int n_repeats = static_cast<int>(rows_of_repeat.size()), n_sets = c_.provider.n_replicates(resample::Stream::folds);
  for (int place = 0; place < shape_.n_places; ++place) {
    if (status(place, year) != Status::ok) continue;
    const std::size_t at = cell(place, year);
    integer(Var::cv_failed)[at] = n_sets - held_out.fitted[static_cast<std::size_t>(place)];
    if (integer(Var::cv_failed)[at] > 0) {
      real(Var::cv_rmse)[at] = kInfinity;
      continue;
    }
    const HeldOutError error = held_out_error(held_out.sse(place), rows_of_repeat, sd_y());
    real(Var::cv_rmse)[at] = error.rmse;
    if (n_repeats > 1) real(Var::cv_rmse_se)[at] = error.se;
  }
}

BlockResult RecordMaker::finish(const std::vector<universe::Block::Range>& rows) {
  marks(Var::mark, Var::coef_boot_se);
  result_.records.ranges = rows;
  const std::vector<double> sd = response_sd(c_.tiles);
  for (const std::int8_t s : small(Var::status)) ++result_.status_count[static_cast<std::size_t>(s + 1)];
  for (int place = 0; place < shape_.n_places; ++place)
    real(Var::score)[static_cast<std::size_t>(place)] = score_of(shape_.n_years, small(Var::status).data() + cell(place, 0),
                                                                 real(Var::cv_rmse).data() + cell(place, 0), sd.data());
  return std::move(result_);
}

HeldOutError held_out_error(const double* sse, const std::vector<double>& rows_of_repeat, double sd_y) {
  const int n_repeats = static_cast<int>(rows_of_repeat.size());
  double rows = 0, total = 0, sum = 0, square = 0;
  for (const double n : rows_of_repeat) rows += n;
  const auto rmse_of = [&](int r) {
    return sd_y * std::sqrt(std::max(sse[r], 0.0) / rows_of_repeat[static_cast<std::size_t>(r)]);
  };
  for (int r = 0; r < n_repeats; ++r) {
    total += sse[r];
    sum += rmse_of(r);
  }
  for (int r = 0; r < n_repeats; ++r) {
    const double e = rmse_of(r) - sum / n_repeats;
    square += e * e;
  }
  return {sd_y * std::sqrt(std::max(total, 0.0) / rows), std::sqrt(square / (n_repeats - 1) / n_repeats)};
}

double score_of(int n_years, const std::int8_t* status, const double* cv_rmse, const double* sd_of_year) {
  double score = 0;
  int n_available = 0;
  for (int year = 0; year < n_years; ++year) {
    const Status s = static_cast<Status>(status[year]);
    if (s == Status::criterion_unavailable) continue;
    if (s != Status::ok) return kNaN;
    ++n_available;
    score += cv_rmse[year] / sd_of_year[year];
  }
  return n_available > 0 ? score / n_available : kNaN;
}

std::vector<double> response_sd(const OutcomeTiles& tiles) {
  std::vector<double> sd;
  for (std::size_t year = 0; year < tiles.rows.size(); ++year)
    sd.push_back(tiles.scale.sd.back() * std::sqrt(tiles.full.root.sst[year] / (tiles.rows[year].n_rows - 1)));
  return sd;
}

ScoreMaker::ScoreMaker(const OutcomeContext& context, const BlockShape& shape, const StatusTable& status)
    : c_(context), shape_(shape), status_(status), cv_rmse_(shape.n_cells(), kNaN) {}

void ScoreMaker::folds(int year, const HeldOut& held_out, const std::vector<double>& rows_of_repeat) {
  const int n_sets = c_.provider.n_replicates(resample::Stream::folds);
  for (int place = 0; place < shape_.n_places; ++place) {
    const std::size_t p = static_cast<std::size_t>(place);
    cv_rmse_[shape_.cell(place, year)] =
        held_out.fitted[p] < n_sets ? kInfinity
                                    : held_out_error(held_out.sse(place), rows_of_repeat, c_.tiles.scale.sd.back()).rmse;
  }
}

BlockResult ScoreMaker::finish(const std::vector<universe::Block::Range>& rows) const {
  BlockResult result;
  result.records.outcome = c_.outcome;
  result.records.axis = Axis::universe;
  result.records.ranges = rows;
  std::vector<double>& score = result.records.values[static_cast<std::size_t>(Var::score_all)].real;
  const std::vector<double> sd = response_sd(c_.tiles);
  for (int place = 0; place < shape_.n_places; ++place) {
    const std::size_t at = shape_.cell(place, 0);
    score.push_back(score_of(shape_.n_years, status_.data() + at, cv_rmse_.data() + at, sd.data()));
  }
  for (const std::int8_t s : status_) ++result.status_count[static_cast<std::size_t>(s + 1)];
  return result;
}

}  // namespace nokkel::search
