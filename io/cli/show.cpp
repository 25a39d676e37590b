// A combination is found without its universe: ids go by size, then lexicographically by members, so that a binary search
// over the file's members finds one in about 30 reads.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string_view>

#include "engine/error.h"
#include "io/cli/assemble.h"
#include "io/cli/commands.h"
#include "io/cli/ranking_table.h"

namespace nokkel::cli {
namespace {

using results::Reader;

constexpr const char* kKeepMore = "its score is in score_all; a larger output.keep gives it a row";
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Order of ids: by size, then by members.
bool before(const std::vector<int>& a, const std::vector<int>& b) { return a.size() != b.size() ? a.size() < b.size() : a < b; }

std::uint64_t id_of_members(const Reader& reader, const std::vector<int>& members, const std::string& asked) {
  const std::vector<std::string>& criteria = reader.description().criteria;
  const std::string where = fmt::format("'{}'", asked);
  for (int forced = 0; forced < reader.description().n_forced; ++forced)
    if (std::find(members.begin(), members.end(), forced) == members.end())
      throw InputError(where, fmt::format("lacks the forced criterion {}", criteria[static_cast<std::size_t>(forced)]),
                       "every combination of this file holds it");
  std::uint64_t low = 0, high = reader.description().extents.n_combinations;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (before(reader.members(middle), members))
      low = middle + 1;
    else
      high = middle;
  }
  if (low < reader.description().extents.n_combinations && reader.members(low) == members) return low;
  throw InputError(where, reader.is_kept() ? "not among the kept of this file" : "not in this file's universe",
                   reader.is_kept() ? kKeepMore : "nokkel check STUDY --why says what bars it");
}

std::uint64_t id_of_rank(const Reader& reader, int outcome, std::uint64_t rank) {
  const std::vector<std::uint64_t> ids =
      leading(reader, outcome, static_cast<int>(std::min<std::uint64_t>(rank, 2'000'000'000)));
  if (rank == 0 || ids.size() < rank)
    throw InputError(fmt::format("rank {}", rank), fmt::format("{} combinations are ranked", grouped(ids.size())), "");
  return ids[rank - 1];
}

/// The combination that the user means.
std::uint64_t id_of(const Reader& reader, const std::string& asked, int outcome) {
  constexpr std::string_view kRank = "rank ";
  const std::vector<std::string>& criteria = reader.description().criteria;
  if (std::find(criteria.begin(), criteria.end(), asked) == criteria.end()) {  // a criterion may be called "best" or "17"
    if (asked == "best") return id_of_rank(reader, outcome, 1);
    if (asked.starts_with(kRank))
      if (const auto n = whole_number(std::string_view(asked).substr(kRank.size()))) return id_of_rank(reader, outcome, *n);
    if (const auto id = whole_number(asked)) {
      if (const auto row = reader.row(*id)) return *row;
      if (*id < reader.n_universe()) throw InputError(asked, "is not among the kept of this file", kKeepMore);
      throw InputError(asked, "no combination of this file", fmt::format("numbers are 0 to {}", reader.n_universe() - 1));
    }
  }
  return id_of_members(reader, members_of(asked, criteria, fmt::format("'{}'", asked)), asked);
}

/// Everything about one combination for one outcome, by (year, slot).
class Record {
 public:
  Record(const Reader& reader, std::uint64_t id, int outcome)
      : reader_(reader), outcome_(outcome), members_(reader.members(id)), place_(place_among_selected(reader, id, outcome)) {
    for (const VariableInfo& v : variables())
      if (v.in_loop && reader.has(v.id)) value_[static_cast<std::size_t>(v.id)] = reader.read_rows(v.id, outcome, id, 1);
    for (const Var v : {Var::rank, Var::top_share})
      if (reader.has(v)) value_[static_cast<std::size_t>(v)] = reader.read_rows(v, outcome, id, 1);
    for (const Var v : {Var::rank_quantile, Var::rank_quantile_error, Var::rank_expected, Var::rank_expected_error})
      if (reader.has(v)) value_[static_cast<std::size_t>(v)] = reader.read(v, outcome);
    if (place_ >= 0 && reader.has(Var::coef_quantile)) quantiles_ = reader.read(Var::coef_quantile, outcome).real;
    if (place_ >= 0 && reader.has(Var::report_coef)) read_report(static_cast<std::size_t>(place_));
  }

  /// Whether the combination is among the selected: its estimates are then those of the report path.
  [[nodiscard]] bool reported() const { return place_ >= 0 && reader_.has(Var::report_coef); }

  [[nodiscard]] std::size_t n_years() const { return reader_.description().years.size(); }
  [[nodiscard]] std::size_t n_controls() const { return reader_.description().controls.size(); }
  [[nodiscard]] const std::vector<int>& members() const { return members_; }
  [[nodiscard]] int year(std::size_t y) const { return reader_.description().years[y]; }
  [[nodiscard]] const std::string& outcome_name() const {
    return reader_.description().outcomes[static_cast<std::size_t>(outcome_)];
  }
  [[nodiscard]] const std::string& criterion(std::size_t slot) const {
    return reader_.description().criteria[static_cast<std::size_t>(members_[slot])];
  }
  [[nodiscard]] const std::string& control(std::size_t t) const { return reader_.description().controls[t]; }

  /// Reals; NaN where the file lacks the variable.
  [[nodiscard]] double real(Var v, std::size_t place = 0) const {
    const std::vector<double>& values = value_[static_cast<std::size_t>(v)].real;
    return place < values.size() ? values[place] : kNan;
  }
  [[nodiscard]] double at(Var v, std::size_t y, std::size_t slot) const { return real(v, y * slots() + slot); }
  [[nodiscard]] int whole(Var v, std::size_t place = 0) const {
    const Values& values = value_[static_cast<std::size_t>(v)];
    if (place < values.int32.size()) return values.int32[place];
    return place < values.int8.size() ? values.int8[place] : -1;
  }
  [[nodiscard]] int mark(Var v, std::size_t y, std::size_t slot) const { return whole(v, y * slots() + slot); }
  [[nodiscard]] std::string status(std::size_t y) const;

  /// Place among the combinations kept in detail, or -1.
  [[nodiscard]] int place() const { return place_; }
  [[nodiscard]] bool has_quantiles() const {
    return !quantiles_.empty() || !value_[static_cast<std::size_t>(Var::coef_quantile_all)].real.empty();
  }
  [[nodiscard]] bool file_has_half_ranks() const { return reader_.has(Var::rank_quantile); }
  /// A figure of the ranks over half-samples, which stands by place and level; NaN when this combination is not selected.
  [[nodiscard]] double half_rank(Var v, std::size_t level, std::size_t n_levels) const {
    const std::vector<double>& values = value_[static_cast<std::size_t>(v)].real;
    return place_ < 0 || values.empty() ? kNan : values[static_cast<std::size_t>(place_) * n_levels + level];
  }
  /// The outermost levels of the file's quantiles: a percentile interval. Empty when it has none.
  [[nodiscard]] std::vector<std::size_t> interval() const {
    if (!reader_.has(Var::coef_quantile) && !reader_.has(Var::coef_quantile_all)) return {};
    const std::size_t n = levels().size();
    return n == 1 ? std::vector<std::size_t>{0} : std::vector<std::size_t>{0, n - 1};
  }
  [[nodiscard]] const std::vector<double>& levels() const { return reader_.description().quantiles; }
  /// Quantile of a coefficient; NaN where the file has none of this combination.
  [[nodiscard]] double quantile(std::size_t y, std::size_t slot, std::size_t level) const {
    const std::size_t n_levels = levels().size(), n_criteria = reader_.description().criteria.size();
    if (!value_[static_cast<std::size_t>(Var::coef_quantile_all)].real.empty())
      return real(Var::coef_quantile_all, (y * slots() + slot) * n_levels + level);
    if (quantiles_.empty()) return kNan;
    const std::size_t row = static_cast<std::size_t>(place_) * n_years() + y;
    return quantiles_[(row * n_criteria + static_cast<std::size_t>(members_[slot])) * n_levels + level];
  }

 private:
  static int place_among_selected(const Reader& reader, std::uint64_t id, int outcome) {
    if (!reader.has(Var::selected_combination)) return -1;
    const std::vector<std::int32_t> selected = reader.read(Var::selected_combination, outcome).int32;
    const auto at = std::find(selected.begin(), selected.end(), static_cast<std::int32_t>(id));
    return at == selected.end() ? -1 : static_cast<int>(at - selected.begin());
  }
  [[nodiscard]] std::size_t slots() const { return static_cast<std::size_t>(reader_.description().extents.n_slots); }
  void read_report(std::size_t place);
  [[nodiscard]] std::vector<double> report_row(Var v, std::size_t place, std::size_t row) const;

  const Reader& reader_;
  int outcome_;
  std::vector<int> members_;
  int place_;
  std::array<Values, kVarCount> value_;
  std::vector<double> quantiles_;  // of all selected
};

/// The row of a variable of the selected; row: values of one (selected, year).
std::vector<double> Record::report_row(Var v, std::size_t place, std::size_t row) const {
  const std::vector<double> all = reader_.read(v, outcome_).real;
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(place * n_years() * row);
  return {first, first + static_cast<std::ptrdiff_t>(n_years() * row)};
}

void Record::read_report(std::size_t place) {
  const auto value = [&](Var v) -> std::vector<double>& { return value_[static_cast<std::size_t>(v)].real; };
  const std::size_t n_criteria = reader_.description().criteria.size();
  for (const auto& [screen, report] : {std::pair{Var::coef, Var::report_coef}, std::pair{Var::coef_se, Var::report_coef_se}}) {
    const std::vector<double> row = report_row(report, place, n_criteria);
    for (std::size_t y = 0; y < n_years(); ++y)
      for (std::size_t slot = 0; slot < members_.size(); ++slot)
        value(screen)[y * slots() + slot] = row[y * n_criteria + static_cast<std::size_t>(members_[slot])];
  }
  if (n_controls() > 0) {
    value(Var::control_coef) = report_row(Var::report_control_coef, place, n_controls());
    value(Var::control_se) = report_row(Var::report_control_se, place, n_controls());
  }
  value(Var::intercept) = report_row(Var::report_intercept, place, 1);
  value(Var::r2) = report_row(Var::report_r2, place, 1);
  value(Var::adj_r2) = report_row(Var::report_adj_r2, place, 1);
  for (const Var v : {Var::report_intercept_se, Var::condition_number, Var::belsley_index}) value(v) = report_row(v, place, 1);
}

std::string Record::status(std::size_t y) const {
  // Names in code order from -1, blank-separated.
  std::string_view names = kStatusMeanings;
  for (int code = -1; code < whole(Var::status, y); ++code) {
    const std::size_t blank = names.find(' ');
    if (blank == std::string_view::npos) return "unknown";
    names.remove_prefix(blank + 1);
  }
  return std::string(names.substr(0, names.find(' ')));
}

std::string_view mark_text(int mark) { return mark == 2 ? "xx" : mark == 1 ? "x" : ""; }

/// "xx/x": by bootstrap and by classical standard error; empty when neither is marked.
std::string mark_pair(int robust, int classical) {
  const bool any = robust >= 1 || classical >= 1;
  return any ? fmt::format("{}/{}", mark_text(robust), mark_text(classical)) : std::string();
}

/// Ranks over half-samples too, where the file has them; at the terminal where it has this combination's.
std::vector<Column> header_columns(const std::vector<Record>& records) {
  std::vector<Column> columns{{"outcome", "outcome"},
                              {"rank", "rank", Kind::number},
                              {"score", "score", Kind::fixed, 4},
                              {"top_share", "top_share", Kind::fixed, 2}};
  if (!records.front().file_has_half_ranks()) return columns;
  const bool in_text = std::any_of(records.begin(), records.end(), [](const Record& r) { return r.place() >= 0; });
  columns.push_back({"rank_expected", "mean rank", Kind::fixed, 1, in_text});
  for (const double level : kRankLevels)
    columns.push_back({fmt::format("rank_quantile_{}", level), fmt::format("{:.6g} %", 100 * level), Kind::fixed, 1, in_text});
  columns.push_back({"rank_quantile_error", "± most", Kind::fixed, 1, in_text});
  return columns;
}

std::vector<Cell> header_row(const Record& record) {
  std::vector<Cell> row{record.outcome_name(), static_cast<std::int64_t>(record.whole(Var::rank)), record.real(Var::score),
                        record.real(Var::top_share)};
  if (!record.file_has_half_ranks()) return row;
  row.emplace_back(record.half_rank(Var::rank_expected, 0, 1));
  double most = record.half_rank(Var::rank_expected_error, 0, 1);
  for (std::size_t level = 0; level < kRankLevels.size(); ++level) {
    row.emplace_back(record.half_rank(Var::rank_quantile, level, kRankLevels.size()));
    most = std::max(most, record.half_rank(Var::rank_quantile_error, level, kRankLevels.size()));
  }
  row.emplace_back(most);
  return row;
}

std::vector<Column> year_columns() {
  return {{"year", "year", Kind::number},
          {"n_obs", "n_obs", Kind::number},
          {"status", "status"},
          {"r2", "r2", Kind::fixed, 3},
          {"adj_r2", "adj_r2", Kind::fixed, 3},
          {"cv_rmse", "cv_rmse", Kind::general, 5},
          {"cv_rmse_se", "± se", Kind::general, 2},
          {"aic", "aic", Kind::fixed, 1},
          {"bic", "bic", Kind::fixed, 1},
          {"vif_max", "vif_max", Kind::general, 3},
          {"condition_number", "cond", Kind::general, 3},
          {"belsley_index", "belsley", Kind::general, 3}};
}

std::vector<Cell> year_row(const Record& record, std::size_t y) {
  std::vector<Cell> row{static_cast<std::int64_t>(record.year(y)), static_cast<std::int64_t>(record.whole(Var::n_obs, y)),
                        record.status(y)};
  for (const Var v : {Var::r2, Var::adj_r2, Var::cv_rmse, Var::cv_rmse_se, Var::aic, Var::bic, Var::vif_max,
                      Var::condition_number, Var::belsley_index})
    row.emplace_back(record.real(v, y));
  return row;
}

std::vector<Column> fit_columns() {
  return {{"term", "criterion"},
          {"year", "year", Kind::number},
          {"coef", "coef", Kind::general, 5},
          {"coef_se", "se", Kind::general, 3},
          {"coef_boot_se", "boot se", Kind::general, 3},
          {"marks", "marks", Kind::mark},
          {"sig_share_10", "sig_share_10", Kind::fixed, 2},
          {"sign_share", "sign_share", Kind::fixed, 2}};
}

/// The ends of the percentile interval too, where the file has quantiles; at the terminal where it has this combination's.
std::vector<Column> term_columns(const Record& record) {
  std::vector<Column> columns = fit_columns();
  for (const std::size_t level : record.interval()) {
    const double p = record.levels()[level];
    columns.push_back({fmt::format("coef_quantile_{}", p), fmt::format("{:.6g} %", 100 * p), Kind::general, 5});
    columns.back().in_text = record.has_quantiles();
  }
  return columns;
}

/// The terms of one year: intercept, controls, criteria.
std::vector<std::vector<Cell>> term_rows(const Record& record, std::size_t y) {
  const auto year = static_cast<std::int64_t>(record.year(y));
  const Cell none;
  std::vector<std::vector<Cell>> rows{
      {"(intercept)", year, record.real(Var::intercept, y), record.real(Var::report_intercept_se, y), none, none, none, none}};
  for (std::size_t t = 0; t < record.n_controls(); ++t) {
    const std::size_t place = y * record.n_controls() + t;
    rows.push_back({record.control(t), year, record.real(Var::control_coef, place), record.real(Var::control_se, place), none,
                    none, none, none});
  }
  for (std::size_t slot = 0; slot < record.members().size(); ++slot)
    rows.push_back({record.criterion(slot), year, record.at(Var::coef, y, slot), record.at(Var::coef_se, y, slot),
                    record.at(Var::coef_boot_se, y, slot),
                    mark_pair(record.mark(Var::mark, y, slot), record.mark(Var::mark_classical, y, slot)),
                    record.at(Var::sig_share_10, y, slot), record.at(Var::sign_share, y, slot)});
  const std::size_t first_slot = rows.size() - record.members().size();
  for (const std::size_t level : record.interval())
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i < first_slot)
        rows[i].emplace_back();
      else
        rows[i].emplace_back(record.quantile(y, i - first_slot, level));
    }
  return rows;
}

std::vector<Column> change_columns() {
  return {{"coef_year_sd", "sd over years", Kind::general, 3},
          {"coef_year_tau", "sd less noise", Kind::general, 3},
          {"coef_trend", "trend a year", Kind::general, 3},
          {"coef_trend_se", "± se", Kind::general, 3},
          {"sign_consistency", "sign_consistency", Kind::fixed, 2}};
}

std::vector<Cell> change_row(const Record& record, std::size_t slot) {
  std::vector<Cell> row;
  for (const Var v : {Var::coef_year_sd, Var::coef_year_tau, Var::coef_trend, Var::coef_trend_se, Var::sign_consistency})
    row.emplace_back(record.real(v, slot));
  return row;
}

/// What happens to the coefficients over years, on the price basis of the response.
Table change_table(const Record& record) {
  Table table{"", {{"term", "criterion"}}, {}};
  for (const Column& column : change_columns()) table.columns.push_back(column);
  for (std::size_t slot = 0; slot < record.members().size(); ++slot) {
    table.rows.push_back({record.criterion(slot)});
    for (const Cell& cell : change_row(record, slot)) table.rows.back().push_back(cell);
  }
  return table;
}

/// All terms, a term's years together.
Table term_table(const Record& record) {
  Table table{"", term_columns(record), {}};
  std::vector<std::vector<std::vector<Cell>>> by_year;
  for (std::size_t y = 0; y < record.n_years(); ++y) by_year.push_back(term_rows(record, y));
  for (std::size_t term = 0; term < by_year.front().size(); ++term)
    for (const auto& rows : by_year) table.rows.push_back(rows[term]);
  return table;
}

Table year_table(const Record& record) {
  Table table{"", year_columns(), {}};
  for (std::size_t y = 0; y < record.n_years(); ++y) table.rows.push_back(year_row(record, y));
  return table;
}

std::string level_notes(const Record& record) {
  std::string text;
  if (record.file_has_half_ranks() && record.place() >= 0)
    text += "Mean rank and per cent: ranks by GCV over half-samples, known to within ± most. ";
  if (record.has_quantiles()) text += "Per cent beside coef: percentile interval over pairs replicates. ";
  return text;
}

/// Years whose design is flagged (METHODS 1.3), one sentence a figure.
std::string collinearity(const Record& record) {
  constexpr double kFlagged = 30;
  std::string text;
  for (const auto& [v, name] :
       {std::pair{Var::condition_number, "condition number"}, std::pair{Var::belsley_index, "Belsley's index"}}) {
    std::string years;
    for (std::size_t y = 0; y < record.n_years(); ++y)
      if (record.real(v, y) > kFlagged) years += fmt::format("{}{}", years.empty() ? "" : ", ", record.year(y));
    if (!years.empty()) text += fmt::format("{} above {}: {}.\n", name, kFlagged, years);
  }
  return text;
}

void print_text(const Reader& reader, std::uint64_t id, const std::vector<Record>& records) {
  print(fmt::format("{}   (combination {})\n\n", reader.label(id), reader.id(id)));
  Table header{"", header_columns(records), {}};
  for (const Record& record : records) header.rows.push_back(header_row(record));
  print("show", header, Format::text);
  for (const Record& record : records) {
    print(fmt::format("\n{}\n", record.outcome_name()));
    print("show", year_table(record), Format::text);
    print(collinearity(record) + "\n");
    print("show", term_table(record), Format::text);
    if (record.n_years() < 2) continue;
    print("\n");
    print("show", change_table(record), Format::text);
  }
  if (std::any_of(records.begin(), records.end(), [](const Record& r) { return r.reported(); }))
    print("\nselected: coef, se, r2 and adj_r2 are those of the report path, in double-double on raw rows.");
  if (records.front().n_years() > 1)
    print(
        "\nsd less noise: what is left of it when sampling noise is taken out; both and the trend are of 100 coef / mean(y), "
        "or as price says.");
  print("\nmarks: bootstrap / classical standard error, xx p < 0.05, x p < 0.10. " + level_notes(records.front()) +
        ranking_caveat(reader) + "\n");
}

/// One row an outcome, year and term: the columns of the three tables side by side.
Table whole_table(const Reader& reader, std::uint64_t id, const std::vector<Record>& records) {
  Table table;
  table.columns = {{"combination", "id", Kind::number}, {"label", "combination"}};
  const auto append = [&](const std::vector<Column>& columns) {
    table.columns.insert(table.columns.end(), columns.begin(), columns.end());
  };
  append(header_columns(records));
  append(year_columns());
  std::vector<Column> terms = term_columns(records.front());
  terms.erase(terms.begin() + 1);  // the year is there already
  append(terms);
  append(change_columns());
  for (const Record& record : records)
    for (std::size_t y = 0; y < record.n_years(); ++y) {
      std::vector<std::vector<Cell>> all = term_rows(record, y);
      const std::size_t first_slot = all.size() - record.members().size();
      for (std::size_t i = 0; i < all.size(); ++i) {
        std::vector<Cell>& term = all[i];
        std::vector<Cell> row{static_cast<std::int64_t>(reader.id(id)), reader.label(id)};
        for (const auto& part : {header_row(record), year_row(record, y)}) row.insert(row.end(), part.begin(), part.end());
        term.erase(term.begin() + 1);
        row.insert(row.end(), term.begin(), term.end());
        const std::vector<Cell> change =
            i < first_slot ? std::vector<Cell>(change_columns().size()) : change_row(record, i - first_slot);
        row.insert(row.end(), change.begin(), change.end());
        table.rows.push_back(std::move(row));
      }
    }
  return table;
}

}  // namespace

int show(const ShowOptions& options) {
  const Reader reader(options.file);
  const std::vector<int> outcomes = outcomes_named(reader, options.outcome);
  const std::uint64_t id = id_of(reader, options.combination, outcomes.front());
  std::vector<Record> records;
  records.reserve(outcomes.size());
  for (const int outcome : outcomes) records.emplace_back(reader, id, outcome);
  if (options.format == Format::text)
    print_text(reader, id, records);
  else
    print("show", whole_table(reader, id, records), options.format);
  return kOk;
}

}  // namespace nokkel::cli
