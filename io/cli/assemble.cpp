#include "io/cli/assemble.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "engine/error.h"
#include "engine/text.h"
#include "io/cli/text_table.h"
#include "io/table/csv.h"

namespace nokkel::cli {
namespace {

constexpr std::uint64_t kMostCombinations = (std::uint64_t{1} << 31) - 1;  // combination numbers are int32 in the file
constexpr std::uint64_t kUncountable = (std::uint64_t{1} << 63) - 1;       // where Universe::count() stops

int index_of(const std::string& name, const std::vector<std::string>& criteria, const std::string& where) {
  const auto found = std::find(criteria.begin(), criteria.end(), name);
  if (found != criteria.end()) return static_cast<int>(found - criteria.begin());
  const std::string near = closest(name, criteria);
  throw InputError(
      where, fmt::format("'{}' is no criterion", name),
      near.empty() ? fmt::format("criteria: {}", fmt::join(criteria, ", ")) : fmt::format("did you mean '{}'?", near));
}

std::vector<universe::GroupLimit> group_limits(const config::Study& study, const std::vector<std::string>& criteria) {
  std::map<std::string, universe::GroupLimit> groups;
  for (const panel::CriterionSpec& criterion : study.criteria) {
    if (criterion.group.empty() || criterion.role == panel::Role::control) continue;
    universe::GroupLimit& group = groups[criterion.group];
    group.name = criterion.group;
    group.members.push_back(index_of(criterion.name, criteria, criterion.where));
  }
  for (const auto& [name, most] : study.universe.group_max)
    if (const auto group = groups.find(name); group != groups.end()) group->second.max = most;
  std::vector<universe::GroupLimit> limits;
  for (auto& [name, group] : groups) limits.push_back(std::move(group));
  for (universe::GroupLimit& limit : limits) std::sort(limit.members.begin(), limit.members.end());
  return limits;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<panel::CorrelatedPair> barred_pairs(const config::Study& study, const panel::Design& design) {
  if (study.universe.max_abs_r <= 0) return {};
  return panel::correlated_pairs(design, study.universe.max_abs_r);
}

/// As much as the size of a file depends on.
results::Description plain_description(const panel::Design& design, const Extents& extents) {
  results::Description description;
  description.extents = extents;
  description.criteria = design.criteria;
  return description;
}

/// A study that asks for `kept` gets it; a large file is cut down where that leaves something out.
Kept kept_of(const config::Study& study, std::uint64_t full_bytes, std::uint64_t n_combinations) {
  const auto keep = static_cast<std::uint64_t>(study.output.keep);
  if (study.output.mode == "kept") return {std::min(keep, n_combinations), false, full_bytes};
  if (full_bytes > kLargestFull && keep < n_combinations) return {keep, true, full_bytes};
  return {0, false, full_bytes};
}

panel::Design design_of(const config::Study& study, const panel::Panel& panel) {
  return panel::make_design(panel, study.sample, study.subsamples, study.responses, study.criteria);
}

}  // namespace

Data read_data(const config::Study& study) {
  std::vector<panel::Table> tables;
  std::vector<panel::TableKeys> keys;
  Data data;
  const auto add_input = [&](const char* role, const std::filesystem::path& path, std::size_t rows) {
    data.inputs.push_back({role, results::sha256_of_file(path), static_cast<std::int32_t>(rows)});
    data.files.push_back(path);
  };
  for (const config::DataSpec& spec : study.data) {
    tables.push_back(table::read_csv(spec.path, spec.file));
    keys.push_back(spec.keys);
    add_input("data", spec.path, tables.back().rows.size());
  }
  for (const std::string& file : study.deflator_files) {
    const std::filesystem::path path = study.path.parent_path() / file;
    if (!file.empty() && std::find(data.files.begin(), data.files.end(), path) == data.files.end())
      add_input("deflator", path, table::read_csv(path, file).rows.size());
  }
  data.panel = panel::make_panel(tables, keys);
  panel::add_derived(data.panel, study.derived, study.sample.population);
  return data;
}

universe::UniverseSpec universe_spec(const config::Study& study, const panel::Design& design,
                                     const std::vector<panel::CorrelatedPair>& correlated) {
  const config::UniverseOptions& options = study.universe;
  universe::UniverseSpec spec;
  spec.names = design.criteria;
  spec.n_forced = design.n_forced;
  spec.min_size = options.min_size;
  spec.max_size = options.max_size;
  for (const auto& [a, b] : options.exclude)
    spec.excluded.push_back({index_of(a, design.criteria, options.where + ".exclude"),
                             index_of(b, design.criteria, options.where + ".exclude"), "listed in universe.exclude"});
  for (const panel::CorrelatedPair& pair : correlated)
    spec.excluded.push_back({pair.a, pair.b, fmt::format("median |r| {:.2f} >= {:.2f}", pair.median_abs_r, options.max_abs_r)});
  spec.groups = group_limits(study, design.criteria);
  return spec;
}

Assembly::Assembly(config::Study study_in, const Data& data)
    : study(std::move(study_in)),
      inputs(data.inputs),
      design(design_of(study, data.panel)),
      correlated(barred_pairs(study, design)),
      universe(universe_spec(study, design, correlated)) {
  for (std::size_t f = 0; f < design.frames.size(); ++f)
    providers.push_back(resample::make_provider(design.frames[f], static_cast<int>(f), study.statistics));
  if (universe.count() <= kMostCombinations)
    kept = kept_of(study, results::expected_size(plain_description(design, search::extents_of(job()))), universe.count());
}

search::Job Assembly::job() const {
  search::Job job{design, universe, study.statistics, {}, kept.n};
  for (const auto& provider : providers) job.providers.push_back(provider.get());
  return job;
}

std::vector<std::string> settings_without_effect(const config::Study& study) {
  std::vector<std::string> out;
  if (study.profile != "standard")
    out.push_back(fmt::format("study.profile: \"{}\" changes nothing in a run; its marks are mark_classical of the result",
                              study.profile));
  if (!study.models.empty())
    out.push_back(fmt::format("model: a run does not single out the {} named combination{}; nokkel show finds them by label",
                              study.models.size(), study.models.size() == 1 ? "" : "s"));
  return out;
}

std::optional<std::string> too_large(const Assembly& assembly, bool allow_large) {
  const std::uint64_t count = assembly.universe.count();
  const config::UniverseOptions& options = assembly.study.universe;
  const std::string counted =
      fmt::format("{}{} combinations of {} criteria at size {} to {}", count == kUncountable ? "at least " : "", grouped(count),
                  assembly.universe.n_criteria(), options.min_size, options.max_size);
  constexpr std::string_view kSmaller = "take a smaller universe.size, a lower max_abs_r, or groups";
  if (count > kMostCombinations)
    return fmt::format("{}: {}, more than {}, which no file can number; {}", options.where, counted, grouped(kMostCombinations),
                       kSmaller);
  if (count > options.limit && !allow_large)
    return fmt::format("{}: {}, more than universe.limit ({}); {}, or give --allow-large", options.where, counted,
                       grouped(options.limit), kSmaller);
  return std::nullopt;
}

std::vector<int> members_of(const std::string& combination, const std::vector<std::string>& criteria,
                            const std::string& where) {
  // A criterion may itself hold a '+': the blanks around it are part of the separator, as in labels.
  std::vector<int> members;
  constexpr std::string_view kSeparator = " + ";
  for (std::size_t start = 0; start <= combination.size();) {
    const std::size_t end = std::min(combination.find(kSeparator, start), combination.size());
    const std::string name(trimmed(std::string_view(combination).substr(start, end - start)));
    const int index = index_of(name, criteria, where);
    if (std::find(members.begin(), members.end(), index) != members.end())
      throw InputError(where, fmt::format("'{}' is named twice", name), "");
    members.push_back(index);
    start = end + kSeparator.size();
  }
  std::sort(members.begin(), members.end());
  return members;
}

}  // namespace nokkel::cli
