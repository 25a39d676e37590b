/// Repairs flagged lanes from the rows of their replicate: double-double moments and LDL' (METHODS 1.3, 1.4).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/resample/resample.h"
#include "engine/search/lane_moments.h"
#include "engine/search/walk.h"

namespace nokkel::search {

/// A result depends on its own columns and weights only, never on lane mates or order. One object a thread and outcome.
class RowRepair final : public Repair {
 public:
  RowRepair(const OutcomeTiles& tiles, const resample::Provider& provider) : n_years_(tiles.rows.size()) {
    for (std::size_t i = 0; i <= n_years_; ++i) moments_.emplace_back(tiles, provider);
  }

  /// Cells [place * n_years + year] with a status other than 0 are not worth a repair: all their lanes are dead. Null:
  /// repair everything.
  void skip_unless_zero(const std::vector<std::int8_t>* status) { status_ = status; }

  kernels::LaneMask fix(const Tile& tile, int place, const int* members, kernels::Rows& rows,
                        kernels::LaneMask suspect) override;

  std::uint64_t n_repaired = 0, n_not_estimable = 0;

 private:
  /// Lanes of `suspect` whose cell is out already.
  [[nodiscard]] kernels::LaneMask out_already(const Tile& tile, int place, kernels::LaneMask suspect) const;

  std::size_t n_years_;
  std::vector<LaneMoments> moments_;  // of the tile over years, then of each year's, which are walked side by side
  const std::vector<std::int8_t>* status_ = nullptr;
  std::vector<const double*> cross_;
  std::vector<double> scratch_;
};

}  // namespace nokkel::search
