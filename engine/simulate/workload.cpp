#include "engine/simulate/workload.h"

#include <cmath>
#include <numbers>

#include "kernels/philox.h"

namespace nokkel::simulate {

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> all = {
      {"smoke", {106, 12, 2, 3, 99, 50, 5, 2}, 0, 0.10663744590966315},
      {"w1", {}, 0, 0.1642779596634254},
      {"w2", {106, 60, 1, 4, 9999, 500, 10, 10}, 0, 0.2518519972709223},
      {"w3", {106, 60, 7, 6, 999, 500, 10, 10}, 32, 0.32028618262748904},
  };
  return all;
}

panel::Design generate(const Size& size) {
  kernels::Draws draws({.seed = 106, .purpose = kernels::Purpose::residual});
  const auto normal = [&] {  // Box-Muller
    const double u = draws.uniform(), v = draws.uniform();
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
  };
  panel::Design design;
  for (int t = 0; t < size.n_years; ++t) design.years.push_back(2006 + t);
  for (int j = 0; j < size.n_criteria; ++j) design.criteria.push_back("x" + std::to_string(j + 1));
  design.labels = design.criteria;
  panel::Frame frame;
  frame.name = "all";
  frame.strata = {""};
  for (int i = 0; i < size.n_units; ++i) {
    frame.units.push_back(std::to_string(100000 + i));
    frame.stratum.push_back(0);
  }
  frame.unit_names = frame.units;
  design.frames.push_back(std::move(frame));
  const std::size_t n = static_cast<std::size_t>(size.n_units);
  std::vector<double> common(n), persistent(n), base(n * static_cast<std::size_t>(size.n_criteria));
  for (double& c : common) c = normal();
  for (double& p : persistent) p = normal();
  for (double& b : base) b = normal();
  panel::Outcome outcome;
  outcome.name = outcome.response = "y";
  for (int t = 0; t < size.n_years; ++t) {
    panel::Cell cell;
    cell.year = design.years[static_cast<std::size_t>(t)];
    cell.available.assign(static_cast<std::size_t>(size.n_criteria), 1);
    cell.population.assign(n, 1);
    cell.y.assign(n, 0);
    for (int i = 0; i < size.n_units; ++i) cell.unit.push_back(i);
    for (int j = 0; j < size.n_criteria; ++j)
      for (std::size_t i = 0; i < n; ++i) {
        const double x = 0.5 * common[i] + base[static_cast<std::size_t>(j) * n + i] + 0.2 * normal();
        cell.x.push_back(10 + x);
        if (j % 10 == 0) cell.y[i] += x;
      }
    double mean = 0;
    for (std::size_t i = 0; i < n; ++i) {
      cell.y[i] += 50 + 2 * persistent[i] + normal();
      mean += cell.y[i] / size.n_units;
    }
    cell.price_factor = 100 / mean;
    outcome.cells.push_back(std::move(cell));
  }
  design.outcomes.push_back(std::move(outcome));
  return design;
}

search::Job Case::job() const {
  std::vector<const resample::Provider*> p;
  for (const auto& provider : providers) p.push_back(provider.get());
  return {design, universe, statistics, std::move(p)};
}

Case make_case(const Size& size) {
  panel::Design design = generate(size);
  universe::UniverseSpec spec;
  spec.names = design.criteria;
  spec.min_size = 1;
  spec.max_size = size.max_size;
  Statistics s;
  s.seed = 20141201;
  s.n_pairs = size.n_pairs;
  s.n_half_pairs = size.n_half_pairs;
  s.n_folds = size.n_folds;
  s.n_repeats = size.n_repeats;
  Case c{std::move(design), universe::Universe(std::move(spec)), s, {}};
  c.providers.push_back(resample::make_provider(c.design.frames[0], 0, s));
  return c;
}

}  // namespace nokkel::simulate
