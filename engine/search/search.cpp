#include "engine/search/search.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <span>

#include "engine/assert.h"
#include "engine/error.h"
#include "engine/parallel.h"
#include "engine/search/after_loop.h"
#include "engine/search/kept.h"
#include "engine/search/memory.h"
#include "engine/search/rank_bins.h"
#include "engine/search/work.h"
#include "kernels/quantile.h"

namespace nokkel::search {
namespace {

using Clock = std::chrono::steady_clock;
double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

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

/// Memory nodes that workers are dealt out over: no more than workers.
MemoryNodes nodes_of(const Execution& execution) {
  MemoryNodes nodes = execution.memory_nodes.empty() ? memory_nodes() : execution.memory_nodes;
  nodes.resize(std::min(nodes.size(), static_cast<std::size_t>(threads_of(execution))));
  return nodes;
}

TileMaker maker_of(const Job& job, const TileExtents& extents, std::size_t outcome) {
  const panel::Outcome& o = job.design.outcomes[outcome];
  return {o,       static_cast<int>(job.design.controls.size()),      static_cast<int>(job.design.criteria.size()),
          extents, *job.providers[static_cast<std::size_t>(o.frame)], job.statistics};
}

/// Tiles of every outcome, years apart from each other; a copy a memory node, touched first by a thread there, or one copy for
/// all nodes, its pages dealt out over them. [copy][outcome]
std::vector<std::vector<OutcomeTiles>> all_tiles(const Job& job, const TileExtents& extents, const MemoryNodes& nodes,
                                                 int n_copies, int n_threads) {
  const std::size_t n_outcomes = job.design.outcomes.size(), n_years = job.design.years.size();
  std::vector<TileMaker> makers;  // [copy][outcome]
  for (std::size_t i = 0; i < static_cast<std::size_t>(n_copies) * n_outcomes; ++i)
    makers.push_back(maker_of(job, extents, i % n_outcomes));
  std::vector<std::vector<TileMaker::Year>> years(makers.size());
  ordered_parallel_for(
      makers.size() * n_years, n_threads,
      [&](std::size_t i, int) -> std::shared_ptr<void> {
        const OnNode here(n_copies > 1 ? nodes : MemoryNodes{{}}, i / n_years / n_outcomes);
        const Interleaved everywhere(n_copies > 1 ? MemoryNodes{{}} : nodes);
        return std::make_shared<TileMaker::Year>(makers[i / n_years].year(static_cast<int>(i % n_years)));
      },
      [&](std::size_t i, void* made) { years[i / n_years].push_back(std::move(*static_cast<TileMaker::Year*>(made))); });
  std::vector<std::vector<OutcomeTiles>> tiles(static_cast<std::size_t>(n_copies));
  for (std::size_t i = 0; i < makers.size(); ++i) tiles[i / n_outcomes].push_back(makers[i].finish(std::move(years[i])));
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

/// Seconds on one thread, from timing the largest block for the first outcome.
double expected_seconds(const Job& job, const Execution& execution, const universe::Block& block) {
  const TileExtents extents = tile_extents(job);
  const std::size_t n_outcomes = job.design.outcomes.size();
  auto start = Clock::now();
  std::vector<OutcomeTiles> tiles(n_outcomes);
  TileMaker maker = maker_of(job, extents, 0);
  std::vector<TileMaker::Year> years;
  for (int year = 0; year < maker.n_years(); ++year) years.push_back(maker.year(year));
  tiles[0] = maker.finish(std::move(years));
  const double moments = since(start);
  Workspace workspace(extents, static_cast<int>(job.design.years.size()));
  const OutcomeContext context = context_of(job, 0, extents, tiles, choose(execution.kernel));
  TopLists lists(context.provider.n_replicates(resample::Stream::halves), extents_of(job).n_rank_positions);
  const auto each = [&](Pass pass) {
    start = Clock::now();
    search_block(context, work_of(job.universe, block), pass, workspace, lists);
    return since(start) / block.count();
  };
  const double n = static_cast<double>(job.universe.count()), n_rows = static_cast<double>(extents_of(job).n_combinations);
  const double loop = job.keep == 0 ? n * each(Pass::whole) : n * each(Pass::scores) + n_rows * each(Pass::rows);
  return (moments + loop) * static_cast<double>(n_outcomes);
}

/// One run: tiles, the loop or, in mode `kept`, two of them, and what follows.
class Search {
 public:
  Search(const Job& job, const Execution& execution, ResultSink& sink)
      : job_(job),
        execution_(execution),
        sink_(sink),
        extents_(tile_extents(job)),
        x_(extents_of(job)),
        kernels_(choose(execution.kernel)),
        n_outcomes_(job.design.outcomes.size()),
        nodes_(nodes_of(execution)) {
    summary_.plan = plan(job, execution, false);
    summary_.n_threads = threads_of(execution);
    summary_.kernel = kernels_.name;
    summary_.status_count.resize(n_outcomes_);
    scratch_.resize(static_cast<std::size_t>(summary_.n_threads));
    if (execution.memory_limit > 0 && summary_.plan.memory_bytes > execution.memory_limit)
      throw MachineError("this run needs about " + std::to_string(summary_.plan.memory_bytes >> 20) + " MiB and may use " +
                         std::to_string(execution.memory_limit >> 20) +
                         " MiB; raise --memory, or lower universe.size, resample.pairs, resample.half_pairs or --threads");
  }

  Summary run() {
    sink_.begin(x_);
    auto start = Clock::now();
    tiles_ = all_tiles(job_, extents_, nodes_, summary_.plan.n_tile_copies, summary_.n_threads);
    summary_.seconds_moments = since(start);
    for (const auto& copy : tiles_)
      for (std::size_t o = 0; o < n_outcomes_; ++o)
        contexts_.push_back(context_of(job_, static_cast<int>(o), extents_, copy, kernels_));

    scales_.resize(n_outcomes_);
    ordered_parallel_for(
        n_outcomes_, summary_.n_threads,
        [&](std::size_t o, int) -> std::shared_ptr<void> { return std::make_shared<RankScale>(tiles_[0][o], extents_); },
        [&](std::size_t o, void* made) { scales_[o] = std::move(*static_cast<RankScale*>(made)); });

    start = Clock::now();
    ResultRows rows{x_.n_combinations, {}};
    std::vector<std::uint32_t> kept;
    if (job_.keep == 0) {
      universe_pass(Pass::whole, [](const BlockResult&) {});
    } else {
      kept = best_by_score();
      sink_.keep(kept);
      rows.id = kept;
      rows_pass(kept);
    }
    summary_.seconds_loop = since(start);

    start = Clock::now();
    const std::vector<HalfRanks> halves = merged_halves();
    scratch_.clear();
    for (std::size_t o = 0; o < n_outcomes_; ++o)
      send_after_loop(contexts_[o], rows, halves[o].lists, halves[o].bins, top_of(job_.universe.count()), x_.n_rank_positions,
                      execution_.ranks_together, summary_.n_threads, sink_);
    summary_.seconds_after = since(start);
    return summary_;
  }

 private:
  /// What the half-samples of an outcome leave behind.
  struct HalfRanks {
    TopLists lists;
    RankBins bins;
    void merge(const HalfRanks& other) {
      lists.merge(other.lists);
      bins.merge(other.bins);
    }
  };
  /// Scratch of one thread; made when the thread first works, so that idle threads cost nothing.
  struct Scratch {
    std::unique_ptr<Workspace> workspace;
    std::vector<HalfRanks> halves;  // an outcome
  };

  Scratch& scratch_of(int slot) {
    Scratch& own = scratch_[static_cast<std::size_t>(slot)];
    if (!own.workspace) {
      own.workspace = std::make_unique<Workspace>(extents_, x_.n_years);
      for (std::size_t o = 0; o < n_outcomes_; ++o) own.halves.push_back(new_halves(o));
    }
    return own;
  }
  /// Of an outcome, with the tiles that lie on a node.
  [[nodiscard]] const OutcomeContext& context_near(std::size_t node, std::size_t outcome) const {
    return contexts_[(tiles_.size() == 1 ? 0 : node) * n_outcomes_ + outcome];
  }
  [[nodiscard]] HalfRanks new_halves(std::size_t o) const {
    return {TopLists(contexts_[o].provider.n_replicates(resample::Stream::halves), x_.n_rank_positions),
            RankBins(scales_[o], kernels_)};
  }

  /// work(i) is block i of n, done(i) lets it go, take(result) sees each in order.
  void pass(Pass which, std::size_t n, const std::function<BlockWork(std::size_t)>& work,
            const std::function<void(std::size_t)>& done, const std::function<void(const BlockResult&)>& take) {
    const double fits = fits_each(which);
    ordered_parallel_for(
        n * n_outcomes_, summary_.n_threads,
        [&](std::size_t i, int slot) -> std::shared_ptr<void> {
          if (execution_.stop != nullptr && execution_.stop->load()) throw Interrupted();
          const std::size_t node = node_of_slot(nodes_, slot), o = i % n_outcomes_;
          const OnNode near(nodes_, node);
          Scratch& own = scratch_of(slot);
          HalfRanks& halves = own.halves[o];
          return std::make_shared<BlockResult>(
              search_block(context_near(node, o), work(i / n_outcomes_), which, *own.workspace, halves.lists, &halves.bins));
        },
        [&](std::size_t i, void* made) {
          const BlockResult& block = *static_cast<BlockResult*>(made);
          sink_.block(block.records);
          take(block);
          if (i % n_outcomes_ == n_outcomes_ - 1) done(i / n_outcomes_);
          count(block, i % n_outcomes_, which);
          for (const auto& range : block.records.ranges) done_ += fits * range.count;
          const std::uint64_t total = summary_.plan.fits();
          if (execution_.progress) execution_.progress(std::min(static_cast<std::uint64_t>(done_), total), total);
        });
  }

  void count(const BlockResult& block, std::size_t outcome, Pass which) {
    for (std::size_t s = 0; s < block.status_count.size() && which != Pass::rows; ++s)
      summary_.status_count[outcome][s] += block.status_count[s];
    summary_.lanes_repaired += block.lanes_repaired;
    summary_.lanes_not_estimable += block.lanes_not_estimable;
  }

  void universe_pass(Pass which, const std::function<void(const BlockResult&)>& take) {
    BlockWindow window(job_.universe);
    pass(
        which, summary_.plan.n_blocks, [&](std::size_t i) { return work_of(job_.universe, window.get(i)); },
        [&](std::size_t i) { window.let_go(i); }, take);
  }

  [[nodiscard]] std::vector<std::uint32_t> best_by_score() {
    KeptRows best(x_.n_outcomes, x_.n_combinations);
    universe_pass(Pass::scores, [&](const BlockResult& block) { best.add(block.records); });
    return best.ids();
  }

  void rows_pass(std::span<const std::uint32_t> ids) {
    const auto piece = [&](std::size_t i) {
      const std::size_t first = i * kMostPlaces;
      return work_of(job_.universe, ids.subspan(first, std::min<std::size_t>(kMostPlaces, ids.size() - first)), first);
    };
    pass(Pass::rows, (ids.size() + kMostPlaces - 1) / kMostPlaces, piece, [](std::size_t) {}, [](const BlockResult&) {});
  }

  /// Fits of one combination for one outcome, all outcomes alike.
  [[nodiscard]] double fits_each(Pass which) const {
    const Plan& p = summary_.plan;
    const double n_rows = static_cast<double>(p.n_rows), n = static_cast<double>(p.n_combinations);
    const double pairs = static_cast<double>(p.fits_pairs) / n_rows;
    const double rest = static_cast<double>(p.fits() - p.fits_pairs) / (job_.keep > 0 ? n + n_rows : n);
    return (rest + (which == Pass::scores ? 0 : pairs)) / static_cast<double>(n_outcomes_);
  }

  [[nodiscard]] std::vector<HalfRanks> merged_halves() const {
    std::vector<HalfRanks> out;
    for (std::size_t o = 0; o < n_outcomes_; ++o) {
      out.push_back(new_halves(o));
      for (const Scratch& own : scratch_)
        if (own.workspace) out.back().merge(own.halves[o]);
    }
    return out;
  }

  const Job& job_;
  const Execution& execution_;
  ResultSink& sink_;
  TileExtents extents_;
  Extents x_;
  const kernels::Kernels& kernels_;
  std::size_t n_outcomes_;
  MemoryNodes nodes_;
  std::vector<std::vector<OutcomeTiles>> tiles_;  // [copy][outcome]
  std::vector<OutcomeContext> contexts_;          // [copy][outcome]
  std::vector<RankScale> scales_;                 // [outcome]
  std::vector<Scratch> scratch_;
  double done_ = 0;
  Summary summary_;
};

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
  e.n_combinations = job.keep > 0 ? std::min(job.keep, job.universe.count()) : job.universe.count();
  e.n_universe = job.keep > 0 ? job.universe.count() : 0;
  e.n_criteria = job.universe.n_criteria();
  e.n_slots = job.universe.max_size();
  e.n_controls = static_cast<int>(job.design.controls.size());
  e.n_outcomes = static_cast<int>(job.design.outcomes.size());
  e.n_years = static_cast<int>(job.design.years.size());
  e.n_selected =
      static_cast<int>(std::min<std::uint64_t>(static_cast<std::uint64_t>(job.statistics.n_selected), e.n_combinations));
  e.n_rank_positions = static_cast<int>(std::min<std::uint64_t>(100, job.universe.count()));
  if (job.statistics.n_half_pairs > 0) e.n_rank_levels = static_cast<int>(kRankLevels.size());
  if (job.statistics.quantiles_of != QuantilesOf::none && job.statistics.n_pairs > 0)
    e.n_quantiles = static_cast<int>(job.statistics.quantiles.size());
  e.quantiles_of_all = job.statistics.quantiles_of == QuantilesOf::all;
  return e;
}

Plan plan(const Job& job, const Execution& execution, bool timed) {
  Plan p;
  p.n_combinations = job.universe.count();
  p.n_rows = extents_of(job).n_combinations;
  const std::uint64_t again = job.keep > 0 ? p.n_rows : 0;  // combinations that a second pass makes
  for (const panel::Outcome& outcome : job.design.outcomes) {
    const resample::Provider& provider = *job.providers[static_cast<std::size_t>(outcome.frame)];
    const auto n = [&](resample::Stream s) { return static_cast<std::uint64_t>(provider.n_replicates(s)); };
    for (const panel::Cell& cell : outcome.cells) {
      if (cell.n_rows() == 0) continue;
      p.fits_full += p.n_combinations + again;
      p.fits_pairs += n(resample::Stream::pairs) * p.n_rows;
      p.fits_halves += n(resample::Stream::halves) * (p.n_combinations + again);
      p.fits_folds += n(resample::Stream::folds) * (p.n_combinations + again);
    }
  }
  const BlockCount blocks = count_blocks(job.universe);
  const std::size_t n_outcomes = job.design.outcomes.size();
  const std::size_t largest = std::max<std::size_t>(blocks.largest.count(), std::min<std::uint64_t>(kMostPlaces, again));
  p.n_blocks = blocks.n_blocks;
  const int n_threads = threads_of(execution);
  const auto memory = [&](int n_copies) {
    return execution.memory_outside +
           memory_of(job, execution, n_threads, blocks.n_blocks * n_outcomes, largest, n_copies).peak();
  };
  p.n_memory_nodes = p.n_tile_copies = static_cast<int>(nodes_of(execution).size());
  if (execution.memory_limit > 0 && memory(p.n_tile_copies) > execution.memory_limit) p.n_tile_copies = 1;
  p.memory_bytes = memory(p.n_tile_copies);
  if (timed) p.seconds = expected_seconds(job, execution, blocks.largest) / n_threads;
  return p;
}

Summary run(const Job& job, const Execution& execution, ResultSink& sink) {
  Search search(job, execution, sink);
  return search.run();
}

}  // namespace nokkel::search
