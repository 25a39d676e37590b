/// The engine's own resamples. Nothing is kept between calls: a replicate is made again from its counter, so it is the
/// same whatever was asked before, by whichever thread.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/assert.h"
#include "engine/error.h"
#include "engine/resample/resample.h"
#include "engine/resample/strata.h"
#include "kernels/philox.h"

namespace nokkel::resample {
namespace {

using kernels::DrawKey;
using kernels::Draws;
using kernels::Purpose;

constexpr int kFewestUnits = 4;
constexpr std::uint32_t kSharedSample = 0xFF;

/// Fisher-Yates of METHODS 4.1: i from n-1 down to 1, exchanged with an index in [0, i].
void shuffle(std::vector<int>& units, const DrawKey& key) {
  Draws draws(key);
  for (std::size_t i = units.size() - 1; i > 0; --i) std::swap(units[i], units[draws.index(i + 1)]);
}

class CounterProvider final : public Provider {
 public:
  CounterProvider(const panel::Frame& frame, std::uint32_t sample, const Statistics& statistics)
      : statistics_(statistics),
        sample_(sample),
        strata_(merged_strata(frame)),
        rao_wu_(uses_rao_wu(frame, strata_)),
        n_units_(static_cast<int>(frame.units.size())) {}

  [[nodiscard]] int n_units() const override { return n_units_; }

  [[nodiscard]] int n_replicates(Stream stream) const override {
    switch (stream) {
      case Stream::full:
        return 1;
      case Stream::pairs:
        return statistics_.n_pairs;
      case Stream::halves:
        return 2 * statistics_.n_half_pairs;
      case Stream::folds:
        return statistics_.n_folds * statistics_.n_repeats;
    }
    return 0;
  }

  void weights(Stream stream, int first, int n, double* w, int stride) const override {
    NOKKEL_ASSERT(first >= 0 && n >= 0 && n <= stride && first + n <= n_replicates(stream));
    const double start = stream == Stream::full ? 1.0 : 0.0;
    for (int u = 0; u < n_units_; ++u) std::fill_n(w + std::ptrdiff_t{u} * stride, n, start);
    switch (stream) {
      case Stream::full:
        return;
      case Stream::pairs:
        return add_pairs(first, n, w, stride);
      case Stream::halves:
        return add_halves(first, n, w, stride);
      case Stream::folds:
        return add_folds(first, n, w, stride);
    }
  }

 private:
  [[nodiscard]] DrawKey key(Purpose purpose, std::uint32_t substream, int replicate) const {
    return {.seed = statistics_.seed,
            .purpose = purpose,
            .sample = sample_,
            .substream = substream,
            .replicate = static_cast<std::uint32_t>(replicate)};
  }

  void add_pairs(int first, int n, double* w, int stride) const {
    for (int r = 0; r < n; ++r) {
      for (const Stratum& s : strata_) draw_pairs(s, first + r, w + r, stride);
    }
  }

  void draw_pairs(const Stratum& s, int replicate, double* w, int stride) const {
    Draws draws(key(Purpose::pairs, s.substream, replicate));
    const int n_draws = rao_wu_ ? s.n() - 1 : s.n();
    for (int i = 0; i < n_draws; ++i) w[std::ptrdiff_t{s.units[draws.index(s.units.size())]} * stride] += 1.0;
    if (!rao_wu_) return;
    const double factor = static_cast<double>(s.n()) / n_draws;
    for (const int u : s.units) w[std::ptrdiff_t{u} * stride] *= factor;
  }

  void add_halves(int first, int n, double* w, int stride) const {
    for (const Stratum& s : strata_) {
      std::vector<int> order;
      for (int r = 0; r < n; ++r) {
        const int replicate = first + r;
        if (r == 0 || replicate % 2 == 0) {
          order = s.units;
          shuffle(order, key(Purpose::half_sample, s.substream, replicate / 2));
        }
        const int size = s.n() / 2;
        const int start = replicate % 2 == 0 ? 0 : size;
        for (int i = start; i < start + size; ++i) w[std::ptrdiff_t{order[i]} * stride + r] = 1.0;
      }
    }
  }

  void add_folds(int first, int n, double* w, int stride) const {
    const int n_folds = statistics_.n_folds;
    std::vector<int> dealt;
    for (int r = 0; r < n; ++r) {
      const int fold = (first + r) % n_folds;
      if (r == 0 || fold == 0) dealt = deal((first + r) / n_folds);
      for (int i = fold; i < n_units_; i += n_folds) w[std::ptrdiff_t{dealt[i]} * stride + r] = 1.0;
    }
  }

  /// All units, stratum after stratum, in random order within each: place i goes to fold i mod n_folds.
  [[nodiscard]] std::vector<int> deal(int repeat) const {
    std::vector<int> dealt;
    for (const Stratum& s : strata_) {
      std::vector<int> order = s.units;
      shuffle(order, key(Purpose::folds, (s.substream << 16) | static_cast<std::uint32_t>(repeat), 0));
      dealt.insert(dealt.end(), order.begin(), order.end());
    }
    return dealt;
  }

  Statistics statistics_;
  std::uint32_t sample_;
  std::vector<Stratum> strata_;
  bool rao_wu_;
  int n_units_;
};

}  // namespace

std::unique_ptr<Provider> make_provider(const panel::Frame& frame, int frame_index, const Statistics& statistics) {
  NOKKEL_ASSERT(frame_index >= 0 && frame_index < static_cast<int>(kSharedSample));
  const int n = static_cast<int>(frame.units.size());
  if (n < kFewestUnits) {
    throw InputError(fmt::format("sample '{}'", frame.name), fmt::format("{} units, too few to resample", n),
                     fmt::format("at least {} are needed: widen the sample", kFewestUnits));
  }
  if (statistics.n_repeats > 0 && n < statistics.n_folds) {
    throw InputError("cross_validation.folds",
                     fmt::format("{} folds of the {} units of sample '{}'", statistics.n_folds, n, frame.name),
                     fmt::format("use at most {} folds", n));
  }
  const std::uint32_t sample = is_stratified(frame) ? kSharedSample : static_cast<std::uint32_t>(frame_index);
  return std::make_unique<CounterProvider>(frame, sample, statistics);
}

}  // namespace nokkel::resample
