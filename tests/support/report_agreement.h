/// Screening against the report path (METHODS 1.4): "agree to 1e-8 relative when all VIF <= 30".
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/universe/universe.h"
#include "tests/support/memory_sink.h"

namespace nokkel::testing {

/// Every selected combination of one outcome in every year that is ok with all VIF <= 30: coefficients, their standard errors,
/// R2, adjusted R2 and intercept. An estimate is judged against itself or, near zero, its standard error. Returns the cells
/// compared.
inline int expect_report_agrees(const MemorySink& sink, const universe::Universe& universe, int outcome) {
  constexpr double kAgreement = 1e-8;
  const std::size_t n_years = static_cast<std::size_t>(sink.extents.n_years),
                    n_slots = static_cast<std::size_t>(sink.extents.n_slots),
                    n_criteria = static_cast<std::size_t>(sink.extents.n_criteria),
                    n_controls = static_cast<std::size_t>(sink.extents.n_controls);
  int compared = 0;
  const auto close = [&](Var screen, std::size_t at, Var report, std::size_t report_at, double size) {
    const double a = sink.real(screen, outcome)[at], b = sink.real(report, outcome)[report_at];
    EXPECT_LE(std::fabs(a - b), kAgreement * std::max(std::fabs(b), size)) << info(screen).name << " " << a << " " << b;
  };
  const auto& selected = sink.int32(Var::selected_combination, outcome);
  for (std::size_t s = 0; s < selected.size(); ++s) {
    if (selected[s] < 0) continue;
    const std::vector<int> members = universe.unrank(static_cast<std::uint64_t>(selected[s]));
    for (std::size_t year = 0; year < n_years; ++year) {
      const std::size_t cell = static_cast<std::size_t>(selected[s]) * n_years + year, at = s * n_years + year;
      if (sink.int8(Var::status, outcome)[cell] != 0 || sink.real(Var::vif_max, outcome)[cell] > 30) continue;
      ++compared;
      for (std::size_t slot = 0; slot < members.size(); ++slot) {
        const std::size_t from = cell * n_slots + slot, to = at * n_criteria + static_cast<std::size_t>(members[slot]);
        close(Var::coef, from, Var::report_coef, to, sink.real(Var::report_coef_se, outcome)[to]);
        close(Var::coef_se, from, Var::report_coef_se, to, 0);
      }
      for (std::size_t t = 0; t < n_controls; ++t) {
        const std::size_t from = cell * n_controls + t, to = at * n_controls + t;
        close(Var::control_coef, from, Var::report_control_coef, to, sink.real(Var::report_control_se, outcome)[to]);
        close(Var::control_se, from, Var::report_control_se, to, 0);
      }
      close(Var::intercept, cell, Var::report_intercept, at, sink.real(Var::report_intercept_se, outcome)[at]);
      close(Var::r2, cell, Var::report_r2, at, 0);
      close(Var::adj_r2, cell, Var::report_adj_r2, at, 0);
      EXPECT_GE(sink.real(Var::condition_number, outcome)[at], 1);
      EXPECT_GE(sink.real(Var::belsley_index, outcome)[at], 1);
    }
  }
  return compared;
}

}  // namespace nokkel::testing
