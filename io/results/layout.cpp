#include "io/results/layout.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <string_view>

#include "engine/assert.h"

namespace nokkel::results {
namespace {

constexpr std::uint64_t kChecksumBytes = 4;

std::uint64_t product(const hdf5::Extent& extent) {
  return std::accumulate(extent.begin(), extent.end(), std::uint64_t{1}, std::multiplies<>());
}

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

bool has_axis(const VariableInfo& variable, Axis axis) {
  return std::find(variable.axis().begin(), variable.axis().end(), axis) != variable.axis().end();
}

std::size_t outcome_axis(const VariableInfo& variable) {
  const auto axes = variable.axis();
  const auto at = std::find(axes.begin(), axes.end(), Axis::outcome);
  NOKKEL_ASSERT(at != axes.end());
  return static_cast<std::size_t>(at - axes.begin());
}

/// xarray turns variables with such units into time.
bool reads_as_time(std::string_view unit) {
  constexpr std::array<std::string_view, 7> kTimes = {"days",         "hours",        "minutes",    "seconds",
                                                      "milliseconds", "microseconds", "nanoseconds"};
  return std::find(kTimes.begin(), kTimes.end(), unit) != kTimes.end() || unit.find("since") != std::string_view::npos;
}

std::string outcome_unit(const Description& d) {
  if (d.outcome_unit.empty()) return "";
  const bool equal =
      std::all_of(d.outcome_unit.begin(), d.outcome_unit.end(), [&](auto& u) { return u == d.outcome_unit.front(); });
  return equal ? d.outcome_unit.front() : "";
}

std::string per(const std::string& unit, std::string_view what) { return unit.empty() ? "" : unit + " / " + std::string(what); }

std::string unit_text(UnitKind kind, const Description& d) {
  switch (kind) {
    case UnitKind::none:
      return "";
    case UnitKind::one:
      return "1";
    case UnitKind::outcome:
      return outcome_unit(d);
    case UnitKind::outcome_per_criterion:
      return per(outcome_unit(d), "criterion");
    case UnitKind::outcome_per_control:
      return per(outcome_unit(d), "control");
    case UnitKind::per_criterion:
      return "1 / criterion";
  }
  return "";
}

void describe_status(const hdf5::Dataset& dataset) {
  const auto n = 1 + std::count(kStatusMeanings.begin(), kStatusMeanings.end(), ' ');
  std::vector<std::int8_t> codes(static_cast<std::size_t>(n));
  std::iota(codes.begin(), codes.end(), static_cast<std::int8_t>(Status::not_computed));
  dataset.set_int8s("flag_values", codes);
  dataset.set_text("flag_meanings", std::string(kStatusMeanings));
}

}  // namespace

Layout cut(const hdf5::Extent& extent, std::size_t element_bytes, std::size_t cut_axis,
           const std::vector<std::size_t>& single) {
  Layout layout{extent, {}, extent.at(cut_axis), product(extent) * element_bytes};
  if (layout.bytes < kContiguousBelow) return layout;
  layout.chunk = extent;
  for (const std::size_t axis : single) layout.chunk[axis] = 1;
  const std::uint64_t rows = extent[cut_axis];
  const std::uint64_t row_bytes = product(layout.chunk) / rows * element_bytes;
  const std::uint64_t most_rows = std::max<std::uint64_t>(1, kChunkBytes / row_bytes);
  layout.group_rows = ceil_div(rows, ceil_div(rows, most_rows));  // equal chunks: no chunk that is mostly padding
  layout.chunk[cut_axis] = layout.group_rows;
  std::uint64_t n_chunks = 1;
  for (std::size_t axis = 0; axis < extent.size(); ++axis) n_chunks *= ceil_div(extent[axis], layout.chunk[axis]);
  layout.bytes = n_chunks * (product(layout.chunk) * element_bytes + kChecksumBytes);
  return layout;
}

hdf5::Extent extent_of(const VariableInfo& variable, const Extents& extents) {
  hdf5::Extent extent;
  for (const Axis axis : variable.axis()) extent.push_back(extents.of(axis));
  return extent;
}

bool is_empty(const VariableInfo& variable, const Extents& extents) { return !extents.have(variable); }

Layout layout_of(const VariableInfo& variable, const Extents& extents) {
  const std::size_t outcome = outcome_axis(variable);
  if (variable.in_loop || variable.axis()[0] == Axis::universe)
    return cut(extent_of(variable, extents), bytes_of(variable.type), 0, {});
  return cut(extent_of(variable, extents), bytes_of(variable.type), outcome == 0 ? 1 : 0, {outcome});
}

std::uint64_t row_length(const VariableInfo& variable, const Extents& extents) {
  const hdf5::Extent extent = extent_of(variable, extents);
  return std::accumulate(extent.begin() + 2, extent.end(), std::uint64_t{1}, std::multiplies<>());
}

hdf5::Type stored_type(VarType type) {
  return type == VarType::real ? hdf5::Type::real : type == VarType::int32 ? hdf5::Type::int32 : hdf5::Type::int8;
}

std::size_t bytes_of(VarType type) { return type == VarType::real ? 8 : type == VarType::int32 ? 4 : 1; }

double fill_of(const VariableInfo& variable) {
  if (variable.type == VarType::real) return std::numeric_limits<double>::quiet_NaN();
  return variable.type == VarType::int8 || variable.role == "design" ? -1 : 0;
}

hdf5::Storage storage_of(const VariableInfo& variable, const Layout& layout, int compression) {
  // Unused slots hold NaN, long runs of equal bytes that deflate alone finds; grouping bytes would break them up.
  return {layout.chunk, compression, !has_axis(variable, Axis::slot), fill_of(variable)};
}

std::string unit_of(const VariableInfo& variable, const Description& description) {
  const std::string unit = unit_text(variable.unit, description);
  return reads_as_time(unit) ? "" : unit;
}

void describe(const hdf5::Dataset& dataset, const VariableInfo& variable, const Description& description) {
  const auto text = [&](const char* name, std::string_view value) {
    if (!value.empty()) dataset.set_text(name, std::string(value));
  };
  text("long_name", variable.long_name);
  text("role", variable.role);
  text("units", unit_of(variable, description));
  text("direction", variable.direction);
  if (has_axis(variable, Axis::combination) && has_labels(description.extents)) text("coordinates", "label");
  if (variable.type == VarType::real) dataset.set_real("_FillValue", fill_of(variable));
  if (variable.id == Var::status) describe_status(dataset);
  if (variable.id == Var::top_share) dataset.set_int32("top", description.top);
  for (const auto& [id, attribute] : description.variable_attributes)
    if (id == variable.id) dataset.set_text(attribute.first, attribute.second);
}

bool is_made_by_the_table(const std::string& attribute) {
  constexpr std::array<std::string_view, 8> kOurs = {"CLASS", "NAME",      "long_name",   "role",
                                                     "units", "direction", "coordinates", "flag_meanings"};
  return std::find(kOurs.begin(), kOurs.end(), attribute) != kOurs.end();
}

bool has_labels(const Extents& extents) { return extents.n_combinations <= kMostLabels; }

}  // namespace nokkel::results
