/// How large a result file will be, from its description alone.

#include <algorithm>

#include "io/results/layout.h"
#include "io/results/results_file.h"

namespace nokkel::results {
namespace {

/// Bytes that the format needs around the numbers of a dataset: header, attributes, names of the axes, chunk index.
constexpr std::uint64_t kBytesPerVariable = 1800;
constexpr std::uint64_t kBytesPerFile = 16384;
constexpr std::uint64_t kLibraryBytes = std::uint64_t{8} << 20;  ///< HDF5 itself: its caches and a chunk on its way to the disk
constexpr std::uint64_t kBytesPerText = 32;                      ///< reference and heap entry, the text itself apart

std::uint64_t texts_size(const std::vector<std::string>& texts) {
  std::uint64_t bytes = 0;
  for (const std::string& text : texts) bytes += kBytesPerText + text.size();
  return bytes;
}

/// Labels as if every combination were of the largest size, as nearly all are, of criteria with names of mean length.
std::uint64_t labels_size(const Description& d) {
  if (!has_labels(d.extents) || d.criteria.empty()) return 0;
  std::uint64_t letters = 0;
  for (const std::string& name : d.criteria) letters += name.size();
  const std::uint64_t n_slots = d.extents.of(Axis::slot);
  const std::uint64_t label = n_slots * letters / d.criteria.size() + 3 * n_slots;
  return d.extents.n_combinations * (kBytesPerText + label + 4);  // 4: heap entries are padded to 8 bytes
}

std::uint64_t design_size(const Description& d) {
  const std::uint64_t n = d.extents.n_combinations;
  std::uint64_t bytes = cut({n}, 4, 0, {}).bytes * 2 + labels_size(d);  // combination, size
  if (d.extents.n_universe > 0) bytes += cut({n}, 4, 0, {}).bytes;      // combination_id
  bytes += cut({n, std::max<std::uint64_t>(1, d.extents.of(Axis::slot))}, 4, 0, {}).bytes;
  for (const auto* texts : {&d.criteria, &d.criterion_labels, &d.controls, &d.outcomes, &d.outcome_response, &d.outcome_sample})
    bytes += texts_size(*texts);
  for (const auto& [name, text] : d.provenance) bytes += kBytesPerVariable + text.size();
  for (const auto& [name, text] : d.attributes) bytes += name.size() + text.size();
  return bytes;
}

}  // namespace

std::uint64_t expected_size(const Description& description) {
  if (description.extents.n_combinations == 0) return 0;
  std::uint64_t bytes = kBytesPerFile + design_size(description);
  for (const VariableInfo& variable : variables())
    if (!is_empty(variable, description.extents)) bytes += layout_of(variable, description.extents).bytes + kBytesPerVariable;
  return bytes;
}

/// Within a size the walk goes by number, so that one chunk a size is being filled; one more waits for its turn.
std::uint64_t writer_memory(const Description& description) {
  const Extents& extents = description.extents;
  std::uint64_t bytes = kLibraryBytes;
  for (const VariableInfo& variable : variables()) {
    const bool streamed = variable.in_loop || variable.axis()[0] == Axis::universe;
    if (!streamed || is_empty(variable, extents)) continue;
    const Layout layout = layout_of(variable, extents);
    const std::uint64_t row =
        row_length(variable, extents) * static_cast<std::uint64_t>(extents.n_outcomes) * bytes_of(variable.type);
    const bool in_walk = extents.n_universe == 0 || variable.axis()[0] == Axis::universe;
    const std::uint64_t n_open = in_walk ? static_cast<std::uint64_t>(extents.n_slots) + 1 : 2;
    bytes += std::min(layout.bytes, n_open * layout.group_rows * row);
  }
  return bytes;
}

}  // namespace nokkel::results
