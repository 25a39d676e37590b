#include "engine/search/report_fits.h"

#include <algorithm>
#include <array>
#include <limits>

#include "engine/aligned.h"
#include "kernels/report_fit.h"

namespace nokkel::search {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using kernels::ReportFit;

/// What is one number a (selected, year).
constexpr std::array<std::pair<Var, double ReportFit::*>, 7> kFigures = {{
    {Var::report_intercept, &ReportFit::intercept},
    {Var::report_intercept_se, &ReportFit::intercept_se},
    {Var::report_r2, &ReportFit::r2},
    {Var::report_adj_r2, &ReportFit::adj_r2},
    {Var::report_residual_sd, &ReportFit::residual_sd},
    {Var::condition_number, &ReportFit::condition_number},
    {Var::belsley_index, &ReportFit::belsley_index},
}};

class Reporter {
 public:
  Reporter(const OutcomeContext& context, std::size_t n_selected)
      : outcome_(context.design.outcomes[static_cast<std::size_t>(context.outcome)]),
        n_controls_(context.design.controls.size()),
        n_criteria_(context.design.criteria.size()) {
    const std::size_t n_cells = n_selected * outcome_.cells.size();
    for (auto* values : {&coef_, &se_}) values->assign(n_cells * n_criteria_, kNaN);
    for (auto* values : {&control_coef_, &control_se_}) values->assign(n_cells * n_controls_, kNaN);
    for (auto& values : figures_) values.assign(n_cells, kNaN);
  }

  void fit(std::size_t place, const std::vector<int>& members) {
    for (std::size_t year = 0; year < outcome_.cells.size(); ++year) {
      const panel::Cell& cell = outcome_.cells[year];
      const bool available =
          std::all_of(members.begin(), members.end(), [&](int m) { return cell.available[static_cast<std::size_t>(m)] != 0; });
      const int n_parameters = static_cast<int>(n_controls_ + members.size()) + 1;
      if (available && cell.n_rows() > n_parameters) fit_cell(place * outcome_.cells.size() + year, cell, members);
    }
  }

  std::vector<std::pair<Var, std::vector<double>>> take() {
    std::vector<std::pair<Var, std::vector<double>>> out;
    out.emplace_back(Var::report_coef, std::move(coef_));
    out.emplace_back(Var::report_coef_se, std::move(se_));
    out.emplace_back(Var::report_control_coef, std::move(control_coef_));
    out.emplace_back(Var::report_control_se, std::move(control_se_));
    for (std::size_t i = 0; i < kFigures.size(); ++i) out.emplace_back(kFigures[i].first, std::move(figures_[i]));
    return out;
  }

 private:
  void fit_cell(std::size_t at, const panel::Cell& cell, const std::vector<int>& members) {
    const std::size_t n = cell.y.size(), k = n_controls_ + members.size();
    columns_.clear();
    for (std::size_t i = 0; i < k; ++i) {
      const std::size_t column = i < n_controls_ ? i : n_controls_ + static_cast<std::size_t>(members[i - n_controls_]);
      columns_.push_back({cell.x.data() + column * n, nullptr});
    }
    const auto doubles = static_cast<std::size_t>(kernels::report_fit_scratch(cell.n_rows(), static_cast<int>(k)));
    if (scratch_.size() < doubles) scratch_ = AlignedBuffer(doubles);
    memory_.resize(3 * k);
    ReportFit fit;
    fit.b = memory_.data();
    fit.se = memory_.data() + k;
    fit.v = memory_.data() + 2 * k;
    kernels::report_fit(cell.n_rows(), columns_, {cell.y.data(), nullptr}, nullptr, true, scratch_.data(), &fit);
    if (!fit.full_rank) return;
    std::copy_n(fit.b, n_controls_, control_coef_.begin() + static_cast<std::ptrdiff_t>(at * n_controls_));
    std::copy_n(fit.se, n_controls_, control_se_.begin() + static_cast<std::ptrdiff_t>(at * n_controls_));
    for (std::size_t i = 0; i < members.size(); ++i) {
      coef_[at * n_criteria_ + static_cast<std::size_t>(members[i])] = fit.b[n_controls_ + i];
      se_[at * n_criteria_ + static_cast<std::size_t>(members[i])] = fit.se[n_controls_ + i];
    }
    for (std::size_t i = 0; i < kFigures.size(); ++i) figures_[i][at] = fit.*kFigures[i].second;
  }

  const panel::Outcome& outcome_;
  std::size_t n_controls_, n_criteria_;
  std::vector<double> coef_, se_, control_coef_, control_se_;  // [selected][year][criterion or control]
  std::array<std::vector<double>, kFigures.size()> figures_;   // [selected][year]
  std::vector<kernels::ReportColumn> columns_;
  std::vector<double> memory_;
  AlignedBuffer scratch_;
};

}  // namespace

std::vector<std::pair<Var, std::vector<double>>> report_fits(const OutcomeContext& context,
                                                             const std::vector<std::vector<int>>& members,
                                                             std::size_t n_selected) {
  Reporter reporter(context, n_selected);
  for (std::size_t place = 0; place < members.size(); ++place) reporter.fit(place, members[place]);
  return reporter.take();
}

}  // namespace nokkel::search
