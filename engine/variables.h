/// The one table of result variables: name, axes, type, role, unit. Writer, reader, diff and docs are generated from it
/// (RESULTS-FORMAT sections 2, 3, 5).
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace nokkel {

enum class Axis {
  combination,
  criterion,
  slot,
  control,
  outcome,
  year,
  year_train,
  year_test,
  selected,
  rank_position,
  quantile,
  universe,
  rank_level
};

/// Levels of the quantiles of ranks over half-samples (METHODS 6.2), whatever the study's levels of coefficients.
inline constexpr std::array<double, 3> kRankLevels = {0.05, 0.5, 0.95};

enum class VarType { real, int32, int8 };

enum class Var : int {
  // made in the loop, one RecordBlock an (id ranges, outcome): first axis is combination
  status,
  n_obs,
  replicates_used,
  cv_failed,
  vif_max,
  intercept,
  coef,
  coef_se,
  control_coef,
  control_se,
  coef_boot_mean,
  coef_boot_se,
  coef_quantile_all,
  mark,
  mark_classical,
  sig_share_05,
  sig_share_10,
  sign_share,
  r2,
  adj_r2,
  aic,
  bic,
  r2_boot_mean,
  r2_boot_sd,
  cv_rmse,
  cv_rmse_se,
  transfer_rmse,
  coef_year_sd,
  coef_year_tau,
  coef_trend,
  coef_trend_se,
  sign_consistency,
  score,
  // made after the loop
  rank,
  rank_by_year,
  top_share,
  selected_combination,
  rank_probability,
  cv_rmse_unit_se,
  coef_quantile,
  rank_quantile,
  rank_quantile_error,
  rank_expected,
  rank_expected_error,
  inclusion_share,
  report_coef,
  report_coef_se,
  report_control_coef,
  report_control_se,
  report_intercept,
  report_intercept_se,
  report_r2,
  report_adj_r2,
  report_residual_sd,
  condition_number,
  belsley_index,
  // made in the first pass of mode `kept`: first axis is the universe
  score_all,
  count_
};
inline constexpr int kVarCount = static_cast<int>(Var::count_);

enum class UnitKind { none, one, outcome, outcome_per_criterion, outcome_per_control, per_criterion };

struct VariableInfo {
  Var id;
  std::string_view name;
  std::array<Axis, 5> axes;
  int n_axes;
  VarType type;
  std::string_view role;  ///< design, diagnostic, estimate, interval, stability, fit, score, score_error, rank
  UnitKind unit;
  std::string_view direction;  ///< "min", "max" or ""
  std::string_view long_name;
  bool in_loop;  ///< first axis is combination and a RecordBlock carries it
  [[nodiscard]] std::span<const Axis> axis() const { return {axes.data(), static_cast<std::size_t>(n_axes)}; }
};

/// Indexed by Var.
const std::array<VariableInfo, kVarCount>& variables();
inline const VariableInfo& info(Var v) { return variables()[static_cast<std::size_t>(v)]; }
std::string_view name_of(Axis axis);

/// Codes of Var::status (RESULTS-FORMAT section 4).
enum class Status : signed char {
  not_computed = -1,
  ok = 0,
  rank_deficient = 1,
  too_few_rows = 2,
  zero_variance = 3,
  few_replicates = 4,
  criterion_unavailable = 5,
  perfect_fit = 6
};
/// Blank-separated names in code order from -1, for flag_meanings.
inline constexpr std::string_view kStatusMeanings =
    "not_computed ok rank_deficient too_few_rows zero_variance few_replicates criterion_unavailable perfect_fit";

}  // namespace nokkel
