#include "bench/support/answers.h"

#include <algorithm>
#include <cmath>

#include "bench/support/classical_sums.h"
#include "kernels/distributions.h"

namespace nokkel::bench {
namespace {

using search::Tile;

constexpr int kChecked = 40;  // combinations compared with rows

/// Whether two numbers differ by more than rounding, relative to a scale.
bool differ(double a, double b, double scale) { return !(std::fabs(a - b) <= kRounding * scale); }

std::string at(int place, const char* what, const char* other) {
  return "combination " + std::to_string(place) + ": " + what + " differs from " + other;
}

/// One walk of a block over a tile, for whatever sink.
struct FirstBlock {
  FirstBlock(const SweepCase& s, const kernels::Kernels& with)
      : plan(s.plans.front()), workspace(s.extents, 1), stage(s, plan, with, workspace), kernels(with) {}
  void walk(const Tile& tile, search::RowSink& sink, search::Wanted wanted = search::Wanted::b) {
    search::walk(tile, plan, 0, wanted, kernels, stage.repair, sink, workspace);
  }
  const search::BlockPlan& plan;
  search::Workspace workspace;
  Stage stage;
  const kernels::Kernels& kernels;
};

struct PairsOfBlock : FirstBlock {
  PairsOfBlock(const SweepCase& s, const kernels::Kernels& with)
      : FirstBlock(s, with), sums(stage.full, stage.status, stage.years, kernels) {
    const Tile* const tile = s.tiles.pairs[0].data();
    sums.start({&tile, 1});
    walk(*tile, sums);
  }
  search::PairSums sums;
};

struct ClassicalOfBlock : FirstBlock {
  ClassicalOfBlock(const SweepCase& s, const kernels::Kernels& with) : FirstBlock(s, with), sums(stage.full, kernels) {
    sums.start_tile(s.tiles.pairs[0][0]);
    walk(s.tiles.pairs[0][0], sums, search::Wanted::v);
  }
  ClassicalSums sums;
};

struct FitsOfBlock : FirstBlock {
  FitsOfBlock(const SweepCase& s, const kernels::Kernels& with) : FirstBlock(s, with), sums(plan.n_places, kernels) {
    sums.start_tile(s.tiles.pairs[0][0]);
    walk(s.tiles.pairs[0][0], sums, search::Wanted::sse);
  }
  search::FitSums sums;
};

struct MaxTOfBlock : FirstBlock {
  MaxTOfBlock(const SweepCase& s, const kernels::Kernels& with)
      : FirstBlock(s, with),
        inverse_se(static_cast<std::size_t>(plan.n_places) * static_cast<std::size_t>(stage.shape.n_rows), kInverseError),
        most(stage.full, 0, inverse_se, s.extents.n_free, kernels) {
    most.start_tile(s.tiles.pairs[0][0]);
    walk(s.tiles.pairs[0][0], most);
  }
  std::vector<double> inverse_se;
  search::MaxT most;
};

struct HalvesOfBlock : FirstBlock {
  HalvesOfBlock(const SweepCase& s, const kernels::Kernels& with)
      : FirstBlock(s, with),
        se2(stage.shape.n_cells() * static_cast<std::size_t>(stage.shape.n_rows), kSquaredError),
        marks(stage.shape, se2, stage.status, stage.years, s.tiles.critical, {}, nullptr, kernels) {
    const Tile* const tile = s.tiles.halves[0].data();
    marks.start({&tile, 1});
    walk(*tile, marks);
  }
  std::vector<double> se2;
  search::HalfMarks marks;
};

struct FoldsOfBlock : FirstBlock {
  FoldsOfBlock(const SweepCase& s, const kernels::Kernels& with)
      : FirstBlock(s, with), errors(stage.shape, stage.status, 10, kernels) {
    errors.start_year(0);
    for (const auto& group : search::Workspace::groups(s.tiles.folds[0]))
      search::walk(group, plan, 0, search::Wanted::b, kernels, stage.repair, errors, workspace);
  }
  search::HeldOut errors;
};

bool differ(const kernels::RowSums& a, const kernels::RowSums& b, int n) {
  return differ(a.sum, b.sum, std::sqrt(b.sum2 * n)) || differ(a.sum2, b.sum2, b.sum2) || a.n_positive != b.n_positive;
}

const kernels::Kernels& portable() { return *kernels::kernels_for(kernels::Isa::portable); }

void add_value(kernels::RowSums* sums, double x, double shift) {
  sums->sum += x - shift;
  sums->sum2 += (x - shift) * (x - shift);
  sums->n_positive += x > 0 ? 1 : 0;
}

}  // namespace

BaselineTask baseline_task(const SweepCase& s, int n_replicates, int step) {
  BaselineTask task;
  task.n = s.n_rows();
  task.p = s.extents.n_free;
  task.x = s.column(0);
  task.y = s.response();
  task.stride = s.extents.max_free;
  long i = 0;
  for (const auto& plan : s.plans)
    for (int place = 0; place < plan.n_places; ++place)
      if (i++ % step == 0) {
        std::vector<int> members = members_of(plan, place);
        task.size.push_back(static_cast<int>(members.size()));
        members.resize(static_cast<std::size_t>(task.stride), 0);
        task.members.insert(task.members.end(), members.begin(), members.end());
      }
  for (int r = 0; r < n_replicates; ++r) {
    task.weights.push_back(weights_of(s, resample::Stream::pairs, r));
    double n = 0;
    for (const double w : task.weights.back()) n += w;
    task.t05.emplace_back(1, 0.0);
    task.t10.emplace_back(1, 0.0);
    for (int k = 1; k <= task.stride; ++k) {
      task.t05.back().push_back(kernels::student_t_quantile(0.975, n - k - 1));
      task.t10.back().push_back(kernels::student_t_quantile(0.95, n - k - 1));
    }
  }
  return task;
}

std::string baseline_disagreement(const BaselineTask& task, const BaselineAnswer& answer, bool full) {
  const std::size_t stride = static_cast<std::size_t>(task.stride),
                    step = std::max<std::size_t>(1, task.size.size() / kChecked);
  for (std::size_t c = 0; c < task.size.size(); c += step) {
    const std::size_t k = static_cast<std::size_t>(task.size[c]);
    std::vector<const double*> columns;
    for (std::size_t i = 0; i < k; ++i) columns.push_back(task.x + static_cast<long>(task.members[c * stride + i]) * task.n);
    std::vector<BaselineSums> expected(k + 1);
    for (std::size_t r = 0; r < task.weights.size(); ++r) {
      const kernels::LeastSquares fit = kernels::least_squares(task.n, columns, task.y, task.weights[r].data(), true);
      for (std::size_t i = 0; i < k; ++i) {
        const double b = fit.b[i], se2 = fit.v[i] * fit.sse / (fit.n - static_cast<double>(k) - 1);
        expected[i].sum += b;
        expected[i].sum2 += b * b;
        expected[i].positive += b > 0 ? 1 : 0;
        expected[i].se2 += se2;
        expected[i].mark05 += b * b > task.t05[r][k] * task.t05[r][k] * se2 ? 1 : 0;
        expected[i].mark10 += b * b > task.t10[r][k] * task.t10[r][k] * se2 ? 1 : 0;
      }
      expected[k].sum += 1 - fit.sse / fit.sst;
    }
    const double n = static_cast<double>(task.weights.size());
    for (std::size_t i = 0; i <= k; ++i) {
      const BaselineSums& ours = expected[i];
      const BaselineSums& theirs = answer[c * (stride + 1) + (i == k ? stride : i)];
      if (i == k ? differ(theirs.sum, ours.sum, n)
                 : differ(theirs.sum, ours.sum, std::sqrt(ours.sum2 * n)) || differ(theirs.sum2, ours.sum2, ours.sum2) ||
                       theirs.positive != ours.positive ||
                       (full && (differ(theirs.se2, ours.se2, ours.se2) || theirs.mark05 != ours.mark05 ||
                                 theirs.mark10 != ours.mark10)))
        return at(static_cast<int>(c), i == k ? "R2" : "a coefficient", "QR on rows");
    }
  }
  return {};
}

std::string pairs_disagreement(const SweepCase& s, const kernels::Kernels& kernels) {
  const PairsOfBlock ours(s, kernels), twin(s, portable());
  const Tile& tile = s.tiles.pairs[0][0];
  const search::BlockShape& shape = ours.stage.shape;
  for (int place = 0; place < shape.n_places; ++place) {
    const std::size_t p = static_cast<std::size_t>(place);
    const std::vector<int> members = members_of(ours.plan, place);
    for (std::size_t i = 0; i < members.size(); ++i)
      if (differ(ours.sums.row(place, 0, static_cast<int>(i)), twin.sums.row(place, 0, static_cast<int>(i)), tile.n_live))
        return at(place, "a coefficient's sums", "the portable kernels'");
    const kernels::RowSums r2 = ours.sums.r2(place, 0, static_cast<int>(members.size()));
    if (differ(r2, twin.sums.r2(place, 0, static_cast<int>(members.size())), tile.n_live))
      return at(place, "the sums of R2", "the portable kernels'");
    if (place < shape.n_places - kChecked) continue;
    std::vector<kernels::RowSums> expected(members.size() + 1);
    for (int r = 0; r < tile.n_live; ++r) {
      const kernels::LeastSquares fit = by_rows(s, members, weights_of(s, resample::Stream::pairs, r));
      for (std::size_t i = 0; i < members.size(); ++i)
        add_value(&expected[i], fit.b[i], ours.stage.full.b[shape.row(place, 0, static_cast<int>(i))]);
      add_value(&expected.back(), 1 - fit.sse / fit.sst, 1 - ours.stage.full.sse[p] / s.full_sst());
    }
    for (std::size_t i = 0; i < members.size(); ++i)
      if (differ(ours.sums.row(place, 0, static_cast<int>(i)), expected[i], tile.n_live))
        return at(place, "a coefficient's sums", "QR on rows");
    if (differ(r2.sum2, expected.back().sum2, expected.back().sum2)) return at(place, "the sums of R2", "QR on rows");
  }
  return {};
}

std::string full_disagreement(const SweepCase& s, const kernels::Kernels& kernels) {
  const ClassicalOfBlock ours(s, kernels), twin(s, portable());
  const Tile& tile = s.tiles.pairs[0][0];
  for (int place = 0; place < ours.plan.n_places; ++place) {
    const std::vector<int> members = members_of(ours.plan, place);
    const std::size_t k = members.size();
    for (std::size_t i = 0; i < 2 * k; ++i)
      if (ours.sums.marks(place)[i] != twin.sums.marks(place)[i]) return at(place, "a mark", "the portable kernels'");
    for (std::size_t i = 0; i < 3 * k + 2; ++i)
      if (differ(ours.sums.sums(place)[i], twin.sums.sums(place)[i], tile.n_live))
        return at(place, "a sum", "the portable kernels'");
    if (place < ours.plan.n_places - kChecked) continue;
    std::vector<double> sums(3 * k + 2), marks(2 * k);
    for (int r = 0; r < tile.n_live; ++r) {
      const kernels::LeastSquares fit = by_rows(s, members, weights_of(s, resample::Stream::pairs, r));
      const double df = fit.n - static_cast<double>(k) - 1, sigma2 = fit.sse / df, r2 = 1 - fit.sse / fit.sst;
      const double t05 = kernels::student_t_quantile(0.975, df), t10 = kernels::student_t_quantile(0.95, df);
      for (std::size_t i = 0; i < k; ++i) {
        const double t = std::fabs(fit.b[i]) / std::sqrt(sigma2 * fit.v[i]);
        sums[3 * i] += fit.b[i];
        sums[3 * i + 1] += fit.b[i] * fit.b[i];
        sums[3 * i + 2] += fit.b[i] > 0 ? 1 : 0;
        marks[2 * i] += t > t05 ? 1 : 0;
        marks[2 * i + 1] += t > t10 ? 1 : 0;
      }
      sums[3 * k] += r2;
      sums[3 * k + 1] += r2 * r2;
    }
    for (std::size_t i = 0; i < sums.size(); ++i)
      if (differ(ours.sums.sums(place)[i], sums[i], tile.n_live)) return at(place, "a sum", "QR on rows");
    for (std::size_t i = 0; i < marks.size(); ++i)
      if (ours.sums.marks(place)[i] != marks[i]) return at(place, "a mark", "QR on rows");
  }
  return {};
}

std::string fit_disagreement(const SweepCase& s, const kernels::Kernels& kernels) {
  const FitsOfBlock ours(s, kernels), twin(s, portable());
  const PairsOfBlock with_coefficients(s, kernels);
  const double n = s.tiles.pairs[0][0].n_live;
  for (int place = 0; place < ours.plan.n_places; ++place) {
    if (differ(ours.sums.of(place)[0], twin.sums.of(place)[0], n) || differ(ours.sums.of(place)[1], twin.sums.of(place)[1], n))
      return at(place, "a sum of R2", "the portable kernels'");
    // The sums of pairs stand about the full sample's R2, and are held against QR on rows by their own bench.
    const double shift = 1 - with_coefficients.stage.full.sse[static_cast<std::size_t>(place)] / s.full_sst();
    const kernels::RowSums r2 = with_coefficients.sums.r2(place, 0, ours.plan.size_of_place[static_cast<std::size_t>(place)]);
    if (differ(ours.sums.of(place)[0], r2.sum + n * shift, n)) return at(place, "a sum of R2", "that of the pairs");
  }
  return pairs_disagreement(s, kernels);
}

std::string max_t_disagreement(const SweepCase& s, const kernels::Kernels& kernels) {
  const MaxTOfBlock ours(s, kernels), twin(s, portable());
  const Tile& tile = s.tiles.pairs[0][0];
  for (int column = 0; column < s.extents.n_free; ++column)
    for (int r = 0; r < tile.n_live; ++r)
      if (differ(ours.most.of(column)[r], twin.most.of(column)[r], 1 + twin.most.of(column)[r]))
        return "a largest t differs from the portable kernels'";
  std::vector<double> expected(static_cast<std::size_t>(s.extents.n_free), 0.0);  // of the first replicate
  const std::vector<double> weight = weights_of(s, resample::Stream::pairs, 0);
  for (int place = 0; place < ours.plan.n_places; ++place) {
    const std::vector<int> members = members_of(ours.plan, place);
    const kernels::LeastSquares fit = by_rows(s, members, weight);
    for (std::size_t i = 0; i < members.size(); ++i) {
      double& most = expected[static_cast<std::size_t>(members[i])];
      most = std::max(
          most, std::fabs(fit.b[i] - ours.stage.full.b[ours.stage.shape.row(place, 0, static_cast<int>(i))]) * kInverseError);
    }
  }
  for (int column = 0; column < s.extents.n_free; ++column)
    if (differ(ours.most.of(column)[0], expected[static_cast<std::size_t>(column)],
               1 + expected[static_cast<std::size_t>(column)]))
      return "a largest t differs from QR on rows";
  return {};
}

std::string halves_disagreement(const SweepCase& s, const kernels::Kernels& kernels) {
  const HalvesOfBlock ours(s, kernels), twin(s, portable());
  const Tile& tile = s.tiles.halves[0][0];
  const search::BlockShape& shape = ours.stage.shape;
  for (int place = 0; place < shape.n_places; ++place)
    for (int i = 0; i < ours.plan.size_of_place[static_cast<std::size_t>(place)]; ++i)
      if (ours.marks.count05(place, 0, i) != twin.marks.count05(place, 0, i) ||
          ours.marks.count10(place, 0, i) != twin.marks.count10(place, 0, i))
        return at(place, "a significance count", "the portable kernels'");
  for (int place = shape.n_places - kChecked; place < shape.n_places; ++place) {
    const std::vector<int> members = members_of(ours.plan, place);
    std::vector<int> expected(members.size(), 0);
    for (int r = 0; r < tile.n_live; ++r) {
      const kernels::LeastSquares fit = by_rows(s, members, weights_of(s, resample::Stream::halves, r));
      const double t = kernels::student_t_quantile(0.975, fit.n - static_cast<double>(members.size()) - 1);
      for (std::size_t i = 0; i < members.size(); ++i)
        expected[i] += std::fabs(fit.b[i]) > t * std::sqrt(kSquaredError * s.n_rows() / fit.n) ? 1 : 0;
    }
    for (std::size_t i = 0; i < members.size(); ++i)
      if (ours.marks.count05(place, 0, static_cast<int>(i)) != expected[i])
        return at(place, "a significance count", "QR on rows");
  }
  return {};
}

std::string held_out_disagreement(const SweepCase& s, const kernels::Kernels& kernels) {
  const FoldsOfBlock ours(s, kernels), twin(s, portable());
  for (int place = 0; place < ours.plan.n_places; ++place)
    for (int repeat = 0; repeat < 10; ++repeat)
      if (differ(ours.errors.sse(place)[repeat], twin.errors.sse(place)[repeat], twin.errors.sse(place)[repeat]))
        return at(place, "a held-out error", "the portable kernels'");
  for (int place = ours.plan.n_places - kChecked; place < ours.plan.n_places; ++place) {
    const std::vector<int> members = members_of(ours.plan, place);
    double expected = 0;  // of the first repeat
    for (int fold = 0; fold < 10; ++fold) {
      const std::vector<double> test = weights_of(s, resample::Stream::folds, fold);
      std::vector<double> train(test);
      for (double& w : train) w = 1 - w;
      const kernels::LeastSquares fit = by_rows(s, members, train);
      for (int i = 0; i < s.n_rows(); ++i) {
        if (test[static_cast<std::size_t>(i)] == 0) continue;
        double e = s.response()[i] - fit.intercept;
        for (std::size_t j = 0; j < members.size(); ++j) e -= fit.b[j] * s.column(members[j])[i];
        expected += e * e;
      }
    }
    if (differ(ours.errors.sse(place)[0], expected, expected)) return at(place, "a held-out error", "QR on rows");
  }
  return {};
}

}  // namespace nokkel::bench
