#include "engine/search/walk.h"

#include <algorithm>

#include "engine/assert.h"

namespace nokkel::search {

using kernels::kTileLanes;
using kernels::kYearTileLanes;
using kernels::LaneMask;

namespace {

constexpr double kLargestVif = 1e5, kPerfect = 1e-12;

/// Memory of the walk on one tile.
struct Path {
  std::vector<kernels::Node> nodes;  // by depth, from 1; 0 is the tile's root
  kernels::Node head;
  kernels::Rows rows;
  double* pivot = nullptr;
  double* root_det = nullptr;  // 1, for roots that have none
  double* perfect = nullptr;   // the SSE at and below which a fit is looked at again
};

Path carve(const TileExtents& extents, int n_lanes, Carver* carver) {
  Path path;
  const kernels::RootShape shape = extents.shape(n_lanes);
  const std::size_t lanes = static_cast<std::size_t>(n_lanes), members = static_cast<std::size_t>(shape.node.max_members);
  path.nodes.assign(static_cast<std::size_t>(std::max(extents.max_free, 1)), {});
  for (std::size_t d = 1; d < path.nodes.size(); ++d) {
    kernels::Node& n = path.nodes[d];
    n.a = carver->take(static_cast<std::size_t>(shape.node.n_entries()) * lanes);
    n.d = carver->take(static_cast<std::size_t>(shape.node.n_free) * members * lanes);
    n.b = carver->take(members * lanes);
    n.v = carver->take(members * lanes);
    n.det = carver->take(lanes);
    n.sse = carver->take(lanes);
  }
  path.head.a = carver->take(lanes);
  path.head.b = carver->take(members * lanes);
  path.head.v = carver->take(members * lanes);
  path.head.det = carver->take(lanes);
  path.head.sse = carver->take(lanes);
  path.rows.b = carver->take(members * lanes);
  path.rows.v = carver->take(members * lanes);
  path.rows.sse = carver->take(lanes);
  path.pivot = carver->take(lanes);
  path.root_det = carver->take(lanes);
  path.perfect = carver->take(lanes);
  return path;
}

/// The walk on one tile: its nodes, and which lanes of them are dead or suspect.
class TileWalk {
 public:
  TileWalk(const Tile& tile, Path path, int depths, Wanted wanted, const kernels::Kernels& kernels, Repair& repair)
      : tile_(tile),
        shape_(tile.shape.node),
        kernels_(kernels),
        repair_(repair),
        wanted_(wanted),
        n_swept_(tile.shape.n_swept),
        lanes_(tile.shape.node.n_lanes),
        all_(LaneMask::first(lanes_)),
        path_(std::move(path)),
        dead_(static_cast<std::size_t>(depths) + 1),
        suspect_(static_cast<std::size_t>(depths) + 1),
        found_(static_cast<std::size_t>(depths) + 1),
        found_under_(static_cast<std::size_t>(depths) + 1, -1) {
    double* const no_v = path_.nodes.size() > 1 ? path_.nodes[1].v : path_.head.v;
    path_.nodes[0] = tile.root.node;
    if (path_.nodes[0].v == nullptr) {
      NOKKEL_ASSERT(wanted != Wanted::v || n_swept_ == 0);
      path_.nodes[0].v = no_v;  // nothing is read of it: no column is swept first
      path_.nodes[0].det = path_.root_det;
      std::fill_n(path_.root_det, lanes_, 1.0);
    }
    for (int r = 0; r < lanes_; ++r) path_.perfect[r] = kPerfect * tile.root.sst[r];
    for (std::size_t d = 0; d < path_.nodes.size(); ++d) {
      if (d > 0) path_.nodes[d].n_members = n_swept_ + static_cast<int>(d);
      keep_wanted(&path_.nodes[d].b, &path_.nodes[d].v);
    }
    keep_wanted(&path_.head.b, &path_.head.v);
    keep_wanted(&path_.rows.b, &path_.rows.v);
    path_.rows.n_lanes = lanes_;
    dead_[0] = tile.root.dead;
    suspect_[0] = tile.root.suspect;
    too_few_.resize(static_cast<std::size_t>(shape_.max_members) + 1);
    for (std::size_t k = 0; k < too_few_.size(); ++k)
      for (int r = 0; r < lanes_; ++r)
        if (tile.root.n_rows[r] - static_cast<double>(k) - (tile.shape.intercept ? 1 : 0) < 1) too_few_[k].add(r);
  }

  /// Goes down by the step's column; false when no lane is left.
  bool down(const Step& step) {
    const std::size_t d = static_cast<std::size_t>(step.depth);
    const LaneMask dead = dead_[d] | column_dead(step.column) | found(step.depth, step.column);
    dead_[d + 1] = dead;
    // A list goes down where no leaf was: what was found under another column is not this node's.
    if (found_under_[d] != step.column) found_[d + 1].clear();
    found_under_[d] = step.column;
    found_under_[d + 1] = -1;
    if (dead == all_) return false;
    kernels_.down(shape_, path_.nodes[d], step.column, floor(step.column), &path_.nodes[d + 1]);
    kernels_.pivot(shape_, path_.nodes[d], step.column, path_.pivot);
    suspect_[d + 1] = (suspect_[d] | low(step.column)).without(dead);
    return true;
  }

  /// Makes ready for the leaves node(depth) + column + a.
  bool start_pairs(const Step& step) {
    const std::size_t d = static_cast<std::size_t>(step.depth);
    found_[d + 1].clear();
    found_under_[d] = step.column;
    stem_ = &path_.nodes[d];
    stem_dead_ = dead_[d] | column_dead(step.column) | found(step.depth, step.column);
    if (stem_dead_ == all_) return false;
    stem_suspect_ = suspect_[d];
    if (kernels_.head(shape_, *stem_, step.column, floor(step.column), &path_.head)) {
      kernels_.pivot(shape_, *stem_, step.column, path_.pivot);
      stem_suspect_ = stem_suspect_ | low(step.column);
    }
    path_.head.n_members = stem_->n_members + 1;
    return true;
  }

  void pair(const Step& step, int a, int place, const int* members, Part* part) {
    part->alive = false;
    if (stem_dead_ == all_) return;
    LaneMask bad = stem_suspect_;
    const unsigned found = kernels_.pair(shape_, *stem_, path_.head, step.column, a, floor(a), &path_.rows);
    if ((found & kernels::kLowPivot) != 0) {
      kernels_.pivot_pair(shape_, *stem_, path_.head, step.column, a, path_.pivot);
      bad = bad | low(a);
    }
    if ((found & kernels::kWide) != 0) bad = bad | inflated(members);
    const LaneMask killed = finish(place, members, stem_dead_ | column_dead(a), bad, part);
    if (killed.any()) found_[static_cast<std::size_t>(step.depth) + 1].emplace_back(a, killed);
  }

  /// What every leaf of this tile has in common.
  [[nodiscard]] Part part() const {
    Part p;
    p.tile = &tile_;
    p.rows = path_.rows;
    return p;
  }

  void start_singles() { found_[0].clear(); }

  void single(int a, int place, const int* members, Part* part) {
    part->alive = false;
    if (dead_[0] == all_) return;
    LaneMask bad = suspect_[0];
    const unsigned found = kernels_.single(shape_, path_.nodes[0], a, floor(a), &path_.rows);
    if ((found & kernels::kLowPivot) != 0) {
      kernels_.pivot(shape_, path_.nodes[0], a, path_.pivot);
      bad = bad | low(a);
    }
    if ((found & kernels::kWide) != 0) bad = bad | inflated(members);
    const LaneMask killed = finish(place, members, dead_[0] | column_dead(a), bad, part);
    if (killed.any()) found_[0].emplace_back(a, killed);
  }

  void itself(int place, const int* members, Part* part) {
    const kernels::Node& root = tile_.root.node;
    const std::size_t n = static_cast<std::size_t>(n_swept_) * lanes_;
    if (path_.rows.b != nullptr) std::copy_n(root.b, n, path_.rows.b);
    if (path_.rows.v != nullptr && n > 0) std::copy_n(root.v, n, path_.rows.v);
    std::copy_n(root.sse, lanes_, path_.rows.sse);
    path_.rows.n_members = n_swept_;
    finish(place, members, dead_[0], wanted_ == Wanted::v ? suspect_[0] | inflated(members) : suspect_[0], part);
  }

 private:
  void keep_wanted(double** b, double** v) const {
    if (wanted_ == Wanted::sse) *b = nullptr;
    if (wanted_ != Wanted::v) *v = nullptr;
  }
  [[nodiscard]] const double* floor(int column) const { return tile_.root.floor + static_cast<std::size_t>(column) * lanes_; }
  [[nodiscard]] LaneMask column_dead(int column) const {
    return tile_.column_dead[static_cast<std::size_t>(n_swept_ + column)];
  }

  /// Lanes of the pivot in path_.pivot that are below the column's floor.
  [[nodiscard]] LaneMask low(int column) const { return kernels_.below(lanes_, path_.pivot, floor(column)); }

  /// Lanes where node(depth) + column was found rank deficient while it was a leaf.
  [[nodiscard]] LaneMask found(int depth, int column) const {
    for (const auto& [c, mask] : found_[static_cast<std::size_t>(depth)])
      if (c == column) return mask;
    return {};
  }

  /// Repairs and fills the part. Returns lanes that the repair found to have no fit.
  LaneMask finish(int place, const int* members, LaneMask dead, LaneMask suspect, Part* part) {
    dead = dead | too_few_[static_cast<std::size_t>(path_.rows.n_members)];
    part->alive = false;
    if (dead == all_) return {};
    if (wanted_ == Wanted::v) suspect = suspect | kernels_.below(lanes_, path_.rows.sse, path_.perfect);
    suspect = suspect.without(dead);
    LaneMask killed;
    if (suspect.any()) {
      killed = repair_.fix(tile_, place, members, path_.rows, suspect);
      dead = dead | killed;
    }
    part->rows.n_members = path_.rows.n_members;
    part->dead = dead;
    part->alive = !(dead == all_);
    return killed;
  }

  /// Lanes with a VIF outside the fast path's range: the rare follow-up to a small determinant.
  [[nodiscard]] LaneMask inflated(const int* members) const {
    LaneMask mask;
    const kernels::Rows& rows = path_.rows;
    for (int i = 0; i < rows.n_members; ++i) {
      const double* v = rows.v + static_cast<std::size_t>(i) * lanes_;
      const double* s = tile_.root.diagonal + static_cast<std::size_t>(members[i]) * lanes_;
      for (int r = 0; r < lanes_; ++r)
        if (v[r] * s[r] > kLargestVif) mask.add(r);
    }
    return mask;
  }

  const Tile& tile_;
  const kernels::NodeShape& shape_;
  const kernels::Kernels& kernels_;
  Repair& repair_;
  Wanted wanted_;
  int n_swept_, lanes_;
  LaneMask all_;
  Path path_;
  std::vector<LaneMask> dead_, suspect_;                      // by depth
  std::vector<std::vector<std::pair<int, LaneMask>>> found_;  // by depth of the node the leaf hangs under
  std::vector<int> found_under_;         // by depth d: the column whose node found_[d + 1] speaks of, or -1
  std::vector<LaneMask> too_few_;        // by members
  const kernels::Node* stem_ = nullptr;  // of the pairs under way
  LaneMask stem_dead_, stem_suspect_;
};

}  // namespace

std::size_t Workspace::doubles(const TileExtents& extents, int n_years) {
  Carver one(nullptr), several(nullptr);
  for (int lanes = 0; lanes < kGroupLanes; lanes += kernels::kVectorLanes) carve(extents, kernels::kVectorLanes, &one);
  for (int year = 0; year < n_years; ++year) carve(extents, kYearTileLanes, &several);
  return std::max(one.used(), several.used());
}

std::vector<std::vector<const Tile*>> Workspace::groups(const std::vector<Tile>& tiles) {
  std::vector<std::vector<const Tile*>> out;
  int lanes = kGroupLanes;
  for (const Tile& tile : tiles) {
    lanes += tile.shape.node.n_lanes;
    if (lanes > kGroupLanes) {
      out.emplace_back();
      lanes = tile.shape.node.n_lanes;
    }
    out.back().push_back(&tile);
  }
  return out;
}

Workspace::Workspace(const TileExtents& extents, int n_years) : extents_(extents), memory_(doubles(extents, n_years)) {}

class Walker {
 public:
  Walker(std::span<const Tile* const> tiles, const BlockPlan& plan, int n_controls, Wanted wanted,
         const kernels::Kernels& kernels, Repair& repair, RowSink& sink, Workspace& workspace)
      : plan_(plan),
        sink_(sink),
        n_swept_(tiles[0]->shape.n_swept),
        n_controls_(n_controls),
        members_(static_cast<std::size_t>(tiles[0]->shape.node.max_members) + 2) {
    Carver carver(workspace.memory_.data());
    walks_.reserve(tiles.size());
    for (const Tile* tile : tiles)
      walks_.emplace_back(*tile, carve(workspace.extents_, tile->shape.node.n_lanes, &carver),
                          std::max(workspace.extents_.max_free, 1), wanted, kernels, repair);
    NOKKEL_ASSERT(carver.used() <= workspace.memory_.size());
    for (const TileWalk& w : walks_) parts_.push_back(w.part());
    for (int i = 0; i < n_swept_; ++i) members_[static_cast<std::size_t>(i)] = i;
  }

  void run() {
    for (int i = 0; i < static_cast<int>(plan_.steps.size()); ++i) {
      const Step& step = plan_.steps[static_cast<std::size_t>(i)];
      switch (step.kind) {
        case Step::Kind::down:
          if (!down(step)) i = step.end - 1;
          break;
        case Step::Kind::pair:
          pairs(step);
          break;
        case Step::Kind::single:
          singles(step);
          break;
        case Step::Kind::itself:
          for (std::size_t t = 0; t < walks_.size(); ++t) walks_[t].itself(step.first_place, members_.data(), &parts_[t]);
          hand_over(step.first_place, n_swept_);
          break;
      }
    }
  }

 private:
  bool down(const Step& step) {
    members_[static_cast<std::size_t>(n_swept_ + step.depth)] = n_swept_ + step.column;
    bool alive = false;
    for (TileWalk& w : walks_) alive = w.down(step) || alive;
    return alive;
  }

  void pairs(const Step& step) {
    const int n = n_swept_ + step.depth + 2;
    members_[static_cast<std::size_t>(n - 2)] = n_swept_ + step.column;
    bool alive = false;
    for (TileWalk& w : walks_) alive = w.start_pairs(step) || alive;
    if (!alive) return;
    for (int k = 0; k < step.n_leaves; ++k) {
      const int a = plan_.leaf[static_cast<std::size_t>(step.first_leaf + k)], place = step.first_place + k;
      members_[static_cast<std::size_t>(n - 1)] = n_swept_ + a;
      for (std::size_t t = 0; t < walks_.size(); ++t) walks_[t].pair(step, a, place, members_.data(), &parts_[t]);
      hand_over(place, n);
    }
  }

  void singles(const Step& step) {
    for (TileWalk& w : walks_) w.start_singles();
    for (int k = 0; k < step.n_leaves; ++k) {
      const int a = plan_.leaf[static_cast<std::size_t>(step.first_leaf + k)], place = step.first_place + k;
      members_[static_cast<std::size_t>(n_swept_)] = n_swept_ + a;
      for (std::size_t t = 0; t < walks_.size(); ++t) walks_[t].single(a, place, members_.data(), &parts_[t]);
      hand_over(place, n_swept_ + 1);
    }
  }

  void hand_over(int place, int n_members) {
    if (std::none_of(parts_.begin(), parts_.end(), [](const Part& p) { return p.alive; })) return;
    sink_.combination({place, n_members - n_controls_, n_members, members_.data(), parts_});
  }

  const BlockPlan& plan_;
  RowSink& sink_;
  int n_swept_, n_controls_;
  std::vector<int> members_;
  std::vector<Part> parts_;
  std::vector<TileWalk> walks_;
};

void walk(std::span<const Tile* const> tiles, const BlockPlan& plan, int n_controls, Wanted wanted,
          const kernels::Kernels& kernels, Repair& repair, RowSink& sink, Workspace& workspace) {
  if (!tiles.empty()) Walker(tiles, plan, n_controls, wanted, kernels, repair, sink, workspace).run();
}

}  // namespace nokkel::search
