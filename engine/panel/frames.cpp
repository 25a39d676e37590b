#include "engine/panel/frames.h"

#include <fmt/format.h>

#include <iterator>
#include <limits>
#include <set>
#include <utility>

#include "engine/error.h"
#include "engine/panel/messages.h"

namespace nokkel::panel {
namespace {

constexpr std::size_t kNoRow = std::numeric_limits<std::size_t>::max();

/// Per unit its last panel row that `wanted` accepts.
template <class F>
std::vector<std::size_t> last_rows(const std::vector<int>& unit_of_row, F&& wanted) {
  std::vector<std::size_t> last(unit_of_row.empty() ? 0 : static_cast<std::size_t>(unit_of_row.back()) + 1, kNoRow);
  for (std::size_t row = 0; row < unit_of_row.size(); ++row)
    if (wanted(row)) last[static_cast<std::size_t>(unit_of_row[row])] = row;
  return last;
}

const std::string& stratum(const Panel& panel, const std::vector<std::string>& labels, const std::string& column,
                           std::size_t row) {
  if (labels[row].empty())
    throw InputError(row_file(panel, row), fmt::format("column \"{}\" (strata) is empty at {}", column, row_name(panel, row)),
                     "give every unit a stratum");
  return labels[row];
}

std::string move_note(const std::vector<std::string>& labels, const std::vector<int>& unit_of_row,
                      const std::vector<char>& in_sample, const std::vector<std::size_t>& last_row, const std::string& column) {
  std::set<int> moved;
  for (std::size_t row = 0; row < labels.size(); ++row)
    if (in_sample[row] && labels[row] != labels[last_row[static_cast<std::size_t>(unit_of_row[row])]])
      moved.insert(unit_of_row[row]);
  return moved.empty()
             ? ""
             : fmt::format("strata: {} units change \"{}\" between years; their last year counts", moved.size(), column);
}

/// Labels are those of the units in any frame, sorted; every frame gets the whole list.
void stratify(const Panel& panel, const std::string& column, const std::vector<std::size_t>& last_row, Frames& result) {
  const std::vector<std::string>& of_row = column_as_text(panel, column);
  std::set<std::string> labels;
  for (const std::vector<int>& place : result.place)
    for (std::size_t u = 0; u < place.size(); ++u)
      if (place[u] >= 0) labels.insert(stratum(panel, of_row, column, last_row[u]));
  for (std::size_t f = 0; f < result.frames.size(); ++f) {
    result.frames[f].strata.assign(labels.begin(), labels.end());
    for (std::size_t u = 0; u < result.place[f].size(); ++u)
      if (const int at = result.place[f][u]; at >= 0)
        result.frames[f].stratum[static_cast<std::size_t>(at)] =
            static_cast<int>(std::distance(labels.begin(), labels.find(of_row[last_row[u]])));
  }
}

}  // namespace

std::vector<int> number_units(const Panel& panel) {
  std::vector<int> unit_of_row(panel.n_rows(), 0);
  for (std::size_t row = 1; row < panel.n_rows(); ++row)
    unit_of_row[row] = unit_of_row[row - 1] + (panel.unit[row] != panel.unit[row - 1] ? 1 : 0);
  return unit_of_row;
}

Frames make_frames(const Panel& panel, const SampleSpec& sample, const std::vector<int>& unit_of_row,
                   const std::vector<char>& in_sample, const std::vector<std::string>& names,
                   const std::vector<std::vector<char>>& used) {
  const auto last_row = last_rows(unit_of_row, [&](std::size_t row) { return in_sample[row] != 0; });
  const auto named_row =
      last_rows(unit_of_row, [&](std::size_t row) { return !panel.unit_name.empty() && !panel.unit_name[row].empty(); });
  Frames result;
  for (std::size_t f = 0; f < names.size(); ++f) {
    Frame frame;
    frame.name = names[f];
    std::vector<int> place(used[f].size(), -1);
    for (std::size_t u = 0; u < place.size(); ++u) {
      if (!used[f][u]) continue;
      place[u] = static_cast<int>(frame.units.size());
      frame.units.push_back(panel.unit[last_row[u]]);
      frame.unit_names.push_back(named_row[u] == kNoRow ? frame.units.back() : panel.unit_name[named_row[u]]);
    }
    frame.stratum.assign(frame.units.size(), 0);
    frame.strata = {""};
    result.frames.push_back(std::move(frame));
    result.place.push_back(std::move(place));
  }
  if (sample.strata.empty()) return result;
  require_column(panel, sample.strata, sample.where);
  stratify(panel, sample.strata, last_row, result);
  if (std::string note = move_note(column_as_text(panel, sample.strata), unit_of_row, in_sample, last_row, sample.strata);
      !note.empty())
    result.notes.push_back(std::move(note));
  return result;
}

}  // namespace nokkel::panel
