#include "bench/eigen_baseline.h"

#include <Eigen/Dense>
#include <cmath>

namespace nokkel::bench {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
/// At most 8 members: no allocation inside a fit, which is the baseline's best.
using Small = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, 8, 8>;
using SmallVector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, 8, 1>;

void add(BaselineSums* s, double e, bool positive) {
  s->sum += e;
  s->sum2 += e * e;
  s->positive += positive ? 1 : 0;
}

std::size_t stride(const std::vector<std::vector<int>>& combinations) {
  std::size_t k = 0;
  for (const auto& c : combinations) k = std::max(k, c.size());
  return k + 1;
}

}  // namespace

void eigen_moments_llt(int n, int p, const double* x, const double* y, const std::vector<std::vector<int>>& combinations,
                       const std::vector<std::vector<double>>& weights, const std::vector<double>& shift,
                       std::vector<BaselineSums>* out) {
  MatrixXd z(n, p + 1);
  z.leftCols(p) = Eigen::Map<const MatrixXd>(x, n, p);
  z.col(p) = Eigen::Map<const VectorXd>(y, n);
  const std::size_t width = stride(combinations);
  out->assign(combinations.size() * width, {});
  MatrixXd s(p + 1, p + 1);
  for (const auto& weight : weights) {
    const Eigen::Map<const VectorXd> w(weight.data(), n);
    const VectorXd mean = z.transpose() * w / w.sum();
    const MatrixXd centred = z.rowwise() - mean.transpose();
    s.noalias() = centred.transpose() * w.asDiagonal() * centred;
    for (std::size_t c = 0; c < combinations.size(); ++c) {
      const auto& members = combinations[c];
      const Index k = static_cast<Index>(members.size());
      Small a(k, k);
      SmallVector g(k);
      for (Index i = 0; i < k; ++i) {
        g(i) = s(members[static_cast<std::size_t>(i)], p);
        for (Index j = 0; j <= i; ++j) a(i, j) = s(members[static_cast<std::size_t>(i)], members[static_cast<std::size_t>(j)]);
      }
      const SmallVector b = a.selfadjointView<Eigen::Lower>().llt().solve(g);
      BaselineSums* to = out->data() + c * width;
      for (Index i = 0; i < k; ++i) add(to + i, b(i) - shift[c * width + static_cast<std::size_t>(i)], b(i) > 0);
      const double r2 = b.dot(g) / s(p, p);
      add(to + width - 1, r2 - shift[c * width + width - 1], true);
    }
  }
}

void eigen_qr(int n, int /*p: the columns are named*/, const double* x, const double* y,
              const std::vector<std::vector<int>>& combinations, const std::vector<std::vector<double>>& weights,
              const std::vector<double>& shift, std::vector<BaselineSums>* out) {
  const std::size_t width = stride(combinations);
  out->assign(combinations.size() * width, {});
  const Eigen::Map<const VectorXd> response(y, n);
  for (const auto& weight : weights) {
    const Eigen::Map<const VectorXd> w(weight.data(), n);
    const VectorXd root = w.cwiseSqrt();
    const double mean = response.dot(w) / w.sum();
    const double sst = (w.array() * (response.array() - mean).square()).sum();
    for (std::size_t c = 0; c < combinations.size(); ++c) {
      const auto& members = combinations[c];
      MatrixXd design(n, static_cast<Index>(members.size()) + 1);
      design.col(0) = root;
      for (std::size_t i = 0; i < members.size(); ++i)
        design.col(static_cast<Index>(i) + 1) =
            root.cwiseProduct(Eigen::Map<const VectorXd>(x + static_cast<long>(members[i]) * n, n));
      const VectorXd rhs = root.cwiseProduct(response);
      const VectorXd b = design.colPivHouseholderQr().solve(rhs);
      BaselineSums* to = out->data() + c * width;
      for (std::size_t i = 0; i < members.size(); ++i)
        add(to + i, b(static_cast<Index>(i) + 1) - shift[c * width + i], b(static_cast<Index>(i) + 1) > 0);
      add(to + width - 1, 1 - (rhs - design * b).squaredNorm() / sst - shift[c * width + width - 1], true);
    }
  }
}

}  // namespace nokkel::bench
