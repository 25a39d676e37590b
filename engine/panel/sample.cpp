// The design in order: names are checked, columns become numbers, rows are chosen (selection.cpp), each cell keeps its
// common rows (cells.cpp), each subsample gets its frame (frames.cpp), and the finished cells are looked over (checks.cpp).
#include "engine/panel/sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "engine/error.h"
#include "engine/panel/cells.h"
#include "engine/panel/checks.h"
#include "engine/panel/frames.h"
#include "engine/panel/messages.h"
#include "engine/panel/selection.h"

namespace nokkel::panel {
namespace {

constexpr int kFewestRows = 3;

/// A subsample with its rows; the first is "all".
struct Part {
  std::string name, where;
  std::vector<std::vector<std::size_t>> rows;  ///< per year of the design
};

class Builder {
 public:
  Builder(const Panel& panel, const SampleSpec& sample, const std::vector<SubsampleSpec>& subsamples,
          const std::vector<ResponseSpec>& responses, const std::vector<CriterionSpec>& criteria)
      : panel_(panel), sample_(sample), subsamples_(subsamples), responses_(responses), criteria_(criteria) {}

  Design build() {
    check_names();
    read_columns();
    selection_ = select_rows(panel_, sample_, columns_.population.values);
    design_.years = selection_.years;
    unit_of_row_ = number_units(panel_);
    n_units_ = unit_of_row_.back() + 1;
    make_parts();
    for (const Column& response : response_columns_)
      for (const Part& part : parts_) choose_rows(response, part);
    check_availability();
    for (std::size_t o = 0; o < chosen_.size(); ++o) settle_rows(o);
    set_frames();
    for (std::size_t o = 0; o < chosen_.size(); ++o) make_outcome(o);
    refuse_columns(design_, criteria_);
    report();
    return std::move(design_);
  }

 private:
  // --- names and columns

  std::string sample_where() const { return sample_.where.empty() ? panel_.source : sample_.where; }

  template <class Spec>
  void refuse_repeated(const std::vector<Spec>& specs, const char* what, std::set<std::string> seen = {}) const {
    for (const Spec& spec : specs)
      if (!seen.insert(spec.name).second)
        throw InputError(spec.where, fmt::format("{} \"{}\" is named twice", what, spec.name), "remove or rename one of them");
  }

  void check_names() const {
    if (responses_.empty()) throw InputError(sample_where(), "no response is named", "name at least one");
    refuse_repeated(responses_, "response");
    refuse_repeated(subsamples_, "subsample", {"all"});
    refuse_repeated(criteria_, "criterion");
    if (std::none_of(criteria_.begin(), criteria_.end(), [](const CriterionSpec& c) { return c.role != Role::control; }))
      throw InputError(sample_where(), "no criterion is named", "name at least one");
    for (const CriterionSpec& criterion : criteria_)
      for (const ResponseSpec& response : responses_)
        if (criterion.name == response.column)
          throw InputError(criterion.where,
                           fmt::format("\"{}\" is the column of response \"{}\"", criterion.name, response.name),
                           "remove it from the criteria");
  }

  Column column(const std::string& name, const std::string& where) const {
    require_column(panel_, name, where);
    return {name, column_as_numbers(panel_, name)};
  }

  /// Controls and criteria, forced ones first, each in study order.
  void read_columns() {
    columns_.min_coverage = sample_.min_coverage;
    if (!sample_.population.empty()) columns_.population = column(sample_.population, sample_where());
    for (const ResponseSpec& response : responses_) response_columns_.push_back(column(response.column, response.where));
    for (const CriterionSpec& spec : criteria_)
      if (spec.role == Role::control) {
        columns_.controls.push_back(column(spec.name, spec.where));
        design_.controls.push_back(spec.name);
        control_specs_.push_back(&spec);
      }
    for (const bool forced : {true, false})
      for (const CriterionSpec& spec : criteria_) {
        if (spec.role == Role::control || spec.forced != forced) continue;
        columns_.criteria.push_back(column(spec.name, spec.where));
        design_.criteria.push_back(spec.name);
        design_.labels.push_back(spec.label.empty() ? spec.name : spec.label);
        criterion_specs_.push_back(&spec);
        design_.n_forced += forced;
      }
  }

  // --- rows

  void make_parts() {
    make_part("all", "", sample_where());
    for (const SubsampleSpec& spec : subsamples_) make_part(spec.name, spec.condition, spec.where);
  }

  void make_part(const std::string& name, const std::string& condition, const std::string& where) {
    const std::vector<char> holds = rows_where(panel_, condition, where);
    Part part{name, where, std::vector<std::vector<std::size_t>>(design_.years.size())};
    std::size_t n = 0;
    for (std::size_t row = 0; row < holds.size(); ++row) {
      if (!holds[row] || !selection_.in[row]) continue;
      const auto year = std::lower_bound(design_.years.begin(), design_.years.end(), panel_.year[row]) - design_.years.begin();
      part.rows[static_cast<std::size_t>(year)].push_back(row);
      ++n;
    }
    if (n == 0)
      throw InputError(where, fmt::format("no rows left: subsample \"{}\" (`{}`) is empty", name, condition),
                       "widen its condition");
    parts_.push_back(std::move(part));
  }

  /// One outcome while its rows are chosen.
  struct Chosen {
    const ResponseSpec* response = nullptr;
    const Column* column = nullptr;
    int part = 0;
    std::string name;
    std::vector<CellRows> cells;  ///< per year
  };

  void choose_rows(const Column& response, const Part& part) {
    Chosen chosen;
    chosen.response = &responses_[static_cast<std::size_t>(&response - response_columns_.data())];
    chosen.column = &response;
    chosen.part = static_cast<int>(&part - parts_.data());
    chosen.name = chosen.part == 0 ? chosen.response->name : fmt::format("{} [{}]", chosen.response->name, part.name);
    for (const std::vector<std::size_t>& candidates : part.rows)
      chosen.cells.push_back(cell_rows(candidates, response, columns_));
    chosen_.push_back(std::move(chosen));
  }

  /// Cells without a response ask nothing of the other columns.
  void check_availability() const {
    for (std::size_t j = 0; j < columns_.controls.size(); ++j)
      for (const Chosen& chosen : chosen_)
        for (std::size_t t = 0; t < chosen.cells.size(); ++t) {
          const CellRows& cell = chosen.cells[t];
          if (cell.n_response == 0 || (cell.coverage[j] >= sample_.min_coverage && cell.coverage[j] > 0)) continue;
          throw InputError(
              control_specs_[j]->where,
              fmt::format("control \"{}\" is there for only {:.1f} % of the {} rows of {} in {}", design_.controls[j],
                          100 * cell.coverage[j], cell.n_candidates, chosen.name, year_list({design_.years[t]}, 0)),
              "a control must be known in every year: remove it, or leave the year out");
        }
    for (std::size_t j = 0; j < columns_.criteria.size(); ++j) check_criterion(j);
  }

  void check_criterion(std::size_t j) const {
    double best = 0;
    for (const Chosen& chosen : chosen_)
      for (const CellRows& cell : chosen.cells) {
        if (cell.n_response == 0) continue;
        if (cell.available[j]) return;
        best = std::max(best, cell.coverage[columns_.controls.size() + j]);
      }
    if (std::all_of(chosen_.begin(), chosen_.end(), [](const Chosen& c) { return most_responses(c) == 0; })) return;
    throw InputError(criterion_specs_[j]->where,
                     fmt::format("criterion \"{}\" is unavailable in every year: known for at most {:.1f} % of a year's rows",
                                 design_.criteria[j], 100 * best),
                     fmt::format("remove it, or set sample.min_coverage (now {}) lower", sample_.min_coverage));
  }

  static int most_responses(const Chosen& chosen) {
    int most = 0;
    for (const CellRows& cell : chosen.cells) most = std::max(most, cell.n_response);
    return most;
  }

  static int most_rows(const Chosen& chosen) {
    std::size_t most = 0;
    for (const CellRows& cell : chosen.cells) most = std::max(most, cell.rows.size());
    return static_cast<int>(most);
  }

  void settle_rows(std::size_t o) {
    Chosen& chosen = chosen_[o];
    refuse_few_rows(chosen, "complete rows", costliest(chosen));
    if (!sample_.balanced) return;
    balance(chosen);
    refuse_few_rows(chosen, "units with complete rows in all years", empty_years(chosen));
  }

  static void refuse_few_rows(const Chosen& chosen, const std::string& what, const std::string& remedy) {
    if (most_rows(chosen) >= kFewestRows) return;
    throw InputError(chosen.response->where,
                     fmt::format("{} rows left: {} has at most {} {} in any year, and {} are needed",
                                 most_rows(chosen) == 0 ? "no" : "too few", chosen.name, most_rows(chosen), what, kFewestRows),
                     remedy);
  }

  static std::string costliest(const Chosen& chosen) {
    const Loss* worst = nullptr;
    for (const CellRows& cell : chosen.cells)
      for (const Loss& loss : cell.losses) {
        const auto cost = [](const Loss& l) { return std::pair(l.rows_lost_alone, l.rows_missing); };
        if (!loss.unavailable && (worst == nullptr || cost(loss) > cost(*worst))) worst = &loss;
      }
    if (worst == nullptr) return "widen the sample";
    return fmt::format("\"{}\" is missing in {} rows of a year: remove it or complete it", worst->column, worst->rows_missing);
  }

  std::string empty_years(const Chosen& chosen) const {
    std::vector<int> years;
    for (std::size_t t = 0; t < chosen.cells.size(); ++t)
      if (complete_before_balance_[t] == 0) years.push_back(design_.years[t]);
    if (years.empty()) return "use sample.panel = \"each_year\", or fewer years";
    return fmt::format("no row is complete in {}: leave that out, or use sample.panel = \"each_year\"", year_list(years, 0));
  }

  /// Keeps the units that have a row in every year.
  void balance(Chosen& chosen) {
    std::vector<std::size_t> n_rows(static_cast<std::size_t>(n_units_), 0);
    complete_before_balance_.clear();
    std::size_t before = 0, after = 0;
    for (const CellRows& cell : chosen.cells) {
      complete_before_balance_.push_back(cell.rows.size());
      before += cell.rows.size();
      for (const std::size_t row : cell.rows) ++n_rows[static_cast<std::size_t>(unit_of_row_[row])];
    }
    for (CellRows& cell : chosen.cells) {
      std::erase_if(cell.rows, [&](std::size_t row) {
        return n_rows[static_cast<std::size_t>(unit_of_row_[row])] != chosen.cells.size();
      });
      after += cell.rows.size();
    }
    if (before != after)
      design_.report.remarks.push_back(
          fmt::format("{}: balancing drops {} of {} complete rows, of units without one in every year", chosen.name,
                      before - after, before));
  }

  // --- frames and cells

  void set_frames() {
    std::vector<std::string> names;
    names.reserve(parts_.size());
    std::vector<std::vector<char>> used(parts_.size(), std::vector<char>(static_cast<std::size_t>(n_units_), 0));
    for (const Part& part : parts_) names.push_back(part.name);
    for (const Chosen& chosen : chosen_)
      for (const CellRows& cell : chosen.cells)
        for (const std::size_t row : cell.rows) used[chosen.part][static_cast<std::size_t>(unit_of_row_[row])] = 1;
    Frames made = make_frames(panel_, sample_, unit_of_row_, selection_.in, names, used);
    design_.frames = std::move(made.frames);
    place_in_frame_ = std::move(made.place);
    design_.report.notes.insert(design_.report.notes.end(), made.notes.begin(), made.notes.end());
  }

  void make_outcome(std::size_t o) {
    const Chosen& chosen = chosen_[o];
    Outcome outcome{chosen.name, chosen.response->name, chosen.response->unit, chosen.part, {}};
    for (std::size_t t = 0; t < chosen.cells.size(); ++t) {
      Cell cell = make_cell(design_.years[t], chosen.cells[t], *chosen.column, columns_);
      for (const std::size_t row : chosen.cells[t].rows)
        cell.unit.push_back(place_in_frame_[chosen.part][static_cast<std::size_t>(unit_of_row_[row])]);
      cell.price_factor = price_factor(*chosen.response, outcome.name, cell);
      outcome.cells.push_back(std::move(cell));
      for (Loss loss : chosen.cells[t].losses) {
        loss.outcome = static_cast<int>(o);
        loss.year = design_.years[t];
        design_.report.losses.push_back(std::move(loss));
      }
    }
    design_.outcomes.push_back(std::move(outcome));
  }

  double price_factor(const ResponseSpec& response, const std::string& outcome, const Cell& cell) const {
    if (response.price == PriceBasis::nominal || cell.n_rows() == 0) return 1;
    if (response.price == PriceBasis::deflated) return index(response, design_.years.back()) / index(response, cell.year);
    double weight = 0, total = 0;
    for (std::size_t i = 0; i < cell.y.size(); ++i) {
      weight += cell.population[i];
      total += cell.population[i] * cell.y[i];
    }
    const double mean = total / weight;
    if (mean == 0 || !std::isfinite(100 / mean))
      throw InputError(
          response.where,
          fmt::format("the mean of {} in {} is {}, so relative prices do not exist", outcome, year_list({cell.year}, 0), mean),
          "set price = \"nominal\"");
    return 100 / mean;
  }

  static double index(const ResponseSpec& response, int year) {
    const auto at =
        std::find_if(response.deflator.begin(), response.deflator.end(), [&](const auto& d) { return d.first == year; });
    if (at == response.deflator.end())
      throw InputError(response.where, fmt::format("the deflator has no year {}", year), "add the year to its file");
    if (!(at->second > 0) || !std::isfinite(at->second))
      throw InputError(response.where, fmt::format("the deflator of {} is {}", year, at->second), "an index is above 0");
    return at->second;
  }

  // --- report

  void report() {
    LossReport& r = design_.report;
    r.rows_in_panel = static_cast<int>(panel_.n_rows());
    r.rows_outside_years = selection_.rows_outside_years;
    r.rows_filtered = selection_.rows_filtered;
    r.rows_split_cities = selection_.rows_split_cities;
    for (int year = sample_.first_year; year != 0 && year <= sample_.last_year; ++year)
      if (!std::binary_search(design_.years.begin(), design_.years.end(), year))
        r.notes.push_back(fmt::format("the data have no rows of {}", year));
    for (const Outcome& outcome : design_.outcomes) note_negative_means(outcome);
    const std::vector<std::string> more = design_notes(design_);
    r.notes.insert(r.notes.end(), more.begin(), more.end());
    if (!sample_.balanced)
      for (std::string& remark : balance_remarks(design_)) r.remarks.push_back(std::move(remark));
  }

  void note_negative_means(const Outcome& outcome) {
    std::vector<int> years;
    for (const Cell& cell : outcome.cells)
      if (cell.price_factor < 0) years.push_back(cell.year);
    if (!years.empty())
      design_.report.notes.push_back(
          fmt::format("{}: the mean is below 0 in {}, so relative prices turn the signs of cross-year figures", outcome.name,
                      year_list(years, outcome.cells.size())));
  }

  const Panel& panel_;
  const SampleSpec& sample_;
  const std::vector<SubsampleSpec>& subsamples_;
  const std::vector<ResponseSpec>& responses_;
  const std::vector<CriterionSpec>& criteria_;

  Design design_;
  CellColumns columns_;
  std::vector<Column> response_columns_;
  std::vector<const CriterionSpec*> control_specs_, criterion_specs_;  ///< in the design's order
  Selection selection_;
  std::vector<int> unit_of_row_;  ///< per panel row
  int n_units_ = 0;
  std::vector<Part> parts_;
  std::vector<Chosen> chosen_;                        ///< per outcome
  std::vector<std::size_t> complete_before_balance_;  ///< per year of the outcome balanced last
  std::vector<std::vector<int>> place_in_frame_;      ///< [frame][unit]; -1: not in it
};

}  // namespace

Design make_design(const Panel& panel, const SampleSpec& sample, const std::vector<SubsampleSpec>& subsamples,
                   const std::vector<ResponseSpec>& responses, const std::vector<CriterionSpec>& criteria) {
  return Builder(panel, sample, subsamples, responses, criteria).build();
}

}  // namespace nokkel::panel
