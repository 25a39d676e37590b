/// Repairs flagged lanes from the rows of their replicate: pivoted QR in long double (METHODS 1.3, 1.4).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/resample/resample.h"
#include "engine/search/walk.h"

namespace nokkel::search {

/// A result depends on its own columns and weights only, never on lane mates or order. One object a thread and outcome.
class RowRepair final : public Repair {
 public:
  RowRepair(const OutcomeTiles& tiles, const resample::Provider& provider);

  /// Cells [place * n_years + year] with a status other than 0 are not worth a repair: all their lanes are dead. Null:
  /// repair everything.
  void skip_unless_zero(const std::vector<std::int8_t>* status) { status_ = status; }

  kernels::LaneMask fix(const Tile& tile, int place, const int* members, kernels::Rows& rows,
                        kernels::LaneMask suspect) override;

  std::uint64_t n_repaired = 0, n_not_estimable = 0;

 private:
  const std::vector<double>& weights_of(const Tile& tile, int lane, int year);

  const OutcomeTiles& tiles_;
  const resample::Provider& provider_;
  const std::vector<std::int8_t>* status_ = nullptr;
  std::vector<double> unit_weight_, weight_;
};

}  // namespace nokkel::search
