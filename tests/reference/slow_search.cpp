#include "tests/reference/slow_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "kernels/distributions.h"
#include "kernels/qr.h"

namespace nokkel::testing {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN(), kInf = std::numeric_limits<double>::infinity();
using resample::Stream;

struct Fit {
  bool ok = false;
  double n = 0;
  kernels::LeastSquares ls;
};

/// One combination on one cell.
class SlowCell {
 public:
  SlowCell(const panel::Cell& cell, int n_controls, const std::vector<int>& members, const resample::Provider& provider)
      : cell_(cell), n_(cell.n_rows()), provider_(provider) {
    for (int j = 0; j < n_controls; ++j)
      columns_.push_back(cell.x.data() + static_cast<std::size_t>(j) * static_cast<std::size_t>(n_));
    for (const int m : members)
      columns_.push_back(cell.x.data() + static_cast<std::size_t>(n_controls + m) * static_cast<std::size_t>(n_));
  }
  [[nodiscard]] std::vector<double> weights(Stream stream, int replicate) const {
    std::vector<double> unit(static_cast<std::size_t>(provider_.n_units())), w;
    provider_.weights(stream, replicate, 1, unit.data(), 1);
    for (const auto u : cell_.unit) w.push_back(unit[static_cast<std::size_t>(u)]);
    return w;
  }
  [[nodiscard]] Fit fit(const std::vector<double>& w) const {
    Fit f;
    for (const double x : w) f.n += x;
    const int k = static_cast<int>(columns_.size()) + 1;
    if (f.n - k < 1) return f;
    for (const double* c : columns_)
      if (constant(c, w)) return f;
    if (constant(cell_.y.data(), w)) return f;
    f.ls = kernels::least_squares(n_, columns_, cell_.y.data(), w.data(), true);
    f.ok = f.ls.full_rank;
    return f;
  }
  [[nodiscard]] double held_out(const Fit& f, const std::vector<double>& test) const {
    double sse = 0;
    for (int i = 0; i < n_; ++i) {
      if (test[static_cast<std::size_t>(i)] == 0) continue;
      const double e = cell_.y[static_cast<std::size_t>(i)] - predict(f, i);
      sse += e * e;
    }
    return sse;
  }
  [[nodiscard]] double predict(const Fit& f, int i) const {
    double p = f.ls.intercept;
    for (std::size_t j = 0; j < columns_.size(); ++j) p += f.ls.b[j] * columns_[j][i];
    return p;
  }

 private:
  [[nodiscard]] bool constant(const double* c, const std::vector<double>& w) const {
    double low = kInf, high = -kInf;
    for (int i = 0; i < n_; ++i)
      if (w[static_cast<std::size_t>(i)] > 0) low = std::min(low, c[i]), high = std::max(high, c[i]);
    return low == high;
  }
  const panel::Cell& cell_;
  int n_;
  const resample::Provider& provider_;
  std::vector<const double*> columns_;
};

class SlowSearch {
 public:
  explicit SlowSearch(const search::Job& job) : job_(job), e_(search::extents_of(job)) {
    sink_.begin(e_);
    for (int o = 0; o < e_.n_outcomes; ++o)
      for (const VariableInfo& v : variables())
        if (v.in_loop) {
          std::size_t n = e_.have(v) ? 1 : 0;
          for (const Axis a : v.axis())
            if (a != Axis::outcome) n *= static_cast<std::size_t>(e_.of(a));
          Values& values = sink_.values[{v.id, o}];
          if (v.type == VarType::real) values.real.assign(n, kNaN);
          if (v.type == VarType::int32) values.int32.assign(n, 0);
          if (v.type == VarType::int8) values.int8.assign(n, -1);
        }
  }
  MemorySink run() {
    for (int o = 0; o < e_.n_outcomes; ++o)
      for (std::uint64_t id = 0; id < e_.n_combinations; ++id) combination(o, id);
    return std::move(sink_);
  }

 private:
  double& real(Var v, int o, std::size_t at) { return sink_.values[{v, o}].real[at]; }
  std::int32_t& int32(Var v, int o, std::size_t at) { return sink_.values[{v, o}].int32[at]; }
  std::int8_t& int8(Var v, int o, std::size_t at) { return sink_.values[{v, o}].int8[at]; }

  /// Coefficients of the pairs replicates of one combination, [year][replicate][slot]; empty where there is no fit.
  std::vector<std::vector<std::vector<double>>> replicates_;

  void combination(int o, std::uint64_t id) {
    replicates_.assign(static_cast<std::size_t>(e_.n_years), {});
    const panel::Outcome& outcome = job_.design.outcomes[static_cast<std::size_t>(o)];
    const resample::Provider& provider = *job_.providers[static_cast<std::size_t>(outcome.frame)];
    const std::vector<int> members = job_.universe.unrank(id);
    const int size = static_cast<int>(members.size()), n_controls = e_.n_controls, k = size + n_controls + 1;
    double score = 0;
    int available = 0;
    bool all_ok = true;
    for (int t = 0; t < e_.n_years; ++t) {
      const panel::Cell& cell = outcome.cells[static_cast<std::size_t>(t)];
      const std::size_t at = id * static_cast<std::size_t>(e_.n_years) + static_cast<std::size_t>(t);
      const auto slot = [&](int p) { return at * static_cast<std::size_t>(e_.n_slots) + static_cast<std::size_t>(p); };
      const int n = cell.n_rows();
      int32(Var::n_obs, o, at) = n;
      const Status status = status_of(cell, members);
      SlowCell slow(cell, n_controls, members, provider);
      Fit full;
      if (status == Status::ok) full = slow.fit(std::vector<double>(static_cast<std::size_t>(n), 1.0));
      int8(Var::status, o, at) = static_cast<std::int8_t>(status != Status::ok || full.ok ? status : Status::rank_deficient);
      if (status != Status::criterion_unavailable) ++available;
      if (!full.ok) {
        all_ok = all_ok && status == Status::criterion_unavailable;
        continue;
      }
      const double sigma2 = full.ls.sse / (n - k), r2 = 1 - full.ls.sse / full.ls.sst;
      real(Var::intercept, o, at) = full.ls.intercept;
      real(Var::r2, o, at) = r2;
      real(Var::adj_r2, o, at) = 1 - (1 - r2) * (n - 1) / (n - k);
      real(Var::aic, o, at) = n * std::log(full.ls.sse / n) + n * (1 + std::log(2 * std::numbers::pi)) + 2 * (k + 1);
      real(Var::bic, o, at) = n * std::log(full.ls.sse / n) + n * (1 + std::log(2 * std::numbers::pi)) + std::log(n) * (k + 1);
      for (int j = 0; j < n_controls; ++j) {
        real(Var::control_coef, o, at * static_cast<std::size_t>(n_controls) + static_cast<std::size_t>(j)) =
            full.ls.b[static_cast<std::size_t>(j)];
        real(Var::control_se, o, at * static_cast<std::size_t>(n_controls) + static_cast<std::size_t>(j)) =
            std::sqrt(sigma2 * full.ls.v[static_cast<std::size_t>(j)]);
      }
      for (int p = 0; p < size; ++p) {
        real(Var::coef, o, slot(p)) = full.ls.b[static_cast<std::size_t>(n_controls + p)];
        real(Var::coef_se, o, slot(p)) = std::sqrt(sigma2 * full.ls.v[static_cast<std::size_t>(n_controls + p)]);
        int8(Var::mark_classical, o, slot(p)) = mark(real(Var::coef, o, slot(p)), real(Var::coef_se, o, slot(p)), n - k);
      }
      for (int s = 0; s < e_.n_years; ++s) {
        const panel::Cell& test = outcome.cells[static_cast<std::size_t>(s)];
        if (test.n_rows() == 0 || std::any_of(members.begin(), members.end(),
                                              [&](int m) { return test.available[static_cast<std::size_t>(m)] == 0; }))
          continue;
        const SlowCell there(test, n_controls, members, provider);
        real(Var::transfer_rmse, o, at * static_cast<std::size_t>(e_.n_years) + static_cast<std::size_t>(s)) =
            std::sqrt(there.held_out(full, std::vector<double>(static_cast<std::size_t>(test.n_rows()), 1.0)) / test.n_rows());
      }
      pairs(o, at, slow, full, size, n_controls, n - k, slot, &replicates_[static_cast<std::size_t>(t)]);
      halves(o, at, slow, size, n_controls, k, n, slot);
      score += folds(o, at, slow) / std::sqrt(full.ls.sst / (n - 1));
      all_ok = all_ok && int8(Var::status, o, at) == 0;
    }
    if (all_ok && available > 0) real(Var::score, o, id) = score / available;
    across_years(o, id, outcome, size);
    replicates_across_years(o, id, outcome, size);
  }

  /// Change over years seen through the replicates (METHODS 6.5): every covariance between two years is formed by itself.
  void replicates_across_years(int o, std::uint64_t id, const panel::Outcome& outcome, int size) {
    std::vector<std::size_t> years;
    for (int t = 0; t < e_.n_years; ++t) {
      const std::size_t at = id * static_cast<std::size_t>(e_.n_years) + static_cast<std::size_t>(t);
      const auto status = static_cast<Status>(int8(Var::status, o, at));
      if (status == Status::ok || status == Status::few_replicates)
        years.push_back(static_cast<std::size_t>(t));
      else if (status != Status::criterion_unavailable)
        return;
    }
    std::vector<std::size_t> common;  // replicates with a fit in every year
    for (std::size_t r = 0; r < static_cast<std::size_t>(job_.statistics.n_pairs); ++r)
      if (std::all_of(years.begin(), years.end(), [&](std::size_t t) { return !replicates_[t][r].empty(); }))
        common.push_back(r);
    if (years.size() < 2 || static_cast<double>(common.size()) < 0.9 * job_.statistics.n_pairs || job_.statistics.n_pairs == 0)
      return;
    const double n_years = static_cast<double>(years.size()), n = static_cast<double>(common.size());
    for (std::size_t p = 0; p < static_cast<std::size_t>(size); ++p) {
      const auto coef = [&](std::size_t t) {
        return outcome.cells[t].price_factor *
               real(Var::coef, o, (id * static_cast<std::size_t>(e_.n_years) + t) * static_cast<std::size_t>(e_.n_slots) + p);
      };
      const auto draw = [&](std::size_t t, std::size_t r) { return outcome.cells[t].price_factor * replicates_[t][r][p]; };
      const auto slope = [&](auto value) {
        double mean_year = 0, mean = 0, top = 0, bottom = 0;
        for (const std::size_t t : years) mean_year += job_.design.years[t] / n_years, mean += value(t) / n_years;
        for (const std::size_t t : years) {
          top += (job_.design.years[t] - mean_year) * (value(t) - mean);
          bottom += (job_.design.years[t] - mean_year) * (job_.design.years[t] - mean_year);
        }
        return top / bottom;
      };
      std::vector<double> values, slopes, total;
      for (const std::size_t t : years) values.push_back(coef(t));
      for (const std::size_t r : common) {
        slopes.push_back(slope([&](std::size_t t) { return draw(t, r); }));
        total.push_back(0);
        for (const std::size_t t : years) total.back() += draw(t, r);
      }
      const std::size_t at = id * static_cast<std::size_t>(e_.n_slots) + p;
      real(Var::coef_trend, o, at) = slope(coef);
      real(Var::coef_trend_se, o, at) = moments(slopes).second;
      double own = 0, between = 0;
      for (const std::size_t t : years) {
        const double se = outcome.cells[t].price_factor *
                          real(Var::coef_boot_se, o,
                               (id * static_cast<std::size_t>(e_.n_years) + t) * static_cast<std::size_t>(e_.n_slots) + p);
        own += se * se;
      }
      if (common.size() == static_cast<std::size_t>(job_.statistics.n_pairs)) {
        for (const std::size_t s : years)
          for (const std::size_t t : years) {
            if (s == t) continue;
            double mean_s = 0, mean_t = 0, sum = 0;
            for (const std::size_t r : common) mean_s += draw(s, r) / n, mean_t += draw(t, r) / n;
            for (const std::size_t r : common) sum += (draw(s, r) - mean_s) * (draw(t, r) - mean_t);
            between += sum / (n - 1) / (n_years * (n_years - 1));
          }
      } else {  // a replicate without a fit in some year takes no part in what joins the years
        between = (moments(total).second * moments(total).second - own) / (n_years * (n_years - 1));
      }
      const double spread = moments(values).second, tau2 = spread * spread - own / n_years + between;
      if (!std::isnan(tau2)) real(Var::coef_year_tau, o, at) = std::sqrt(std::max(0.0, tau2));
    }
  }

  static std::int8_t mark(double b, double se, int df) {
    const double p = kernels::student_t_two_sided(b / se, df);
    return p < 0.05 ? 2 : p < 0.10 ? 1 : 0;
  }

  [[nodiscard]] Status status_of(const panel::Cell& cell, const std::vector<int>& members) const {
    for (const int m : members)
      if (cell.available[static_cast<std::size_t>(m)] == 0) return Status::criterion_unavailable;
    if (cell.n_rows() - static_cast<int>(members.size()) - e_.n_controls - 1 < 1) return Status::too_few_rows;
    for (const int m : members) {
      const double* c = cell.x.data() + static_cast<std::size_t>(e_.n_controls + m) * static_cast<std::size_t>(cell.n_rows());
      if (std::all_of(c, c + cell.n_rows(), [&](double x) { return x == c[0]; })) return Status::zero_variance;
    }
    return Status::ok;
  }

  template <class Slot>
  void pairs(int o, std::size_t at, const SlowCell& slow, const Fit& full, int size, int n_controls, int df, Slot slot,
             std::vector<std::vector<double>>* kept) {
    const int n_pairs = job_.statistics.n_pairs;
    std::vector<std::vector<double>> b(static_cast<std::size_t>(size));
    std::vector<double> r2;
    for (int r = 0; r < n_pairs; ++r) {
      const Fit f = slow.fit(slow.weights(Stream::pairs, r));
      kept->emplace_back();
      if (!f.ok) continue;
      kept->back().assign(f.ls.b.begin() + n_controls, f.ls.b.end());
      for (int p = 0; p < size; ++p) b[static_cast<std::size_t>(p)].push_back(f.ls.b[static_cast<std::size_t>(n_controls + p)]);
      r2.push_back(1 - f.ls.sse / f.ls.sst);
    }
    const int used = static_cast<int>(r2.size());
    int32(Var::replicates_used, o, at) = used;
    if (used < 0.9 * n_pairs) {
      int8(Var::status, o, at) = static_cast<std::int8_t>(Status::few_replicates);
      return;
    }
    for (int p = 0; p < size; ++p) {
      const auto [mean, sd] = moments(b[static_cast<std::size_t>(p)]);
      const double coef = full.ls.b[static_cast<std::size_t>(n_controls + p)];
      real(Var::coef_boot_mean, o, slot(p)) = mean;
      real(Var::coef_boot_se, o, slot(p)) = sd;
      int8(Var::mark, o, slot(p)) = mark(coef, sd, df);
      double same = 0;
      for (const double x : b[static_cast<std::size_t>(p)]) same += (x > 0) == (coef > 0) ? 1 : 0;
      real(Var::sign_share, o, slot(p)) = same / used;
      if (!e_.quantiles_of_all) continue;
      for (std::size_t q = 0; q < job_.statistics.quantiles.size(); ++q)
        real(Var::coef_quantile_all, o, slot(p) * job_.statistics.quantiles.size() + q) =
            plain_quantile(b[static_cast<std::size_t>(p)], job_.statistics.quantiles[q]);
    }
    const auto [mean, sd] = moments(r2);
    real(Var::r2_boot_mean, o, at) = mean;
    real(Var::r2_boot_sd, o, at) = sd;
  }

  template <class Slot>
  void halves(int o, std::size_t at, const SlowCell& slow, int size, int n_controls, int k, int n, Slot slot) {
    std::vector<double> n05(static_cast<std::size_t>(size)), n10(static_cast<std::size_t>(size));
    int used = 0;
    for (int h = 0; h < 2 * job_.statistics.n_half_pairs; ++h) {
      const Fit f = slow.fit(slow.weights(Stream::halves, h));
      if (!f.ok) continue;
      ++used;
      for (int p = 0; p < size; ++p) {
        const double limit = real(Var::coef_boot_se, o, slot(p)) * std::sqrt(n / f.n),
                     b = std::fabs(f.ls.b[static_cast<std::size_t>(n_controls + p)]);
        if (b > kernels::student_t_quantile(0.975, f.n - k) * limit) n05[static_cast<std::size_t>(p)] += 1;
        if (b > kernels::student_t_quantile(0.95, f.n - k) * limit) n10[static_cast<std::size_t>(p)] += 1;
      }
    }
    if (used == 0 || int8(Var::status, o, at) != 0) return;
    for (int p = 0; p < size; ++p) {
      real(Var::sig_share_05, o, slot(p)) = n05[static_cast<std::size_t>(p)] / used;
      real(Var::sig_share_10, o, slot(p)) = n10[static_cast<std::size_t>(p)] / used;
    }
  }

  double folds(int o, std::size_t at, const SlowCell& slow) {
    std::vector<double> rmse;
    double total = 0, rows = 0;
    int failed = 0;
    for (int repeat = 0; repeat < job_.statistics.n_repeats; ++repeat) {
      double sse = 0, n = 0;
      for (int fold = 0; fold < job_.statistics.n_folds; ++fold) {
        const std::vector<double> test = slow.weights(Stream::folds, repeat * job_.statistics.n_folds + fold);
        std::vector<double> train(test);
        for (double& w : train) w = 1 - w;
        const Fit f = slow.fit(train);
        if (!f.ok) {
          ++failed;
          continue;
        }
        sse += slow.held_out(f, test);
        for (const double w : test) n += w;
      }
      rmse.push_back(std::sqrt(sse / n));
      total += sse;
      rows += n;
    }
    int32(Var::cv_failed, o, at) = failed;
    real(Var::cv_rmse, o, at) = failed > 0 ? kInf : std::sqrt(total / rows);
    if (failed == 0 && rmse.size() > 1)
      real(Var::cv_rmse_se, o, at) = moments(rmse).second / std::sqrt(static_cast<double>(rmse.size()));
    return real(Var::cv_rmse, o, at);
  }

  static std::pair<double, double> moments(const std::vector<double>& x) {
    long double mean = 0, square = 0;
    for (const double v : x) mean += v;
    mean /= static_cast<long double>(x.size());
    for (const double v : x) square += (v - mean) * (v - mean);
    return {static_cast<double>(mean), static_cast<double>(std::sqrt(square / static_cast<long double>(x.size() - 1)))};
  }

  void across_years(int o, std::uint64_t id, const panel::Outcome& outcome, int size) {
    for (int p = 0; p < size; ++p) {
      std::vector<double> b;
      bool complete = true;
      for (int t = 0; t < e_.n_years; ++t) {
        const std::size_t at = id * static_cast<std::size_t>(e_.n_years) + static_cast<std::size_t>(t);
        if (int8(Var::status, o, at) == static_cast<std::int8_t>(Status::criterion_unavailable)) continue;
        const double coef = real(Var::coef, o, at * static_cast<std::size_t>(e_.n_slots) + static_cast<std::size_t>(p));
        complete = complete && !std::isnan(coef);
        b.push_back(outcome.cells[static_cast<std::size_t>(t)].price_factor * coef);
      }
      if (b.empty() || !complete) continue;
      const std::size_t at = id * static_cast<std::size_t>(e_.n_slots) + static_cast<std::size_t>(p);
      if (b.size() > 1) real(Var::coef_year_sd, o, at) = moments(b).second;
      double signs = 0;
      for (const double x : b) signs += x > 0 ? 1 : -1;
      real(Var::sign_consistency, o, at) = std::fabs(signs) / static_cast<double>(b.size());
    }
  }

  const search::Job& job_;
  Extents e_;
  MemorySink sink_;
};

}  // namespace

double plain_quantile(std::vector<double> x, double level) {
  std::sort(x.begin(), x.end());
  const double n = static_cast<double>(x.size()), h = std::clamp((n + 1) * level, 1.0, n);
  const std::size_t below = static_cast<std::size_t>(h), above = std::min(below + 1, x.size());
  return x[below - 1] + (h - static_cast<double>(below)) * (x[above - 1] - x[below - 1]);
}

MemorySink slow_search(const search::Job& job) { return SlowSearch(job).run(); }

}  // namespace nokkel::testing
