#include "tests/results/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <utility>

#include "io/results/typed.h"

namespace nokkel::results::test {
namespace {

std::uint64_t mix(std::uint64_t x) {  // splitmix64
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

bool has_axis(const VariableInfo& variable, Axis axis) {
  return std::find(variable.axis().begin(), variable.axis().end(), axis) != variable.axis().end();
}

std::vector<std::string> criterion_names(int n) {
  const std::vector<std::string> special = {"andel_0_17",        "språk_østbyen", "pauvreté", "学校", "says \"hello\", twice",
                                            "Größe (m²)/person", "løønn"};
  std::vector<std::string> names;
  for (int c = 0; c < n; ++c)
    names.push_back(c < static_cast<int>(special.size()) ? special[static_cast<std::size_t>(c)]
                                                         : fmt::format("criterion_{}", c));
  return names;
}

universe::UniverseSpec spec_of(const Size& size) {
  universe::UniverseSpec spec;
  spec.names = criterion_names(size.n_criteria);
  spec.n_forced = size.n_forced;
  spec.min_size = 1;
  spec.max_size = size.max_size;
  if (size.constraints) spec.excluded.push_back({2, 5, "listed in universe.exclude"});
  if (size.constraints) spec.groups.push_back({"labour", {3, 6, 7}, 1});
  return spec;
}

Description description_of(const universe::Universe& universe, const Size& size) {
  Description d;
  d.criteria = universe.spec().names;
  for (const std::string& name : d.criteria) d.criterion_labels.push_back("Andel innbyggere, " + name);
  for (int i = 0; i < size.n_controls; ++i) d.controls.push_back(fmt::format("kontroll_å{}", i));
  for (int i = 0; i < size.n_outcomes; ++i) {
    d.outcome_response.emplace_back("barnevern");
    d.outcome_sample.push_back(i == 0 ? "all" : fmt::format("uten_østbyen_{}", i));
    d.outcomes.push_back(i == 0 ? "barnevern" : fmt::format("barnevern [uten_østbyen_{}]", i));
    d.outcome_unit.emplace_back("kr");
  }
  for (int i = 0; i < size.n_years; ++i) d.years.push_back(2006 + i);
  d.extents = {
      universe.count(), 0, size.n_criteria,  size.max_size, size.n_controls, size.n_outcomes, size.n_years, size.n_selected,
      size.n_ranks,     3, size.n_quantiles, true};
  for (int i = 0; i < size.n_quantiles; ++i) d.quantiles.push_back((i + 0.5) / size.n_quantiles);
  d.n_forced = size.n_forced;
  d.top = 7;
  d.attributes = {{"title", "Prøve, «æøå» and 学校"}, {"source", "nokkel 0.0 (test)"}, {"history", "nokkel run study.toml"},
                  {"seed", "18446744073709551615"},   {"rng", "philox4x32-10"},        {"kernel_set", "none"}};
  d.int_attributes = {{"replicates", 999}, {"cv_folds", 10}};
  d.variable_attributes = {{Var::score, {"formula", "mean over years of cv_rmse / sd(y)"}},
                           {Var::cv_rmse_se, {"method", "monte_carlo"}}};
  d.provenance = {{"config_toml", "[study]\ntitle = \"Prøve\"\n"}, {"config_resolved_json", "{}"}, {"build_json", ""}};
  d.inputs = {{"panel", sha256_of_text("a"), 742}, {"deflator", sha256_of_text("b"), 12}};
  return d;
}

template <class T>
T element(const VariableInfo& variable, const World& world, int outcome, std::uint64_t id, std::uint64_t i, int size) {
  return static_cast<T>(number_at(variable, world, outcome, id, i, size));
}

std::uint64_t product_from(const VariableInfo& variable, const Extents& extents, int from) {
  std::uint64_t n = 1;
  for (int axis = from; axis < variable.n_axes; ++axis) n *= extents.of(variable.axes[static_cast<std::size_t>(axis)]);
  return n;
}

}  // namespace

World make_world(const Size& size) {
  universe::Universe universe(spec_of(size));
  Description description = description_of(universe, size);
  return {std::move(universe), std::move(description)};
}

double number_at(const VariableInfo& variable, const World& world, int outcome, std::uint64_t id, std::uint64_t i, int size) {
  const bool in_slots = has_axis(variable, Axis::slot);
  const bool with_levels = has_axis(variable, Axis::quantile);  // the last axis, slots before it
  const std::uint64_t slot = (with_levels ? i / world.description.extents.of(Axis::quantile) : i) %
                             std::max<std::uint64_t>(1, world.description.extents.of(Axis::slot));
  if (in_slots && slot >= static_cast<std::uint64_t>(size))
    return variable.type == VarType::real ? std::numeric_limits<double>::quiet_NaN() : -1;
  const std::uint64_t bits =
      mix(mix(mix(static_cast<std::uint64_t>(variable.id)) + id) + mix(i) + static_cast<std::uint64_t>(outcome));
  if (variable.id == Var::status) return static_cast<double>(bits % 8) - 1;
  if (variable.type == VarType::int8) return static_cast<double>(bits % 4) - 1;
  if (variable.type == VarType::int32) return static_cast<double>(bits % 100000) - 1;
  if (variable.id == Var::cv_rmse && bits % 11 == 0) return std::numeric_limits<double>::infinity();
  if (bits % 13 == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(bits >> 11) * 0x1p-53 * std::pow(10.0, static_cast<double>(bits % 7) - 3.0);
}

RecordBlock records_of(const World& world, const universe::Block& block, int outcome) {
  RecordBlock records{outcome, Axis::combination, block.ranges, {}};
  for (const VariableInfo& variable : variables()) {
    if (!variable.in_loop) continue;
    const std::uint64_t length = product_from(variable, world.description.extents, 2);
    with_type(variable.type, [&]<class T>() {
      auto& out = numbers<T>(records.values[static_cast<std::size_t>(variable.id)]);
      for (const auto& range : block.ranges)
        for (std::uint64_t id = range.first_id; id < range.first_id + range.count; ++id)
          for (std::uint64_t i = 0; i < length; ++i) out.push_back(element<T>(variable, world, outcome, id, i, range.size));
    });
  }
  return records;
}

Values all_of(const VariableInfo& variable, const World& world, int outcome) {
  Values values;
  const Extents& extents = world.description.extents;
  with_type(variable.type, [&]<class T>() {
    auto& out = numbers<T>(values);
    if (variable.in_loop) {
      const std::uint64_t length = product_from(variable, extents, 2);
      std::uint64_t id = 0;
      for (int size = world.universe.min_size(); size <= world.universe.max_size(); ++size)
        for (std::uint64_t n = world.universe.count_of_size(size); n > 0; --n, ++id)
          for (std::uint64_t i = 0; i < length; ++i) out.push_back(element<T>(variable, world, outcome, id, i, size));
    } else {
      const std::uint64_t n = product_from(variable, extents, 0) / extents.of(Axis::outcome);
      for (std::uint64_t i = 0; i < n; ++i) out.push_back(element<T>(variable, world, outcome, 0, i, 0));
    }
  });
  return values;
}

void send(const World& world, ResultSink& sink, std::uint32_t least, std::uint32_t most) {
  const int n_outcomes = world.description.extents.n_outcomes;
  sink.begin(world.description.extents);
  for (const universe::Block& block : world.universe.blocks(least, most))
    for (int outcome = 0; outcome < n_outcomes; ++outcome) sink.block(records_of(world, block, outcome));
  for (const VariableInfo& variable : variables())
    for (int outcome = 0; outcome < n_outcomes && variable.axis()[0] != Axis::universe && !variable.in_loop; ++outcome)
      sink.after({outcome, variable.id, all_of(variable, world, outcome)});
}

void write_file(const World& world, const std::filesystem::path& out, std::uint32_t least, std::uint32_t most,
                int compression) {
  const auto writer = make_writer(out, false, compression, world.description, world.universe);
  send(world, *writer, least, most);
  writer->finish();
}

std::string bytes_of_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "nokkel-results-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace nokkel::results::test
