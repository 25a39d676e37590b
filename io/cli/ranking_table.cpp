#include "io/cli/ranking_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "engine/error.h"
#include "engine/text.h"

namespace nokkel::cli {
namespace {

using results::Reader;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
// Above so many rows it is cheaper to read a variable whole than row by row.
constexpr std::size_t kMostSingleRows = 2000;

/// Mean of the finite or infinite values; NaN when there are only NaN.
double mean_of(const double* first, const double* last, std::ptrdiff_t stride = 1) {
  double sum = 0;
  int n = 0;
  for (; first < last; first += stride)
    if (!std::isnan(*first)) {
      sum += *first;
      ++n;
    }
  return n == 0 ? kNan : sum / n;
}

/// Rows of one variable for some combinations: row(i) are the values of ids[i].
class Rows {
 public:
  Rows(const Reader& reader, Var v, int outcome, const std::vector<std::uint64_t>& ids) {
    if (!reader.has(v)) return;
    const bool whole = ids.size() > kMostSingleRows;
    const std::uint64_t n = whole ? reader.description().extents.n_combinations : 1;
    Values all;
    if (whole) all = reader.read(v, outcome);
    for (const std::uint64_t id : ids) {
      if (!whole) all = reader.read_rows(v, outcome, id, 1);
      append(all, n, whole ? id : 0);
    }
  }

  [[nodiscard]] bool empty() const { return width_ == 0; }
  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] const double* row(std::size_t i) const { return value_.data() + i * width_; }

 private:
  void append(const Values& all, std::uint64_t n, std::uint64_t place) {
    const std::size_t size = all.real.size() + all.int32.size() + all.int8.size();
    width_ = size / static_cast<std::size_t>(n);
    const std::size_t first = static_cast<std::size_t>(place) * width_;
    for (std::size_t j = first; j < first + width_; ++j)
      value_.push_back(!all.real.empty()    ? all.real[j]
                       : !all.int32.empty() ? static_cast<double>(all.int32[j])
                                            : static_cast<double>(all.int8[j]));
  }

  std::size_t width_ = 0;
  std::vector<double> value_;
};

/// The years that a query looks at, as [first, last).
struct YearSpan {
  std::size_t first = 0, last = 0;
};

YearSpan years_of(const Reader& reader, const RankingQuery& query) {
  if (query.year >= 0) return {static_cast<std::size_t>(query.year), static_cast<std::size_t>(query.year) + 1};
  return {0, reader.description().years.size()};
}

/// Mean over the years of one (year, …) row, all further axes averaged too.
double mean_over_years(const Rows& rows, std::size_t i, YearSpan years, std::size_t n_years) {
  if (rows.empty()) return kNan;
  const std::size_t inner = rows.width() / n_years;
  const double* row = rows.row(i);
  return mean_of(row + years.first * inner, row + years.last * inner);
}

/// Years in which the combination is ok and all its criteria are marked.
int years_marked(const Rows& status, const Rows& mark, std::size_t i, YearSpan years, std::size_t size) {
  if (mark.empty()) return 0;
  const std::size_t slots = mark.width() / status.width();
  int n = 0;
  for (std::size_t year = years.first; year < years.last; ++year) {
    const double* first = mark.row(i) + year * slots;
    if (status.row(i)[year] == 0 && std::all_of(first, first + size, [](double m) { return m >= 1; })) ++n;
  }
  return n;
}

int years_ok(const Rows& status, std::size_t i, YearSpan years) {
  const double* row = status.row(i);
  return static_cast<int>(std::count(row + years.first, row + years.last, 0.0));
}

std::vector<std::uint64_t> by_rank(const std::vector<std::int32_t>& rank, std::size_t stride, std::size_t offset, int n) {
  std::vector<std::pair<std::int32_t, std::uint64_t>> found;
  for (std::size_t i = 0; i * stride + offset < rank.size(); ++i)
    if (const std::int32_t r = rank[i * stride + offset]; r >= 1 && r <= n) found.emplace_back(r, i);
  std::sort(found.begin(), found.end());
  std::vector<std::uint64_t> ids;
  for (const auto& [r, id] : found) ids.push_back(id);
  return ids;
}

/// One value a combination: the mean of a variable over all further axes, or over those of one year.
std::vector<double> one_value_each(const Reader& reader, Var v, int outcome, int year) {
  const Values values = reader.read(v, outcome);
  const std::size_t n = reader.description().extents.n_combinations;
  const std::size_t n_years = reader.description().years.size();
  const std::size_t width = values.real.size() / n;
  const bool yearly = info(v).n_axes > 2 && info(v).axes[2] == Axis::year;
  const std::size_t inner = yearly ? width / n_years : width;
  std::vector<double> mean(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double* row = values.real.data() + i * width;
    const bool all = year < 0 || !yearly;
    const double* first = all ? row : row + static_cast<std::size_t>(year) * inner;
    mean[i] = mean_of(first, all ? row + width : first + inner);
  }
  return mean;
}

/// Best first; equal values by smaller id.
std::vector<std::uint64_t> by_value(const std::vector<double>& value, bool smallest_first, int n) {
  std::vector<std::uint64_t> ids;
  for (std::size_t i = 0; i < value.size(); ++i)
    if (!std::isnan(value[i])) ids.push_back(i);
  const auto better = [&](std::uint64_t a, std::uint64_t b) {
    if (value[a] != value[b]) return smallest_first ? value[a] < value[b] : value[a] > value[b];
    return a < b;
  };
  const std::size_t kept = std::min(ids.size(), static_cast<std::size_t>(n));
  std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(kept), ids.end(), better);
  ids.resize(kept);
  return ids;
}

std::vector<std::uint64_t> ordered(const Reader& reader, int outcome, const RankingQuery& query, std::vector<double>* value) {
  if (query.by) {
    *value = one_value_each(reader, *query.by, outcome, query.year);
    return by_value(*value, info(*query.by).direction == "min", query.top);
  }
  if (query.year < 0) return leading(reader, outcome, query.top);
  return by_rank(reader.read(Var::rank_by_year, outcome).int32, reader.description().years.size(),
                 static_cast<std::size_t>(query.year), query.top);
}

std::vector<Column> columns_for(const RankingQuery& query, const std::string& cv_unit) {
  std::vector<Column> columns{{"outcome", "outcome", Kind::text, 0, false}, {"rank", "rank", Kind::number}};
  if (query.by) {
    const std::string name(info(*query.by).name);
    columns.push_back({"by_" + name, name, Kind::general, 5});
  }
  columns.push_back({"score", "score", Kind::fixed, 4});
  columns.push_back({"cv_rmse", cv_unit.empty() ? "cv_rmse" : fmt::format("cv_rmse ({})", cv_unit), Kind::general, 5});
  columns.push_back({"adj_r2", "adj_r2", Kind::fixed, 3});
  columns.push_back({"stability", "stab", Kind::fixed, 2});
  columns.push_back({"years_marked", "marked", Kind::number});
  columns.push_back({"years", "years", Kind::number, 0, false});
  columns.push_back({"top_share", "top_share", Kind::fixed, 2});
  columns.push_back({"combination", "id", Kind::number});
  columns.push_back({"label", "combination", Kind::label});
  return columns;
}

std::string title_of(const Reader& reader, int outcome, const RankingQuery& query) {
  const results::Description& description = reader.description();
  std::string title = description.outcomes[static_cast<std::size_t>(outcome)];
  if (query.year >= 0) title += fmt::format(", {}", description.years[static_cast<std::size_t>(query.year)]);
  if (query.by) title += fmt::format(", by {}", info(*query.by).name);
  const std::size_t n_years = query.year >= 0 ? 1 : description.years.size();
  if (reader.is_kept()) title += fmt::format(", among the {} kept", grouped(description.extents.n_combinations));
  return title +
         fmt::format(": best of {} combinations, {} year{}", grouped(reader.n_universe()), n_years, n_years == 1 ? "" : "s");
}

}  // namespace

Table ranking_table(const Reader& reader, int outcome, const RankingQuery& query) {
  const results::Description& description = reader.description();
  const auto o = static_cast<std::size_t>(outcome);
  const std::size_t n_years = description.years.size();
  const YearSpan years = years_of(reader, query);
  std::vector<double> value;
  const std::vector<std::uint64_t> ids = ordered(reader, outcome, query, &value);
  const auto rows = [&](Var v) { return Rows(reader, v, outcome, ids); };
  const Rows rank = rows(query.year < 0 ? Var::rank : Var::rank_by_year), score = rows(Var::score), cv = rows(Var::cv_rmse),
             adj = rows(Var::adj_r2), stab = rows(Var::sig_share_10), status = rows(Var::status), mark = rows(Var::mark),
             top = rows(Var::top_share);
  Table table{title_of(reader, outcome, query), columns_for(query, description.outcome_unit[o]), {}};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto whole = [](auto n) { return static_cast<std::int64_t>(n); };
    const std::size_t place = query.year < 0 ? 0 : years.first;
    std::vector<Cell> row{description.outcomes[o], whole(rank.row(i)[place])};
    if (query.by) row.emplace_back(value[ids[i]]);
    row.emplace_back(score.row(i)[0]);
    row.emplace_back(mean_over_years(cv, i, years, n_years));
    row.emplace_back(mean_over_years(adj, i, years, n_years));
    row.emplace_back(mean_over_years(stab, i, years, n_years));
    row.emplace_back(whole(years_marked(status, mark, i, years, reader.members(ids[i]).size())));
    row.emplace_back(whole(years_ok(status, i, years)));
    row.emplace_back(top.empty() ? kNan : top.row(i)[0]);
    row.emplace_back(whole(reader.id(ids[i])));
    row.emplace_back(reader.label(ids[i]));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string ranking_caveat(const Reader& reader) {
  return fmt::format(
      "The first of {} combinations tried looks better than it is: these figures are not adjusted for the search, and "
      "no rank proves a cause.",
      grouped(reader.n_universe()));
}

std::vector<int> outcomes_named(const Reader& reader, const std::string& name) {
  const std::vector<std::string>& outcomes = reader.description().outcomes;
  std::vector<int> found;
  for (std::size_t o = 0; o < outcomes.size(); ++o)
    if (name.empty() || outcomes[o] == name) found.push_back(static_cast<int>(o));
  if (!found.empty()) return found;
  const std::string near = closest(name, outcomes);
  throw InputError(
      "--outcome", fmt::format("'{}' is no outcome of this file", name),
      near.empty() ? fmt::format("outcomes: {}", fmt::join(outcomes, ", ")) : fmt::format("did you mean '{}'?", near));
}

Var sortable_variable(const Reader& reader, const std::string& name) {
  std::vector<std::string> known;
  for (const VariableInfo& v : variables()) {
    const bool sortable = !v.direction.empty() && v.in_loop && v.type == VarType::real;
    const bool after = !v.direction.empty() && v.id == Var::top_share;
    if (!(sortable || after) || !reader.has(v.id)) continue;
    if (v.name == name) return v.id;
    known.emplace_back(v.name);
  }
  const std::string near = closest(name, known);
  throw InputError("--by", fmt::format("'{}' is nothing to rank by", name),
                   near.empty() ? fmt::format("one of {}", fmt::join(known, ", ")) : fmt::format("did you mean '{}'?", near));
}

std::vector<std::uint64_t> leading(const Reader& reader, int outcome, int n) {
  return by_rank(reader.read(Var::rank, outcome).int32, 1, 0, n);
}

}  // namespace nokkel::cli
