/// Sweeps over the whole universe on one year's tiles. Each is held against the portable kernels and QR on rows first; a bench
/// whose answer differs ends with an error and no time.
#include "bench/benches.h"
#include "bench/support/answers.h"
#include "bench/support/classical_sums.h"
#include "bench/support/flops.h"

namespace nokkel::bench {
namespace {

using search::Tile;

using Disagreement = std::string (*)(const SweepCase&, const kernels::Kernels&);

/// Checks, prepares and times: `sweep` runs one block with its sink and returns a number that keeps it alive.
template <class Sweep>
void time_sweep(benchmark::State& state, const Variant& variant, const char* name, Disagreement disagreement, double lanes,
                double (*flops)(int), Sweep sweep) {
  const kernels::Kernels* kernels = kernels_of(state, variant);
  if (kernels == nullptr) return;
  const SweepCase& s = sweep_case(variant);
  if (is_wrong(state, name_of(name, variant), [&] { return disagreement(s, *kernels); })) return;
  Prepared prepared(s, *kernels, variant.n_threads);
  const Meter meter(variant.n_threads);
  for (auto _ : state)
    prepared.for_each_block([&](const search::BlockPlan& plan, Stage& stage, search::Workspace& workspace) {
      benchmark::DoNotOptimize(sweep(s, *kernels, plan, stage, workspace));
    });
  meter.report(state, s.n_combinations() * lanes, mean_over_sizes(variant, flops));
}

void sweep_pairs(benchmark::State& state, const Variant& variant) {
  const double replicates = sweep_case(variant).data.statistics.n_pairs;
  time_sweep(state, variant, "sweep_pairs", pairs_disagreement, replicates, pairs_flops,
             [](const SweepCase& s, const kernels::Kernels& kernels, const search::BlockPlan& plan, Stage& stage,
                search::Workspace& workspace) {
               search::PairSums sums(stage.full, stage.status, stage.years, kernels);
               for (const Tile& tile : s.tiles.pairs[0]) {
                 const Tile* const one = &tile;
                 sums.start({&one, 1});
                 search::walk(tile, plan, 0, search::Wanted::b, kernels, stage.repair, sums, workspace);
               }
               return sums.row(0, 0, 0).sum;
             });
}

void sweep_halves(benchmark::State& state, const Variant& variant) {
  const double halves = 2.0 * sweep_case(variant).data.statistics.n_half_pairs;
  time_sweep(state, variant, "sweep_halves", halves_disagreement, halves, halves_flops,
             [](const SweepCase& s, const kernels::Kernels& kernels, const search::BlockPlan& plan, Stage& stage,
                search::Workspace& workspace) {
               const std::vector<double> se2(stage.shape.n_cells() * static_cast<std::size_t>(stage.shape.n_rows),
                                             kSquaredError);
               search::HalfMarks marks(stage.shape, se2, stage.status, stage.years, s.tiles.critical, {}, nullptr, kernels);
               for (const Tile& tile : s.tiles.halves[0]) {
                 const Tile* const one = &tile;
                 marks.start({&one, 1});
                 search::walk(tile, plan, 0, search::Wanted::b, kernels, stage.repair, marks, workspace);
               }
               return marks.count05(0, 0, 0);
             });
}

void sweep_full(benchmark::State& state, const Variant& variant) {
  const double replicates = sweep_case(variant).data.statistics.n_pairs;
  time_sweep(state, variant, "sweep_full", full_disagreement, replicates, full_flops,
             [](const SweepCase& s, const kernels::Kernels& kernels, const search::BlockPlan& plan, Stage& stage,
                search::Workspace& workspace) {
               ClassicalSums sums(stage.full, kernels);
               for (const Tile& tile : s.tiles.pairs[0]) {
                 sums.start_tile(tile);
                 search::walk(tile, plan, 0, search::Wanted::v, kernels, stage.repair, sums, workspace);
               }
               return sums.sums(0)[0];
             });
}

void sweep_fit(benchmark::State& state, const Variant& variant) {
  const double replicates = sweep_case(variant).data.statistics.n_pairs;
  time_sweep(state, variant, "sweep_fit", fit_disagreement, replicates, fit_flops,
             [](const SweepCase& s, const kernels::Kernels& kernels, const search::BlockPlan& plan, Stage& stage,
                search::Workspace& workspace) {
               search::FitSums sums(plan.n_places, kernels);
               for (const Tile& tile : s.tiles.pairs[0]) {
                 sums.start_tile(tile);
                 search::walk(tile, plan, 0, search::Wanted::sse, kernels, stage.repair, sums, workspace);
               }
               return sums.of(0)[0];
             });
}

void max_t(benchmark::State& state, const Variant& variant) {
  const double replicates = sweep_case(variant).data.statistics.n_pairs;
  time_sweep(state, variant, "max_t", max_t_disagreement, replicates, max_t_flops,
             [](const SweepCase& s, const kernels::Kernels& kernels, const search::BlockPlan& plan, Stage& stage,
                search::Workspace& workspace) {
               const std::vector<double> inverse_se(
                   static_cast<std::size_t>(plan.n_places) * static_cast<std::size_t>(stage.shape.n_rows), kInverseError);
               search::MaxT most(stage.full, 0, inverse_se, s.extents.n_free, kernels);
               for (const Tile& tile : s.tiles.pairs[0]) {
                 most.start_tile(tile);
                 search::walk(tile, plan, 0, search::Wanted::b, kernels, stage.repair, most, workspace);
               }
               return most.of(0)[0];
             });
}

void held_out(benchmark::State& state, const Variant& variant) {
  time_sweep(state, variant, "held_out", held_out_disagreement, 100, held_out_flops,
             [](const SweepCase& s, const kernels::Kernels& kernels, const search::BlockPlan& plan, Stage& stage,
                search::Workspace& workspace) {
               search::HeldOut errors(stage.shape, stage.status, 10, kernels);
               errors.start_year(0);
               for (const auto& group : search::Workspace::groups(s.tiles.folds[0]))
                 search::walk(group, plan, 0, search::Wanted::b, kernels, stage.repair, errors, workspace);
               return errors.sse(0)[0];
             });
}

}  // namespace

void add_sweeps() {
  const auto kernels_and_threads = [](const char* name, void (*body)(benchmark::State&, const Variant&)) {
    add(name, {}, body);
    add(name, {.n_threads = 2}, body);
    add(name, {.kernel = KernelLevel::v3}, body);
    add(name, {.kernel = KernelLevel::portable}, body);
  };
  kernels_and_threads("sweep_pairs", sweep_pairs);
  kernels_and_threads("sweep_halves", sweep_halves);
  kernels_and_threads("sweep_full", sweep_full);
  kernels_and_threads("sweep_fit", sweep_fit);
  kernels_and_threads("held_out", held_out);
  kernels_and_threads("max_t", max_t);
  add("sweep_pairs", {.n_criteria = 60}, sweep_pairs);  // growth in P, k and B
  add("sweep_pairs", {.max_size = 5}, sweep_pairs);
  add("sweep_pairs", {.n_replicates = 96}, sweep_pairs);
  add("sweep_pairs", {.n_replicates = 9984}, sweep_pairs);
}

}  // namespace nokkel::bench
