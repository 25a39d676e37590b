#include "io/config/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/error.h"
#include "io/config/reading.h"

namespace nokkel::config {
namespace {

constexpr double kWeightSlack = 1e-6;  // printed weights add to 1 within rounding; anything more is another key

template <class Spec>
void check_distinct(const std::vector<Spec>& specs, const char* kind) {
  for (std::size_t i = 0; i < specs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (specs[i].name != specs[j].name) continue;
      throw InputError(specs[i].where, fmt::format("a second {} of this name", kind), "give each a name of its own");
    }
  }
}

void check_subsamples(const Study& study) {
  check_distinct(study.subsamples, "subsample");
  for (const panel::SubsampleSpec& subsample : study.subsamples) {
    if (subsample.name == "all")
      throw InputError(subsample.where, "the name \"all\" is taken by the whole sample", "rename it");
  }
}

// The i-th entry of a list of tables that has been read.
const Value& entry(const Value& root, const char* list, std::size_t i) { return root.find(list)->items[i]; }

// Which operands a kind takes; `by` may be left out, then it is the population.
struct Operands {
  const char* kind;
  bool of, by, exponent, expression;
};

Operands operands(panel::DerivedKind kind) {
  switch (kind) {
    case panel::DerivedKind::share:
      return {"a share", true, true, false, false};
    case panel::DerivedKind::relative_share:
      return {"a relative_share", true, true, false, false};
    case panel::DerivedKind::sum:
      return {"a sum", true, false, false, false};
    case panel::DerivedKind::product:
      return {"a product", true, false, false, false};
    case panel::DerivedKind::power:
      return {"a power", true, false, true, false};
    case panel::DerivedKind::per_inhabitant:
      return {"a per_inhabitant", true, false, false, false};
    case panel::DerivedKind::expression:
      break;
  }
  return {"an expression", false, false, false, true};
}

void check_operands(const panel::DerivedSpec& spec, const Value& table) {
  const Operands takes = operands(spec.kind);
  const auto check = [&](const char* key, bool wanted, bool needed) {
    const Value* given = table.find(key);
    if (given != nullptr && !wanted) {
      throw InputError(place(*given, std::string("derived.") + key), fmt::format("{} takes no \"{}\"", takes.kind, key),
                       "leave it out");
    }
    if (given == nullptr && needed) throw InputError(spec.where, fmt::format("{} needs \"{}\"", takes.kind, key), "add it");
  };
  check("of", takes.of, takes.of);
  check("by", takes.by, false);
  check("exponent", takes.exponent, takes.exponent);
  check("expression", takes.expression, takes.expression);
}

void check_derived(const Study& study, const Value& root) {
  using Kind = panel::DerivedKind;
  check_distinct(study.derived, "derived column");
  for (std::size_t i = 0; i < study.derived.size(); ++i) {
    const panel::DerivedSpec& spec = study.derived[i];
    check_operands(spec, entry(root, "derived", i));
    const bool by_population = spec.kind == Kind::per_inhabitant || (operands(spec.kind).by && spec.by.empty());
    if (by_population && study.sample.population.empty()) {
      throw InputError(spec.where, "divides by the population, and the study names no such column", "add sample.population");
    }
    if (spec.kind == Kind::power && spec.of.size() != 1) {
      throw InputError(spec.where, fmt::format("a power of {} columns", spec.of.size()), "allowed: of one column");
    }
  }
}

void check_criteria(const Study& study) {
  check_distinct(study.criteria, "criterion");
  for (const panel::CriterionSpec& criterion : study.criteria) {
    if (criterion.role != panel::Role::control) continue;
    if (criterion.forced)
      throw InputError(criterion.where, "a control is in every combination already", "leave out \"forced\"");
    if (!criterion.group.empty()) throw InputError(criterion.where, "a control belongs to no group", "leave out \"group\"");
  }
}

std::vector<std::string> criterion_names(const Study& study) {
  std::vector<std::string> names;
  for (const panel::CriterionSpec& criterion : study.criteria) {
    if (criterion.role != panel::Role::control) names.push_back(criterion.name);
  }
  return names;
}

void check_known(const std::vector<std::string>& names, const std::string& name, const std::string& at) {
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  throw InputError(at, fmt::format("\"{}\" is no criterion of this study", name), allowed_names(names, name));
}

void check_exclusions(const Study& study, const Value& root) {
  const std::vector<std::string> names = criterion_names(study);
  if (names.empty()) throw InputError(root.where, "no criterion", "add a [[criterion]] that is no control");
  for (std::size_t i = 0; i < study.universe.exclude.size(); ++i) {
    const Value& pair = root.find("universe")->find("exclude")->items[i];
    for (const Value& name : pair.items) check_known(names, name.text, place(name, "universe.exclude"));
  }
}

void check_groups(const Study& study, const Value& root) {
  std::vector<std::string> groups;
  for (const panel::CriterionSpec& criterion : study.criteria) {
    const bool is_new = std::find(groups.begin(), groups.end(), criterion.group) == groups.end();
    if (is_new && !criterion.group.empty()) groups.push_back(criterion.group);
  }
  for (const auto& [group, max] : study.universe.group_max) {
    if (std::find(groups.begin(), groups.end(), group) != groups.end()) continue;
    throw InputError(place(*root.find("groups")->find(group), "groups." + group), "no criterion is of this group",
                     groups.empty() ? "leave it out" : allowed_names(groups, group));
  }
}

void check_models(const Study& study, const Value& root) {
  const std::vector<std::string> names = criterion_names(study);
  check_distinct(study.models, "model");
  for (std::size_t i = 0; i < study.models.size(); ++i) {
    const NamedModel& model = study.models[i];
    for (const Value& name : entry(root, "model", i).find("criteria")->items) {
      check_known(names, name.text, place(name, fmt::format("model[name={}].criteria", model.name)));
    }
    if (model.weights.empty()) continue;
    if (model.weights.size() != model.criteria.size()) {
      throw InputError(model.where, fmt::format("{} weights for {} criteria", model.weights.size(), model.criteria.size()),
                       "one weight each");
    }
    const double sum = std::accumulate(model.weights.begin(), model.weights.end(), 0.0);
    if (std::abs(sum - 1) > kWeightSlack) {
      throw InputError(model.where, fmt::format("the weights add to {:.7g}", sum), "weights add to 1");
    }
  }
}

}  // namespace

void check_study(const Study& study, const Value& root) {
  check_distinct(study.responses, "response");
  check_subsamples(study);
  check_derived(study, root);
  check_criteria(study);
  check_exclusions(study, root);
  check_groups(study, root);
  check_models(study, root);
}

}  // namespace nokkel::config
