#include "io/config/fields.h"

#include <fmt/format.h>

#include <tuple>
#include <type_traits>
#include <utility>

#include "engine/error.h"
#include "io/config/reading.h"

namespace nokkel::config {
namespace {

// Counts above a million are a slip of the keyboard; sums and products of those below stay far from 2^63.
constexpr std::int64_t kMostReplicates = 1'000'000;
constexpr std::int64_t kMostCombinations = 2'147'483'647;  // combinations are numbered in 32 bits in a results file
constexpr std::int64_t kMostCriteria = 256;
constexpr IntegerRange kYears{1000, 9999};

// Each maker takes `get`, a generic lambda from the (const) struct to its member.
template <class T, class Get>
Field<T> text(std::string name, Get get) {
  return {std::move(name), "", [get](const Value& v, const std::string& key, T& out) { get(out) = read_text(v, key); },
          [get](const T& in) { return text_value(get(in)); }};
}

template <class T, class Get>
Field<T> filled_text(std::string name, std::string missing, Get get) {
  return {std::move(name), std::move(missing),
          [get](const Value& v, const std::string& key, T& out) { get(out) = read_text(v, key, true); },
          [get](const T& in) { return text_value(get(in)); }};
}

template <class T, class Get>
Field<T> texts(std::string name, std::string missing, Get get) {
  return {std::move(name), std::move(missing),
          [get](const Value& v, const std::string& key, T& out) { get(out) = read_texts(v, key, 1); },
          [get](const T& in) { return get(in).empty() ? Value{} : texts_value(get(in)); }};
}

template <class T, class Get>
Field<T> integer(std::string name, IntegerRange range, Get get) {
  return {std::move(name), "",
          [get, range](const Value& v, const std::string& key, T& out) {
            get(out) = static_cast<std::decay_t<decltype(get(out))>>(read_integer(v, key, range));
          },
          [get](const T& in) { return integer_value(static_cast<std::int64_t>(get(in))); }};
}

template <class T, class Get>
Field<T> real(std::string name, RealRange range, Get get) {
  return {std::move(name), "",
          [get, range](const Value& v, const std::string& key, T& out) { get(out) = read_real(v, key, range); },
          [get](const T& in) { return real_value(get(in)); }};
}

template <class T, class Get>
Field<T> boolean(std::string name, Get get) {
  return {std::move(name), "", [get](const Value& v, const std::string& key, T& out) { get(out) = read_boolean(v, key); },
          [get](const T& in) { return boolean_value(get(in)); }};
}

// A member that is an enum (or an int or bool) whose values are the indices of the names.
template <class T, class Get>
Field<T> choice(std::string name, const std::vector<std::string>& names, Get get, std::string missing = "") {
  return {std::move(name), std::move(missing),
          [get, names](const Value& v, const std::string& key, T& out) {
            get(out) = static_cast<std::decay_t<decltype(get(out))>>(read_choice(v, key, names));
          },
          [get, names](const T& in) { return text_value(names[static_cast<std::size_t>(get(in))]); }};
}

// A member that keeps the text itself.
template <class T, class Get>
Field<T> named(std::string name, const std::vector<std::string>& names, Get get) {
  return {std::move(name), "",
          [get, names](const Value& v, const std::string& key, T& out) { get(out) = names[read_choice(v, key, names)]; },
          [get](const T& in) { return text_value(get(in)); }};
}

bool is_text(const Value& value, std::string_view text) { return value.kind == Value::Kind::text && value.text == text; }

Field<Study> seed() {
  return {"seed", "a whole number, from which every draw follows",
          [](const Value& v, const std::string& key, Study& s) { s.statistics.seed = read_seed(v, key); },
          [](const Study& s) {
            const std::uint64_t seed = s.statistics.seed;
            return std::in_range<std::int64_t>(seed) ? integer_value(static_cast<std::int64_t>(seed))
                                                     : text_value(fmt::format("{}", seed));
          }};
}

Field<Study> years() {
  return {"years", "",
          [](const Value& v, const std::string& key, Study& s) {
            std::tie(s.sample.first_year, s.sample.last_year) = read_span(v, key, kYears);
          },
          [](const Study& s) {
            if (s.sample.first_year == 0) return Value{};
            return list_value({integer_value(s.sample.first_year), integer_value(s.sample.last_year)});
          }};
}

Field<Study> panel_rule() {
  Field<Study> field = choice<Study>("panel", {"each_year", "balanced"}, [](auto& s) -> auto& { return s.sample.balanced; });
  field.read = [plain = field.read](const Value& v, const std::string& key, Study& s) {
    if (is_text(v, "per_model")) {
      throw InputError(place(v, key),
                       "\"per_model\" is refused: all combinations of a year share their moments, hence their rows",
                       "allowed: \"each_year\", \"balanced\"; rows of its own has a [[model]] of the practice profile only");
    }
    plain(v, key, s);
  };
  return field;
}

Field<Study> sizes() {
  return {"size", "",
          [](const Value& v, const std::string& key, Study& s) {
            std::tie(s.universe.min_size, s.universe.max_size) = read_span(v, key, {1, kMostCriteria});
          },
          [](const Study& s) { return list_value({integer_value(s.universe.min_size), integer_value(s.universe.max_size)}); }};
}

Field<Study> excluded_pairs() {
  return {"exclude", "",
          [](const Value& v, const std::string& key, Study& s) {
            const std::string remedy = "allowed: a list of pairs of criteria, [[\"a\", \"b\"], …]";
            if (v.kind != Value::Kind::list) throw InputError(place(v, key), describe(v) + " is not allowed", remedy);
            s.universe.exclude.clear();
            for (const Value& item : v.items) {
              const std::vector<std::string> pair = read_texts(item, key, 1);
              if (pair.size() != 2) throw InputError(place(item, key), fmt::format("a list of {}", pair.size()), remedy);
              s.universe.exclude.emplace_back(pair[0], pair[1]);
            }
          },
          [](const Study& s) {
            return list_of(s.universe.exclude, [](const auto& pair) { return texts_value({pair.first, pair.second}); });
          }};
}

Field<Study> correlation_limit() {
  Field<Study> field = real<Study>("max_abs_r", {0, 1, true}, [](auto& s) -> auto& { return s.universe.max_abs_r; });
  field.write = [](const Study& s) { return s.universe.max_abs_r > 0 ? real_value(s.universe.max_abs_r) : Value{}; };
  return field;
}

Field<Study> quantiles() {
  return {"quantiles", "",
          [](const Value& v, const std::string& key, Study& s) {
            std::vector<double> levels = read_reals(v, key, {0, 1, true, true});
            for (std::size_t i = 1; i < levels.size(); ++i) {
              if (levels[i] <= levels[i - 1]) {
                throw InputError(place(v, key), fmt::format("{} follows {}", levels[i], levels[i - 1]),
                                 "allowed: increasing levels");
              }
            }
            s.statistics.quantiles = std::move(levels);
          },
          [](const Study& s) { return list_of(s.statistics.quantiles, real_value); }};
}

Field<Study> quantiles_of() {
  return choice<Study>("quantiles_of", {"none", "selected", "all"}, [](auto& s) -> auto& { return s.statistics.quantiles_of; });
}

Field<ResponseEntry> price() {
  return {"price", "",
          [](const Value& v, const std::string& key, ResponseEntry& r) {
            const Value* file = v.find("deflator");
            if (file != nullptr && v.entries.size() == 1) {
              r.spec.price = panel::PriceBasis::deflated;
              r.deflator_file = read_text(*file, key + ".deflator", true);
            } else if (is_text(v, "relative") || is_text(v, "nominal")) {
              r.spec.price = v.text == "relative" ? panel::PriceBasis::relative : panel::PriceBasis::nominal;
            } else {
              throw InputError(place(v, key), describe(v) + " is not allowed",
                               "allowed: \"relative\", \"nominal\", { deflator = \"file.csv\" }");
            }
          },
          [](const ResponseEntry& r) {
            if (r.spec.price != panel::PriceBasis::deflated) {
              return text_value(r.spec.price == panel::PriceBasis::relative ? "relative" : "nominal");
            }
            Value table = table_value();
            table.entries.push_back({"deflator", text_value(r.deflator_file)});
            return table;
          }};
}

Field<panel::CriterionSpec> need() {
  const std::vector<std::string> names{"-", "", "+"};
  return {"need", "",
          [names](const Value& v, const std::string& key, panel::CriterionSpec& c) {
            c.need = static_cast<int>(read_choice(v, key, names)) - 1;
          },
          [names](const panel::CriterionSpec& c) { return text_value(names[static_cast<std::size_t>(c.need + 1)]); }};
}

Field<panel::CriterionSpec> requirements() {
  return {"requirements", "",
          [](const Value& v, const std::string& key, panel::CriterionSpec& c) {
            if (v.kind != Value::Kind::table) {
              throw InputError(place(v, key), describe(v) + " is not allowed", "allowed: a table, { logical = \"yes\", … }");
            }
            refuse_unknown_keys(v, key, requirement_names());
            c.requirements.clear();
            for (const Entry& entry : v.entries) {
              const std::size_t answer = read_choice(entry.value, key + "." + entry.key, requirement_answers());
              c.requirements.emplace_back(entry.key, requirement_answers()[answer]);
            }
          },
          [](const panel::CriterionSpec& c) {
            Value table = table_value();
            for (const auto& [name, answer] : c.requirements) table.entries.push_back({name, text_value(answer)});
            return table;
          }};
}

Field<NamedModel> weights() {
  return {"weights", "", [](const Value& v, const std::string& key, NamedModel& m) { m.weights = read_reals(v, key, {0, 1}); },
          [](const NamedModel& m) { return m.weights.empty() ? Value{} : list_of(m.weights, real_value); }};
}

Field<NamedModel> model_year() {
  Field<NamedModel> field = integer<NamedModel>("year", kYears, [](auto& m) -> auto& { return m.year; });
  field.write = [](const NamedModel& m) { return m.year == 0 ? Value{} : integer_value(m.year); };
  return field;
}

// A key that only some kinds of derived column take: written when it is set.
Field<panel::DerivedSpec> optional_text(std::string name, std::string panel::DerivedSpec::* member) {
  Field<panel::DerivedSpec> field =
      filled_text<panel::DerivedSpec>(std::move(name), "", [member](auto& d) -> auto& { return d.*member; });
  field.write = [member](const panel::DerivedSpec& d) { return (d.*member).empty() ? Value{} : text_value(d.*member); };
  return field;
}

Field<panel::DerivedSpec> exponent() {
  Field<panel::DerivedSpec> field = real<panel::DerivedSpec>("exponent", {}, [](auto& d) -> auto& { return d.exponent; });
  field.write = [](const panel::DerivedSpec& d) {
    return d.kind == panel::DerivedKind::power ? real_value(d.exponent) : Value{};
  };
  return field;
}

}  // namespace

const std::vector<Section>& sections() {
  static const std::vector<Section> all{
      {"study",
       {text<Study>("title", [](auto& s) -> auto& { return s.title; }), seed(),
        named<Study>("profile", {"standard", "practice"}, [](auto& s) -> auto& { return s.profile; })}},
      {"sample",
       {years(), text<Study>("where", [](auto& s) -> auto& { return s.sample.condition; }), panel_rule(),
        real<Study>("min_coverage", {0, 1, true}, [](auto& s) -> auto& { return s.sample.min_coverage; }),
        text<Study>("population", [](auto& s) -> auto& { return s.sample.population; })}},
      {"universe",
       {sizes(), excluded_pairs(), correlation_limit(),
        integer<Study>("limit", {1, kMostCombinations}, [](auto& s) -> auto& { return s.universe.limit; })}},
      {"resample",
       {integer<Study>("pairs", {19, kMostReplicates, true}, [](auto& s) -> auto& { return s.statistics.n_pairs; }),
        integer<Study>("half_pairs", {0, kMostReplicates}, [](auto& s) -> auto& { return s.statistics.n_half_pairs; }),
        text<Study>("strata", [](auto& s) -> auto& { return s.sample.strata; })}},
      {"cross_validation",
       {integer<Study>("folds", {2, kMostReplicates}, [](auto& s) -> auto& { return s.statistics.n_folds; }),
        integer<Study>("repeats", {1, kMostReplicates}, [](auto& s) -> auto& { return s.statistics.n_repeats; })}},
      {"ranking", {named<Study>("order", {"default"}, [](auto& s) -> auto& { return s.ranking_order; })}},
      {"output",
       {integer<Study>("selected", {1, kMostReplicates}, [](auto& s) -> auto& { return s.statistics.n_selected; }),
        named<Study>("mode", {"full", "kept"}, [](auto& s) -> auto& { return s.output.mode; }),
        integer<Study>("keep", {1, kMostCombinations}, [](auto& s) -> auto& { return s.output.keep; }), quantiles(),
        quantiles_of()}}};
  return all;
}

const std::vector<Field<DataSpec>>& data_fields() {
  static const std::vector<Field<DataSpec>> fields{
      filled_text<DataSpec>("file", "the path of a CSV file, relative to the study", [](auto& d) -> auto& { return d.file; }),
      filled_text<DataSpec>("unit", "the column of unit ids", [](auto& d) -> auto& { return d.keys.unit; }),
      text<DataSpec>("year", [](auto& d) -> auto& { return d.keys.year; }),
      text<DataSpec>("name", [](auto& d) -> auto& { return d.keys.unit_name; }),
      text<DataSpec>("parent", [](auto& d) -> auto& { return d.keys.parent; })};
  return fields;
}

const std::vector<Field<panel::SubsampleSpec>>& subsample_fields() {
  using Spec = panel::SubsampleSpec;
  static const std::vector<Field<Spec>> fields{
      filled_text<Spec>("name", "a name for the subsample", [](auto& s) -> auto& { return s.name; }),
      filled_text<Spec>("where", "a condition on the columns", [](auto& s) -> auto& { return s.condition; })};
  return fields;
}

const std::vector<Field<panel::DerivedSpec>>& derived_fields() {
  using Spec = panel::DerivedSpec;
  static const std::vector<Field<Spec>> fields{
      filled_text<Spec>("name", "a name for the new column", [](auto& d) -> auto& { return d.name; }),
      choice<Spec>(
          "kind", {"share", "relative_share", "sum", "product", "power", "per_inhabitant", "expression"},
          [](auto& d) -> auto& { return d.kind; }, "how the column is made"),
      texts<Spec>("of", "", [](auto& d) -> auto& { return d.of; }),
      optional_text("by", &Spec::by),
      exponent(),
      real<Spec>("scale", {}, [](auto& d) -> auto& { return d.scale; }),
      optional_text("expression", &Spec::expression)};
  return fields;
}

const std::vector<Field<ResponseEntry>>& response_fields() {
  static const std::vector<Field<ResponseEntry>> fields{
      filled_text<ResponseEntry>("name", "a short name for the response", [](auto& r) -> auto& { return r.spec.name; }),
      filled_text<ResponseEntry>("column", "a column of the data", [](auto& r) -> auto& { return r.spec.column; }),
      text<ResponseEntry>("label", [](auto& r) -> auto& { return r.spec.label; }),
      text<ResponseEntry>("unit", [](auto& r) -> auto& { return r.spec.unit; }), price()};
  return fields;
}

const std::vector<Field<panel::CriterionSpec>>& criterion_fields() {
  using Spec = panel::CriterionSpec;
  static const std::vector<Field<Spec>> fields{
      filled_text<Spec>("name", "a column of the data", [](auto& c) -> auto& { return c.name; }),
      text<Spec>("label", [](auto& c) -> auto& { return c.label; }),
      choice<Spec>("role", {"criterion", "control", "target"}, [](auto& c) -> auto& { return c.role; }),
      need(),
      boolean<Spec>("forced", [](auto& c) -> auto& { return c.forced; }),
      text<Spec>("group", [](auto& c) -> auto& { return c.group; }),
      text<Spec>("denominator", [](auto& c) -> auto& { return c.denominator; }),
      text<Spec>("source", [](auto& c) -> auto& { return c.source; }),
      requirements()};
  return fields;
}

const std::vector<Field<NamedModel>>& model_fields() {
  static const std::vector<Field<NamedModel>> fields{
      filled_text<NamedModel>("name", "a name for the model", [](auto& m) -> auto& { return m.name; }),
      texts<NamedModel>("criteria", "a list of criteria", [](auto& m) -> auto& { return m.criteria; }), weights(), model_year(),
      text<NamedModel>("file", [](auto& m) -> auto& { return m.file; })};
  return fields;
}

const std::vector<Field<int>>& group_fields() {
  static const std::vector<Field<int>> fields{integer<int>("max", {1, kMostCriteria}, [](auto& n) -> auto& { return n; })};
  return fields;
}

const std::vector<std::string>& requirement_names() {
  static const std::vector<std::string> names{"logical", "stable", "measurable", "unaffected"};
  return names;
}

const std::vector<std::string>& requirement_answers() {
  static const std::vector<std::string> answers{"yes", "partly", "no"};
  return answers;
}

}  // namespace nokkel::config
