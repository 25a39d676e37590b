#include "engine/search/walk.h"

#include <algorithm>

namespace nokkel::search {

using kernels::kTileLanes;
using kernels::LaneMask;

namespace {

constexpr double kLargestVif = 1e5, kPerfect = 1e-12;

std::size_t carve(const TileExtents& extents, double* base, std::vector<kernels::Node>* nodes, kernels::Node* head,
                  kernels::Rows* rows, double** pivot) {
  Carver carver(base);
  const kernels::RootShape shape = extents.shape(kTileLanes);
  const std::size_t lanes = kTileLanes, members = static_cast<std::size_t>(shape.node.max_members);
  nodes->assign(static_cast<std::size_t>(std::max(extents.max_free, 1)), {});
  for (std::size_t d = 1; d < nodes->size(); ++d) {
    kernels::Node& n = (*nodes)[d];
    n.a = carver.take(static_cast<std::size_t>(shape.node.n_entries()) * lanes);
    n.d = carver.take(static_cast<std::size_t>(shape.node.n_free) * members * lanes);
    n.b = carver.take(members * lanes);
    n.v = carver.take(members * lanes);
    n.sse = carver.take(lanes);
  }
  head->a = carver.take(lanes);
  head->b = carver.take(members * lanes);
  head->v = carver.take(members * lanes);
  head->sse = carver.take(lanes);
  rows->b = carver.take(members * lanes);
  rows->v = carver.take(members * lanes);
  rows->sse = carver.take(lanes);
  *pivot = carver.take(lanes);
  return carver.used();
}

}  // namespace

std::size_t Workspace::doubles(const TileExtents& extents) {
  std::vector<kernels::Node> nodes;
  kernels::Node head;
  kernels::Rows rows;
  double* pivot = nullptr;
  return carve(extents, nullptr, &nodes, &head, &rows, &pivot);
}

Workspace::Workspace(const TileExtents& extents) : memory_(doubles(extents)), pivot_(nullptr) {
  carve(extents, memory_.data(), &nodes_, &head_, &rows_, &pivot_);
}

class Walker {
 public:
  Walker(const Tile& tile, const BlockPlan& plan, int n_controls, const kernels::Kernels& kernels, Repair& repair,
         RowSink& sink, Workspace& workspace)
      : tile_(tile),
        shape_(tile.shape.node),
        plan_(plan),
        kernels_(kernels),
        repair_(repair),
        sink_(sink),
        ws_(workspace),
        n_swept_(tile.shape.n_swept),
        n_controls_(n_controls),
        lanes_(tile.shape.node.n_lanes),
        all_(LaneMask::first(lanes_)),
        with_v_(tile.root.node.v != nullptr),
        nodes_(ws_.nodes_) {
    const std::size_t depths = ws_.nodes_.size();
    nodes_[0] = tile.root.node;
    for (std::size_t d = 1; d < depths; ++d) {
      nodes_[d].n_members = n_swept_ + static_cast<int>(d);
      if (!with_v_) nodes_[d].v = nullptr;
    }
    head_ = ws_.head_;
    rows_ = ws_.rows_;
    rows_.n_lanes = lanes_;
    if (!with_v_) head_.v = rows_.v = nullptr;
    dead_.resize(depths);
    suspect_.resize(depths);
    dead_[0] = tile.root.dead;
    suspect_[0] = tile.root.suspect;
    found_.resize(depths + 1);
    members_.resize(static_cast<std::size_t>(shape_.max_members) + 2);
    for (int i = 0; i < n_swept_; ++i) members_[static_cast<std::size_t>(i)] = i;
    too_few_.resize(static_cast<std::size_t>(shape_.max_members) + 2);
    for (std::size_t k = 0; k < too_few_.size(); ++k)
      for (int r = 0; r < lanes_; ++r)
        if (tile.root.n_rows[r] - static_cast<double>(k) - (tile.shape.intercept ? 1 : 0) < 1) too_few_[k].add(r);
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
          itself(step);
          break;
      }
    }
  }

 private:
  [[nodiscard]] const double* floor(int column) const { return tile_.root.floor + static_cast<std::size_t>(column) * lanes_; }
  [[nodiscard]] LaneMask column_dead(int column) const {
    return tile_.column_dead[static_cast<std::size_t>(n_swept_ + column)];
  }

  /// Lanes of the pivot in ws_.pivot_ that are below the column's floor.
  [[nodiscard]] LaneMask low(int column) const {
    LaneMask mask;
    const double* f = floor(column);
    for (int r = 0; r < lanes_; ++r)
      if (ws_.pivot_[r] < f[r]) mask.add(r);
    return mask;
  }

  /// Lanes where node(depth) + column was found rank deficient while it was a leaf.
  [[nodiscard]] LaneMask found(int depth, int column) const {
    for (const auto& [c, mask] : found_[static_cast<std::size_t>(depth)])
      if (c == column) return mask;
    return {};
  }

  bool down(const Step& step) {
    const std::size_t d = static_cast<std::size_t>(step.depth);
    const LaneMask dead = dead_[d] | column_dead(step.column) | found(step.depth, step.column);
    if (dead == all_) return false;
    kernels_.down(shape_, nodes_[d], step.column, floor(step.column), &nodes_[d + 1]);
    kernels_.pivot(shape_, nodes_[d], step.column, ws_.pivot_);
    dead_[d + 1] = dead;
    suspect_[d + 1] = (suspect_[d] | low(step.column)).without(dead);
    members_[static_cast<std::size_t>(n_swept_) + d] = n_swept_ + step.column;
    return true;
  }

  void pairs(const Step& step) {
    const std::size_t d = static_cast<std::size_t>(step.depth);
    const kernels::Node& node = nodes_[d];
    const int c = step.column;
    found_[d + 1].clear();
    const LaneMask dead = dead_[d] | column_dead(c) | found(step.depth, c);
    if (dead == all_) return;
    LaneMask suspect = suspect_[d];
    if (kernels_.head(shape_, node, c, floor(c), &head_)) {
      kernels_.pivot(shape_, node, c, ws_.pivot_);
      suspect = suspect | low(c);
    }
    head_.n_members = node.n_members + 1;
    members_[static_cast<std::size_t>(node.n_members)] = n_swept_ + c;
    for (int k = 0; k < step.n_leaves; ++k) {
      const int a = plan_.leaf[static_cast<std::size_t>(step.first_leaf + k)];
      LaneMask bad = suspect;
      if (kernels_.pair(shape_, node, head_, c, a, floor(a), &rows_)) {
        kernels_.pivot_pair(shape_, node, head_, c, a, ws_.pivot_);
        bad = bad | low(a);
      }
      const LaneMask killed = finish(a, step.first_place + k, dead | column_dead(a), bad);
      if (killed.any()) found_[d + 1].emplace_back(a, killed);
    }
  }

  void singles(const Step& step) {
    const kernels::Node& node = nodes_[0];
    found_[0].clear();
    for (int k = 0; k < step.n_leaves; ++k) {
      const int a = plan_.leaf[static_cast<std::size_t>(step.first_leaf + k)];
      LaneMask bad = suspect_[0];
      if (kernels_.single(shape_, node, a, floor(a), &rows_)) {
        kernels_.pivot(shape_, node, a, ws_.pivot_);
        bad = bad | low(a);
      }
      const LaneMask killed = finish(a, step.first_place + k, dead_[0] | column_dead(a), bad);
      if (killed.any()) found_[0].emplace_back(a, killed);
    }
  }

  void itself(const Step& step) {
    const kernels::Node& root = nodes_[0];
    std::copy_n(root.b, static_cast<std::size_t>(n_swept_) * lanes_, rows_.b);
    if (with_v_) std::copy_n(root.v, static_cast<std::size_t>(n_swept_) * lanes_, rows_.v);
    std::copy_n(root.sse, lanes_, rows_.sse);
    rows_.n_members = n_swept_;
    finish(-1, step.first_place, dead_[0], suspect_[0]);
  }

  /// Repairs, then hands the leaf over. Returns lanes that the repair found to have no fit.
  LaneMask finish(int column, int place, LaneMask dead, LaneMask suspect) {
    const int n = rows_.n_members;
    if (column >= 0) members_[static_cast<std::size_t>(n - 1)] = n_swept_ + column;
    dead = dead | too_few_[static_cast<std::size_t>(n)];
    if (dead == all_) return {};
    if (with_v_) suspect = suspect | inflated();
    suspect = suspect.without(dead);
    LaneMask killed;
    if (suspect.any()) {
      killed = repair_.fix(tile_, place, members_.data(), rows_, suspect);
      dead = dead | killed;
    }
    if (dead == all_) return killed;
    sink_.combination({place, n - n_controls_, members_.data(), rows_, dead});
    return killed;
  }

  /// Lanes whose VIF or fit is outside the fast path's range; only where v is formed.
  [[nodiscard]] LaneMask inflated() const {
    LaneMask mask;
    for (int i = 0; i < rows_.n_members; ++i) {
      const double* v = rows_.v + static_cast<std::size_t>(i) * lanes_;
      const double* s = tile_.root.diagonal + static_cast<std::size_t>(members_[static_cast<std::size_t>(i)]) * lanes_;
      for (int r = 0; r < lanes_; ++r)
        if (v[r] * s[r] > kLargestVif) mask.add(r);
    }
    for (int r = 0; r < lanes_; ++r)
      if (rows_.sse[r] <= kPerfect * tile_.root.sst[r]) mask.add(r);
    return mask;
  }

  const Tile& tile_;
  const kernels::NodeShape& shape_;
  const BlockPlan& plan_;
  const kernels::Kernels& kernels_;
  Repair& repair_;
  RowSink& sink_;
  Workspace& ws_;
  int n_swept_, n_controls_, lanes_;
  LaneMask all_;
  bool with_v_;
  std::vector<kernels::Node> nodes_;
  kernels::Node head_;
  kernels::Rows rows_;
  std::vector<LaneMask> dead_, suspect_;                      // by depth
  std::vector<std::vector<std::pair<int, LaneMask>>> found_;  // by depth of the node the leaf hangs under
  std::vector<int> members_;
  std::vector<LaneMask> too_few_;  // by members
};

void walk(const Tile& tile, const BlockPlan& plan, int n_controls, const kernels::Kernels& kernels, Repair& repair,
          RowSink& sink, Workspace& workspace) {
  Walker(tile, plan, n_controls, kernels, repair, sink, workspace).run();
}

}  // namespace nokkel::search
