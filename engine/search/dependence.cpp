#include "engine/search/dependence.h"

#include <algorithm>
#include <cmath>

#include "kernels/qr.h"

namespace nokkel::search {
namespace {

/// Factors of unit-length columns below this are what rounding leaves of none.
constexpr double kTakesPart = 1e-8;

}  // namespace

std::vector<Dependence> dependences(const panel::Design& design, const std::vector<int>& members) {
  const std::size_t n_controls = design.controls.size(), k = n_controls + members.size();
  const auto criterion = [&](std::size_t i) { return static_cast<std::size_t>(members[i - n_controls]); };
  const auto name = [&](std::size_t i) { return i < n_controls ? design.controls[i] : design.criteria[criterion(i)]; };
  std::vector<Dependence> found;
  for (const panel::Outcome& outcome : design.outcomes)
    for (const panel::Cell& cell : outcome.cells) {
      const bool available =
          std::all_of(members.begin(), members.end(), [&](int m) { return cell.available[static_cast<std::size_t>(m)] != 0; });
      if (!available || cell.n_rows() <= static_cast<int>(k) + 1) continue;
      std::vector<const double*> columns;
      for (std::size_t i = 0; i < k; ++i)
        columns.push_back(cell.x.data() + (i < n_controls ? i : n_controls + criterion(i)) * cell.y.size());
      const std::vector<double> ones(cell.y.size(), 1.0);
      const kernels::LeastSquares fit = kernels::least_squares(cell.n_rows(), columns, cell.y.data(), ones.data(), true);
      if (fit.full_rank) continue;
      const auto first = static_cast<std::size_t>(fit.dependent.front());
      Dependence d{outcome.name, cell.year, name(first), {}};
      for (std::size_t i = 0; i < k; ++i)
        if (i != first && std::fabs(fit.null_vector[i]) > kTakesPart) d.others.push_back(name(i));
      found.push_back(std::move(d));
    }
  return found;
}

}  // namespace nokkel::search
