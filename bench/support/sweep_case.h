/// One year of generated data with its tiles and the whole universe cut into the blocks of a run: what sweeps and baselines
/// work on.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "bench/support/rates.h"
#include "engine/search/block_plan.h"
#include "engine/search/half_marks.h"
#include "engine/search/pair_sums.h"
#include "engine/search/row_repair.h"
#include "engine/search/sinks.h"
#include "engine/simulate/workload.h"
#include "kernels/qr.h"

namespace nokkel::bench {

struct SweepCase {
  simulate::Case data;
  search::TileExtents extents;
  search::OutcomeTiles tiles;
  std::vector<search::BlockPlan> plans;
  [[nodiscard]] double n_combinations() const { return static_cast<double>(data.universe.count()); }
  [[nodiscard]] int n_rows() const { return tiles.rows[0].n_rows; }
  [[nodiscard]] double full_sst() const { return tiles.full.root.sst[0]; }
  [[nodiscard]] const double* column(int criterion) const;  ///< standardised, n_rows
  [[nodiscard]] const double* response() const;
};

/// The case of a variant, made once. Pairs replicates: 1,008, which are whole tiles, so that fits/s compare with other sizes.
const SweepCase& sweep_case(const Variant& variant);

/// Free columns of a block's combination.
std::vector<int> members_of(const search::BlockPlan& plan, int place);

/// Weights of one resample by row; every unit of a case has a row.
std::vector<double> weights_of(const SweepCase& s, resample::Stream stream, int replicate);

/// The fit of a combination on the rows of one resample, by QR.
kernels::LeastSquares by_rows(const SweepCase& s, const std::vector<int>& members, const std::vector<double>& weight);

/// The stages of a block that a bench needs before its own: full sample and status. For one thread at a time.
struct Stage {
  Stage(const SweepCase& s, const search::BlockPlan& plan, const kernels::Kernels& kernels, search::Workspace& workspace);
  search::BlockShape shape;
  search::RowRepair repair;
  search::FullFits full;
  search::StatusTable status;
  std::vector<search::YearFacts> years;
};

/// A stage a block and a workspace a thread.
class Prepared {
 public:
  Prepared(const SweepCase& s, const kernels::Kernels& kernels, int n_threads);
  /// work(plan, stage, workspace) once for every block, on all threads.
  void for_each_block(const std::function<void(const search::BlockPlan&, Stage&, search::Workspace&)>& work);

 private:
  const SweepCase& case_;
  std::vector<std::unique_ptr<search::Workspace>> workspaces_;
  std::vector<std::unique_ptr<Stage>> stages_;
};

}  // namespace nokkel::bench
