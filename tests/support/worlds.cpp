#include "tests/support/worlds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace nokkel::testing {
namespace {

/// Mean-zero, roughly normal: twelve uniforms, the same on every library.
class Normals {
 public:
  explicit Normals(std::uint64_t seed) : engine_(seed) {}
  double operator()() {
    double s = -6;
    for (int i = 0; i < 12; ++i) s += uniform();
    return s;
  }
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace

panel::Design make_world(const WorldOptions& o) {
  Normals normal(o.seed);
  panel::Design design;
  for (int t = 0; t < o.n_years; ++t) design.years.push_back(2006 + t);
  for (int j = 0; j < o.n_controls; ++j) design.controls.push_back("control" + std::to_string(j));
  for (int j = 0; j < o.n_criteria; ++j) design.criteria.push_back("c" + std::to_string(j));
  design.labels = design.criteria;
  design.n_forced = o.n_forced;
  panel::Frame frame;
  frame.name = "all";
  frame.strata = {""};
  for (int i = 0; i < o.n_units; ++i) {
    frame.units.push_back("u" + std::to_string(1000 + i));
    frame.unit_names.push_back(frame.units.back());
    frame.stratum.push_back(0);
  }
  design.frames.push_back(frame);

  const int n_x = o.n_controls + o.n_criteria;
  std::vector<double> common(static_cast<std::size_t>(o.n_units)), persistent(static_cast<std::size_t>(o.n_units));
  for (auto& c : common) c = normal();
  for (auto& p : persistent) p = normal();
  for (int outcome = 0; outcome < o.n_outcomes; ++outcome) {
    panel::Outcome out;
    out.name = out.response = "y" + std::to_string(outcome);
    for (int t = 0; t < o.n_years; ++t) {
      panel::Cell cell;
      cell.year = design.years[static_cast<std::size_t>(t)];
      cell.available.assign(static_cast<std::size_t>(o.n_criteria), 1);
      std::vector<std::vector<double>> rows;
      for (int i = 0; i < o.n_units; ++i) {
        std::vector<double> x(static_cast<std::size_t>(n_x));
        for (int j = 0; j < n_x; ++j) {
          const double scale = std::pow(10.0, j % 8 - 3);
          x[static_cast<std::size_t>(j)] = scale * (5 + 0.5 * common[static_cast<std::size_t>(i)] + normal());
        }
        if (o.with_dummy) x.back() = i == 3 || i == 7 ? 1 : 0;
        const double e = persistent[static_cast<std::size_t>(i)] + 0.5 * normal();
        double y = 100 + e * 3;
        for (int j = 0; j < std::min(3, o.n_criteria); ++j)
          y += (j + 1) * x[static_cast<std::size_t>(o.n_controls + j)] / std::pow(10.0, (o.n_controls + j) % 8 - 3);
        const bool missing = normal.uniform() < o.share_missing;
        if (missing) continue;
        cell.unit.push_back(i);
        cell.y.push_back(y);
        cell.population.push_back(12000 + 1000 * i);
        rows.push_back(std::move(x));
      }
      cell.x.resize(static_cast<std::size_t>(n_x) * rows.size());
      for (int j = 0; j < n_x; ++j)
        for (std::size_t i = 0; i < rows.size(); ++i)
          cell.x[static_cast<std::size_t>(j) * rows.size() + i] = rows[i][static_cast<std::size_t>(j)];
      if (t == o.unavailable_year) {
        const std::size_t j = static_cast<std::size_t>(n_x - 2);
        cell.available[static_cast<std::size_t>(o.n_criteria - 2)] = 0;
        std::fill_n(cell.x.begin() + static_cast<std::ptrdiff_t>(j * rows.size()), rows.size(),
                    std::numeric_limits<double>::quiet_NaN());
      }
      double mean = 0;
      for (const double y : cell.y) mean += y / static_cast<double>(cell.y.size());
      cell.price_factor = 100 / mean;
      out.cells.push_back(std::move(cell));
    }
    design.outcomes.push_back(std::move(out));
  }
  return design;
}

universe::Universe make_universe(const panel::Design& design, int min_size, int max_size,
                                 std::vector<universe::ExcludedPair> excluded, std::vector<universe::GroupLimit> groups) {
  universe::UniverseSpec spec;
  spec.names = design.criteria;
  spec.n_forced = design.n_forced;
  spec.min_size = min_size;
  spec.max_size = max_size;
  spec.excluded = std::move(excluded);
  spec.groups = std::move(groups);
  return universe::Universe(std::move(spec));
}

search::Job World::job() const {
  std::vector<const resample::Provider*> p;
  for (const auto& provider : providers) p.push_back(provider.get());
  return {design, universe, statistics, std::move(p)};
}

World make_job(panel::Design design, universe::Universe universe, const Statistics& statistics) {
  World world{std::move(design), std::move(universe), statistics, {}};
  for (std::size_t f = 0; f < world.design.frames.size(); ++f)
    world.providers.push_back(resample::make_provider(world.design.frames[f], static_cast<int>(f), statistics));
  return world;
}

MemorySink run_in_memory(const search::Job& job, int n_threads, KernelLevel kernel, search::Summary* summary) {
  MemorySink sink;
  Execution execution;
  execution.n_threads = n_threads;
  execution.kernel = kernel;
  const search::Summary s = search::run(job, execution, sink);
  sink.finish();
  if (summary != nullptr) *summary = s;
  return sink;
}

}  // namespace nokkel::testing
