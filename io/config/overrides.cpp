#include "io/config/overrides.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "engine/error.h"
#include "engine/text.h"
#include "io/config/fields.h"
#include "io/config/reading.h"
#include "io/config/toml_document.h"

namespace nokkel::config {
namespace {

constexpr std::string_view kPrefix = "NOKKEL_";
const std::vector<std::string> kNotOurs{"NOKKEL_THREADS", "NOKKEL_MEMORY", "NOKKEL_KERNEL", "NOKKEL_NO_INSTALL"};

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// "NOKKEL_RESAMPLE_PAIRS" -> "resample.pairs", for every key of a plain section.
std::map<std::string, std::string> variables() {
  std::map<std::string, std::string> names;
  for (const Section& section : sections()) {
    for (const auto& field : section.fields) {
      names[fmt::format("{}{}_{}", kPrefix, upper(section.name), upper(field.key))] = section.name + "." + field.key;
    }
  }
  return names;
}

// One step of a dotted key: `name` or `name[by=is]`.
struct Step {
  std::string name, by, is;
};

Step parse_step(const std::string& text, const std::string& at) {
  const std::size_t open = text.find('[');
  Step step{text.substr(0, open), "", ""};
  bool good = !step.name.empty();
  if (open != std::string::npos) {
    const std::size_t equal = text.find('=', open);
    good = good && equal != std::string::npos && text.back() == ']';
    if (good) step = {step.name, text.substr(open + 1, equal - open - 1), text.substr(equal + 1, text.size() - equal - 2)};
  }
  if (!good) throw InputError(at, "not a key", "allowed: section.key, list[name=…].key");
  return step;
}

// Where `stop` stands outside of [ ]; npos when nowhere.
std::size_t find_outside(const std::string& text, char stop, std::size_t from) {
  int depth = 0;
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '[') ++depth;
    if (text[i] == ']') --depth;
    if (text[i] == stop && depth == 0) return i;
  }
  return std::string::npos;
}

std::vector<Step> parse_key(const std::string& key, const std::string& at) {
  std::vector<Step> steps;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = find_outside(key, '.', begin);
    steps.push_back(parse_step(key.substr(begin, end - begin), at));
    if (end == std::string::npos) return steps;
    begin = end + 1;
  }
}

Value& choose(Value& list, const Step& step, const std::string& at) {
  Value* chosen = nullptr;
  std::vector<std::string> known;
  for (Value& item : list.items) {
    const Value* key = item.find(step.by);
    if (key == nullptr || key->kind != Value::Kind::text) continue;
    known.push_back(key->text);
    if (key->text != step.is) continue;
    if (chosen != nullptr) throw InputError(at, fmt::format("two have {} = \"{}\"", step.by, step.is), "name one of them");
    chosen = &item;
  }
  if (chosen == nullptr) {
    throw InputError(at, fmt::format("none has {} = \"{}\"", step.by, step.is), allowed_names(known, step.is));
  }
  return *chosen;
}

Value& enter(Value& table, const Step& step, const Override& change, const std::string& at) {
  if (table.kind != Value::Kind::table) throw InputError(at, "leads into " + describe(table), "name a key of the study");
  Value* next = table.find(step.name);
  if (next == nullptr) {
    Value made = table_value();
    made.where = change.where;
    table.entries.push_back({step.name, std::move(made)});
    next = &table.entries.back().value;
  }
  if (step.by.empty() && next->kind == Value::Kind::list) {
    throw InputError(at, step.name + " is a list", fmt::format("say which: {}[name=…]", step.name));
  }
  return step.by.empty() ? *next : choose(*next, step, at);
}

}  // namespace

Override parse_override(const std::string& text) {
  const std::size_t equal = find_outside(text, '=', 0);
  if (equal == std::string::npos || equal == 0) {
    throw InputError("--set " + text, "no key=value", "write for example --set resample.pairs=99");
  }
  if (utf8_error(text) != std::string::npos) throw InputError("--set", "bytes that are no UTF-8", "");
  return {text.substr(0, equal), text.substr(equal + 1), "--set"};
}

std::vector<Override> environment_overrides(const std::vector<std::string>& environment) {
  const std::map<std::string, std::string> known = variables();
  std::vector<Override> found;
  for (const std::string& line : environment) {
    const std::string name = line.substr(0, line.find('='));
    if (!name.starts_with(kPrefix) || std::find(kNotOurs.begin(), kNotOurs.end(), name) != kNotOurs.end()) continue;
    const auto key = known.find(name);
    if (key == known.end()) {
      std::vector<std::string> names;
      names.reserve(known.size());
      for (const auto& [variable, unused] : known) names.push_back(variable);
      const std::string near = closest(name, names);
      throw InputError("environment: " + name, "sets no key of a study",
                       "allowed: NOKKEL_<SECTION>_<KEY>, as NOKKEL_RESAMPLE_PAIRS" +
                           (near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near)));
    }
    if (utf8_error(line) != std::string::npos) throw InputError("environment: " + name, "bytes that are no UTF-8", "");
    found.push_back({key->second, line.substr(name.size() + 1), name});
  }
  std::sort(found.begin(), found.end(), [](const Override& a, const Override& b) { return a.key < b.key; });
  return found;
}

std::vector<std::string> process_environment() {
  std::vector<std::string> lines;
  for (char** line = environ; line != nullptr && *line != nullptr; ++line) lines.emplace_back(*line);
  return lines;
}

void apply_override(Value& root, const Override& change) {
  const std::string at = change.where + ": " + change.key;
  std::vector<Step> steps = parse_key(change.key, at);
  const Step last = steps.back();
  steps.pop_back();
  if (!last.by.empty() || steps.empty()) throw InputError(at, "not a key", "allowed: section.key, list[name=…].key");
  Value* table = &root;
  for (const Step& step : steps) table = &enter(*table, step, change, at);
  if (table->kind != Value::Kind::table) throw InputError(at, "leads into " + describe(*table), "name a key of the study");

  Value value = parse_toml_value(change.value, change.where).value_or(text_value(change.value));
  if (value.kind == Value::Kind::other) value = text_value(change.value);  // no key takes a date
  value.where = change.where;
  if (Value* old = table->find(last.name); old != nullptr) {
    *old = std::move(value);
  } else {
    table->entries.push_back({last.name, std::move(value)});
  }
}

}  // namespace nokkel::config
