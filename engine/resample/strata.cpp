#include "engine/resample/strata.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "engine/assert.h"
#include "engine/resample/resample.h"

namespace nokkel::resample {
namespace {

std::vector<Stratum> unmerged_strata(const panel::Frame& frame) {
  NOKKEL_ASSERT_EQUAL(frame.stratum.size(), frame.units.size());
  std::vector<Stratum> strata(frame.strata.size());
  for (int s = 0; s < static_cast<int>(strata.size()); ++s) {
    strata[s].substream = static_cast<std::uint32_t>(s);
    strata[s].labels = {s};
  }
  for (int u = 0; u < static_cast<int>(frame.stratum.size()); ++u) strata[frame.stratum[u]].units.push_back(u);
  std::erase_if(strata, [](const Stratum& s) { return s.units.empty(); });
  return strata;
}

/// Moves what `other` holds into `merged`.
void absorb(Stratum& merged, const Stratum& other) {
  merged.units.insert(merged.units.end(), other.units.begin(), other.units.end());
  merged.labels.insert(merged.labels.end(), other.labels.begin(), other.labels.end());
  std::ranges::sort(merged.units);
  std::ranges::sort(merged.labels);
  merged.substream = static_cast<std::uint32_t>(merged.labels.front());
}

std::string names(const panel::Frame& frame, const Stratum& stratum) {
  std::vector<std::string> quoted;
  quoted.reserve(stratum.labels.size());
  for (const int label : stratum.labels) quoted.push_back(fmt::format("'{}'", frame.strata[label]));
  return fmt::format("{}", fmt::join(quoted, ", "));
}

std::vector<std::string> unit_ids(const panel::Frame& frame, const Stratum& stratum) {
  std::vector<std::string> ids;
  ids.reserve(stratum.units.size());
  for (const int u : stratum.units) ids.push_back(frame.units[u]);
  return ids;
}

/// Where `frame` does not draw like `reference`: paired comparisons of the two are then less sharp.
void add_differences(const panel::Frame& reference, const panel::Frame& frame, std::vector<std::string>& notes) {
  const std::vector<Stratum> known = merged_strata(reference);
  const std::vector<Stratum> strata = merged_strata(frame);
  if (uses_rao_wu(frame, strata) != uses_rao_wu(reference, known)) {
    notes.push_back(
        fmt::format("{}: pairs are not weighted as in {} (Rao-Wu in one of them only)", frame.name, reference.name));
  }
  for (const Stratum& s : strata) {
    const bool alike = std::ranges::any_of(
        known, [&](const Stratum& r) { return r.labels == s.labels && unit_ids(reference, r) == unit_ids(frame, s); });
    if (alike) continue;
    notes.push_back(fmt::format("{}: stratum {} holds other units than in {}, so its draws differ", frame.name, names(frame, s),
                                reference.name));
  }
}

}  // namespace

bool is_stratified(const panel::Frame& frame) { return frame.strata.size() != 1 || !frame.strata.front().empty(); }

std::vector<Stratum> merged_strata(const panel::Frame& frame) {
  std::vector<Stratum> strata = unmerged_strata(frame);
  const auto small = std::ranges::stable_partition(strata, [](const Stratum& s) { return s.n() >= kSmallStratum; });
  if (small.empty()) return strata;
  Stratum merged;
  for (const Stratum& s : small) absorb(merged, s);
  strata.erase(small.begin(), small.end());
  while (merged.n() < kSmallStratum && !strata.empty()) {
    const auto smallest = std::ranges::min_element(strata, {}, &Stratum::n);
    absorb(merged, *smallest);
    strata.erase(smallest);
  }
  strata.push_back(std::move(merged));
  std::ranges::sort(strata, {}, &Stratum::substream);
  return strata;
}

bool uses_rao_wu(const panel::Frame& frame, const std::vector<Stratum>& strata) {
  return is_stratified(frame) && std::ranges::any_of(strata, [](const Stratum& s) { return s.n() < kRaoWuBelow; });
}

std::vector<std::string> stratum_notes(const panel::Frame& frame) {
  std::vector<std::string> notes;
  if (!is_stratified(frame)) return notes;
  for (const Stratum& s : unmerged_strata(frame)) {
    if (s.n() == 1) notes.push_back(fmt::format("stratum {} has a single unit: alone it would never vary", names(frame, s)));
  }
  const std::vector<Stratum> strata = merged_strata(frame);
  for (const Stratum& s : strata) {
    if (s.labels.size() == 1) continue;
    notes.push_back(fmt::format("strata {} are resampled as one of {} units: a stratum has at least {}", names(frame, s), s.n(),
                                kSmallStratum));
  }
  if (uses_rao_wu(frame, strata)) {
    const auto smallest = std::ranges::min_element(strata, {}, &Stratum::n);
    notes.push_back(
        fmt::format("stratum {} has {} units, fewer than {}: pairs draw n_h - 1 units of every stratum, each weighing "
                    "n_h / (n_h - 1) (Rao-Wu)",
                    names(frame, *smallest), smallest->n(), kRaoWuBelow));
  }
  return notes;
}

std::vector<std::string> stratum_notes(const std::vector<panel::Frame>& frames) {
  std::vector<std::string> notes;
  for (const panel::Frame& frame : frames) {
    for (const std::string& note : stratum_notes(frame)) notes.push_back(fmt::format("{}: {}", frame.name, note));
  }
  for (std::size_t f = 1; f < frames.size(); ++f) {
    if (is_stratified(frames[f])) add_differences(frames.front(), frames[f], notes);
  }
  return notes;
}

}  // namespace nokkel::resample
