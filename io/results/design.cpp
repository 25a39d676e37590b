#include "io/results/design.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "engine/assert.h"
#include "io/results/enumerate.h"
#include "io/results/layout.h"

namespace nokkel::results {
namespace {

bool is_the_writers(const std::string& attribute) {
  constexpr std::array<std::string_view, 3> kOurs = {"Conventions", "schema", "complete"};
  return std::find(kOurs.begin(), kOurs.end(), attribute) != kOurs.end();
}

/// Rows of a dataset, written a group at a time as they come.
template <class T>
class RowWriter {
 public:
  RowWriter(const hdf5::Dataset& dataset, const Layout& layout)
      : dataset_(dataset), layout_(layout), width_(layout.extent.size() > 1 ? layout.extent[1] : 1) {}

  void add(T value) {
    buffer_.push_back(std::move(value));
    if (buffer_.size() == layout_.group_rows * width_) flush();
  }
  void flush() {
    if (buffer_.empty()) return;
    hdf5::Extent first(layout_.extent.size(), 0), count = layout_.extent;
    first[0] = row_;
    count[0] = buffer_.size() / width_;
    dataset_.write(first, count, std::span<const T>(buffer_));
    row_ += count[0];
    buffer_.clear();
  }

 private:
  const hdf5::Dataset& dataset_;
  Layout layout_;
  std::uint64_t width_, row_ = 0;
  std::vector<T> buffer_;
};

void write_text_column(const hdf5::File& file, Scales& scales, Axis axis, const std::string& name, const std::string& long_name,
                       std::vector<std::string> texts, std::uint64_t n) {
  if (n == 0) return;
  const hdf5::Dataset& scale = scales.of(axis);
  const hdf5::Dataset column = create_column(file, name, hdf5::Type::text, n, long_name);
  column.attach_scale(0, scale);
  texts.resize(n);
  column.write({0}, {n}, std::span<const std::string>(texts));
}

hdf5::Dataset create_member(const hdf5::File& file, const Layout& layout) {
  hdf5::Dataset dataset = file.create_dataset("member", hdf5::Type::int32, layout.extent, {.chunk = layout.chunk, .fill = -1});
  dataset.set_text("long_name", "index into criterion of the criterion in this slot; -1: slot not used");
  dataset.set_text("role", "design");
  dataset.set_text("units", "1");
  return dataset;
}

void write_ids(const hdf5::File& file, Scales& scales, std::span<const std::uint32_t> ids) {
  const hdf5::Dataset id = create_column(file, "combination_id", hdf5::Type::int32, ids.size(),
                                         "number of the combination in the universe, increasing");
  scales.attach(id, std::array{Axis::combination});
  id.set_text("units", "1");
  RowWriter<std::int32_t> out(id, cut({ids.size()}, sizeof(std::int32_t), 0, {}));
  for (const std::uint32_t number : ids) out.add(static_cast<std::int32_t>(number));
  out.flush();
}

void write_members(const hdf5::File& file, Scales& scales, const Description& d, const universe::Universe& universe,
                   const std::span<const std::uint32_t>* kept) {
  const std::uint64_t n = d.extents.n_combinations, n_slots = d.extents.of(Axis::slot);
  const bool labels = has_labels(d.extents);
  const Layout member_layout = cut({n, n_slots}, sizeof(std::int32_t), 0, {});
  const hdf5::Dataset member = create_member(file, member_layout);
  scales.attach(member, std::array{Axis::combination, Axis::slot});
  hdf5::Dataset label;
  if (labels) label = create_column(file, "label", hdf5::Type::text, n, "criteria of the combination");
  if (labels) scales.attach(label, std::array{Axis::combination});
  const hdf5::Dataset size = create_column(file, "size", hdf5::Type::int32, n, "number of criteria");
  scales.attach(size, std::array{Axis::combination});
  size.set_text("units", "1");
  if (labels) member.set_text("coordinates", "label");
  if (labels) size.set_text("coordinates", "label");

  RowWriter<std::int32_t> members_out(member, member_layout), size_out(size, cut({n}, sizeof(std::int32_t), 0, {}));
  RowWriter<std::string> label_out(label, cut({n}, 16, 0, {}));
  std::uint64_t count = 0;
  const auto write = [&](const std::vector<int>& members) {
    for (std::size_t slot = 0; slot < n_slots; ++slot) members_out.add(slot < members.size() ? members[slot] : -1);
    size_out.add(static_cast<std::int32_t>(members.size()));
    if (labels) label_out.add(label_of(members, d.criteria));
    ++count;
  };
  if (kept == nullptr) {
    for_each_combination(universe, write);
  } else {
    for (const std::uint32_t id : *kept) write(universe.unrank(id));
  }
  NOKKEL_ASSERT_EQUAL(count, n);
  members_out.flush();
  size_out.flush();
  label_out.flush();
}

void write_inputs(const hdf5::Group& group, const std::vector<Description::Input>& inputs) {
  if (inputs.empty()) return;
  const std::uint64_t n = inputs.size();
  std::vector<std::int32_t> number(n), rows;
  std::iota(number.begin(), number.end(), 0);
  std::vector<std::string> sha256, role;
  for (const auto& input : inputs) {
    sha256.push_back(input.sha256);
    rows.push_back(input.rows);
    role.push_back(input.role);
  }
  const hdf5::Dataset scale = create_column(group, "input", hdf5::Type::int32, n, "number of the input file");
  scale.make_scale("input");
  scale.write({0}, {n}, std::span<const std::int32_t>(number));
  const auto column = [&]<class T>(const char* name, const char* long_name, hdf5::Type type, const std::vector<T>& values) {
    const hdf5::Dataset dataset = create_column(group, name, type, n, long_name);
    dataset.attach_scale(0, scale);
    dataset.write({0}, {n}, std::span<const T>(values));
  };
  column("input_sha256", "SHA-256 of the input file", hdf5::Type::text, sha256);
  column("input_rows", "rows of the input file", hdf5::Type::int32, rows);
  column("input_role", "what the input file is for", hdf5::Type::text, role);
}

}  // namespace

std::string label_of(const std::vector<int>& members, const std::vector<std::string>& criteria) {
  std::string label;
  for (const int c : members) {
    if (!label.empty()) label += " + ";
    label += criteria.at(static_cast<std::size_t>(c));
  }
  return label;
}

void write_root_attributes(const hdf5::File& file, const Description& description) {
  file.set_text("Conventions", "CF-1.10");
  file.set_text("schema", fmt::format("{}{}", kSchemaName, kSchemaNumber));
  for (const auto& [name, text] : description.attributes)
    if (!is_the_writers(name)) file.set_text(name, text);
  for (const auto& [name, value] : description.int_attributes)
    if (!is_the_writers(name)) file.set_int32(name, value);
  file.set_int8("complete", 0);
}

void write_design(const hdf5::File& file, Scales& scales, const Description& d, const universe::Universe& universe,
                  const std::span<const std::uint32_t>* kept) {
  const auto n = [&](Axis axis) { return d.extents.of(axis); };
  scales.of(Axis::combination);
  write_text_column(file, scales, Axis::criterion, "criterion_label", "criterion in words", d.criterion_labels,
                    n(Axis::criterion));
  scales.of(Axis::criterion).set_int32("n_forced", d.n_forced);
  write_text_column(file, scales, Axis::outcome, "outcome_response", "response of the outcome", d.outcome_response,
                    n(Axis::outcome));
  write_text_column(file, scales, Axis::outcome, "outcome_sample", "sample of the outcome", d.outcome_sample, n(Axis::outcome));
  write_text_column(file, scales, Axis::outcome, "outcome_unit", "unit of the response; empty: unknown", d.outcome_unit,
                    n(Axis::outcome));
  if (kept != nullptr) write_ids(file, scales, *kept);
  write_members(file, scales, d, universe, kept);
}

void write_provenance(const hdf5::File& file, const Description& description) {
  const hdf5::Group group = file.create_group("provenance");
  for (const auto& [name, text] : description.provenance)
    group.create_dataset(name, hdf5::Type::text, {}, {}).write({}, {}, std::span<const std::string>(&text, 1));
  write_inputs(group, description.inputs);
}

}  // namespace nokkel::results
