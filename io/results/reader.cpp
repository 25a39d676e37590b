/// Reading a result file. Everything known about it comes from the file: extents from its scales, variables from the
/// table by their names.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "engine/assert.h"
#include "io/results/design.h"
#include "io/results/layout.h"
#include "io/results/partial_file.h"
#include "io/results/results_file.h"
#include "io/results/typed.h"

namespace nokkel::results {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& file, const std::string& what, const std::string& remedy) {
  throw InputError(file.string(), what, remedy);
}

/// What HDF5 says while reading, in words.
[[noreturn]] void explain_reading(const fs::path& file, const std::string& name, const hdf5::Failure& trouble) {
  if (trouble.is_checksum())
    throw MachineError(
        fmt::format("{}: {}: the checksum does not fit: the file is damaged; take it from a copy, or run the study "
                    "again",
                    file.string(), name));
  throw MachineError(fmt::format("{}: {}: {}", file.string(), name, trouble.what()));
}

hdf5::File open_checked(const fs::path& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found) refuse(file, "no such file", "");
  if (fs::is_directory(status)) refuse(file, "is a folder", "name a result file");
  try {
    return hdf5::File::open(file.string());
  } catch (const hdf5::Failure& trouble) {
    const int reason = trouble.system_error();
    if (reason == EAGAIN || reason == ENOLCK || reason == ENOTSUP || reason == ENOSYS) refuse(file, in_words(trouble), "");
    if (reason != 0) refuse(file, fmt::format("cannot be read: {}", std::generic_category().message(reason)), "");
    refuse(file, "is not an HDF5 file, or was cut short while it was written or copied", "name a file that `nokkel run` wrote");
  }
}

std::string text_attribute(const hdf5::Object& object, const std::string& name) {
  if (!object.has_attribute(name)) return "";
  const hdf5::Attribute value = object.attribute(name);
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? "" : *text;
}

int int_attribute(const hdf5::Object& object, const std::string& name, int otherwise) {
  if (!object.has_attribute(name)) return otherwise;
  const hdf5::Attribute value = object.attribute(name);
  const auto* numbers = std::get_if<std::vector<std::int64_t>>(&value);
  return numbers == nullptr || numbers->empty() ? otherwise : static_cast<int>(numbers->front());
}

void check_schema(const fs::path& path, const hdf5::File& file) {
  const std::string schema = text_attribute(file, "schema");
  int number = 0;
  const char* end = schema.data() + schema.size();
  const bool is_ours = schema.starts_with(kSchemaName) &&
                       std::from_chars(schema.data() + kSchemaName.size(), end, number).ptr == end && number >= 1;
  if (!is_ours) refuse(path, "is an HDF5 file, but not a result file of nokkel", "name a file that `nokkel run` wrote");
  if (number > kSchemaNumber)
    refuse(path, fmt::format("has schema {}{}, this program reads up to {}{}", kSchemaName, number, kSchemaName, kSchemaNumber),
           "use a newer version");
  if (int_attribute(file, "complete", 0) != 1)
    refuse(path, "is incomplete: not every combination was computed", "run the study again, or merge all its shards");
}

template <class T>
std::vector<T> read_column(const hdf5::Group& group, const std::string& name) {
  if (!group.has(name)) return {};
  const hdf5::Dataset dataset = group.dataset(name);
  const hdf5::Extent extent = dataset.extent();
  std::vector<T> values(extent.empty() ? 1 : extent.at(0));
  dataset.read(hdf5::Extent(extent.size(), 0), extent, std::span<T>(values));
  return values;
}

std::uint64_t length_of(const hdf5::Group& group, const std::string& name) {
  return group.has(name) ? group.dataset(name).extent().at(0) : 0;
}

Extents read_extents(const hdf5::File& file) {
  const auto length = [&](Axis axis) { return static_cast<int>(length_of(file, std::string(name_of(axis)))); };
  Extents e;
  e.n_combinations = length_of(file, std::string(name_of(Axis::combination)));
  e.n_universe = length_of(file, std::string(name_of(Axis::universe)));
  e.n_criteria = length(Axis::criterion);
  e.n_slots = length(Axis::slot);
  e.n_controls = length(Axis::control);
  e.n_outcomes = length(Axis::outcome);
  e.n_years = length(Axis::year);
  e.n_selected = length(Axis::selected);
  e.n_rank_positions = length(Axis::rank_position);
  e.n_quantiles = length(Axis::quantile);
  e.n_rank_levels = length(Axis::rank_level);
  e.quantiles_of_all = file.has(std::string(info(Var::coef_quantile_all).name));
  return e;
}

void read_root_attributes(const hdf5::File& file, Description& d) {
  for (const std::string& name : file.attribute_names()) {
    const hdf5::Attribute value = file.attribute(name);
    if (name == "Conventions" || name == "schema" || name == "complete") continue;
    if (const auto* text = std::get_if<std::string>(&value)) d.attributes.emplace_back(name, *text);
    if (const auto* ints = std::get_if<std::vector<std::int64_t>>(&value); ints != nullptr && ints->size() == 1)
      d.int_attributes.emplace_back(name, static_cast<int>(ints->front()));
  }
}

void read_variable_attributes(const hdf5::File& file, Description& d) {
  for (const VariableInfo& variable : variables()) {
    if (!file.has(std::string(variable.name))) continue;
    const hdf5::Dataset dataset = file.dataset(std::string(variable.name));
    for (const std::string& name : dataset.attribute_names()) {
      const hdf5::Attribute value = dataset.attribute(name);
      const auto* text = std::get_if<std::string>(&value);
      if (text != nullptr && !is_made_by_the_table(name)) d.variable_attributes.push_back({variable.id, {name, *text}});
    }
    if (variable.id == Var::top_share) d.top = int_attribute(dataset, "top", 0);
  }
}

void read_provenance(const hdf5::Group& group, Description& d) {
  for (const std::string& name : group.names())
    if (const hdf5::Dataset dataset = group.dataset(name); dataset.type() == hdf5::Type::text && dataset.extent().empty())
      d.provenance.emplace_back(name, read_column<std::string>(group, name).front());
  const auto sha256 = read_column<std::string>(group, "input_sha256"), role = read_column<std::string>(group, "input_role");
  const auto rows = read_column<std::int32_t>(group, "input_rows");
  for (std::size_t i = 0; i < std::min({sha256.size(), role.size(), rows.size()}); ++i)
    d.inputs.push_back({role[i], sha256[i], rows[i]});
}

Description read_description(const hdf5::File& file) {
  Description d;
  d.extents = read_extents(file);
  const hdf5::Dataset criterion = file.dataset("criterion");
  d.criteria = read_column<std::string>(file, "criterion");
  d.n_forced = int_attribute(criterion, "n_forced", 0);
  d.criterion_labels = read_column<std::string>(file, "criterion_label");
  d.controls = read_column<std::string>(file, "control");
  d.outcomes = read_column<std::string>(file, "outcome");
  d.outcome_response = read_column<std::string>(file, "outcome_response");
  d.outcome_sample = read_column<std::string>(file, "outcome_sample");
  d.outcome_unit = read_column<std::string>(file, "outcome_unit");
  for (const std::int32_t year : read_column<std::int32_t>(file, "year")) d.years.push_back(year);
  read_root_attributes(file, d);
  read_variable_attributes(file, d);
  d.quantiles = read_column<double>(file, std::string(name_of(Axis::quantile)));
  if (file.has("provenance")) read_provenance(file.group("provenance"), d);
  return d;
}

}  // namespace

struct Reader::State {
  fs::path path;
  hdf5::File file;
  Description description;
  mutable std::array<hdf5::Dataset, kVarCount> variable;  // opened when first asked for, so that their chunks stay cached
  hdf5::Dataset member, label;
  std::vector<std::int32_t> id;  // of the kept, by row; empty: every combination has its row

  /// Does the work; HDF5's complaints become messages about the file.
  template <class Work>
  auto read(const std::string& name, Work&& work) const {
    try {
      return work();
    } catch (const hdf5::Failure& trouble) {
      explain_reading(path, name, trouble);
    }
  }

  const hdf5::Dataset& dataset(const VariableInfo& info) const {
    hdf5::Dataset& dataset = variable[static_cast<std::size_t>(info.id)];
    if (dataset) return dataset;
    const std::string name(info.name);
    if (!file.has(name)) refuse(path, fmt::format("holds no variable `{}`", name), "the run did not compute it");
    dataset = file.dataset(name);
    if (dataset.type() != stored_type(info.type) || dataset.extent() != extent_of(info, description.extents))
      refuse(path, fmt::format("the variable `{}` has another type or shape than the format says", name), "");
    return dataset;
  }

  /// Steps [first, first + count) of the first axis that is not the outcome.
  Values rows(Var v, int outcome, std::uint64_t first, std::uint64_t count) const {
    const VariableInfo& variable_info = info(v);
    NOKKEL_ASSERT(outcome >= 0 && outcome < description.extents.n_outcomes);
    return read(std::string(variable_info.name), [&] {
      const hdf5::Dataset& source = dataset(variable_info);
      const std::size_t outcome_axis = variable_info.axis()[0] == Axis::outcome ? 0 : 1;
      hdf5::Extent from(variable_info.axis().size(), 0), size = extent_of(variable_info, description.extents);
      from[outcome_axis] = static_cast<std::uint64_t>(outcome);
      size[outcome_axis] = 1;
      from[1 - outcome_axis] = first;
      size[1 - outcome_axis] = count;
      Values values;
      with_type(variable_info.type, [&]<class T>() {
        numbers<T>(values).resize(count * row_length(variable_info, description.extents));
        source.read(from, size, std::span<T>(numbers<T>(values)));
      });
      return values;
    });
  }
};

Reader::Reader(const fs::path& file) : state_(std::make_unique<State>()) {
  state_->path = file;
  state_->file = open_checked(file);
  state_->read("attributes", [&] {
    check_schema(file, state_->file);
    for (const char* name : {"combination", "criterion", "slot", "outcome", "year", "member"})
      if (!state_->file.has(name)) refuse(file, fmt::format("the variable `{}` is missing", name), "the file is damaged");
    state_->description = read_description(state_->file);
    state_->member = state_->file.dataset("member");
    state_->id = read_column<std::int32_t>(state_->file, "combination_id");
    if (state_->file.has("label")) state_->label = state_->file.dataset("label");
    return true;
  });
}

Reader::~Reader() = default;

const Description& Reader::description() const { return state_->description; }

std::string Reader::attribute(const std::string& name) const {
  return state_->read(name, [&] { return text_attribute(state_->file, name); });
}

std::string Reader::provenance(const std::string& name) const {
  for (const auto& [key, text] : state_->description.provenance)
    if (key == name) return text;
  return "";
}

bool Reader::has(Var v) const {
  return state_->read("names", [&] { return state_->file.has(std::string(info(v).name)); });
}

Values Reader::read(Var v, int outcome) const {
  const auto axes = info(v).axis();
  return state_->rows(v, outcome, 0, state_->description.extents.of(axes[0] == Axis::outcome ? axes[1] : axes[0]));
}

Values Reader::read_rows(Var v, int outcome, std::uint64_t first, std::uint64_t count) const {
  NOKKEL_ASSERT(info(v).axis()[0] == Axis::combination);
  NOKKEL_ASSERT(first + count <= state_->description.extents.n_combinations);
  return state_->rows(v, outcome, first, count);
}

bool Reader::is_kept() const { return state_->description.extents.n_universe > 0; }

std::uint64_t Reader::n_universe() const {
  return is_kept() ? state_->description.extents.n_universe : state_->description.extents.n_combinations;
}

std::uint64_t Reader::id(std::uint64_t row) const {
  NOKKEL_ASSERT(row < state_->description.extents.n_combinations);
  return is_kept() ? static_cast<std::uint64_t>(state_->id.at(row)) : row;
}

std::optional<std::uint64_t> Reader::row(std::uint64_t id) const {
  if (!is_kept()) return id < state_->description.extents.n_combinations ? std::optional(id) : std::nullopt;
  const auto at = std::ranges::lower_bound(state_->id, id, {}, [](std::int32_t n) { return static_cast<std::uint64_t>(n); });
  if (at == state_->id.end() || static_cast<std::uint64_t>(*at) != id) return std::nullopt;
  return static_cast<std::uint64_t>(at - state_->id.begin());
}

std::vector<int> Reader::members(std::uint64_t row) const {
  NOKKEL_ASSERT(row < state_->description.extents.n_combinations);
  std::vector<std::int32_t> slots(state_->description.extents.of(Axis::slot));
  state_->read("member", [&] {
    state_->member.read({row, 0}, {1, slots.size()}, std::span<std::int32_t>(slots));
    return true;
  });
  std::vector<int> members;
  for (const std::int32_t c : slots)
    if (c >= 0) members.push_back(c);
  return members;
}

std::string Reader::label(std::uint64_t row) const {
  if (!state_->label) return label_of(members(row), state_->description.criteria);
  return state_->read("label", [&] {
    std::string text;
    state_->label.read({row}, {1}, std::span<std::string>(&text, 1));
    return text;
  });
}

}  // namespace nokkel::results
