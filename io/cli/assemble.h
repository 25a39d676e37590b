/// From a study to everything that a search reads: tables, panel, derived columns, design, universe, resamples.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/panel/sample.h"
#include "engine/resample/resample.h"
#include "engine/search/search.h"
#include "engine/universe/universe.h"
#include "io/config/study.h"
#include "io/results/results_file.h"

namespace nokkel::cli {

/// The study's tables joined, its derived columns made, and what identifies the input files.
struct Data {
  panel::Panel panel;
  std::vector<results::Description::Input> inputs;  ///< data files, then deflators, in study order
  std::vector<std::filesystem::path> files;         ///< one an input
};

/// Errors (InputError): what csv.h, panel.h and derive.h refuse.
Data read_data(const config::Study& study);

/// Which combinations a result file has rows for.
struct Kept {
  std::uint64_t n = 0;           ///< the best so many; 0: all
  bool forced = false;           ///< by the size of the file, not by the study
  std::uint64_t full_bytes = 0;  ///< what a file of all would take, about
};

/// The file size above which mode `full` becomes `kept` (RESULTS-FORMAT section 7).
inline constexpr std::uint64_t kLargestFull = std::uint64_t{4} << 30;

/// What a search reads; job() refers into this object, which therefore stays where it is.
struct Assembly {
  Assembly(config::Study study, const Data& data);
  ~Assembly() = default;
  Assembly(const Assembly&) = delete;
  Assembly& operator=(const Assembly&) = delete;

  [[nodiscard]] search::Job job() const;

  config::Study study;
  std::vector<results::Description::Input> inputs;
  panel::Design design;
  std::vector<panel::CorrelatedPair> correlated;  ///< barred by universe.max_abs_r; empty when the study sets none
  universe::Universe universe;
  std::vector<std::unique_ptr<resample::Provider>> providers;  ///< one a frame
  Kept kept;
};

/// The universe of a study on a design, its pairs with |r| at or above `max_abs_r` barred (0: none).
/// Errors (InputError): names that are no criteria, and what universe.h refuses.
universe::UniverseSpec universe_spec(const config::Study& study, const panel::Design& design,
                                     const std::vector<panel::CorrelatedPair>& correlated);

/// Settings that a study makes and that `run` does not follow, a sentence each: they are kept for other commands or versions.
std::vector<std::string> settings_without_effect(const config::Study& study);

/// Why a universe is too large to search, with its count and what makes it smaller; nothing when it is not.
std::optional<std::string> too_large(const Assembly& assembly, bool allow_large);

/// Indices of the criteria in "a + b", in any order. Errors (InputError at `where`): unknown (with "did you mean") and
/// repeated names, an empty list.
std::vector<int> members_of(const std::string& combination, const std::vector<std::string>& criteria, const std::string& where);

}  // namespace nokkel::cli
