/// The half-samples of a block: how often a coefficient is significant, and which combinations lead.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/search/sinks.h"
#include "engine/search/top_list.h"

namespace nokkel::search {

/// Receives the rank values of a combination in the half-samples of a tile.
class RankReceiver {
 public:
  virtual ~RankReceiver() = default;
  /// The tile that the next values are of.
  virtual void start(const Tile& tile) = 0;
  /// value: by lane, 64-byte aligned; those of the lanes in `live` count and are finite.
  virtual void values(int place, const double* value, kernels::LaneMask live) = 0;
};

/// Half-samples: counts of significance by the pairs SE (METHODS 4.3.1), and GCV over years for the ranks.
///
/// Significant: b^2 > t_{1-a/2, n_h-k}^2 se^2 n / n_h. Rank value: mean over the available years of
/// [SSE/n_h / (1 - k/n_h)^2] / [SST/n of the full sample]. Ranked are combinations whose every year is ok or lacks a criterion.
class HalfMarks final : public RowSink {
 public:
  /// se2: [place][year][row] squared pairs SE (standardised), NaN where unknown; empty: no counts. id: combination numbers, for
  /// the lists; null: no ranks.
  HalfMarks(const BlockShape& shape, const std::vector<double>& se2, const StatusTable& status,
            const std::vector<YearFacts>& years, const CriticalValues& critical, std::vector<std::uint32_t> id, TopLists* lists,
            const kernels::Kernels& kernels);
  /// Rank values go to `receiver` too.
  void tell(RankReceiver* receiver) { receiver_ = receiver; }
  void start(std::span<const Tile* const> tiles);
  void combination(const Leaf& leaf) override;

  /// Halves in which a row is significant at 5 or 10 %, and halves with a fit.
  [[nodiscard]] double count05(int place, int year, int i) const { return count(place, year, 2 * i); }
  [[nodiscard]] double count10(int place, int year, int i) const { return count(place, year, 2 * i + 1); }
  [[nodiscard]] int used(int place, int year) const { return used_[shape_.cell(place, year)]; }

 private:
  struct Factors {
    AlignedBuffer t05, t10, gcv;
    bool made = false;
  };
  const Factors& factors_of(const Tile& tile, int n_members);
  [[nodiscard]] double count(int place, int year, int i) const {
    return counts_[shape_.cell(place, year) * stride_ + static_cast<std::size_t>(i)];
  }
  void count(const Part& part, std::size_t cell, const Factors& f);
  void offer(const Leaf& leaf, kernels::LaneMask dead);

  BlockShape shape_;
  const StatusTable& status_;
  const std::vector<YearFacts>& years_;
  const CriticalValues& critical_;
  std::vector<std::uint32_t> id_;
  TopLists* lists_;
  RankReceiver* receiver_ = nullptr;
  const kernels::Kernels& kernels_;
  std::size_t stride_;
  AlignedBuffer counts_;                       // [cell][row][2], padded
  std::vector<double> inverse_se2_;            // [cell][row]
  std::vector<int> used_, n_ranked_;           // [cell]; [place]: years of its rank value, 0: not ranked
  std::vector<std::vector<Factors>> factors_;  // [year][members]
  const Tile* first_tile_ = nullptr;
  AlignedBuffer masked05_, masked10_, value_, share_, threshold_;
  int share_of_ = 0;  // years that share_ divides by
};

}  // namespace nokkel::search
