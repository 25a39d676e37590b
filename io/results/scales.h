/// The dimension scales of the root group. A scale is written when the first variable on its axis is, so a dimension that
/// no variable uses is left out.
#pragma once

#include <map>
#include <span>
#include <string>

#include "engine/variables.h"
#include "io/hdf5_handle.h"
#include "io/results/results_file.h"

namespace nokkel::results {

class Scales {
 public:
  /// Both outlive the scales.
  Scales(const hdf5::File& file, const Description& description) : file_(file), description_(description) {}

  const hdf5::Dataset& of(Axis axis);
  /// Names the axes of a variable, making scales that are not there yet.
  void attach(const hdf5::Dataset& dataset, std::span<const Axis> axes);
  void close();  ///< checked
  void drop() noexcept { made_.clear(); }

 private:
  [[nodiscard]] hdf5::Dataset write(Axis axis) const;

  const hdf5::File& file_;
  const Description& description_;
  std::map<Axis, hdf5::Dataset> made_;
};

/// A dataset along one axis with long_name and role, cut as the format says; texts are contiguous, since HDF5 refuses
/// checksums on variable-length texts and without a filter a chunk has no use.
hdf5::Dataset create_column(const hdf5::Group& group, const std::string& name, hdf5::Type type, std::uint64_t n,
                            const std::string& long_name);

}  // namespace nokkel::results
