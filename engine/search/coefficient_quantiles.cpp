#include "engine/search/coefficient_quantiles.h"

#include <algorithm>
#include <limits>

#include "engine/search/records.h"
#include "engine/search/row_repair.h"

namespace nokkel::search {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
/// Rows of replicates held at a time: more spills from the caches, fewer walks the same path again more often (measured in
/// docs/performance.md).
constexpr std::size_t kBytesAtOnce = std::size_t{4} << 20;

int places_at_once(int n_slots, int n_replicates) {
  const std::size_t bytes = sizeof(double) * ReplicateRows::doubles(n_slots, n_replicates);
  return static_cast<int>(std::clamp<std::size_t>(kBytesAtOnce / std::max<std::size_t>(1, bytes), 1, 1024));
}

}  // namespace

CoefficientQuantiles::CoefficientQuantiles(const OutcomeContext& context)
    : context_(context),
      kernels_(kernels::order_kernels_of(context.kernels)),
      n_replicates_(context.provider.n_replicates(resample::Stream::pairs)),
      n_controls_(static_cast<int>(context.design.controls.size())),
      n_places_(places_at_once(context.universe.max_size(), n_replicates_)),
      rows_(n_places_, n_controls_, context.universe.max_size(), n_replicates_),
      scratch_(static_cast<std::size_t>(kernels::order_scratch(n_replicates_))) {}

std::size_t CoefficientQuantiles::bytes(int n_slots, int n_replicates) {
  return sizeof(double) *
         (static_cast<std::size_t>(places_at_once(n_slots, n_replicates)) * ReplicateRows::doubles(n_slots, n_replicates) +
          static_cast<std::size_t>(kernels::order_scratch(n_replicates)));
}

void CoefficientQuantiles::walk_year(const BlockPlan& plan, int year, Repair& repair, Workspace& workspace) {
  rows_.start();
  for (const Tile& tile : context_.tiles.pairs[static_cast<std::size_t>(year)])
    walk(tile, plan, n_controls_, Wanted::b, context_.kernels, repair, rows_, workspace);
}

void CoefficientQuantiles::of(int place, int slot, int criterion, double* out) {
  const int used = rows_.used(place);
  if (used == 0 || used < kLeastEstimable * n_replicates_) {
    std::fill_n(out, n_levels(), kNaN);
    return;
  }
  const auto at = by_used_.try_emplace(used, context_.statistics.quantiles, used).first;
  at->second.of(kernels_, rows_.row(place, slot), scratch_.data(), out);
  const Scale& scale = context_.tiles.scale;
  const double unit = scale.sd.back() / scale.sd[static_cast<std::size_t>(n_controls_ + criterion)];
  for (int q = 0; q < n_levels(); ++q) out[q] *= unit;
}

std::vector<double> listed_quantiles(const OutcomeContext& context, const std::vector<std::vector<int>>& members,
                                     Workspace& workspace) {
  CoefficientQuantiles quantiles(context);
  const std::size_t n_years = context.tiles.rows.size(), n_criteria = context.design.criteria.size(),
                    n_levels = static_cast<std::size_t>(quantiles.n_levels());
  const int n_forced = context.universe.n_forced();
  std::vector<double> out(members.size() * n_years * n_criteria * n_levels, kNaN);
  RowRepair repair(context.tiles, context.provider);
  for (std::size_t first = 0; first < members.size(); first += static_cast<std::size_t>(quantiles.n_places())) {
    const std::size_t n = std::min(members.size() - first, static_cast<std::size_t>(quantiles.n_places()));
    std::vector<std::vector<int>> free(n);
    for (std::size_t i = 0; i < n; ++i)
      for (const int m : members[first + i])
        if (m >= n_forced) free[i].push_back(m - n_forced);
    const BlockPlan plan = plan_list(free, n_forced, std::max(context.extents.max_free, 1));
    for (std::size_t year = 0; year < n_years; ++year) {
      quantiles.walk_year(plan, static_cast<int>(year), repair, workspace);
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t slot = 0; slot < members[first + i].size(); ++slot) {
          const int criterion = members[first + i][slot];
          quantiles.of(
              static_cast<int>(i), static_cast<int>(slot), criterion,
              out.data() + (((first + i) * n_years + year) * n_criteria + static_cast<std::size_t>(criterion)) * n_levels);
        }
    }
  }
  return out;
}

}  // namespace nokkel::search
