/// Sweeps over the whole universe of W1 on one year's tiles, one thread, each held against Eigen on the same data in the
/// same run. The answers are compared first; a bench whose answer differs ends with an error and no time.
#include <benchmark/benchmark.h>

#include <cmath>
#include <map>
#include <memory>
#include <string>

#include "bench/eigen_baseline.h"
#include "bench/support/machine.h"
#include "bench/support/w1.h"
#include "engine/search/block_plan.h"
#include "engine/search/row_repair.h"
#include "engine/search/sinks.h"

namespace nokkel::bench {
namespace {

using search::Tile;

/// W1 with one year, its tiles and the whole universe cut into the blocks of a run.
struct Sweep {
  Case data;
  search::TileExtents extents;
  search::OutcomeTiles tiles;
  std::vector<search::BlockPlan> plans;
  std::vector<std::vector<int>> combinations;  // in the order of plans and places
};

const Sweep& w1(int n_criteria, int max_size) {
  static std::map<std::pair<int, int>, std::unique_ptr<Sweep>> made;
  auto& slot = made[{n_criteria, max_size}];
  if (slot) return *slot;
  Size size;
  size.n_years = 1;
  size.n_criteria = n_criteria;
  size.max_size = max_size;
  size.n_pairs = 1008;  // whole tiles, so that fits/s compare with other sizes
  slot = std::make_unique<Sweep>(Sweep{make_case(size), {0, n_criteria, max_size}, {}, {}, {}});
  Sweep& s = *slot;
  s.tiles = search::make_tiles(s.data.design.outcomes[0], 0, n_criteria, s.extents, *s.data.providers[0], s.data.statistics);
  for (const auto& block : s.data.universe.blocks(1000, 8192)) {
    s.plans.push_back(search::plan_block(s.data.universe, block));
    const search::BlockPlan& plan = s.plans.back();
    for (int place = 0; place < plan.n_places; ++place) {
      const int* m = plan.members.data() + static_cast<std::size_t>(place) * static_cast<std::size_t>(plan.max_free);
      s.combinations.emplace_back(m, m + plan.size_of_place[static_cast<std::size_t>(place)]);
    }
  }
  return s;
}

/// The stages of a block that a bench needs before its own.
struct Stage {
  Stage(const Sweep& s, const search::BlockPlan& plan, const kernels::Kernels& kernels, search::Workspace& workspace)
      : shape{plan.n_places, 1, plan.max_free},
        repair(s.tiles, *s.data.providers[0]),
        full(shape, s.tiles, kernels),
        status(shape.n_cells(), 0) {
    search::walk(s.tiles.full, plan, 0, kernels, repair, full, workspace);
  }
  search::BlockShape shape;
  search::RowRepair repair;
  search::FullFits full;
  search::StatusTable status;
};

void rate(benchmark::State& state, double fits, double flops_a_fit) {
  state.counters["fits/s"] = benchmark::Counter(fits, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["of_peak"] =
      benchmark::Counter(fits * flops_a_fit / peak_flops(), benchmark::Counter::kIsIterationInvariantRate);
}

const kernels::Kernels& kernels_of(benchmark::State& state) {
  const auto isa = static_cast<kernels::Isa>(state.range(2));
  const kernels::Kernels* k = kernels::kernels_for(isa);
  if (k == nullptr) state.SkipWithError("this processor lacks the instruction set");
  return k != nullptr ? *k : kernels::best_kernels();
}

/// Whether the sums of the first combinations of some replicates agree with Eigen's, relative to their spread.
std::string disagreement(const Sweep& s, const kernels::Kernels& kernels) {
  constexpr int kReplicates = 96;
  const search::BlockPlan& plan = s.plans.front();
  search::Workspace workspace(s.extents);
  Stage stage(s, plan, kernels, workspace);
  search::PairSums sums(stage.full, stage.status, kernels);
  sums.start_year(0, s.tiles.full.root.sst[0]);
  sums.start_tile(s.tiles.pairs[0][0]);
  search::walk(s.tiles.pairs[0][0], plan, 0, kernels, stage.repair, sums, workspace);

  const search::CellRows& rows = s.tiles.rows[0];
  const int n = rows.n_rows, p = s.extents.n_free;
  std::vector<double> unit(static_cast<std::size_t>(n) * kReplicates);
  s.data.providers[0]->weights(resample::Stream::pairs, 0, kReplicates, unit.data(), kReplicates);
  std::vector<std::vector<double>> weights(kReplicates, std::vector<double>(static_cast<std::size_t>(n)));
  for (int r = 0; r < kReplicates; ++r)
    for (int i = 0; i < n; ++i)
      weights[static_cast<std::size_t>(r)][static_cast<std::size_t>(i)] = unit[static_cast<std::size_t>(i * kReplicates + r)];
  std::vector<std::vector<int>> combinations(s.combinations.begin(), s.combinations.begin() + plan.n_places);
  const std::size_t width = static_cast<std::size_t>(plan.max_free) + 1;
  std::vector<double> shift(combinations.size() * width, 0.0);
  for (std::size_t c = 0; c < combinations.size(); ++c) {
    for (std::size_t i = 0; i < combinations[c].size(); ++i)
      shift[c * width + i] = stage.full.b[stage.shape.row(static_cast<int>(c), 0, static_cast<int>(i))];
    shift[c * width + width - 1] = 1 - stage.full.sse[c] / s.tiles.full.root.sst[0];
  }
  std::vector<BaselineSums> baseline;
  eigen_moments_llt(n, p, rows.z.data() + n, rows.z.data() + static_cast<long>(p + 1) * n, combinations, weights, shift,
                    &baseline);
  for (std::size_t c = 0; c < combinations.size(); ++c)
    for (std::size_t i = 0; i <= combinations[c].size(); ++i) {
      const bool r2 = i == combinations[c].size();
      const BaselineSums& theirs = baseline[c * width + (r2 ? width - 1 : i)];
      const kernels::RowSums& ours = r2 ? sums.r2[c] : sums.rows[c * static_cast<std::size_t>(stage.shape.n_rows) + i];
      const double spread = std::sqrt(theirs.sum2 * kReplicates);
      if (std::fabs(ours.sum - theirs.sum) > 1e-9 * spread || std::fabs(ours.sum2 - theirs.sum2) > 1e-9 * theirs.sum2 ||
          (!r2 && ours.n_positive != theirs.positive))
        return "combination " + std::to_string(c) + " row " + std::to_string(i) + " differs from Eigen";
    }
  return {};
}

void sweep_pairs(benchmark::State& state) {
  const Sweep& s = w1(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  const kernels::Kernels& kernels = kernels_of(state);
  if (const std::string wrong = disagreement(s, kernels); !wrong.empty()) return state.SkipWithError(wrong.c_str());
  search::Workspace workspace(s.extents);
  std::vector<std::unique_ptr<Stage>> stages;
  for (const auto& plan : s.plans) stages.push_back(std::make_unique<Stage>(s, plan, kernels, workspace));
  double keep = 0;
  for (auto _ : state)
    for (std::size_t i = 0; i < s.plans.size(); ++i) {
      search::PairSums sums(stages[i]->full, stages[i]->status, kernels);
      sums.start_year(0, s.tiles.full.root.sst[0]);
      for (const Tile& tile : s.tiles.pairs[0]) {
        sums.start_tile(tile);
        search::walk(tile, s.plans[i], 0, kernels, stages[i]->repair, sums, workspace);
      }
      keep += sums.rows[0].sum;
    }
  benchmark::DoNotOptimize(keep);
  // A fit of size k: pivot and right side 4, its b, SSE and the earlier b 4 (k - 1) + 6, sums 6 (k + 1).
  const double k = static_cast<double>(state.range(1));
  rate(state, static_cast<double>(s.combinations.size()) * s.data.statistics.n_pairs, 4 + 4 * (k - 1) + 6 + 6 * (k + 1));
}

void sweep_halves(benchmark::State& state) {
  const Sweep& s = w1(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  const kernels::Kernels& kernels = kernels_of(state);
  if (const std::string wrong = disagreement(s, kernels); !wrong.empty()) return state.SkipWithError(wrong.c_str());
  search::Workspace workspace(s.extents);
  std::vector<std::unique_ptr<Stage>> stages;
  std::vector<std::vector<double>> se2;
  for (const auto& plan : s.plans) {
    stages.push_back(std::make_unique<Stage>(s, plan, kernels, workspace));
    se2.emplace_back(stages.back()->shape.n_cells() * static_cast<std::size_t>(stages.back()->shape.n_rows), 0.01);
  }
  long keep = 0;
  for (auto _ : state)
    for (std::size_t i = 0; i < s.plans.size(); ++i) {
      search::HalfMarks marks(stages[i]->shape, se2[i], stages[i]->status, kernels);
      for (const Tile& tile : s.tiles.halves[0]) {
        marks.start_tile();
        marks.start_year(tile, 106, s.tiles.full.root.sst[0]);
        search::walk(tile, s.plans[i], 0, kernels, stages[i]->repair, marks, workspace);
      }
      keep += marks.count05[0];
    }
  benchmark::DoNotOptimize(keep);
  const double k = static_cast<double>(state.range(1));
  rate(state, static_cast<double>(s.combinations.size()) * 2 * s.data.statistics.n_half_pairs, 4 + 4 * (k - 1) + 6 + 3 * k + 2);
}

void held_out(benchmark::State& state) {
  const Sweep& s = w1(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  const kernels::Kernels& kernels = kernels_of(state);
  if (const std::string wrong = disagreement(s, kernels); !wrong.empty()) return state.SkipWithError(wrong.c_str());
  search::Workspace workspace(s.extents);
  std::vector<std::unique_ptr<Stage>> stages;
  for (const auto& plan : s.plans) stages.push_back(std::make_unique<Stage>(s, plan, kernels, workspace));
  double keep = 0;
  for (auto _ : state)
    for (std::size_t i = 0; i < s.plans.size(); ++i) {
      search::HeldOut sse(stages[i]->shape, stages[i]->status, 10, 10, kernels);
      sse.start_year(0);
      for (const Tile& tile : s.tiles.folds[0]) {
        sse.start_tile(tile);
        search::walk(tile, s.plans[i], 0, kernels, stages[i]->repair, sse, workspace);
      }
      keep += sse.sse[0];
    }
  benchmark::DoNotOptimize(keep);
  const double k = static_cast<double>(state.range(1));
  rate(state, static_cast<double>(s.combinations.size()) * 100, 4 + 4 * (k - 1) + 6 + k * (k + 5));
}

/// Eigen on a few replicates of the same universe: the rate does not depend on how many.
void eigen(benchmark::State& state, bool qr) {
  const Sweep& s = w1(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  const search::CellRows& rows = s.tiles.rows[0];
  const int n = rows.n_rows, p = s.extents.n_free, replicates = qr ? 1 : 4;
  std::vector<double> unit(static_cast<std::size_t>(n) * 4);
  s.data.providers[0]->weights(resample::Stream::pairs, 0, replicates, unit.data(), 4);
  std::vector<std::vector<double>> weights(static_cast<std::size_t>(replicates),
                                           std::vector<double>(static_cast<std::size_t>(n)));
  for (int r = 0; r < replicates; ++r)
    for (int i = 0; i < n; ++i)
      weights[static_cast<std::size_t>(r)][static_cast<std::size_t>(i)] = unit[static_cast<std::size_t>(i * 4 + r)];
  auto combinations = s.combinations;
  if (qr) combinations.resize(2000);
  const std::vector<double> shift(combinations.size() * (static_cast<std::size_t>(state.range(1)) + 1), 0.0);
  std::vector<BaselineSums> out;
  for (auto _ : state) {
    (qr ? eigen_qr : eigen_moments_llt)(n, p, rows.z.data() + n, rows.z.data() + static_cast<long>(p + 1) * n, combinations,
                                        weights, shift, &out);
    benchmark::DoNotOptimize(out.data());
  }
  rate(state, static_cast<double>(combinations.size()) * replicates, 0);
}
void eigen_moments_then_llt(benchmark::State& state) { eigen(state, false); }
void eigen_qr_per_fit(benchmark::State& state) { eigen(state, true); }

constexpr int kPortable = 0, kV3 = 1, kV4 = 2;
BENCHMARK(eigen_moments_then_llt)->Args({30, 4})->Unit(benchmark::kMillisecond);
BENCHMARK(eigen_qr_per_fit)->Args({30, 4})->Unit(benchmark::kMillisecond);
BENCHMARK(sweep_pairs)
    ->Args({30, 4, kPortable})
    ->Args({30, 4, kV3})
    ->Args({30, 4, kV4})
    ->Args({60, 3, kV4})
    ->Args({20, 6, kV4})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(sweep_halves)->Args({30, 4, kPortable})->Args({30, 4, kV3})->Args({30, 4, kV4})->Unit(benchmark::kMillisecond);
BENCHMARK(held_out)->Args({30, 4, kPortable})->Args({30, 4, kV3})->Args({30, 4, kV4})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nokkel::bench
