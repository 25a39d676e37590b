#include "engine/search/block_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/search/half_marks.h"
#include "engine/search/pair_sums.h"
#include "engine/search/rank_bins.h"
#include "engine/search/records.h"
#include "engine/search/row_repair.h"

namespace nokkel::search {
namespace {

/// The stages of one block. A status other than ok, once set from the full sample, keeps a cell out of all later ones.
class BlockSearch {
 public:
  BlockSearch(const OutcomeContext& context, const BlockWork& work, Pass pass, Workspace& workspace, TopLists& lists,
              RankBins* bins)
      : c_(context),
        work_(work),
        pass_(pass),
        ws_(workspace),
        lists_(lists),
        bins_(bins),
        plan_(work.plan),
        n_years_(static_cast<int>(context.tiles.rows.size())),
        n_controls_(static_cast<int>(context.design.controls.size())),
        shape_{plan_.n_places, n_years_, n_controls_ + context.universe.max_size()},
        years_(year_facts(context)),
        repair_(context.tiles, context.provider),
        full_(shape_, context.tiles, context.kernels, pass != Pass::scores),
        status_(shape_.n_cells(), static_cast<std::int8_t>(Status::ok)) {}

  BlockResult run() {
    walk(c_.tiles.full, plan_, n_controls_, Wanted::v, c_.kernels, repair_, full_, ws_);
    set_status();
    repair_.skip_unless_zero(&status_);
    BlockResult result = pass_ == Pass::scores ? scores() : records();
    result.lanes_repaired = repair_.n_repaired;
    result.lanes_not_estimable = repair_.n_not_estimable;
    return result;
  }

 private:
  BlockResult records() {
    RecordMaker maker(c_, plan_, shape_, full_, status_);
    pairs(maker);
    quantiles(maker);
    halves(maker.se2(), [&](const HalfMarks& marks) { maker.halves(marks); });
    folds([&](int year, const HeldOut& held_out, const std::vector<double>& rows) { maker.folds(year, held_out, rows); });
    return maker.finish(work_.rows);
  }

  BlockResult scores() {
    halves({}, [](const HalfMarks&) {});
    ScoreMaker maker(c_, shape_, status_);
    folds([&](int year, const HeldOut& held_out, const std::vector<double>& rows) { maker.folds(year, held_out, rows); });
    return maker.finish(work_.rows);
  }

  [[nodiscard]] double sst(int year) const { return c_.tiles.full.root.sst[year]; }

  void set_status() {
    for (int place = 0; place < shape_.n_places; ++place)
      for (int year = 0; year < n_years_; ++year)
        status_[shape_.cell(place, year)] = static_cast<std::int8_t>(status_of(place, year));
  }

  [[nodiscard]] Status status_of(int place, int year) const {
    const CellRows& rows = c_.tiles.rows[static_cast<std::size_t>(year)];
    const kernels::Root& root = c_.tiles.full.root;
    const int size = plan_.size_of_place[static_cast<std::size_t>(place)];
    bool available = true, constant = root.y_constant.has(year);
    const auto look = [&](int column) {
      available = available && rows.available[static_cast<std::size_t>(column)] != 0;
      constant = constant || c_.tiles.full.column_dead[static_cast<std::size_t>(column)].has(year);
    };
    for (int i = 0; i < c_.extents.n_swept; ++i) look(i);
    const int* free = plan_.members.data() + static_cast<std::size_t>(place) * plan_.max_free;
    for (int i = 0; i < size - c_.universe.n_forced(); ++i) look(c_.extents.n_swept + free[i]);
    if (!available) return Status::criterion_unavailable;
    if (rows.n_rows - (size + n_controls_ + 1) < 1) return Status::too_few_rows;
    if (constant) return Status::zero_variance;
    const std::size_t cell = shape_.cell(place, year);
    if (full_.fitted[cell] == 0) return Status::rank_deficient;
    return full_.sse[cell] <= 1e-12 * sst(year) ? Status::perfect_fit : Status::ok;
  }

  void pairs(RecordMaker& maker) {
    if (c_.statistics.n_pairs == 0) return;
    PairSums sums(full_, status_, years_, c_.kernels);
    over_years(c_.tiles.pairs, Wanted::b, sums);
    maker.pairs(sums);
  }

  /// Quantiles of every combination, where asked for: the walk once more, in pieces whose rows stay in the cache.
  void quantiles(RecordMaker& maker) {
    if (c_.statistics.n_pairs == 0 || c_.statistics.quantiles_of != QuantilesOf::all) return;
    CoefficientQuantiles quantiles(c_);
    StatusTable status;  // of the piece: what is withheld needs no repair
    RowRepair repair(c_.tiles, c_.provider);
    repair.skip_unless_zero(&status);
    for (const PlanPiece& piece : cut_plan(plan_, quantiles.n_places())) {
      status.clear();
      for (const int place : piece.place)
        for (int year = 0; year < n_years_; ++year) status.push_back(maker.status_now()[shape_.cell(place, year)]);
      for (int year = 0; year < n_years_; ++year) {
        quantiles.walk_year(piece.plan, year, repair, ws_);
        maker.quantiles(year, piece, quantiles);
      }
    }
  }

  /// se2: squared pairs SE; empty: no marks.
  template <class Take>
  void halves(const std::vector<double>& se2, Take&& take) {
    if (c_.statistics.n_half_pairs == 0) return;
    HalfMarks marks(shape_, se2, status_, years_, c_.tiles.critical, work_.id, pass_ == Pass::rows ? nullptr : &lists_,
                    c_.kernels);
    marks.tell(pass_ == Pass::rows ? nullptr : bins_);
    over_years(c_.tiles.halves, se2.empty() ? Wanted::sse : Wanted::b, marks);
    take(marks);
  }

  /// Walks all tiles of a stream, those of the years side by side.
  template <class Sink>
  void over_years(const std::vector<std::vector<Tile>>& stream, Wanted wanted, Sink& sink) {
    for (std::size_t i = 0;; ++i) {
      const std::vector<const Tile*> tiles = OutcomeTiles::side_by_side(stream, i);
      if (tiles.empty()) return;
      sink.start(tiles);
      walk(tiles, plan_, n_controls_, wanted, c_.kernels, repair_, sink, ws_);
    }
  }

  template <class Take>
  void folds(Take&& take) {
    const int n_repeats = c_.statistics.n_repeats;
    HeldOut held_out(shape_, status_, n_repeats, c_.kernels);
    for (int year = 0; year < n_years_; ++year) {
      const auto& tiles = c_.tiles.folds[static_cast<std::size_t>(year)];
      if (tiles.empty()) continue;
      held_out.start_year(year);
      std::vector<double> rows_of_repeat(static_cast<std::size_t>(n_repeats), 0.0);
      for (const Tile& tile : tiles)
        for (int r = 0; r < tile.n_live; ++r)
          rows_of_repeat[static_cast<std::size_t>(tile.first_repeat + r % tile.n_repeats)] += tile.n_test[r];
      for (const auto& group : Workspace::groups(tiles))
        walk(group, plan_, n_controls_, Wanted::b, c_.kernels, repair_, held_out, ws_);
      take(year, held_out, rows_of_repeat);
    }
  }

  const OutcomeContext& c_;
  const BlockWork& work_;
  Pass pass_;
  Workspace& ws_;
  TopLists& lists_;
  RankBins* bins_;
  const BlockPlan& plan_;
  int n_years_, n_controls_;
  BlockShape shape_;
  std::vector<YearFacts> years_;
  RowRepair repair_;
  FullFits full_;
  StatusTable status_;
};

}  // namespace

std::vector<YearFacts> year_facts(const OutcomeContext& context) {
  std::vector<YearFacts> out;
  const auto& cells = context.design.outcomes[static_cast<std::size_t>(context.outcome)].cells;
  for (std::size_t year = 0; year < context.tiles.rows.size(); ++year)
    out.push_back({context.design.years[year], cells[year].price_factor, static_cast<double>(context.tiles.rows[year].n_rows),
                   context.tiles.full.root.sst[year]});
  return out;
}

BlockResult search_block(const OutcomeContext& context, const BlockWork& work, Pass pass, Workspace& workspace, TopLists& lists,
                         RankBins* bins) {
  return BlockSearch(context, work, pass, workspace, lists, bins).run();
}

}  // namespace nokkel::search
