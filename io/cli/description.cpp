#include "io/cli/description.h"

#include <fmt/format.h>

#include "engine/ranking/ranking.h"
#include "io/cli/build_info.h"

namespace nokkel::cli {
namespace {

/// The command with the options that bear on results: no paths, threads or times.
std::string history(const config::Study& study, const FileChoices& choices) {
  std::string command = "nokkel run";
  for (const std::string& set : study.overrides) command += " --set " + set;
  if (choices.compression > 0) command += fmt::format(" --compression {}", choices.compression);
  return command;
}

void add_names(const panel::Design& design, results::Description& description) {
  description.criteria = design.criteria;
  description.criterion_labels = design.labels;
  description.controls = design.controls;
  description.years = design.years;
  description.n_forced = design.n_forced;
  for (const panel::Outcome& outcome : design.outcomes) {
    description.outcomes.push_back(outcome.name);
    description.outcome_response.push_back(outcome.response);
    description.outcome_sample.push_back(design.frames[static_cast<std::size_t>(outcome.frame)].name);
    description.outcome_unit.push_back(outcome.unit);
  }
}

void add_attributes(const Assembly& assembly, const FileChoices& choices, results::Description& description) {
  const config::Study& study = assembly.study;
  description.attributes = {{"schema", "nokkel/1"},
                            {"title", study.title},
                            {"source", source_name()},
                            {"history", history(study, choices)},
                            {"seed", fmt::format("{}", study.statistics.seed)},
                            {"rng", "philox4x32-10"},
                            {"git_version", git_version()},
                            {"inputs_sha256", inputs_sha256(assembly.inputs)},
                            {"config_sha256", results::sha256_of_text(config::resolved_json(study))},
                            {"kernel_set", kernel_set(choices.kernel_level)},
                            {"n_combinations_total", fmt::format("{}", assembly.universe.count())},
                            {"shard", "1/1"}};
  if (assembly.kept.n > 0) description.attributes.emplace_back("output_mode", "kept");
  description.int_attributes = {{"replicates", study.statistics.n_pairs},
                                {"half_pairs", study.statistics.n_half_pairs},
                                {"cv_folds", study.statistics.n_folds},
                                {"cv_repeats", study.statistics.n_repeats},
                                {kCompressionAttribute, choices.compression}};
  description.variable_attributes = {{Var::score, {"formula", std::string(ranking::kFormula)}},
                                     {Var::cv_rmse_se, {"method", "monte_carlo"}}};
  for (const Var v : {Var::coef_quantile, Var::coef_quantile_all}) {
    if (!description.extents.have(info(v))) continue;
    description.variable_attributes.push_back({v, {"method", "percentile"}});
    const std::vector<double> extreme = search::extreme_levels(study.statistics);
    if (!extreme.empty())
      description.variable_attributes.push_back({v, {"extreme_quantile", fmt::format("{}", fmt::join(extreme, " "))}});
  }
  if (assembly.kept.n > 0)
    for (const Var v : {Var::rank, Var::rank_by_year})
      description.variable_attributes.push_back({v, {"comment", "among the combinations that have rows in this file"}});
}

}  // namespace

results::Description describe(const Assembly& assembly, const FileChoices& choices) {
  results::Description description;
  description.extents = search::extents_of(assembly.job());
  if (description.extents.n_quantiles > 0) description.quantiles = assembly.study.statistics.quantiles;
  description.top = search::top_of(assembly.universe.count());
  add_names(assembly.design, description);
  add_attributes(assembly, choices, description);
  description.provenance = {{"config_toml", assembly.study.text},
                            {"config_overrides", joined_overrides(assembly.study.overrides)},
                            {"config_resolved_json", config::resolved_json(assembly.study)},
                            {"build_json", build_json()}};
  description.inputs = assembly.inputs;
  return description;
}

std::string inputs_sha256(const std::vector<results::Description::Input>& inputs) {
  std::string hashes;
  for (const results::Description::Input& input : inputs) hashes += input.role + " " + input.sha256 + "\n";
  return results::sha256_of_text(hashes);
}

std::string joined_overrides(const std::vector<std::string>& overrides) {
  std::string text;
  for (const std::string& line : overrides) {
    for (const char c : line) text += c == '\n' ? std::string("\\n") : c == '\\' ? std::string("\\\\") : std::string(1, c);
    text += '\n';
  }
  return text;
}

std::vector<std::string> split_overrides(const std::string& text) {
  std::vector<std::string> overrides;
  std::string line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      overrides.push_back(line);
      line.clear();
    } else if (text[i] == '\\' && i + 1 < text.size()) {
      line += text[++i] == 'n' ? '\n' : text[i];
    } else {
      line += text[i];
    }
  }
  return overrides;
}

}  // namespace nokkel::cli
