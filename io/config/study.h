/// The study file `nokkel-study/1` after reading: plain data, each part in the form that its consumer takes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "engine/options.h"
#include "engine/panel/derive.h"
#include "engine/panel/panel.h"
#include "engine/panel/sample.h"

namespace nokkel::config {

struct DataSpec {
  std::string file;            ///< as written
  std::filesystem::path path;  ///< resolved against the study file's folder
  panel::TableKeys keys;
};

/// Limits on the universe, by name; the columns are resolved when the design is known.
struct UniverseOptions {
  int min_size = 1, max_size = 4;
  std::vector<std::pair<std::string, std::string>> exclude;
  double max_abs_r = 0;  ///< 0: no pair is barred for correlation
  std::uint64_t limit = 10'000'000;
  std::vector<std::pair<std::string, int>> group_max;  ///< [groups] NAME.max; groups not named: 1
  std::string where;
};

struct OutputOptions {
  std::string mode = "full";  ///< "full": every combination has its rows; "kept": the best `keep`
  int keep = 100'000;
};

struct NamedModel {
  std::string name;
  std::vector<std::string> criteria;
  std::vector<double> weights;  ///< empty, or one a criterion
  int year = 0;                 ///< 0: all years
  std::string file;             ///< its own data; empty: the study's
  std::string where;
};

struct Study {
  std::filesystem::path path;          ///< of the study file
  std::string text;                    ///< the file as given
  std::vector<std::string> overrides;  ///< "key=value" of the environment, then of --set, as applied
  std::string title, profile = "standard";
  std::vector<DataSpec> data;
  panel::SampleSpec sample;
  std::vector<panel::SubsampleSpec> subsamples;
  std::vector<panel::DerivedSpec> derived;
  std::vector<panel::ResponseSpec> responses;
  std::vector<std::string> deflator_files;  ///< per response, as written; empty: no deflator
  std::vector<panel::CriterionSpec> criteria;
  UniverseOptions universe;
  Statistics statistics;
  std::string ranking_order = "default";
  OutputOptions output;
  std::vector<NamedModel> models;
};

/// Reads and checks a study. `set` are "dotted.key=TOML value" texts, applied after NOKKEL_… of the environment
/// (NOKKEL_RESAMPLE_PAIRS=99 sets resample.pairs); a value that is no TOML is taken as a string; `criterion[name=x].forced`
/// addresses an entry of an array of tables by name.
/// Errors (InputError): "file:line: key: what is wrong; what is allowed", unknown keys with "did you mean", wrong types,
/// ranges, duplicate names, empty lists, a missing mandatory key (study.seed among them).
Study read_study(const std::filesystem::path& file, const std::vector<std::string>& set);

/// The same from text kept in a result file; relative paths resolve against the pretended path's folder. The environment is
/// not looked at: hand over Study::overrides as `set` to repeat a run.
Study parse_study(const std::string& text, const std::filesystem::path& pretended_path, const std::vector<std::string>& set);

/// The study with every default filled in, as TOML (`check --resolved`) and as JSON (stored in the result): without
/// threads, memory, folders, progress or log settings.
std::string resolved_toml(const Study& study);
/// Equal studies give equal bytes; parse_study of the TOML gives a study with the same resolved texts. In JSON a key that is
/// not set and has no default (years, max_abs_r, …) is null; in TOML it is left out.
std::string resolved_json(const Study& study);

/// Every key that a study may hold, "resample.pairs", "criterion.need", "groups.*.max"; what configs/example.toml explains.
std::vector<std::string> known_keys();

}  // namespace nokkel::config
