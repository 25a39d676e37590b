/// Writes example files and, beside each, a dump of what is in it, made from what was sent and not from the file, for
/// readers.py and readers.R. A line of a dump, fields parted by tabs, values by blanks:
///   variable   NAME              TYPE  AXES  SHAPE  VALUES
///   attribute  NAME or - (root)  NAME  TYPE  VALUES
/// Reals are hexadecimal (R rounds decimal ones wrongly); a text begins with = and its blanks, tabs, line ends and
/// percent signs are percent-encoded.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string_view>
#include <type_traits>

#include "io/results/layout.h"
#include "io/results/typed.h"
#include "tests/results/world.h"

namespace nokkel::results::test {
namespace {

std::string show(const std::string& text) {
  std::string shown = "=";
  for (const char c : text) {
    const bool separates = c == ' ' || c == '\t' || c == '\n' || c == '%';
    shown += separates ? fmt::format("%{:02X}", static_cast<int>(c)) : std::string(1, c);
  }
  return shown;
}
std::string show(double x) { return fmt::format("{:a}", x); }
std::string show(int x) { return fmt::format("{}", x); }

template <class T>
std::string show_all(const std::vector<T>& values) {
  std::string shown;
  for (const T& value : values) {
    if (!shown.empty()) shown += ' ';
    shown += show(value);
  }
  return shown;
}

template <class T>
std::string type_name() {
  if constexpr (std::is_same_v<T, double>) return "real";
  if constexpr (std::is_same_v<T, std::string>) return "text";
  return std::is_same_v<T, std::int8_t> ? "int8" : "int32";
}

class Dump {
 public:
  Dump(const World& world, const std::filesystem::path& file) : world_(world), out_(file) {
    root();
    coordinates();
    combinations();
    for (const VariableInfo& info : variables())
      if (!is_empty(info, world_.description.extents)) table_variable(info);
    provenance();
  }

 private:
  template <class T>
  void variable(const std::string& name, const std::vector<std::string>& axes, const std::vector<std::uint64_t>& shape,
                const std::vector<T>& values) {
    out_ << fmt::format("variable\t{}\t{}\t{}\t{}\t{}\n", name, type_name<T>(), fmt::join(axes, ","), fmt::join(shape, ","),
                        show_all(values));
  }
  template <class T>
  void attribute(const std::string& of, const std::string& name, const std::vector<T>& values) {
    out_ << fmt::format("attribute\t{}\t{}\t{}\t{}\n", of, name, type_name<T>(), show_all(values));
  }
  void text(const std::string& of, const std::string& name, std::string_view value) {
    if (!value.empty()) attribute<std::string>(of, name, {std::string(value)});
  }

  void root() {
    text("-", "Conventions", "CF-1.10");
    text("-", "schema", "nokkel/1");
    for (const auto& [name, value] : world_.description.attributes) text("-", name, value);
    for (const auto& [name, value] : world_.description.int_attributes) attribute<std::int32_t>("-", name, {value});
    attribute<std::int8_t>("-", "complete", {1});
  }

  template <class T>
  void column(const std::string& name, const std::string& axis, const std::vector<T>& values) {
    if (values.empty()) return;
    variable(name, {axis}, {values.size()}, values);
    text(name, "role", "design");
  }
  void counting(const std::string& name, const std::string& axis, std::uint64_t n, int first) {
    std::vector<std::int32_t> values(n);
    std::iota(values.begin(), values.end(), first);
    column(name, axis, values);
  }

  void coordinates() {
    const Description& d = world_.description;
    column("criterion", "criterion", d.criteria);
    attribute<std::int32_t>("criterion", "n_forced", {d.n_forced});
    column("criterion_label", "criterion", d.criterion_labels);
    column("control", "control", d.controls);
    column("outcome", "outcome", d.outcomes);
    column("outcome_response", "outcome", d.outcome_response);
    column("outcome_sample", "outcome", d.outcome_sample);
    column("outcome_unit", "outcome", d.outcome_unit);
    for (const char* axis : {"year", "year_train", "year_test"}) column(axis, axis, d.years);
    column("quantile", "quantile", d.quantiles);
    if (d.extents.n_selected > 0)
      column("rank_level", "rank_level", std::vector<double>(kRankLevels.begin(), kRankLevels.end()));
    for (const Axis axis : {Axis::slot, Axis::combination, Axis::selected, Axis::rank_position}) {
      const std::string name(name_of(axis));
      counting(name, name, d.extents.of(axis), axis == Axis::rank_position ? 1 : 0);
    }
  }

  void combinations() {
    const std::uint64_t n = world_.universe.count(), n_slots = world_.description.extents.of(Axis::slot);
    std::vector<std::int32_t> member, size;
    std::vector<std::string> label;
    for (std::uint64_t id = 0; id < n; ++id) {
      const std::vector<int> members = world_.universe.unrank(id);
      label.emplace_back();
      for (const int c : members)
        label.back() += (label.back().empty() ? "" : " + ") + world_.description.criteria[static_cast<std::size_t>(c)];
      size.push_back(static_cast<int>(members.size()));
      for (std::size_t slot = 0; slot < n_slots; ++slot) member.push_back(slot < members.size() ? members[slot] : -1);
    }
    variable("member", {"combination", "slot"}, {n, n_slots}, member);
    column("label", "combination", label);
    column("size", "combination", size);
    text("member", "units", "1");
    text("size", "coordinates", "label");
  }

  void table_variable(const VariableInfo& info) {
    const Extents& extents = world_.description.extents;
    const std::string name(info.name);
    std::vector<std::string> axes;
    for (const Axis axis : info.axis()) axes.emplace_back(name_of(axis));
    with_type(info.type, [&]<class T>() { variable(name, axes, extent_of(info, extents), all_outcomes<T>(info)); });
    text(name, "long_name", info.long_name);
    text(name, "role", info.role);
    text(name, "direction", info.direction);
    if (info.unit == UnitKind::outcome_per_criterion) text(name, "units", "kr / criterion");
    if (info.unit == UnitKind::one) text(name, "units", "1");
    if (info.axes[0] == Axis::combination) text(name, "coordinates", "label");
    for (const auto& [id, own] : world_.description.variable_attributes)
      if (id == info.id) text(name, own.first, own.second);
    if (info.id == Var::top_share) attribute<std::int32_t>(name, "top", {world_.description.top});
    if (info.id == Var::status) attribute<std::int8_t>(name, "flag_values", {-1, 0, 1, 2, 3, 4, 5, 6});
    if (info.id == Var::status) text(name, "flag_meanings", kStatusMeanings);
  }

  /// The outcomes put back in their place among the axes.
  template <class T>
  std::vector<T> all_outcomes(const VariableInfo& info) {
    const Extents& extents = world_.description.extents;
    const auto n_outcomes = extents.of(Axis::outcome);
    const std::uint64_t n_before = info.axes[0] == Axis::outcome ? 1 : extents.of(info.axes[0]);
    std::vector<T> all;
    for (std::uint64_t outcome = 0; outcome < n_outcomes; ++outcome) {
      const Values one = all_of(info, world_, static_cast<int>(outcome));
      const std::vector<T>& source = numbers<T>(one);
      const std::uint64_t length = source.size() / n_before;
      all.resize(source.size() * n_outcomes);
      for (std::uint64_t i = 0; i < n_before; ++i)
        std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(i * length), length,
                    all.begin() + static_cast<std::ptrdiff_t>((i * n_outcomes + outcome) * length));
    }
    return all;
  }

  void provenance() {
    const Description& d = world_.description;
    for (const auto& [name, value] : d.provenance) variable<std::string>("provenance/" + name, {}, {}, {value});
    std::vector<std::string> sha256, role;
    std::vector<std::int32_t> rows;
    for (const auto& input : d.inputs) {
      sha256.push_back(input.sha256);
      role.push_back(input.role);
      rows.push_back(input.rows);
    }
    counting("provenance/input", "input", rows.size(), 0);
    column("provenance/input_sha256", "input", sha256);
    column("provenance/input_rows", "input", rows);
    column("provenance/input_role", "input", role);
  }

  const World& world_;
  std::ofstream out_;
};

void write_example(const std::filesystem::path& folder, const std::string& name, const Size& size, int compression) {
  const World world = make_world(size);
  const std::filesystem::path file = folder / (name + ".h5");
  std::filesystem::remove(file);
  write_file(world, file, 100, 1000, compression);
  const Dump dump(world, file.string() + ".dump");
}

}  // namespace

void write_examples(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  write_example(folder, "ordinary", {}, 0);
  write_example(folder, "chunked", {.n_criteria = 16, .n_forced = 0, .n_outcomes = 3, .n_years = 7}, 0);
  write_example(folder, "compressed", {.n_criteria = 14, .n_forced = 0, .n_outcomes = 2, .n_years = 5}, 1);
  write_example(folder, "bare",
                {.n_criteria = 7,
                 .n_forced = 0,
                 .max_size = 1,
                 .n_outcomes = 1,
                 .n_years = 1,
                 .n_controls = 0,
                 .n_selected = 0,
                 .n_ranks = 0,
                 .constraints = false},
                0);
}

}  // namespace nokkel::results::test

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: results_examples FOLDER\n", stderr);
    return 2;
  }
  nokkel::results::test::write_examples(argv[1]);
  return 0;
}
