#include "engine/variables.h"

#include <array>

namespace nokkel {
namespace {

using A = Axis;
constexpr A C = A::combination, K = A::criterion, P = A::slot, T = A::control, O = A::outcome, Y = A::year, S = A::selected,
            Q = A::quantile, L = A::rank_level;

constexpr VariableInfo make(Var id, std::string_view name, std::initializer_list<Axis> axes, VarType type,
                            std::string_view role, UnitKind unit, std::string_view direction, std::string_view long_name) {
  VariableInfo v{id, name, {}, static_cast<int>(axes.size()), type, role, unit, direction, long_name, id < Var::rank};
  std::size_t i = 0;
  for (const Axis a : axes) v.axes[i++] = a;
  return v;
}

constexpr VarType R = VarType::real, I = VarType::int32, F = VarType::int8;
constexpr UnitKind one = UnitKind::one, outc = UnitKind::outcome, percrit = UnitKind::outcome_per_criterion;

constexpr std::array<VariableInfo, kVarCount> kTable = {
    make(Var::status, "status", {C, O, Y}, F, "diagnostic", one, "", "outcome of the fit"),
    make(Var::n_obs, "n_obs", {C, O, Y}, I, "diagnostic", one, "", "rows used"),
    make(Var::replicates_used, "replicates_used", {C, O, Y}, I, "diagnostic", one, "",
         "bootstrap replicates that gave a full-rank fit"),
    make(Var::cv_failed, "cv_failed", {C, O, Y}, I, "diagnostic", one, "",
         "training sets of the cross-validation in which the combination is not estimable"),
    make(Var::vif_max, "vif_max", {C, O, Y}, R, "diagnostic", one, "",
         "largest variance inflation factor of the centred, scaled design"),
    make(Var::intercept, "intercept", {C, O, Y}, R, "estimate", outc, "", "intercept of the full-sample fit"),
    make(Var::coef, "coef", {C, O, Y, P}, R, "estimate", percrit, "", "full-sample OLS coefficient"),
    make(Var::coef_se, "coef_se", {C, O, Y, P}, R, "estimate", percrit, "", "classical standard error"),
    make(Var::control_coef, "control_coef", {C, O, Y, T}, R, "estimate", UnitKind::outcome_per_control, "",
         "full-sample OLS coefficient of the control"),
    make(Var::control_se, "control_se", {C, O, Y, T}, R, "estimate", UnitKind::outcome_per_control, "",
         "classical standard error of the control"),
    make(Var::coef_boot_mean, "coef_boot_mean", {C, O, Y, P}, R, "estimate", percrit, "",
         "mean over pairs bootstrap replicates"),
    make(Var::coef_boot_se, "coef_boot_se", {C, O, Y, P}, R, "estimate", percrit, "",
         "standard deviation over pairs bootstrap replicates"),
    make(Var::coef_quantile_all, "coef_quantile_all", {C, O, Y, P, Q}, R, "interval", percrit, "",
         "quantile of the coefficient over pairs bootstrap replicates, of every combination"),
    make(Var::mark, "mark", {C, O, Y, P}, F, "estimate", one, "",
         "2: p < 0.05, 1: p < 0.10, 0: neither, -1: not computed; t(N-k) on coef / coef_boot_se"),
    make(Var::mark_classical, "mark_classical", {C, O, Y, P}, F, "estimate", one, "",
         "2: p < 0.05, 1: p < 0.10, 0: neither, -1: not computed; t(N-k) on coef / coef_se"),
    make(Var::sig_share_05, "sig_share_05", {C, O, Y, P}, R, "stability", one, "max",
         "share of half-samples in which the criterion is significant at 0.05"),
    make(Var::sig_share_10, "sig_share_10", {C, O, Y, P}, R, "stability", one, "max",
         "share of half-samples in which the criterion is significant at 0.10"),
    make(Var::sign_share, "sign_share", {C, O, Y, P}, R, "stability", one, "max", "share of replicates with the sign of coef"),
    make(Var::r2, "r2", {C, O, Y}, R, "fit", one, "max", "explained share of the variance, full sample"),
    make(Var::adj_r2, "adj_r2", {C, O, Y}, R, "fit", one, "max", "adjusted r2, full sample"),
    make(Var::aic, "aic", {C, O, Y}, R, "fit", one, "min", "Akaike information criterion, sigma2 counted (as R)"),
    make(Var::bic, "bic", {C, O, Y}, R, "fit", one, "min", "Bayesian information criterion, sigma2 counted (as R)"),
    make(Var::r2_boot_mean, "r2_boot_mean", {C, O, Y}, R, "diagnostic", one, "",
         "mean of r2 over pairs bootstrap replicates (biased upward by about (k-1)(1-r2)/n)"),
    make(Var::r2_boot_sd, "r2_boot_sd", {C, O, Y}, R, "diagnostic", one, "",
         "standard deviation of r2 over pairs bootstrap replicates"),
    make(Var::cv_rmse, "cv_rmse", {C, O, Y}, R, "score", outc, "min",
         "root of held-out squared error per row over folds and repeats; infinite when a training set is not estimable"),
    make(Var::cv_rmse_se, "cv_rmse_se", {C, O, Y}, R, "score_error", outc, "",
         "Monte Carlo error of cv_rmse: sd of the per-repeat figure / root of the number of repeats"),
    make(Var::transfer_rmse, "transfer_rmse", {C, O, A::year_train, A::year_test}, R, "score", outc, "min",
         "root mean squared error in one year of the fit of another"),
    make(Var::coef_year_sd, "coef_year_sd", {C, O, P}, R, "stability", UnitKind::per_criterion, "min",
         "standard deviation over years of the coefficient on the price basis of the response"),
    make(Var::coef_year_tau, "coef_year_tau", {C, O, P}, R, "stability", UnitKind::per_criterion, "min",
         "standard deviation over years of the true coefficient: coef_year_sd less sampling noise, covariance between years "
         "from "
         "shared replicates; 0: no more variation than noise gives"),
    make(Var::coef_trend, "coef_trend", {C, O, P}, R, "stability", UnitKind::per_criterion, "",
         "least-squares slope over calendar years of the coefficient on the price basis of the response, a year"),
    make(Var::coef_trend_se, "coef_trend_se", {C, O, P}, R, "stability", UnitKind::per_criterion, "",
         "pairs bootstrap standard error of coef_trend, years of a unit together"),
    make(Var::sign_consistency, "sign_consistency", {C, O, P}, R, "stability", one, "max",
         "absolute sum of signs of coef over the available years / number of available years"),
    make(Var::score, "score", {C, O}, R, "rank", one, "min", "the value ranked by"),
    make(Var::rank, "rank", {C, O}, I, "rank", one, "", "1 is best; 0: not ranked"),
    make(Var::rank_by_year, "rank_by_year", {C, O, Y}, I, "rank", one, "", "rank within the year; 0: not ranked"),
    make(Var::top_share, "top_share", {C, O}, R, "rank", one, "max",
         "share of half-samples in which the combination is among the leading `top`"),
    make(Var::selected_combination, "selected_combination", {O, S}, I, "design", one, "",
         "combination number of each selected one, best first; -1: fewer were selected"),
    make(Var::rank_probability, "rank_probability", {O, S, A::rank_position}, R, "rank", one, "",
         "share of half-samples in which the selected combination has this rank"),
    make(Var::cv_rmse_unit_se, "cv_rmse_unit_se", {O, S, Y}, R, "score_error", outc, "",
         "standard error of cv_rmse over units; a lower bound, since training sets overlap"),
    make(Var::coef_quantile, "coef_quantile", {O, S, Y, K, Q}, R, "interval", percrit, "",
         "quantile of the coefficient over pairs bootstrap replicates, of the selected"),
    make(Var::rank_quantile, "rank_quantile", {O, S, L}, R, "rank", one, "",
         "quantile over half-samples of the rank by GCV; known to within rank_quantile_error"),
    make(Var::rank_quantile_error, "rank_quantile_error", {O, S, L}, R, "diagnostic", one, "",
         "bound of the error of rank_quantile: ranks inside a bin are not resolved"),
    make(Var::rank_expected, "rank_expected", {O, S}, R, "rank", one, "",
         "mean over half-samples of the rank by GCV; known to within rank_expected_error"),
    make(Var::rank_expected_error, "rank_expected_error", {O, S}, R, "diagnostic", one, "",
         "bound of the error of rank_expected: ranks inside a bin are not resolved"),
    make(Var::inclusion_share, "inclusion_share", {O, K}, R, "stability", one, "max",
         "share of the selected combinations that hold the criterion"),
    make(Var::report_coef, "report_coef", {O, S, Y, K}, R, "estimate", percrit, "",
         "coef of the selected combination, in double-double on raw rows"),
    make(Var::report_coef_se, "report_coef_se", {O, S, Y, K}, R, "estimate", percrit, "",
         "classical standard error of report_coef"),
    make(Var::report_control_coef, "report_control_coef", {O, S, Y, T}, R, "estimate", UnitKind::outcome_per_control, "",
         "control_coef of the selected combination, in double-double on raw rows"),
    make(Var::report_control_se, "report_control_se", {O, S, Y, T}, R, "estimate", UnitKind::outcome_per_control, "",
         "classical standard error of report_control_coef"),
    make(Var::report_intercept, "report_intercept", {O, S, Y}, R, "estimate", outc, "", "intercept of the report_coef fit"),
    make(Var::report_intercept_se, "report_intercept_se", {O, S, Y}, R, "estimate", outc, "",
         "classical standard error of report_intercept"),
    make(Var::report_r2, "report_r2", {O, S, Y}, R, "fit", one, "max",
         "explained share of the variance of the report_coef fit"),
    make(Var::report_adj_r2, "report_adj_r2", {O, S, Y}, R, "fit", one, "max", "adjusted report_r2"),
    make(Var::report_residual_sd, "report_residual_sd", {O, S, Y}, R, "fit", outc, "min",
         "residual standard deviation of the report_coef fit"),
    make(Var::condition_number, "condition_number", {O, S, Y}, R, "diagnostic", one, "",
         "root of largest / smallest eigenvalue of the centred, unit-diagonal cross-products; above 30 is flagged"),
    make(Var::belsley_index, "belsley_index", {O, S, Y}, R, "diagnostic", one, "",
         "the same of the uncentred unit-length columns with the intercept; above 30 is flagged"),
    make(Var::score_all, "score_all", {A::universe, O}, R, "rank", one, "min",
         "score of every combination of the universe, by its number; few replicates of the bootstrap are not looked at"),
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i)
    if (kTable[i].id != static_cast<Var>(i)) return false;
  return true;
}
static_assert(in_order(), "the table is indexed by Var");

}  // namespace

const std::array<VariableInfo, kVarCount>& variables() { return kTable; }

std::string_view name_of(Axis axis) {
  switch (axis) {
    case A::combination:
      return "combination";
    case A::criterion:
      return "criterion";
    case A::slot:
      return "slot";
    case A::control:
      return "control";
    case A::outcome:
      return "outcome";
    case A::year:
      return "year";
    case A::year_train:
      return "year_train";
    case A::year_test:
      return "year_test";
    case A::selected:
      return "selected";
    case A::rank_position:
      return "rank_position";
    case A::quantile:
      return "quantile";
    case A::universe:
      return "universe";
    case A::rank_level:
      return "rank_level";
  }
  return "";
}

}  // namespace nokkel
