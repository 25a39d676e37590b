#include "engine/search/after_loop.h"

#include <algorithm>
#include <limits>

#include "engine/ranking/ranking.h"

namespace nokkel::search {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<std::uint64_t> last_ids(const universe::Universe& universe) {
  std::vector<std::uint64_t> out;
  std::uint64_t total = 0;
  for (int size = universe.min_size(); size <= universe.max_size(); ++size) {
    total += universe.count_of_size(size);
    out.push_back(total);
  }
  return out;
}

class AfterLoopSender {
 public:
  AfterLoopSender(const OutcomeContext& context, ResultSink& sink) : c_(context), sink_(sink) {}

  void send(Var id, Values values) { sink_.after({c_.outcome, id, std::move(values)}); }
  void send(Var id, std::vector<double> values) {
    Values v;
    v.real = std::move(values);
    send(id, std::move(v));
  }
  void send(Var id, std::vector<std::int32_t> values) {
    Values v;
    v.int32 = std::move(values);
    send(id, std::move(v));
  }

 private:
  const OutcomeContext& c_;
  ResultSink& sink_;
};

/// Half-samples in which a combination is among the leading `top`, and the rank counts of the selected.
void rank_shares(const TopLists& lists, int top, int n_rank_positions, std::size_t n, const std::vector<std::int32_t>& selected,
                 std::vector<double>* top_share, std::vector<double>* rank_probability) {
  top_share->assign(n, lists.n_lists() > 0 ? 0.0 : kNaN);
  rank_probability->assign(selected.size() * static_cast<std::size_t>(n_rank_positions), lists.n_lists() > 0 ? 0.0 : kNaN);
  std::vector<std::pair<std::int32_t, std::size_t>> place_of;  // selected, by combination number
  for (std::size_t s = 0; s < selected.size(); ++s)
    if (selected[s] >= 0) place_of.emplace_back(selected[s], s);
  std::sort(place_of.begin(), place_of.end());
  const double share = 1.0 / std::max(1, lists.n_lists());
  for (int list = 0; list < lists.n_lists(); ++list) {
    const std::vector<std::uint32_t> ids = lists.ids(list);
    for (std::size_t position = 0; position < ids.size(); ++position) {
      if (position < static_cast<std::size_t>(top)) (*top_share)[ids[position]] += 1;
      const auto at = std::lower_bound(place_of.begin(), place_of.end(),
                                       std::pair{static_cast<std::int32_t>(ids[position]), std::size_t{0}});
      if (at != place_of.end() && at->first == static_cast<std::int32_t>(ids[position]) &&
          position < static_cast<std::size_t>(n_rank_positions))
        (*rank_probability)[at->second * static_cast<std::size_t>(n_rank_positions) + position] += 1;
    }
  }
  for (double& x : *top_share) x *= share;
  for (double& x : *rank_probability) x *= share;
}

}  // namespace

RankInputs::RankInputs(std::uint64_t n_combinations, int n_years)
    : score(n_combinations, kNaN),
      stab(n_combinations),
      score_by_year(static_cast<std::size_t>(n_years), std::vector<double>(n_combinations, kNaN)),
      stab_by_year(static_cast<std::size_t>(n_years), std::vector<float>(n_combinations)) {}

void RankInputs::add(const BlockResult& block) {
  const std::size_t n_years = score_by_year.size();
  std::size_t place = 0;
  for (const auto& range : block.records.ranges)
    for (std::uint64_t id = range.first_id; id < range.first_id + range.count; ++id, ++place) {
      score[id] = block.score[place];
      stab[id] = block.stab[place];
      for (std::size_t year = 0; year < n_years; ++year) {
        score_by_year[year][id] = block.score_by_year[place * n_years + year];
        stab_by_year[year][id] = block.stab_by_year[place * n_years + year];
      }
    }
}

void send_after_loop(const OutcomeContext& context, const RankInputs& inputs, const TopLists& lists, int top,
                     int n_rank_positions, Workspace& workspace, ResultSink& sink) {
  AfterLoopSender to(context, sink);
  const std::vector<std::uint64_t> last_id = last_ids(context.universe);
  const std::size_t n = inputs.score.size(), n_years = inputs.score_by_year.size();
  std::vector<std::int32_t> rank = ranking::rank(inputs.score, inputs.stab, last_id);
  const int n_selected = static_cast<int>(std::min(n, static_cast<std::size_t>(context.statistics.n_selected)));
  std::vector<std::int32_t> selected = ranking::best(rank, n_selected);
  to.send(Var::rank, std::move(rank));
  std::vector<std::int32_t> by_year(n * n_years);
  for (std::size_t year = 0; year < n_years; ++year) {
    const std::vector<std::int32_t> in_year = ranking::rank(inputs.score_by_year[year], inputs.stab_by_year[year], last_id);
    for (std::size_t id = 0; id < n; ++id) by_year[id * n_years + year] = in_year[id];
  }
  to.send(Var::rank_by_year, std::move(by_year));

  std::vector<double> top_share, rank_probability;
  rank_shares(lists, top, n_rank_positions, n, selected, &top_share, &rank_probability);
  to.send(Var::top_share, std::move(top_share));
  to.send(Var::rank_probability, std::move(rank_probability));

  std::vector<std::vector<int>> members;
  std::vector<double> inclusion(context.design.criteria.size(), 0.0);
  for (const std::int32_t id : selected) {
    if (id < 0) break;
    members.push_back(context.universe.unrank(static_cast<std::uint64_t>(id)));
    for (const int m : members.back()) inclusion[static_cast<std::size_t>(m)] += 1;
  }
  for (double& x : inclusion) x = members.empty() ? kNaN : x / static_cast<double>(members.size());
  to.send(Var::inclusion_share, std::move(inclusion));
  std::vector<double> unit_se = unit_errors(context, members, workspace);
  unit_se.resize(selected.size() * n_years, kNaN);
  to.send(Var::cv_rmse_unit_se, std::move(unit_se));
  to.send(Var::selected_combination, std::move(selected));
}

}  // namespace nokkel::search
