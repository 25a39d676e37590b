/// The keys of a study file, once: from these tables come the reader, the check for unknown keys, the resolved study and the
/// list of known keys. To add a key, add a line in fields.cpp and its paragraph in configs/example.toml.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "io/config/study.h"
#include "io/config/value.h"

namespace nokkel::config {

/// One key of a section that is read into a T.
template <class T>
struct Field {
  std::string key;
  std::string missing;  ///< not empty: the key is mandatory, and this says what belongs there
  /// Checks and stores; `key` is the full key, for messages. Errors: InputError.
  std::function<void(const Value& value, const std::string& key, T& out)> read;
  /// The value as it would be written, defaults included; kind none: there is no such value.
  std::function<Value(const T& in)> write;
};

/// A plain table `[name]`; all of them read into the study itself.
struct Section {
  std::string name;
  std::vector<Field<Study>> fields;
};
const std::vector<Section>& sections();

/// A response and the file that its deflator comes from, which only this room needs.
struct ResponseEntry {
  panel::ResponseSpec spec;
  std::string deflator_file;
};

/// The lists of tables `[[data]]`, `[[subsample]]`, …
const std::vector<Field<DataSpec>>& data_fields();
const std::vector<Field<panel::SubsampleSpec>>& subsample_fields();
const std::vector<Field<panel::DerivedSpec>>& derived_fields();
const std::vector<Field<ResponseEntry>>& response_fields();
const std::vector<Field<panel::CriterionSpec>>& criterion_fields();
const std::vector<Field<NamedModel>>& model_fields();

/// The one key of a group, `[groups] NAME = { max = n }`.
const std::vector<Field<int>>& group_fields();

/// Answers to the four requirements: which are asked, and what may be answered.
const std::vector<std::string>& requirement_names();
const std::vector<std::string>& requirement_answers();

}  // namespace nokkel::config
