#include "engine/search/memory.h"

#include <algorithm>

#include "engine/search/after_loop.h"
#include "engine/search/coefficient_quantiles.h"
#include "engine/search/kept.h"
#include "engine/search/lane_moments.h"
#include "engine/search/rank_bins.h"
#include "engine/search/walk.h"

namespace nokkel::search {
namespace {

using kernels::kTileLanes;

std::size_t tiles_of(const Job& job, const panel::Outcome& outcome, const TileExtents& e) {
  const resample::Provider& provider = *job.providers[static_cast<std::size_t>(outcome.frame)];
  const int n_years = static_cast<int>(outcome.cells.size()), year_lanes = (n_years + 7) / 8 * 8;
  const int widest = replicate_lanes(
      static_cast<int>(std::ranges::count_if(outcome.cells, [](const panel::Cell& cell) { return cell.n_rows() > 0; })));
  const auto stream = [&](resample::Stream s) {
    std::size_t doubles = 0;
    for (const int width : tile_widths(provider.n_replicates(s), widest)) doubles += tile_doubles(e, width, false, false);
    return doubles;
  };
  std::size_t folds = 0;
  for (const FoldRuns& runs : fold_runs(job.statistics.n_folds, job.statistics.n_repeats))
    folds += tile_doubles(e, runs.width(), false, true);
  std::size_t doubles = tile_doubles(e, year_lanes, true, false);
  for (const panel::Cell& cell : outcome.cells) {
    doubles += tile_doubles(e, year_lanes, false, true);  // transfer
    doubles += static_cast<std::size_t>(cell.n_rows()) * static_cast<std::size_t>(e.n_swept + e.n_free + 2);
    if (cell.n_rows() > 0) doubles += stream(resample::Stream::pairs) + stream(resample::Stream::halves) + folds;
  }
  return doubles * sizeof(double);
}

/// Products by unit, weights and moments of the panels that go together, a tile's copy, the folds' and the scratch of a root.
std::size_t making_of(const Job& job, const TileExtents& e) {
  std::size_t most = 0;
  const std::size_t columns = static_cast<std::size_t>(e.n_swept + e.n_free + 2), entries = columns * (columns + 1) / 2;
  for (const resample::Provider* provider : job.providers) {
    const std::size_t units = static_cast<std::size_t>(provider->n_units());
    most =
        std::max(most, (entries * units + kTileLanes * (kPanelsTogether * (units + entries) + 3 * entries)) * sizeof(double));
  }
  return most;
}

/// Products in double-double that a thread keeps once lanes of its block were flagged: room for those of one tile. Each year's
/// tiles have their own, but only what flagged columns have in common is ever touched.
std::size_t repair_bytes(const Job& job, const TileExtents& e) {
  std::size_t most = 0;
  for (const panel::Outcome& outcome : job.design.outcomes)
    for (const panel::Cell& cell : outcome.cells)
      most = std::max(most,
                      LaneMoments::bytes(e, job.providers[static_cast<std::size_t>(outcome.frame)]->n_units(), cell.n_rows()));
  return most;
}

/// Bytes of the record of one combination.
std::size_t record_bytes(const Extents& x) {
  std::size_t bytes = 0;
  for (const VariableInfo& v : variables()) {
    if (!v.in_loop || !x.have(v)) continue;
    std::size_t n = v.type == VarType::real ? 8 : v.type == VarType::int32 ? 4 : 1;
    for (const Axis a : v.axis())
      if (a != Axis::combination && a != Axis::outcome) n *= static_cast<std::size_t>(x.of(a));
    bytes += n;
  }
  return bytes;
}

/// Bytes of the sums of one combination while its block is at hand: the full sample's, and the largest stage's.
std::size_t sums_bytes(const Job& job, const Extents& x) {
  const std::size_t rows = static_cast<std::size_t>(x.n_controls + x.n_slots), years = static_cast<std::size_t>(x.n_years);
  const std::size_t full = years * (3 * rows + 3 + years) * 8 + 2 * years, plan = (static_cast<std::size_t>(x.n_slots) + 4) * 4;
  const auto padded = [](std::size_t n) { return static_cast<std::size_t>(kernels::padded_sums(static_cast<long>(n))); };
  const std::size_t pairs = 8 * (years * (padded(3 * rows + 2) + rows + 1) + padded(4 * rows) + 2 * rows) + years * 4 + 12;
  const std::size_t halves = years * (8 * (padded(2 * rows) + rows) + 4) + 8;
  const std::size_t folds = static_cast<std::size_t>(job.statistics.n_repeats) * 8 + 4;
  return full + plan + std::max({pairs, halves, folds});
}

/// Bytes of what is made of the selected one after the other: bins and bounds of their ranks, losses by row, report fits.
std::size_t selected_bytes(const Job& job, const Extents& x) {
  std::size_t halves = 0, rows = 0;
  for (const panel::Outcome& outcome : job.design.outcomes) {
    const auto n = job.providers[static_cast<std::size_t>(outcome.frame)]->n_replicates(resample::Stream::halves);
    halves = std::max(halves, static_cast<std::size_t>(n));
    for (const panel::Cell& cell : outcome.cells) rows = std::max(rows, static_cast<std::size_t>(cell.n_rows()));
  }
  const std::size_t ranks = halves * (sizeof(std::int32_t) + 2 * sizeof(double));
  const std::size_t report =
      static_cast<std::size_t>(x.n_years) * static_cast<std::size_t>(2 * (x.n_criteria + x.n_controls) + 7);
  return static_cast<std::size_t>(x.n_selected) * (std::max(ranks, rows * sizeof(double)) + report * sizeof(double));
}

}  // namespace

TileExtents tile_extents(const Job& job) {
  TileExtents e;
  e.n_swept = static_cast<int>(job.design.controls.size()) + job.universe.n_forced();
  e.n_free = job.universe.n_criteria() - job.universe.n_forced();
  e.max_free = job.universe.max_size() - job.universe.n_forced();
  return e;
}

std::size_t MemoryPlan::peak() const {
  return tiles + std::max({making, threads + records + lists, lists + ranks, lists + selected});
}

MemoryPlan memory_of(const Job& job, const Execution& execution, int n_threads, std::size_t n_tasks, std::size_t places,
                     int n_copies) {
  const TileExtents e = tile_extents(job);
  const Extents x = extents_of(job);
  MemoryPlan plan;
  std::size_t lists = 0;
  for (const panel::Outcome& outcome : job.design.outcomes) {
    plan.tiles += tiles_of(job, outcome, e) * static_cast<std::size_t>(n_copies);
    const int n_halves = job.providers[static_cast<std::size_t>(outcome.frame)]->n_replicates(resample::Stream::halves);
    lists += TopLists::bytes(n_halves, x.n_rank_positions) + RankBins::bytes(n_halves);
  }
  const std::size_t working = std::min(static_cast<std::size_t>(n_threads), n_tasks);
  const std::size_t in_flight = std::min(2 * static_cast<std::size_t>(n_threads), n_tasks);
  const std::size_t n_cells = static_cast<std::size_t>(n_copies) * job.design.outcomes.size() * job.design.years.size();
  plan.making = making_of(job, e) * std::min(static_cast<std::size_t>(n_threads), n_cells);
  // Blocks at hand together are of the mean size, but for two of the largest.
  const std::size_t n_blocks = std::max<std::size_t>(1, n_tasks / job.design.outcomes.size());
  const std::size_t mean = job.keep > 0 ? places : std::min<std::size_t>(places, job.universe.count() / n_blocks);
  const auto together = [&](std::size_t n) {
    return std::min(n, std::size_t{2}) * places + (n - std::min(n, std::size_t{2})) * mean;
  };
  plan.threads = working * (Workspace::doubles(e, x.n_years) * sizeof(double) + repair_bytes(job, e) + lists) +
                 together(working) * sums_bytes(job, x);
  plan.records = together(in_flight) * record_bytes(x);
  plan.lists = lists + (job.keep > 0 ? KeptRows::bytes(x.n_outcomes, x.n_combinations) : 0);
  if (x.n_quantiles > 0) {
    const std::size_t rows = CoefficientQuantiles::bytes(x.n_slots, job.statistics.n_pairs);
    const std::size_t cells = static_cast<std::size_t>(x.n_selected) * static_cast<std::size_t>(x.n_years);
    plan.selected = rows + cells * static_cast<std::size_t>(x.n_criteria * x.n_quantiles) * sizeof(double);
    if (x.quantiles_of_all) plan.threads += working * rows;
  }
  plan.selected += selected_bytes(job, x) + static_cast<std::size_t>(std::min(n_threads, kSelectedTasks)) *
                                                Workspace::doubles(e, x.n_years) * sizeof(double);
  plan.ranks = rank_bytes(x.n_combinations, x.n_years, execution.ranks_together);
  return plan;
}

}  // namespace nokkel::search
