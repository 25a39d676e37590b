#include "engine/search/after_loop.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "engine/parallel.h"
#include "engine/ranking/ranking.h"
#include "engine/search/coefficient_quantiles.h"
#include "engine/search/records.h"
#include "engine/search/report_fits.h"
#include "engine/search/selected_ranks.h"

namespace nokkel::search {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
/// A score and its place in the order; then a place, a step of stability, and a rank.
constexpr std::size_t kBytesPerRank = 12;

class AfterLoopSender {
 public:
  AfterLoopSender(const OutcomeContext& context, ResultSink& sink) : c_(context), sink_(sink) {}

  void send(Var id, Values values, int year = -1) { sink_.after({c_.outcome, id, std::move(values), year}); }
  void send(Var id, std::vector<double> values) {
    Values v;
    v.real = std::move(values);
    send(id, std::move(v));
  }
  void send(Var id, std::vector<std::int32_t> values, int year = -1) {
    Values v;
    v.int32 = std::move(values);
    send(id, std::move(v), year);
  }

 private:
  const OutcomeContext& c_;
  ResultSink& sink_;
};

/// What is ranked: all years together (-1), then each year; a few targets at once.
class RankTargets {
 public:
  RankTargets(std::uint64_t n_combinations, int n_years, std::size_t together) : n_years_(n_years) {
    const std::size_t all = static_cast<std::size_t>(n_years) + 1;
    at_once_ = n_combinations * kBytesPerRank * all <= together ? all : 1;
  }
  [[nodiscard]] std::size_t at_once() const { return at_once_; }
  [[nodiscard]] std::vector<std::vector<int>> groups() const {
    std::vector<std::vector<int>> out;
    for (int target = -1; target < n_years_; ++target) {
      if (out.empty() || out.back().size() == at_once_) out.emplace_back();
      out.back().push_back(target);
    }
    return out;
  }

 private:
  int n_years_;
  std::size_t at_once_ = 1;
};

/// Scores and steps of stability by combination, made again from the records that the sink received: the arithmetic of
/// RecordMaker::finish.
class RankInputs {
 public:
  /// last_id: see ranking.h; the last one is the number of combinations.
  RankInputs(const OutcomeContext& context, const std::vector<std::uint64_t>& last_id, ResultSink& sink)
      : c_(context),
        last_id_(last_id),
        n_(last_id.back()),
        sink_(sink),
        n_years_(context.tiles.rows.size()),
        sd_(response_sd(context.tiles)) {
    const std::size_t row = n_years_ * static_cast<std::size_t>(context.universe.max_size()) * sizeof(double);
    rows_ = std::max<std::uint64_t>(1, kReadBytes / row);
  }

  [[nodiscard]] std::vector<std::vector<double>> scores(const std::vector<int>& targets) {
    std::vector<std::vector<double>> out(targets.size(), std::vector<double>(n_, kNaN));
    for (std::uint64_t first = 0; first < n_; first += rows_) {
      const std::uint64_t count = std::min(rows_, n_ - first);
      const Values status = sink_.read(Var::status, c_.outcome, first, count);
      const Values overall = sink_.read(Var::score, c_.outcome, first, count);
      const Values rmse = sink_.read(Var::cv_rmse, c_.outcome, first, count);
      for (std::size_t t = 0; t < targets.size(); ++t) {
        const int year = targets[t];
        for (std::size_t i = 0; i < count; ++i) {
          if (year < 0)
            out[t][first + i] = overall.real[i];
          else if (const std::size_t cell = i * n_years_ + static_cast<std::size_t>(year); is_ok(status.int8[cell]))
            out[t][first + i] = rmse.real[cell] / sd_[static_cast<std::size_t>(year)];
        }
      }
    }
    return out;
  }

  [[nodiscard]] std::vector<std::vector<std::uint8_t>> steps(const std::vector<int>& targets) {
    std::vector<std::vector<std::uint8_t>> out(targets.size(), std::vector<std::uint8_t>(n_));
    int size = c_.universe.min_size();
    for (std::uint64_t first = 0; first < n_; first += rows_) {
      const std::uint64_t count = std::min(rows_, n_ - first);
      const Values status = sink_.read(Var::status, c_.outcome, first, count);
      const Values share = sink_.read(Var::sig_share_10, c_.outcome, first, count);
      for (std::size_t i = 0; i < count; ++i) {
        while (first + i >= last_id_[static_cast<std::size_t>(size - c_.universe.min_size())]) ++size;
        for (std::size_t t = 0; t < targets.size(); ++t)
          out[t][first + i] = ranking::stability_step(targets[t] < 0 ? over_years(status, share, i, size)
                                                                     : in_year(status, share, i, size, targets[t]));
      }
    }
    return out;
  }

 private:
  static constexpr std::uint64_t kReadBytes = std::uint64_t{4} << 20;
  static bool is_ok(std::int8_t status) { return status == static_cast<std::int8_t>(Status::ok); }

  /// Mean share over the criteria of a combination.
  [[nodiscard]] double mean_share(const Values& share, std::size_t cell, int size) const {
    const double* slot = share.real.data() + cell * static_cast<std::size_t>(c_.universe.max_size());
    double sum = 0;
    for (int p = 0; p < size; ++p) sum += slot[p];
    return sum / size;
  }
  [[nodiscard]] float in_year(const Values& status, const Values& share, std::size_t i, int size, int year) const {
    const std::size_t cell = i * n_years_ + static_cast<std::size_t>(year);
    return static_cast<float>(is_ok(status.int8[cell]) ? mean_share(share, cell, size) : kNaN);
  }
  [[nodiscard]] float over_years(const Values& status, const Values& share, std::size_t i, int size) const {
    double sum = 0;
    int n_available = 0;
    for (std::size_t year = 0; year < n_years_; ++year) {
      const std::size_t cell = i * n_years_ + year;
      if (status.int8[cell] == static_cast<std::int8_t>(Status::criterion_unavailable)) continue;
      ++n_available;
      if (is_ok(status.int8[cell])) sum += mean_share(share, cell, size);
    }
    return static_cast<float>(n_available == 0 ? kNaN : sum / n_available);
  }

  const OutcomeContext& c_;
  const std::vector<std::uint64_t>& last_id_;
  std::uint64_t n_, rows_ = 1;
  ResultSink& sink_;
  std::size_t n_years_;
  std::vector<double> sd_;
};

/// Ranks over all years and within each; returns the leading combinations.
std::vector<std::int32_t> send_ranks(const OutcomeContext& context, const ResultRows& rows, int n_selected,
                                     std::size_t together, ResultSink& sink) {
  AfterLoopSender to(context, sink);
  const std::vector<std::uint64_t> last_id = rows.last_of_sizes(context.universe);
  const std::size_t n_years = context.tiles.rows.size();
  RankInputs inputs(context, last_id, sink);
  std::vector<std::int32_t> selected, by_year;
  for (const std::vector<int>& targets : RankTargets(rows.n, static_cast<int>(n_years), together).groups()) {
    std::vector<ranking::ScoreOrder> orders;
    {
      std::vector<std::vector<double>> scores = inputs.scores(targets);
      for (std::vector<double>& score : scores) orders.emplace_back(std::move(score));
    }
    std::vector<std::vector<std::uint8_t>> steps = inputs.steps(targets);
    for (std::size_t t = 0; t < targets.size(); ++t) {
      std::vector<std::int32_t> ranks = std::move(orders[t]).ranks(steps[t], last_id);
      if (targets[t] < 0) {
        selected = ranking::best(ranks, n_selected);
        to.send(Var::rank, std::move(ranks));
      } else if (targets.size() == 1) {
        to.send(Var::rank_by_year, std::move(ranks), targets[t]);
      } else {
        by_year.resize(rows.n * n_years);
        for (std::size_t id = 0; id < rows.n; ++id) by_year[id * n_years + static_cast<std::size_t>(targets[t])] = ranks[id];
      }
    }
  }
  if (!by_year.empty()) to.send(Var::rank_by_year, std::move(by_year));
  return selected;
}

/// Half-samples in which a combination is among the leading `top`, and the rank counts of the selected; both by row.
void rank_shares(const TopLists& lists, int top, int n_rank_positions, const ResultRows& rows,
                 const std::vector<std::int32_t>& selected, std::vector<double>* top_share,
                 std::vector<double>* rank_probability) {
  top_share->assign(rows.n, lists.n_lists() > 0 ? 0.0 : kNaN);
  rank_probability->assign(selected.size() * static_cast<std::size_t>(n_rank_positions), lists.n_lists() > 0 ? 0.0 : kNaN);
  std::vector<std::pair<std::int32_t, std::size_t>> place_of;  // selected, by row
  for (std::size_t s = 0; s < selected.size(); ++s)
    if (selected[s] >= 0) place_of.emplace_back(selected[s], s);
  std::sort(place_of.begin(), place_of.end());
  const double share = 1.0 / std::max(1, lists.n_lists());
  for (int list = 0; list < lists.n_lists(); ++list) {
    const std::vector<std::uint32_t> ids = lists.ids(list);
    for (std::size_t position = 0; position < ids.size(); ++position) {
      const std::uint64_t row = rows.row_of(ids[position]);
      if (row == rows.n) continue;
      if (position < static_cast<std::size_t>(top)) (*top_share)[row] += 1;
      const auto wanted = static_cast<std::int32_t>(row);
      const auto at = std::lower_bound(place_of.begin(), place_of.end(), std::pair{wanted, std::size_t{0}});
      if (at != place_of.end() && at->first == wanted && position < static_cast<std::size_t>(n_rank_positions))
        (*rank_probability)[at->second * static_cast<std::size_t>(n_rank_positions) + position] += 1;
    }
  }
  for (double& x : *top_share) x *= share;
  for (double& x : *rank_probability) x *= share;
}

bool wants_quantiles(const OutcomeContext& context) {
  return context.statistics.quantiles_of != QuantilesOf::none && context.statistics.n_pairs > 0;
}

struct SelectedFigures {
  std::vector<double> unit_se, quantiles;
  SelectedRanks ranks;
  std::vector<std::pair<Var, std::vector<double>>> reports;
};

/// What is made again of the selected: four things that do not know of each other, each with a workspace of its own.
SelectedFigures figures_of(const OutcomeContext& context, const std::vector<std::vector<int>>& members,
                           const std::vector<std::uint32_t>& combinations, std::size_t n_selected, const RankBins& bins,
                           const TopLists& lists, int n_threads) {
  SelectedFigures out;
  const std::array<std::function<void(Workspace&)>, kSelectedTasks> tasks{
      [&](Workspace& w) { out.unit_se = unit_errors(context, members, w); },
      [&](Workspace& w) {
        if (context.statistics.n_half_pairs > 0) out.ranks = selected_ranks(context, members, combinations, bins, lists, w);
      },
      [&](Workspace& w) {
        if (wants_quantiles(context)) out.quantiles = listed_quantiles(context, members, w);
      },
      [&](Workspace&) { out.reports = report_fits(context, members, n_selected); }};
  ordered_parallel_for(
      tasks.size(), std::min(n_threads, kSelectedTasks),
      [&](std::size_t i, int) -> std::shared_ptr<void> {
        Workspace workspace(context.extents, static_cast<int>(context.tiles.rows.size()));
        tasks[i](workspace);
        return std::make_shared<bool>(true);
      },
      [](std::size_t, void*) {});
  return out;
}

}  // namespace

std::uint64_t ResultRows::row_of(std::uint32_t combination) const {
  if (id.empty()) return combination;
  const auto at = std::ranges::lower_bound(id, combination);
  return at != id.end() && *at == combination ? static_cast<std::uint64_t>(at - id.begin()) : n;
}

std::vector<std::uint64_t> ResultRows::last_of_sizes(const universe::Universe& universe) const {
  std::vector<std::uint64_t> out;
  std::uint64_t total = 0;
  for (int size = universe.min_size(); size <= universe.max_size(); ++size) {
    total += universe.count_of_size(size);
    out.push_back(id.empty() ? total : static_cast<std::uint64_t>(std::ranges::lower_bound(id, total) - id.begin()));
  }
  return out;
}

std::size_t rank_bytes(std::uint64_t n_combinations, int n_years, std::size_t together) {
  const RankTargets targets(n_combinations, n_years, together);
  return n_combinations * kBytesPerRank * targets.at_once();
}

void send_after_loop(const OutcomeContext& context, const ResultRows& rows, const TopLists& lists, const RankBins& bins,
                     int top, int n_rank_positions, std::size_t ranks_together, int n_threads, ResultSink& sink) {
  AfterLoopSender to(context, sink);
  const std::size_t n = rows.n, n_years = context.tiles.rows.size();
  const int n_selected = static_cast<int>(std::min(n, static_cast<std::size_t>(context.statistics.n_selected)));
  std::vector<std::int32_t> selected = send_ranks(context, rows, n_selected, ranks_together, sink);

  std::vector<double> top_share, rank_probability;
  rank_shares(lists, top, n_rank_positions, rows, selected, &top_share, &rank_probability);
  to.send(Var::top_share, std::move(top_share));
  to.send(Var::rank_probability, std::move(rank_probability));

  std::vector<std::uint32_t> combinations;  // numbers of the selected
  std::vector<std::vector<int>> members;
  std::vector<double> inclusion(context.design.criteria.size(), 0.0);
  for (const std::int32_t row : selected) {
    if (row < 0) break;
    combinations.push_back(static_cast<std::uint32_t>(rows.id_of(static_cast<std::uint64_t>(row))));
    members.push_back(context.universe.unrank(combinations.back()));
    for (const int m : members.back()) inclusion[static_cast<std::size_t>(m)] += 1;
  }
  for (double& x : inclusion) x = members.empty() ? kNaN : x / static_cast<double>(members.size());
  to.send(Var::inclusion_share, std::move(inclusion));
  SelectedFigures figures = figures_of(context, members, combinations, selected.size(), bins, lists, n_threads);
  const auto send = [&](Var v, std::vector<double>& values, std::size_t n_each) {
    values.resize(selected.size() * n_each, kNaN);
    to.send(v, std::move(values));
  };
  send(Var::cv_rmse_unit_se, figures.unit_se, n_years);
  if (context.statistics.n_half_pairs > 0) {
    send(Var::rank_quantile, figures.ranks.quantile, kRankLevels.size());
    send(Var::rank_quantile_error, figures.ranks.quantile_error, kRankLevels.size());
    send(Var::rank_expected, figures.ranks.expected, 1);
    send(Var::rank_expected_error, figures.ranks.expected_error, 1);
  }
  if (wants_quantiles(context))
    send(Var::coef_quantile, figures.quantiles, n_years * context.design.criteria.size() * context.statistics.quantiles.size());
  for (auto& [id, values] : figures.reports) to.send(id, std::move(values));
  to.send(Var::selected_combination, std::move(selected));
}

}  // namespace nokkel::search
