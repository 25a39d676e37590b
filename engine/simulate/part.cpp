#include "engine/simulate/part.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "engine/error.h"
#include "engine/parallel.h"
#include "engine/search/block_search.h"
#include "engine/search/rank_bins.h"

namespace nokkel::simulate {
namespace {

using Clock = std::chrono::steady_clock;
double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

const kernels::Kernels& kernels_of(KernelLevel level) {
  if (level == KernelLevel::automatic) return kernels::best_kernels();
  const kernels::Isa isa = level == KernelLevel::v4   ? kernels::Isa::v4
                           : level == KernelLevel::v3 ? kernels::Isa::v3
                                                      : kernels::Isa::portable;
  const kernels::Kernels* k = kernels::kernels_for(isa);
  if (k == nullptr) throw InputError("--kernel", "this processor cannot run that instruction set", "leave it out");
  return *k;
}

/// The blocks of a run (KERNELS 4), every so many-th of them.
std::vector<universe::Block> spread_blocks(const universe::Universe& universe, std::size_t n, std::size_t* n_all) {
  const auto entries = static_cast<std::uint32_t>((universe.n_criteria() + 1) * (universe.n_criteria() + 2) / 2);
  std::vector<universe::Block> all = universe.blocks(std::clamp<std::uint32_t>(2 * entries, 1000, 8192), 8192), some;
  *n_all = all.size();
  if (n == 0 || n >= all.size()) return all;
  for (std::size_t i = 0; i < n; ++i) some.push_back(all[(2 * i + 1) * all.size() / (2 * n)]);
  return some;
}

}  // namespace

Part run_part(const search::Job& job, const Execution& execution, std::size_t n_blocks, ResultSink& sink) {
  Part part;
  const kernels::Kernels& kernels = kernels_of(execution.kernel);
  part.kernel = kernels.name;
  const int n_threads = execution.n_threads > 0 ? execution.n_threads : available_threads();
  const std::vector<universe::Block> blocks = spread_blocks(job.universe, n_blocks, &part.n_all_blocks);
  part.n_blocks = blocks.size();
  part.n_all_combinations = job.universe.count();
  const int n_controls = static_cast<int>(job.design.controls.size());
  const search::TileExtents extents{n_controls + job.universe.n_forced(), job.universe.n_criteria() - job.universe.n_forced(),
                                    job.universe.max_size() - job.universe.n_forced()};
  const panel::Outcome& outcome = job.design.outcomes[0];
  const resample::Provider& provider = *job.providers[static_cast<std::size_t>(outcome.frame)];
  sink.begin(search::extents_of(job));

  auto start = Clock::now();
  const search::OutcomeTiles tiles =
      search::make_tiles(outcome, n_controls, job.universe.n_criteria(), extents, provider, job.statistics);
  part.seconds_moments = since(start);
  const search::OutcomeContext context{job.design, 0, job.universe, job.statistics, provider, extents, tiles, kernels};

  struct Scratch {
    std::unique_ptr<search::Workspace> workspace;
    std::unique_ptr<search::TopLists> lists;
    std::unique_ptr<search::RankBins> bins;
  };
  const search::RankScale scale(tiles, extents);
  std::vector<Scratch> scratch(static_cast<std::size_t>(n_threads));
  start = Clock::now();
  ordered_parallel_for(
      blocks.size(), n_threads,
      [&](std::size_t i, int slot) -> std::shared_ptr<void> {
        if (execution.stop != nullptr && execution.stop->load()) throw Interrupted();
        Scratch& own = scratch[static_cast<std::size_t>(slot)];
        if (!own.workspace) {
          own.workspace = std::make_unique<search::Workspace>(extents, static_cast<int>(job.design.years.size()));
          own.lists = std::make_unique<search::TopLists>(provider.n_replicates(resample::Stream::halves),
                                                         search::extents_of(job).n_rank_positions);
          own.bins = std::make_unique<search::RankBins>(scale, context.kernels);
        }
        return std::make_shared<search::BlockResult>(search::search_block(context, search::work_of(job.universe, blocks[i]),
                                                                          search::Pass::whole, *own.workspace, *own.lists,
                                                                          own.bins.get()));
      },
      [&](std::size_t i, void* made) {
        sink.block(static_cast<search::BlockResult*>(made)->records);
        part.n_combinations += blocks[i].count();
      });
  part.seconds_loop = since(start);
  const search::Plan whole = search::plan(job, execution, false);
  part.fits =
      whole.fits() / static_cast<std::uint64_t>(job.design.outcomes.size()) / part.n_all_combinations * part.n_combinations;
  return part;
}

}  // namespace nokkel::simulate
