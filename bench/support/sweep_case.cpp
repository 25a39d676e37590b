#include "bench/support/sweep_case.h"

#include <map>

namespace nokkel::bench {

const double* SweepCase::column(int criterion) const {
  return tiles.rows[0].z.data() + static_cast<long>(criterion + 1) * n_rows();
}
const double* SweepCase::response() const { return column(extents.n_free); }

const SweepCase& sweep_case(const Variant& variant) {
  static std::map<std::string, std::unique_ptr<SweepCase>> made;
  Variant key = variant;  // threads and instruction set do not change the data
  key.n_threads = 1;
  key.kernel = KernelLevel::automatic;
  auto& slot = made[name_of("", key)];
  if (slot) return *slot;
  simulate::Size size;
  size.n_years = 1;
  size.n_units = variant.n_units;
  size.n_criteria = variant.n_criteria;
  size.max_size = variant.max_size;
  size.n_pairs = variant.n_replicates > 0 ? variant.n_replicates : 1008;
  slot = std::make_unique<SweepCase>(SweepCase{simulate::make_case(size), {0, variant.n_criteria, variant.max_size}, {}, {}});
  SweepCase& s = *slot;
  s.tiles =
      search::make_tiles(s.data.design.outcomes[0], 0, variant.n_criteria, s.extents, *s.data.providers[0], s.data.statistics);
  for (const auto& block : s.data.universe.blocks(1000, 8192)) s.plans.push_back(search::plan_block(s.data.universe, block));
  return s;
}

std::vector<int> members_of(const search::BlockPlan& plan, int place) {
  const int* m = plan.members.data() + static_cast<std::size_t>(place) * static_cast<std::size_t>(plan.max_free);
  return {m, m + plan.size_of_place[static_cast<std::size_t>(place)]};
}

std::vector<double> weights_of(const SweepCase& s, resample::Stream stream, int replicate) {
  std::vector<double> w(static_cast<std::size_t>(s.data.providers[0]->n_units()));
  s.data.providers[0]->weights(stream, replicate, 1, w.data(), 1);
  return w;
}

kernels::LeastSquares by_rows(const SweepCase& s, const std::vector<int>& members, const std::vector<double>& weight) {
  std::vector<const double*> columns;
  for (const int m : members) columns.push_back(s.column(m));
  return kernels::least_squares(s.n_rows(), columns, s.response(), weight.data(), true);
}

Stage::Stage(const SweepCase& s, const search::BlockPlan& plan, const kernels::Kernels& kernels, search::Workspace& workspace)
    : shape{plan.n_places, 1, plan.max_free},
      repair(s.tiles, *s.data.providers[0]),
      full(shape, s.tiles, kernels),
      status(shape.n_cells(), 0),
      years{{s.data.design.years[0], 1, static_cast<double>(s.n_rows()), s.full_sst()}} {
  search::walk(s.tiles.full, plan, 0, search::Wanted::v, kernels, repair, full, workspace);
}

Prepared::Prepared(const SweepCase& s, const kernels::Kernels& kernels, int n_threads) : case_(s) {
  for (int i = 0; i < n_threads; ++i) workspaces_.push_back(std::make_unique<search::Workspace>(s.extents, 1));
  for (const auto& plan : s.plans) stages_.push_back(std::make_unique<Stage>(s, plan, kernels, *workspaces_[0]));
}

void Prepared::for_each_block(const std::function<void(const search::BlockPlan&, Stage&, search::Workspace&)>& work) {
  share_out(static_cast<int>(workspaces_.size()), stages_.size(), [&](std::size_t i, int worker) {
    work(case_.plans[i], *stages_[i], *workspaces_[static_cast<std::size_t>(worker)]);
  });
}

}  // namespace nokkel::bench
