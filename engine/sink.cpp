#include "engine/sink.h"

#include <algorithm>

namespace nokkel {

std::uint64_t Extents::of(Axis axis) const {
  const auto n = [](int v) { return static_cast<std::uint64_t>(v); };
  switch (axis) {
    case Axis::combination:
      return n_combinations;
    case Axis::criterion:
      return n(n_criteria);
    case Axis::slot:
      return n(n_slots);
    case Axis::control:
      return n(n_controls);
    case Axis::outcome:
      return n(n_outcomes);
    case Axis::year:
    case Axis::year_train:
    case Axis::year_test:
      return n(n_years);
    case Axis::selected:
      return n(n_selected);
    case Axis::rank_position:
      return n(n_rank_positions);
    case Axis::quantile:
      return n(n_quantiles);
    case Axis::universe:
      return n_universe;
    case Axis::rank_level:
      return n(n_rank_levels);
  }
  return 0;
}

bool Extents::have(const VariableInfo& variable) const {
  if (variable.id == Var::coef_quantile_all && !quantiles_of_all) return false;
  if ((variable.id == Var::rank_expected || variable.id == Var::rank_expected_error) && n_rank_levels == 0) return false;
  return std::ranges::all_of(variable.axis(), [&](Axis axis) { return of(axis) > 0; });
}

}  // namespace nokkel
