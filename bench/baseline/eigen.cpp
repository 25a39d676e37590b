#include <Eigen/Dense>
#include <algorithm>

#include "bench/baseline/baselines.h"
#include "bench/baseline/drawn_rows.h"

namespace nokkel::bench {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Centred cross-products of one replicate, y last.
struct Moments {
  MatrixXd s;
  double n = 0;
  const double *t05 = nullptr, *t10 = nullptr;
};

/// One fit. K: its size when known at compile time, so that Eigen unrolls; else Eigen::Dynamic, at most 8. Nothing is
/// allocated.
template <int K, bool full>
void fit(const Moments& m, int size, const int* members, BaselineSums* to, BaselineSums* r2) {
  constexpr int kMost = K == Eigen::Dynamic ? 8 : K;
  using Matrix = Eigen::Matrix<double, K, K, 0, kMost, kMost>;
  const int k = K == Eigen::Dynamic ? size : K;
  Matrix a(k, k);
  Eigen::Matrix<double, K, 1, 0, kMost, 1> g(k);
  const Index y = m.s.cols() - 1;
  for (int j = 0; j < k; ++j) {
    const double* column = m.s.data() + members[j] * m.s.rows();
    for (int i = j; i < k; ++i) a(i, j) = column[members[i]];
    g(j) = column[y];
  }
  const Eigen::LLT<Matrix> llt(a);
  llt.matrixL().solveInPlace(g);
  const double explained = g.squaredNorm(), sst = m.s(y, y);
  llt.matrixU().solveInPlace(g);
  for (int i = 0; i < k; ++i) add_value(to + i, g(i));
  add_value(r2, explained / sst);
  if constexpr (full) {
    Matrix inverse_l = Matrix::Identity(k, k);
    llt.matrixL().solveInPlace(inverse_l);
    const double sigma2 = (sst - explained) / (m.n - k - 1), t05 = m.t05[k] * m.t05[k], t10 = m.t10[k] * m.t10[k];
    for (int i = 0; i < k; ++i) {
      const double se2 = sigma2 * inverse_l.col(i).squaredNorm(), b2 = g(i) * g(i);
      to[i].se2 += se2;
      to[i].mark05 += b2 > t05 * se2 ? 1 : 0;
      to[i].mark10 += b2 > t10 * se2 ? 1 : 0;
    }
  }
}

template <bool full, bool unrolled>
void all_fits(const BaselineTask& task, const Moments& m, BaselineAnswer* answer) {
  constexpr decltype(&fit<1, full>) kFits[] = {fit<1, full>, fit<2, full>, fit<3, full>, fit<4, full>,
                                               fit<5, full>, fit<6, full>, fit<7, full>, fit<8, full>};
  BaselineSums* to = answer->data();
  const int* members = task.members.data();
  for (const int size : task.size) {
    if constexpr (unrolled)
      kFits[size - 1](m, size, members, to, to + task.stride);
    else
      fit<Eigen::Dynamic, full>(m, size, members, to, to + task.stride);
    members += task.stride;
    to += task.stride + 1;
  }
}

/// As a program that does not know its sizes has it: matrices made for each fit, the inverse solved for.
void plain_fits(const BaselineTask& task, const Moments& m, BaselineAnswer* answer) {
  BaselineSums* to = answer->data();
  const Index y = m.s.cols() - 1;
  for (std::size_t c = 0; c < task.size.size(); ++c, to += task.stride + 1) {
    const int k = task.size[c];
    const Eigen::Map<const Eigen::VectorXi> members(task.members.data() + static_cast<std::ptrdiff_t>(c) * task.stride, k);
    const MatrixXd a = m.s(members, members);
    const VectorXd g = m.s(members, y);
    const Eigen::LLT<MatrixXd> llt(a);
    const VectorXd b = llt.solve(g), v = llt.solve(MatrixXd::Identity(k, k)).diagonal();
    const double sst = m.s(y, y), explained = b.dot(g), sigma2 = (sst - explained) / (m.n - k - 1);
    add_value(to + task.stride, explained / sst);
    for (int i = 0; i < k; ++i) {
      const double se2 = sigma2 * v(i), b2 = b(i) * b(i);
      add_value(to + i, b(i));
      to[i].se2 += se2;
      to[i].mark05 += b2 > m.t05[k] * m.t05[k] * se2 ? 1 : 0;
      to[i].mark10 += b2 > m.t10[k] * m.t10[k] * se2 ? 1 : 0;
    }
  }
}

enum class Style { plain, capacity, unrolled };

template <bool full, Style style>
void llt(const BaselineTask& task, BaselineAnswer* answer) {
  MatrixXd z(task.n, task.p + 1), weighted(task.n, task.p + 1);
  z.leftCols(task.p) = Eigen::Map<const MatrixXd>(task.x, task.n, task.p);
  z.col(task.p) = Eigen::Map<const VectorXd>(task.y, task.n);
  answer->assign(task.size.size() * static_cast<std::size_t>(task.stride + 1), {});
  Moments m{MatrixXd(task.p + 1, task.p + 1)};
  for (std::size_t r = 0; r < task.weights.size(); ++r) {
    const Eigen::Map<const VectorXd> w(task.weights[r].data(), task.n);
    m.n = w.sum();
    m.t05 = task.t05[r].data();
    m.t10 = task.t10[r].data();
    const VectorXd mean = z.transpose() * w / m.n;
    weighted.noalias() = w.asDiagonal() * z;
    m.s.noalias() = z.transpose() * weighted;
    m.s.noalias() -= m.n * mean * mean.transpose();
    if constexpr (style == Style::plain)
      plain_fits(task, m, answer);
    else
      all_fits<full, style == Style::unrolled>(task, m, answer);
  }
}

}  // namespace

void eigen_llt_capacity(const BaselineTask& task, BaselineAnswer* answer) { llt<true, Style::capacity>(task, answer); }
void eigen_llt_coefficients(const BaselineTask& task, BaselineAnswer* answer) { llt<false, Style::capacity>(task, answer); }

void eigen_llt(const BaselineTask& task, BaselineAnswer* answer) { llt<true, Style::plain>(task, answer); }

void eigen_llt_unrolled(const BaselineTask& task, BaselineAnswer* answer) { llt<true, Style::unrolled>(task, answer); }
void eigen_llt_coefficients_unrolled(const BaselineTask& task, BaselineAnswer* answer) {
  llt<false, Style::unrolled>(task, answer);
}

void eigen_qr(const BaselineTask& task, BaselineAnswer* answer) {
  answer->assign(task.size.size() * static_cast<std::size_t>(task.stride + 1), {});
  for (const auto& weight : task.weights) {
    const DrawnRows rows(task, weight);
    const Eigen::Map<const VectorXd> y(rows.y.data(), rows.n);
    std::vector<Eigen::ColPivHouseholderQR<MatrixXd>> qr;  // by size: memory and workspace once
    std::vector<MatrixXd> design;
    for (int k = 0; k <= task.stride; ++k) {
      qr.emplace_back(rows.n, k + 1);
      design.emplace_back(rows.n, k + 1);
      design.back().col(0) = Eigen::Map<const VectorXd>(rows.root.data(), rows.n);
    }
    VectorXd b(task.stride + 1);
    BaselineSums* to = answer->data();
    for (std::size_t c = 0; c < task.size.size(); ++c, to += task.stride + 1) {
      const int k = task.size[c];
      MatrixXd& a = design[static_cast<std::size_t>(k)];
      for (int i = 0; i < k; ++i)
        a.col(i + 1) = Eigen::Map<const VectorXd>(
            rows.x.data() +
                static_cast<long>(task.members[c * static_cast<std::size_t>(task.stride) + static_cast<std::size_t>(i)]) *
                    rows.n,
            rows.n);
      auto& decomposition = qr[static_cast<std::size_t>(k)];
      decomposition.compute(a);
      b.head(k + 1) = decomposition.solve(y);
      for (int i = 0; i < k; ++i) add_value(to + i, b(i + 1));
      add_value(to + task.stride, 1 - (y - a * b.head(k + 1)).squaredNorm() / rows.sst);
    }
  }
}

}  // namespace nokkel::bench
