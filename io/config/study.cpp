/// From text to study and back: parse, override, read by the tables of fields.cpp, check, resolve.
#include "io/config/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "engine/assert.h"
#include "engine/error.h"
#include "io/config/checks.h"
#include "io/config/deflator.h"
#include "io/config/fields.h"
#include "io/config/json_document.h"
#include "io/config/overrides.h"
#include "io/config/reading.h"
#include "io/config/toml_document.h"

namespace nokkel::config {
namespace {

// The order in which a resolved study is written.
const std::vector<std::string> kOrder{"study",  "data",     "sample",   "subsample",        "derived", "response", "criterion",
                                      "groups", "universe", "resample", "cross_validation", "ranking", "output",   "model"};

void expect_table(const Value& value, const std::string& key, const std::string& header) {
  if (value.kind == Value::Kind::table) return;
  throw InputError(place(value, key), describe(value) + " is not allowed", "allowed: a table, " + header);
}

template <class T>
std::vector<std::string> keys_of(const std::vector<Field<T>>& fields) {
  std::vector<std::string> keys;
  keys.reserve(fields.size());
  for (const Field<T>& field : fields) keys.push_back(field.key);
  return keys;
}

template <class T>
void read_fields(const Value& table, const std::string& path, const std::vector<Field<T>>& fields, T& out) {
  refuse_unknown_keys(table, path, keys_of(fields));
  for (const Field<T>& field : fields) {
    const std::string key = path + "." + field.key;
    if (const Value* value = table.find(field.key); value != nullptr) {
      field.read(*value, key, out);
    } else if (!field.missing.empty()) {
      throw InputError(place(table, key), "is missing", "it is mandatory: " + field.missing);
    }
  }
}

template <class T>
Value write_fields(const std::vector<Field<T>>& fields, const T& in) {
  Value table = table_value();
  for (const Field<T>& field : fields) table.entries.push_back({field.key, field.write(in)});
  return table;
}

// "criterion[name=x]", or "criterion" for an entry without a name: also the way in which --set addresses it.
std::string entry_key(const std::string& list, const Value& table) {
  const Value* name = list == "data" ? nullptr : table.find("name");
  if (name == nullptr || name->kind != Value::Kind::text) return list;
  return fmt::format("{}[name={}]", list, name->text);
}

// Reads a list of tables; `finish(entry, place)` completes each.
template <class T, class Finish>
std::vector<T> read_list(const Value& root, const std::string& list, const std::vector<Field<T>>& fields, Finish finish) {
  std::vector<T> out;
  const Value* tables = root.find(list);
  if (tables == nullptr) return out;
  if (tables->kind != Value::Kind::list) {
    throw InputError(place(*tables, list), describe(*tables) + " is not allowed", fmt::format("allowed: [[{}]]", list));
  }
  for (const Value& table : tables->items) {
    expect_table(table, list, fmt::format("[[{}]]", list));
    const std::string key = entry_key(list, table);
    read_fields(table, key, fields, out.emplace_back());
    finish(out.back(), place(table, key));
  }
  return out;
}

template <class T>
Value write_list(const std::vector<Field<T>>& fields, const std::vector<T>& in) {
  return list_of(in, [&fields](const T& entry) { return write_fields(fields, entry); });
}

void read_sections(const Value& root, Study& study) {
  refuse_unknown_keys(root, "", kOrder);
  const Value empty;
  for (const Section& section : sections()) {
    const Value* table = root.find(section.name);
    if (table != nullptr) expect_table(*table, section.name, fmt::format("[{}]", section.name));
    Value missing = empty;
    missing.where = root.where;
    read_fields(table != nullptr ? *table : missing, section.name, section.fields, study);
  }
  const auto place_of = [&root](const char* section) {
    const Value* table = root.find(section);
    return place(table != nullptr ? *table : root, section);
  };
  study.sample.where = place_of("sample");
  study.universe.where = place_of("universe");
}

void read_groups(const Value& root, Study& study) {
  const Value* groups = root.find("groups");
  if (groups == nullptr) return;
  expect_table(*groups, "groups", "[groups]");
  for (const Entry& group : groups->entries) {
    const std::string key = "groups." + group.key;
    expect_table(group.value, key, "{ max = 2 }");
    int max = 1;
    read_fields(group.value, key, group_fields(), max);
    study.universe.group_max.emplace_back(group.key, max);
  }
}

void check_deflator_years(const panel::SampleSpec& sample, const panel::ResponseSpec& response) {
  if (sample.first_year == 0) return;
  for (int year = sample.first_year; year <= sample.last_year; ++year) {
    const auto has_year = [year](const auto& entry) { return entry.first == year; };
    if (std::any_of(response.deflator.begin(), response.deflator.end(), has_year)) continue;
    throw InputError(response.where, fmt::format("the deflator has no index for {}", year), "add the year to the file");
  }
}

void read_responses(const Value& root, const std::filesystem::path& folder, Study& study) {
  const auto finish = [&](ResponseEntry& entry, const std::string& where) {
    entry.spec.where = where;
    if (entry.spec.label.empty()) entry.spec.label = entry.spec.name;
    if (entry.deflator_file.empty()) return;
    entry.spec.deflator = read_deflator(folder / entry.deflator_file, entry.deflator_file);
    check_deflator_years(study.sample, entry.spec);
  };
  for (ResponseEntry& entry : read_list(root, "response", response_fields(), finish)) {
    study.responses.push_back(std::move(entry.spec));
    study.deflator_files.push_back(std::move(entry.deflator_file));
  }
}

void read_lists(const Value& root, Study& study) {
  const std::filesystem::path folder = study.path.parent_path();
  study.data = read_list(root, "data", data_fields(), [&folder](DataSpec& data, const std::string&) {
    data.path = (folder / data.file).lexically_normal();
  });
  study.subsamples = read_list(root, "subsample", subsample_fields(),
                               [](panel::SubsampleSpec& spec, const std::string& where) { spec.where = where; });
  study.derived = read_list(root, "derived", derived_fields(),
                            [](panel::DerivedSpec& spec, const std::string& where) { spec.where = where; });
  read_responses(root, folder, study);
  study.criteria = read_list(root, "criterion", criterion_fields(), [](panel::CriterionSpec& spec, const std::string& where) {
    spec.where = where;
    if (spec.label.empty()) spec.label = spec.name;
  });
  study.models =
      read_list(root, "model", model_fields(), [](NamedModel& model, const std::string& where) { model.where = where; });
  const auto demand = [&root](bool empty, const char* list) {
    if (empty) throw InputError(root.where, fmt::format("no [[{}]]", list), "add one or more");
  };
  demand(study.data.empty(), "data");
  demand(study.responses.empty(), "response");
  demand(study.criteria.empty(), "criterion");
}

// Defaults that come from elsewhere in the study, so that the resolved text says them.
void fill_defaults(Study& study) {
  for (panel::DerivedSpec& spec : study.derived) {
    const bool share = spec.kind == panel::DerivedKind::share || spec.kind == panel::DerivedKind::relative_share;
    if (share && spec.by.empty()) spec.by = study.sample.population;
  }
  for (const panel::CriterionSpec& criterion : study.criteria) {
    auto& limits = study.universe.group_max;
    const auto is_it = [&criterion](const auto& limit) { return limit.first == criterion.group; };
    if (!criterion.group.empty() && std::none_of(limits.begin(), limits.end(), is_it)) limits.emplace_back(criterion.group, 1);
  }
}

Study read_tree(const std::string& text, const std::filesystem::path& path, const std::vector<Override>& changes) {
  Value root = parse_toml(text, path.string());
  Study study;
  study.path = path;
  study.text = text;
  for (const Override& change : changes) {
    apply_override(root, change);
    study.overrides.push_back(change.key + "=" + change.value);
  }
  read_sections(root, study);
  read_groups(root, study);
  read_lists(root, study);
  check_study(study, root);
  fill_defaults(study);
  return study;
}

std::vector<Override> parse_overrides(const std::vector<std::string>& set) {
  std::vector<Override> changes;
  changes.reserve(set.size());
  for (const std::string& text : set) changes.push_back(parse_override(text));
  return changes;
}

std::string file_text(const std::filesystem::path& file) {
  if (std::filesystem::is_directory(file)) throw InputError(file.string(), "is a folder", "name a study file");
  std::ifstream in(file, std::ios::binary);
  if (!in) throw InputError(file.string(), "no such file, or not readable", "name a study file");
  return {std::istreambuf_iterator<char>(in), {}};
}

Value write_groups(const Study& study) {
  Value groups = table_value();
  for (const auto& [name, max] : study.universe.group_max) groups.entries.push_back({name, write_fields(group_fields(), max)});
  return groups;
}

Value write_responses(const Study& study) {
  NOKKEL_ASSERT_EQUAL(study.responses.size(), study.deflator_files.size());
  std::vector<ResponseEntry> entries;
  entries.reserve(study.responses.size());
  for (std::size_t i = 0; i < study.responses.size(); ++i) entries.push_back({study.responses[i], study.deflator_files[i]});
  return write_list(response_fields(), entries);
}

Value write_section(const Study& study, const std::string& name) {
  if (name == "data") return write_list(data_fields(), study.data);
  if (name == "subsample") return write_list(subsample_fields(), study.subsamples);
  if (name == "derived") return write_list(derived_fields(), study.derived);
  if (name == "response") return write_responses(study);
  if (name == "criterion") return write_list(criterion_fields(), study.criteria);
  if (name == "groups") return write_groups(study);
  if (name == "model") return write_list(model_fields(), study.models);
  const auto is_it = [&name](const Section& section) { return section.name == name; };
  return write_fields(std::find_if(sections().begin(), sections().end(), is_it)->fields, study);
}

Value resolved_tree(const Study& study) {
  Value root = table_value();
  for (const std::string& name : kOrder) root.entries.push_back({name, write_section(study, name)});
  return root;
}

template <class T>
void append_keys(const std::string& section, const std::vector<Field<T>>& fields, std::vector<std::string>& keys) {
  for (const Field<T>& field : fields) keys.push_back(section + "." + field.key);
}

}  // namespace

Study read_study(const std::filesystem::path& file, const std::vector<std::string>& set) {
  std::vector<Override> changes = environment_overrides(process_environment());
  const std::vector<Override> later = parse_overrides(set);
  changes.insert(changes.end(), later.begin(), later.end());
  return read_tree(file_text(file), file, changes);
}

Study parse_study(const std::string& text, const std::filesystem::path& pretended_path, const std::vector<std::string>& set) {
  return read_tree(text, pretended_path, parse_overrides(set));
}

std::string resolved_toml(const Study& study) { return toml_document(resolved_tree(study)); }

std::string resolved_json(const Study& study) { return json_document(resolved_tree(study)); }

std::vector<std::string> known_keys() {
  std::vector<std::string> keys;
  for (const Section& section : sections()) append_keys(section.name, section.fields, keys);
  append_keys("data", data_fields(), keys);
  append_keys("subsample", subsample_fields(), keys);
  append_keys("derived", derived_fields(), keys);
  append_keys("response", response_fields(), keys);
  append_keys("criterion", criterion_fields(), keys);
  append_keys("groups.*", group_fields(), keys);
  append_keys("model", model_fields(), keys);
  for (const std::string& name : requirement_names()) keys.push_back("criterion.requirements." + name);
  return keys;
}

}  // namespace nokkel::config
