/// Repairs of flagged lanes: a near-collinear pair flags every lane of every combination that holds it, in all replicates of a
/// year. Held against one pivoted QR in long double a lane, on the same lanes in the same run; a bench whose answer differs
/// from QR ends with an error and no time.
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "bench/benches.h"
#include "bench/support/flops.h"
#include "bench/support/rates.h"
#include "engine/search/row_repair.h"
#include "engine/simulate/workload.h"
#include "kernels/qr.h"

namespace nokkel::bench {
namespace {

using search::Tile;

constexpr double kApart = 1e-4;  // SD of what parts the pair: r = 1 - 5e-9, below the pivot's floor of 1e-6

/// One year of W1 whose second criterion follows its first, and the combinations of size k that hold both.
struct Burst {
  simulate::Case data;
  search::TileExtents extents;
  search::OutcomeTiles tiles;
  std::vector<std::vector<int>> combinations;
  [[nodiscard]] double n_fits() const {
    return static_cast<double>(combinations.size()) * static_cast<double>(data.statistics.n_pairs);
  }
};

void add_pairs_with(int first, std::vector<int> members, int size, int n_criteria, std::vector<std::vector<int>>* out) {
  if (static_cast<int>(members.size()) == size) return out->push_back(std::move(members));
  for (int j = first; j < n_criteria; ++j) {
    std::vector<int> longer = members;
    longer.push_back(j);
    add_pairs_with(j + 1, std::move(longer), size, n_criteria, out);
  }
}

Burst make_burst(int size, int n_criteria) {
  simulate::Size w1;
  w1.n_years = 1;
  w1.n_criteria = n_criteria;
  w1.max_size = size;
  w1.n_pairs = 960;
  Burst burst{simulate::make_case(w1), {0, n_criteria, size}, {}, {}};
  panel::Cell& cell = burst.data.design.outcomes[0].cells[0];
  const std::size_t n = cell.y.size();
  for (std::size_t i = 0; i < n; ++i) cell.x[n + i] = cell.x[i] + kApart * (cell.x[2 * n + i] - 10);
  burst.tiles = search::make_tiles(burst.data.design.outcomes[0], 0, n_criteria, burst.extents, *burst.data.providers[0],
                                   burst.data.statistics);
  add_pairs_with(3, {0, 1}, size, n_criteria, &burst.combinations);
  return burst;
}

/// The rows of one combination over a tile.
struct RowMemory {
  explicit RowMemory(int k) : memory(static_cast<std::size_t>(2 * k + 1) * kernels::kTileLanes) {
    rows = {memory.data(), memory.data() + static_cast<std::ptrdiff_t>(k) * kernels::kTileLanes,
            memory.data() + static_cast<std::ptrdiff_t>(2 * k) * kernels::kTileLanes, k, kernels::kTileLanes};
  }
  AlignedBuffer memory;
  kernels::Rows rows;
};

kernels::LeastSquares by_qr(const Burst& burst, const std::vector<int>& members, const std::vector<double>& weight) {
  const search::CellRows& rows = burst.tiles.rows[0];
  const auto column = [&](int j) { return rows.z.data() + static_cast<std::ptrdiff_t>(j) * rows.n_rows; };
  std::vector<const double*> x;
  for (const int m : members) x.push_back(column(m + 1));
  return kernels::least_squares(rows.n_rows, x, column(burst.extents.n_free + 1), weight.data(), true);
}

std::vector<double> weights_of(const Burst& burst, int replicate) {
  std::vector<double> w(static_cast<std::size_t>(burst.data.providers[0]->n_units()));
  burst.data.providers[0]->weights(resample::Stream::pairs, replicate, 1, w.data(), 1);
  return w;
}

bool close(double a, double b) { return std::fabs(a - b) <= 1e-9 * std::fabs(b); }  // QR in 64 bits: VIF 1e8 of 1e19

std::string disagreement(const Burst& burst) {
  search::RowRepair repair(burst.tiles, *burst.data.providers[0]);
  const Tile& tile = burst.tiles.pairs[0][0];
  for (std::size_t c = 0; c < std::min<std::size_t>(burst.combinations.size(), 8); ++c) {
    const std::vector<int>& members = burst.combinations[c];
    RowMemory memory(static_cast<int>(members.size()));
    if (repair.fix(tile, 0, members.data(), memory.rows, kernels::LaneMask::first(kernels::kTileLanes)).any())
      return "a lane of combination " + std::to_string(c) + " was given up";
    for (int lane = 0; lane < kernels::kTileLanes; ++lane) {
      const kernels::LeastSquares fit = by_qr(burst, members, weights_of(burst, lane));
      bool same = close(memory.rows.sse[lane], fit.sse);
      for (std::size_t i = 0; i < members.size(); ++i)
        same = same && close(memory.rows.b[i * kernels::kTileLanes + static_cast<std::size_t>(lane)], fit.b[i]) &&
               close(memory.rows.v[i * kernels::kTileLanes + static_cast<std::size_t>(lane)], fit.v[i]);
      if (!same) return "lane " + std::to_string(lane) + " of combination " + std::to_string(c) + " differs from pivoted QR";
    }
  }
  return {};
}

/// The shares are of what such a fit costs by LLT in plain double.
void report(benchmark::State& state, const Variant& variant, const Meter& meter, double fits) {
  meter.report(state, fits, llt_full_flops(variant.max_size));
}

/// As in a search: tile after tile, all combinations of a block on each.
void repair(benchmark::State& state, const Variant& variant) {
  const Burst burst = make_burst(variant.max_size, variant.n_criteria);
  if (const std::string what = disagreement(burst); !what.empty()) return state.SkipWithError(what.c_str());
  RowMemory memory(variant.max_size);
  const Meter meter(1);
  for (auto _ : state) {
    search::RowRepair fresh(burst.tiles, *burst.data.providers[0]);
    for (const Tile& tile : burst.tiles.pairs[0])
      for (const std::vector<int>& members : burst.combinations)
        fresh.fix(tile, 0, members.data(), memory.rows, kernels::LaneMask::first(tile.n_live));
    benchmark::DoNotOptimize(memory.rows.sse);
  }
  report(state, variant, meter, burst.n_fits());
}

/// One lane a tile and one combination: nothing to share.
void repair_alone(benchmark::State& state, const Variant& variant) {
  const Burst burst = make_burst(variant.max_size, variant.n_criteria);
  RowMemory memory(variant.max_size);
  kernels::LaneMask one;
  one.add(41);
  const Meter meter(1);
  for (auto _ : state) {
    search::RowRepair fresh(burst.tiles, *burst.data.providers[0]);
    for (const Tile& tile : burst.tiles.pairs[0]) fresh.fix(tile, 0, burst.combinations[0].data(), memory.rows, one);
    benchmark::DoNotOptimize(memory.rows.sse);
  }
  report(state, variant, meter, static_cast<double>(burst.tiles.pairs[0].size()));
}

void repair_by_qr(benchmark::State& state, const Variant& variant) {
  const Burst burst = make_burst(variant.max_size, variant.n_criteria);
  std::vector<std::vector<double>> weights;
  for (int r = 0; r < kernels::kTileLanes; ++r) weights.push_back(weights_of(burst, r));
  const Meter meter(1);
  for (auto _ : state)
    for (const std::vector<double>& w : weights) benchmark::DoNotOptimize(by_qr(burst, burst.combinations[0], w));
  report(state, variant, meter, kernels::kTileLanes);
}

}  // namespace

void add_repairs() {
  add("repair", {}, repair);
  add("repair", {.max_size = 6, .n_criteria = 20}, repair);
  add("repair_alone", {}, repair_alone);
  add("repair_by_qr", {}, repair_by_qr);
  add("repair_by_qr", {.max_size = 6, .n_criteria = 20}, repair_by_qr);
}

}  // namespace nokkel::bench
