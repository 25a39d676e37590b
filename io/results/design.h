/// What a file says about itself before any number of the search: root attributes, provenance, the coordinates, and
/// which criteria each combination has (member, label, size).
#pragma once

#include <span>

#include "engine/universe/universe.h"
#include "io/hdf5_handle.h"
#include "io/results/results_file.h"
#include "io/results/scales.h"

namespace nokkel::results {

inline constexpr int kSchemaNumber = 1;
inline constexpr std::string_view kSchemaName = "nokkel/";

/// Conventions, schema, the caller's attributes, and complete = 0.
void write_root_attributes(const hdf5::File& file, const Description& description);
/// Text coordinates of criteria and outcomes; member, label, size of every combination, walked once, or of those with these
/// numbers, and then combination_id. kept: null for every combination.
void write_design(const hdf5::File& file, Scales& scales, const Description& description, const universe::Universe& universe,
                  const std::span<const std::uint32_t>* kept);
void write_provenance(const hdf5::File& file, const Description& description);

/// Criteria joined by " + ".
std::string label_of(const std::vector<int>& members, const std::vector<std::string>& criteria);

}  // namespace nokkel::results
