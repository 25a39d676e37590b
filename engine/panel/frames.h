/// The units that each subsample resamples over.
#pragma once

#include <string>
#include <vector>

#include "engine/panel/sample.h"

namespace nokkel::panel {

/// Number of each row's unit, from 0; the panel's rows are sorted by unit, so the numbers are too. Cost: O(rows).
std::vector<int> number_units(const Panel& panel);

struct Frames {
  std::vector<Frame> frames;            ///< one a subsample
  std::vector<std::vector<int>> place;  ///< [frame][unit number]: index into Frame::units; -1: not in it
  std::vector<std::string> notes;
};

/// `unit_of_row` as numbered above; `in_sample` per panel row; used[frame][unit number]: the unit has a row in some cell.
/// A unit's stratum is that of its last row in the sample, so it is the same in every frame; its name is the last known.
/// Errors (InputError): unknown strata column, a unit without a stratum (row named). Cost: O(rows + frames x units).
Frames make_frames(const Panel& panel, const SampleSpec& sample, const std::vector<int>& unit_of_row,
                   const std::vector<char>& in_sample, const std::vector<std::string>& names,
                   const std::vector<std::vector<char>>& used);

}  // namespace nokkel::panel
