#include "engine/search/search.h"

#include <algorithm>
#include <chrono>
#include <mutex>

#include "engine/assert.h"
#include "engine/error.h"
#include "engine/parallel.h"
#include "engine/search/after_loop.h"
#include "engine/search/coefficient_quantiles.h"

namespace nokkel::search {
namespace {

using Clock = std::chrono::steady_clock;
double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Blocks are a function of universe and Statistics only (KERNELS 4): at least max(1000, 2E) combinations where siblings allow.
constexpr std::uint32_t kLeast = 1000, kMost = 8192;

TileExtents tile_extents(const Job& job) {
  TileExtents e;
  e.n_swept = static_cast<int>(job.design.controls.size()) + job.universe.n_forced();
  e.n_free = job.universe.n_criteria() - job.universe.n_forced();
  e.max_free = job.universe.max_size() - job.universe.n_forced();
  return e;
}

std::vector<universe::Block> blocks_of(const Job& job) {
  const std::uint32_t entries =
      static_cast<std::uint32_t>((job.universe.n_criteria() + 1) * (job.universe.n_criteria() + 2) / 2);
  return job.universe.blocks(std::min(kMost, std::max(kLeast, 2 * entries)), kMost);
}

const kernels::Kernels& choose(KernelLevel level) {
  if (level == KernelLevel::automatic) return kernels::best_kernels();
  const kernels::Isa isa = level == KernelLevel::v4   ? kernels::Isa::v4
                           : level == KernelLevel::v3 ? kernels::Isa::v3
                                                      : kernels::Isa::portable;
  const kernels::Kernels* k = kernels::kernels_for(isa);
  if (k == nullptr)
    throw InputError("--kernel", "this processor cannot run that instruction set",
                     std::string("leave it out, or ask for ") + kernels::best_kernels().name);
  return *k;
}

int threads_of(const Execution& execution) { return execution.n_threads > 0 ? execution.n_threads : available_threads(); }

std::size_t padded(std::size_t n) { return static_cast<std::size_t>(kernels::padded_sums(static_cast<long>(n))); }

/// Bytes by part of a run, from extents alone.
std::size_t memory_of(const Job& job, const Execution& execution, int n_threads) {
  const TileExtents e = tile_extents(job);
  const Extents x = extents_of(job);
  std::size_t tiles = 0, lists = 0;
  for (const panel::Outcome& outcome : job.design.outcomes) {
    const resample::Provider& provider = *job.providers[static_cast<std::size_t>(outcome.frame)];
    const int n_years = static_cast<int>(
        std::count_if(outcome.cells.begin(), outcome.cells.end(), [](const panel::Cell& c) { return c.n_rows() > 0; }));
    const auto stream = [&](resample::Stream s, int widest) {
      std::size_t doubles = 0;
      for (const int width : tile_widths(provider.n_replicates(s), widest)) doubles += tile_doubles(e, width, false, false);
      return doubles * sizeof(double) * static_cast<std::size_t>(n_years);
    };
    std::size_t folds = 0;
    for (const FoldRuns& runs : fold_runs(job.statistics.n_folds, job.statistics.n_repeats))
      folds += tile_doubles(e, runs.width(), false, true) * sizeof(double) * static_cast<std::size_t>(n_years);
    const int widest = replicate_lanes(n_years);
    tiles += stream(resample::Stream::pairs, widest) + stream(resample::Stream::halves, widest) + folds;
    lists += TopLists::bytes(provider.n_replicates(resample::Stream::halves), x.n_rank_positions) *
             static_cast<std::size_t>(n_threads);
  }
  std::size_t per_place = 0;  // records and sums of one combination of a block
  for (const VariableInfo& v : variables()) {
    if (!v.in_loop || !x.have(v)) continue;
    std::size_t n = v.type == VarType::real ? 8 : v.type == VarType::int32 ? 4 : 1;
    for (const Axis a : v.axis())
      if (a != Axis::combination && a != Axis::outcome) n *= static_cast<std::size_t>(x.of(a));
    per_place += n;
  }
  const std::size_t rows = static_cast<std::size_t>(x.n_controls + x.n_slots), years = static_cast<std::size_t>(x.n_years);
  // Full fits and squared errors, then pairs sums with shifts, by year and across years.
  const std::size_t full = years * (3 * rows + 3 + years),
                    pairs = years * (padded(3 * rows + 2) + rows + 1) + padded(4 * rows) + 2 * rows;
  const std::size_t sums = 8 * (full + pairs);
  const std::size_t records =
      kMost * (2 * static_cast<std::size_t>(n_threads) * per_place + static_cast<std::size_t>(n_threads) * sums);
  std::size_t quantiles = 0;
  if (x.n_quantiles > 0) {
    const std::size_t listed = static_cast<std::size_t>(x.n_selected) * years * x.n_criteria * x.n_quantiles * sizeof(double);
    quantiles = listed + CoefficientQuantiles::bytes(x.n_slots, job.statistics.n_pairs) *
                             static_cast<std::size_t>(x.quantiles_of_all ? n_threads : 1);
  }
  return tiles + lists + records + quantiles +
         static_cast<std::size_t>(n_threads) * Workspace::doubles(e, x.n_years) * sizeof(double) +
         rank_bytes(x.n_combinations, x.n_years, execution.ranks_together);
}

std::vector<OutcomeTiles> all_tiles(const Job& job, const TileExtents& extents, int n_threads) {
  std::vector<OutcomeTiles> tiles(job.design.outcomes.size());
  ordered_parallel_for(
      tiles.size(), n_threads,
      [&](std::size_t i, int) -> std::shared_ptr<void> {
        const panel::Outcome& outcome = job.design.outcomes[i];
        return std::make_shared<OutcomeTiles>(
            make_tiles(outcome, static_cast<int>(job.design.controls.size()), static_cast<int>(job.design.criteria.size()),
                       extents, *job.providers[static_cast<std::size_t>(outcome.frame)], job.statistics));
      },
      [&](std::size_t i, void* made) { tiles[i] = std::move(*static_cast<OutcomeTiles*>(made)); });
  return tiles;
}

OutcomeContext context_of(const Job& job, int outcome, const TileExtents& extents, const std::vector<OutcomeTiles>& tiles,
                          const kernels::Kernels& kernels) {
  const std::size_t o = static_cast<std::size_t>(outcome);
  return {job.design,
          outcome,
          job.universe,
          job.statistics,
          *job.providers[static_cast<std::size_t>(job.design.outcomes[o].frame)],
          extents,
          tiles[o],
          kernels};
}

}  // namespace

int top_of(std::uint64_t n_combinations) { return static_cast<int>(std::clamp<std::uint64_t>(n_combinations / 100, 1, 100)); }

std::vector<double> extreme_levels(const Statistics& statistics) {
  const kernels::Quantiles quantiles(statistics.quantiles, statistics.n_pairs);
  std::vector<double> levels;
  for (std::size_t i = 0; i < statistics.quantiles.size(); ++i)
    if (quantiles.is_extreme(static_cast<int>(i))) levels.push_back(statistics.quantiles[i]);
  return levels;
}

Extents extents_of(const Job& job) {
  Extents e;
  e.n_combinations = job.universe.count();
  e.n_criteria = job.universe.n_criteria();
  e.n_slots = job.universe.max_size();
  e.n_controls = static_cast<int>(job.design.controls.size());
  e.n_outcomes = static_cast<int>(job.design.outcomes.size());
  e.n_years = static_cast<int>(job.design.years.size());
  e.n_selected =
      static_cast<int>(std::min<std::uint64_t>(static_cast<std::uint64_t>(job.statistics.n_selected), e.n_combinations));
  e.n_rank_positions = static_cast<int>(std::min<std::uint64_t>(100, e.n_combinations));
  if (job.statistics.quantiles_of != QuantilesOf::none && job.statistics.n_pairs > 0)
    e.n_quantiles = static_cast<int>(job.statistics.quantiles.size());
  e.quantiles_of_all = job.statistics.quantiles_of == QuantilesOf::all;
  return e;
}

Plan plan(const Job& job, const Execution& execution, bool timed) {
  Plan p;
  p.n_combinations = job.universe.count();
  for (const panel::Outcome& outcome : job.design.outcomes) {
    const resample::Provider& provider = *job.providers[static_cast<std::size_t>(outcome.frame)];
    const auto n = [&](resample::Stream s) { return static_cast<std::uint64_t>(provider.n_replicates(s)) * p.n_combinations; };
    for (const panel::Cell& cell : outcome.cells) {
      if (cell.n_rows() == 0) continue;
      p.fits_full += p.n_combinations;
      p.fits_pairs += n(resample::Stream::pairs);
      p.fits_halves += n(resample::Stream::halves);
      p.fits_folds += n(resample::Stream::folds);
    }
  }
  const auto blocks = blocks_of(job);
  p.n_blocks = blocks.size();
  const int n_threads = threads_of(execution);
  p.memory_bytes = execution.memory_outside + memory_of(job, execution, n_threads);
  if (!timed || blocks.empty()) return p;

  const TileExtents extents = tile_extents(job);
  auto start = Clock::now();
  std::vector<OutcomeTiles> tiles(job.design.outcomes.size());
  const panel::Outcome& first = job.design.outcomes[0];
  const resample::Provider& provider = *job.providers[static_cast<std::size_t>(first.frame)];
  tiles[0] = make_tiles(first, static_cast<int>(job.design.controls.size()), static_cast<int>(job.design.criteria.size()),
                        extents, provider, job.statistics);
  const double moments = since(start);
  Workspace workspace(extents, static_cast<int>(job.design.years.size()));
  TopLists lists(provider.n_replicates(resample::Stream::halves), extents_of(job).n_rank_positions);
  const auto largest =
      std::max_element(blocks.begin(), blocks.end(), [](const auto& a, const auto& b) { return a.count() < b.count(); });
  start = Clock::now();
  search_block(context_of(job, 0, extents, tiles, choose(execution.kernel)), *largest, workspace, lists);
  const double loop = since(start) * static_cast<double>(p.n_combinations) / largest->count();
  p.seconds = (moments + loop) * static_cast<double>(job.design.outcomes.size()) / n_threads;
  return p;
}

Summary run(const Job& job, const Execution& execution, ResultSink& sink) {
  Summary summary;
  summary.plan = plan(job, execution, false);
  summary.n_threads = threads_of(execution);
  if (execution.memory_limit > 0 && summary.plan.memory_bytes > execution.memory_limit)
    throw MachineError("this run needs about " + std::to_string(summary.plan.memory_bytes >> 20) + " MiB and may use " +
                       std::to_string(execution.memory_limit >> 20) +
                       " MiB; raise --memory, or lower universe.size, resample.pairs, resample.half_pairs or --threads");
  const kernels::Kernels& kernels = choose(execution.kernel);
  summary.kernel = kernels.name;
  const TileExtents extents = tile_extents(job);
  const Extents x = extents_of(job);
  const std::vector<universe::Block> blocks = blocks_of(job);
  const std::size_t n_outcomes = job.design.outcomes.size();
  sink.begin(x);

  auto start = Clock::now();
  const std::vector<OutcomeTiles> tiles = all_tiles(job, extents, summary.n_threads);
  summary.seconds_moments = since(start);

  std::vector<OutcomeContext> contexts;
  for (std::size_t o = 0; o < n_outcomes; ++o)
    contexts.push_back(context_of(job, static_cast<int>(o), extents, tiles, kernels));
  const auto new_lists = [&](std::size_t o) {
    return TopLists(contexts[o].provider.n_replicates(resample::Stream::halves), x.n_rank_positions);
  };
  // Scratch of one thread; made when the thread first works, so that idle threads cost nothing.
  struct Scratch {
    std::unique_ptr<Workspace> workspace;
    std::vector<TopLists> lists;
  };
  std::vector<Scratch> scratch(static_cast<std::size_t>(summary.n_threads));
  summary.status_count.resize(n_outcomes);

  start = Clock::now();
  const std::uint64_t fits_per_combination = summary.plan.fits() / std::max<std::uint64_t>(1, x.n_combinations);
  std::uint64_t done = 0;
  ordered_parallel_for(
      blocks.size() * n_outcomes, summary.n_threads,
      [&](std::size_t i, int slot) -> std::shared_ptr<void> {
        if (execution.stop != nullptr && execution.stop->load()) throw Interrupted();
        Scratch& own = scratch[static_cast<std::size_t>(slot)];
        if (!own.workspace) {
          own.workspace = std::make_unique<Workspace>(extents, x.n_years);
          for (std::size_t o = 0; o < n_outcomes; ++o) own.lists.push_back(new_lists(o));
        }
        const std::size_t o = i % n_outcomes;
        return std::make_shared<BlockResult>(search_block(contexts[o], blocks[i / n_outcomes], *own.workspace, own.lists[o]));
      },
      [&](std::size_t i, void* made) {
        const BlockResult& block = *static_cast<BlockResult*>(made);
        const std::size_t o = i % n_outcomes;
        sink.block(block.records);
        for (std::size_t s = 0; s < block.status_count.size(); ++s) summary.status_count[o][s] += block.status_count[s];
        summary.lanes_repaired += block.lanes_repaired;
        summary.lanes_not_estimable += block.lanes_not_estimable;
        done += blocks[i / n_outcomes].count() * fits_per_combination / n_outcomes;
        if (execution.progress) execution.progress(std::min(done, summary.plan.fits()), summary.plan.fits());
      });
  summary.seconds_loop = since(start);

  start = Clock::now();
  Workspace workspace(extents, static_cast<int>(job.design.years.size()));
  for (std::size_t o = 0; o < n_outcomes; ++o) {
    TopLists lists = new_lists(o);
    for (const Scratch& own : scratch)
      if (own.workspace) lists.merge(own.lists[o]);
    send_after_loop(contexts[o], x.n_combinations, lists, top_of(x.n_combinations), x.n_rank_positions,
                    execution.ranks_together, workspace, sink);
  }
  summary.seconds_after = since(start);
  return summary;
}

}  // namespace nokkel::search
