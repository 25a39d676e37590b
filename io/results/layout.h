/// How each variable lies in the file: extents, chunks and attributes, all from the one table `variables()`
/// (RESULTS-FORMAT sections 1, 3, 5). Writer, reader, diff and the size forecast use these and nothing else.
///
/// A record variable (made in the loop) is cut along `combination`, outcomes and the other axes whole: a block brings all
/// outcomes of its combinations. A variable made after the loop arrives outcome by outcome and is cut so: chunks of one
/// outcome, along the other leading axis. Either way a chunk is written once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/sink.h"
#include "engine/variables.h"
#include "io/hdf5_handle.h"
#include "io/results/results_file.h"

namespace nokkel::results {

inline constexpr std::uint64_t kContiguousBelow = std::uint64_t{64} << 10;  ///< bytes of an array that is not chunked
inline constexpr std::uint64_t kChunkBytes = std::uint64_t{1} << 20;        ///< about so much a chunk, never more than a row
inline constexpr std::uint64_t kMostLabels = 1'000'000;                     ///< combinations up to which labels are written

struct Layout {
  hdf5::Extent extent;
  hdf5::Extent chunk;            ///< empty: contiguous
  std::uint64_t group_rows = 0;  ///< rows of the cut axis that are written together: those of a chunk, or all
  std::uint64_t bytes = 0;       ///< stored, checksums included; a chunk at the edge is stored whole
};

/// Cuts an array along `cut_axis` into chunks of nearly equal size; axes named in `single` are cut into single steps.
Layout cut(const hdf5::Extent& extent, std::size_t element_bytes, std::size_t cut_axis, const std::vector<std::size_t>& single);

hdf5::Extent extent_of(const VariableInfo& variable, const Extents& extents);
/// An axis has no elements, or it was not asked for: the variable is left out.
bool is_empty(const VariableInfo& variable, const Extents& extents);
Layout layout_of(const VariableInfo& variable, const Extents& extents);

/// Elements of one outcome in one step of the first axis that is not the outcome.
std::uint64_t row_length(const VariableInfo& variable, const Extents& extents);

hdf5::Type stored_type(VarType type);
std::size_t bytes_of(VarType type);
/// What stands where nothing was computed: NaN, -1 for codes and references, 0 for counts and ranks.
double fill_of(const VariableInfo& variable);
hdf5::Storage storage_of(const VariableInfo& variable, const Layout& layout, int compression);

/// The unit text of a variable, "" when unknown: outcomes have different units, or a unit that xarray takes for time.
std::string unit_of(const VariableInfo& variable, const Description& description);

/// Writes long_name, role, units, direction, coordinates, _FillValue, flags, `top`, and the caller's own.
void describe(const hdf5::Dataset& dataset, const VariableInfo& variable, const Description& description);

/// Names of text attributes that `describe` and the dimension scales make by themselves.
bool is_made_by_the_table(const std::string& attribute);

bool has_labels(const Extents& extents);

}  // namespace nokkel::results
