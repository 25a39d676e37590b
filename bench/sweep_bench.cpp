/// Sweeps over the whole universe of W1 on one year's tiles, one thread, each held against Eigen on the same data in the
/// same run. Each compares its own answer first, with Eigen or with QR on rows; a bench whose answer differs ends with an error
/// and no time.
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
#include "kernels/distributions.h"
#include "kernels/qr.h"

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
  if (flops_a_fit > 0)
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

/// The fit of a combination on the rows of one resample, by QR.
kernels::LeastSquares by_rows(const Sweep& s, const std::vector<int>& members, const std::vector<double>& weight) {
  const search::CellRows& rows = s.tiles.rows[0];
  std::vector<const double*> columns;
  for (const int m : members) columns.push_back(rows.z.data() + static_cast<long>(m + 1) * rows.n_rows);
  const double* y = rows.z.data() + static_cast<long>(s.extents.n_free + 1) * rows.n_rows;
  return kernels::least_squares(rows.n_rows, columns, y, weight.data(), true);
}

/// Weights of one resample; every unit of W1 has a row.
std::vector<double> weights_of(const Sweep& s, resample::Stream stream, int replicate) {
  std::vector<double> w(static_cast<std::size_t>(s.data.providers[0]->n_units()));
  s.data.providers[0]->weights(stream, replicate, 1, w.data(), 1);
  return w;
}

constexpr double kSquaredError = 0.01;  // the pairs SE that the halves bench assumes, squared
constexpr int kChecked = 40;            // combinations compared with rows: the last of a block are its largest

/// Whether the significance counts of a block's first tile are those of a plain loop over QR fits on rows.
std::string halves_disagreement(const Sweep& s, const kernels::Kernels& kernels) {
  const search::BlockPlan& plan = s.plans.front();
  search::Workspace workspace(s.extents);
  Stage stage(s, plan, kernels, workspace);
  const std::vector<double> se2(stage.shape.n_cells() * static_cast<std::size_t>(stage.shape.n_rows), kSquaredError);
  search::HalfMarks marks(stage.shape, se2, stage.status, kernels);
  const Tile& tile = s.tiles.halves[0][0];
  const double n = s.tiles.rows[0].n_rows;
  marks.start_tile();
  marks.start_year(tile, n, s.tiles.full.root.sst[0]);
  search::walk(tile, plan, 0, kernels, stage.repair, marks, workspace);
  for (int place = plan.n_places - kChecked; place < plan.n_places; ++place) {
    const std::vector<int>& members = s.combinations[static_cast<std::size_t>(place)];
    std::vector<int> expected(members.size(), 0);
    for (int r = 0; r < tile.n_live; ++r) {
      const kernels::LeastSquares fit = by_rows(s, members, weights_of(s, resample::Stream::halves, r));
      const double t = kernels::student_t_quantile(0.975, fit.n - static_cast<double>(members.size()) - 1);
      for (std::size_t i = 0; i < members.size(); ++i)
        expected[i] += std::fabs(fit.b[i]) > t * std::sqrt(kSquaredError * n / fit.n) ? 1 : 0;
    }
    for (std::size_t i = 0; i < members.size(); ++i)
      if (marks.count05[stage.shape.row(place, 0, static_cast<int>(i))] != expected[i])
        return "significance count of combination " + std::to_string(place) + " differs from QR on rows";
  }
  return {};
}

/// Whether held-out errors of a block are those of residuals on the rows left out.
std::string held_out_disagreement(const Sweep& s, const kernels::Kernels& kernels) {
  const search::BlockPlan& plan = s.plans.front();
  search::Workspace workspace(s.extents);
  Stage stage(s, plan, kernels, workspace);
  search::HeldOut errors(stage.shape, stage.status, 10, 10, kernels);
  errors.start_year(0);
  for (const Tile& tile : s.tiles.folds[0]) {
    errors.start_tile(tile);
    search::walk(tile, plan, 0, kernels, stage.repair, errors, workspace);
  }
  const search::CellRows& rows = s.tiles.rows[0];
  const auto z = [&](int column, int i) { return rows.z[static_cast<std::size_t>(column + 1) * rows.n_rows + i]; };
  for (int place = plan.n_places - kChecked; place < plan.n_places; ++place) {
    const std::vector<int>& members = s.combinations[static_cast<std::size_t>(place)];
    double expected = 0;  // of the first repeat
    for (int fold = 0; fold < 10; ++fold) {
      const std::vector<double> test = weights_of(s, resample::Stream::folds, fold);
      std::vector<double> train(test);
      for (double& w : train) w = 1 - w;
      const kernels::LeastSquares fit = by_rows(s, members, train);
      for (int i = 0; i < rows.n_rows; ++i) {
        if (test[static_cast<std::size_t>(i)] == 0) continue;
        double e = z(s.extents.n_free, i) - fit.intercept;
        for (std::size_t j = 0; j < members.size(); ++j) e -= fit.b[j] * z(members[j], i);
        expected += e * e;
      }
    }
    if (std::fabs(errors.sse[static_cast<std::size_t>(place) * 10] - expected) > 1e-9 * expected)
      return "held-out error of combination " + std::to_string(place) + " differs from QR on rows";
  }
  return {};
}

/// All blocks with the stages that a bench needs before its own, once `wrong` says that the answer is right; else empty.
struct Prepared {
  Prepared(benchmark::State& state, std::string (*wrong)(const Sweep&, const kernels::Kernels&))
      : s(w1(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)))),
        kernels(kernels_of(state)),
        workspace(s.extents) {
    if (const std::string what = wrong(s, kernels); !what.empty()) {
      state.SkipWithError(what.c_str());
      return;
    }
    for (const auto& plan : s.plans) stages.push_back(std::make_unique<Stage>(s, plan, kernels, workspace));
  }
  const Sweep& s;
  const kernels::Kernels& kernels;
  search::Workspace workspace;
  std::vector<std::unique_ptr<Stage>> stages;
};

void sweep_pairs(benchmark::State& state) {
  Prepared prepared(state, disagreement);
  if (prepared.stages.empty()) return;
  const Sweep& s = prepared.s;
  const kernels::Kernels& kernels = prepared.kernels;
  search::Workspace& workspace = prepared.workspace;
  const auto& stages = prepared.stages;
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
  Prepared prepared(state, halves_disagreement);
  if (prepared.stages.empty()) return;
  const Sweep& s = prepared.s;
  const kernels::Kernels& kernels = prepared.kernels;
  search::Workspace& workspace = prepared.workspace;
  const auto& stages = prepared.stages;
  std::vector<std::vector<double>> se2;
  for (const auto& stage : stages)
    se2.emplace_back(stage->shape.n_cells() * static_cast<std::size_t>(stage->shape.n_rows), kSquaredError);
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
  Prepared prepared(state, held_out_disagreement);
  if (prepared.stages.empty()) return;
  const Sweep& s = prepared.s;
  const kernels::Kernels& kernels = prepared.kernels;
  search::Workspace& workspace = prepared.workspace;
  const auto& stages = prepared.stages;
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
  if (qr) {  // the two baselines hold each other; LLT is held against our sums in the sweeps
    std::vector<BaselineSums> llt;
    eigen_qr(n, p, rows.z.data() + n, rows.z.data() + static_cast<long>(p + 1) * n, combinations, weights, shift, &out);
    eigen_moments_llt(n, p, rows.z.data() + n, rows.z.data() + static_cast<long>(p + 1) * n, combinations, weights, shift,
                      &llt);
    for (std::size_t i = 0; i < out.size(); ++i)
      if (std::fabs(out[i].sum - llt[i].sum) > 1e-9) return state.SkipWithError("Eigen's QR and LLT disagree");
  }
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
