/// Every setting, in two plain structs: Statistics changes the answer and is stored with the result; Execution never
/// does (a test varies each field and compares the result bytes).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "engine/memory_nodes.h"

namespace nokkel {

/// Whose coefficients get quantiles over the pairs replicates.
enum class QuantilesOf { none, selected, all };

struct Statistics {
  std::uint64_t seed = 0;  ///< every draw is a function of (seed, purpose, replicate): METHODS 4.1
  int n_pairs = 999;       ///< replicates of the pairs bootstrap; (999 + 1) * 0.025 is whole
  int n_half_pairs = 500;  ///< complementary half-samples: twice as many halves
  int n_folds = 10;        ///< folds of a cross-validation, by unit
  int n_repeats = 10;      ///< repeats of the cross-validation
  int n_selected = 100;    ///< combinations kept in detail per outcome
  std::vector<double> quantiles{0.025, 0.05, 0.5, 0.95, 0.975};  ///< levels, increasing, between 0 and 1
  QuantilesOf quantiles_of = QuantilesOf::selected;              ///< `all` takes about twice the processor time
};

enum class KernelLevel { automatic, portable, v3, v4 };

struct Execution {
  int n_threads = 0;                                   ///< 0: all that this process may use
  std::size_t memory_limit = 0;                        ///< bytes of the whole process; 0: no limit of our own
  std::size_t memory_outside = 0;                      ///< of these, what the process has or will have beside the search
  std::size_t ranks_together = std::size_t{32} << 20;  ///< bytes up to which all years are ranked in one go
  KernelLevel kernel = KernelLevel::automatic;         ///< v3 and v4 give equal bits; portable equals them to rounding
  MemoryNodes memory_nodes;                            ///< CPUs of each; empty: those of this machine
  const std::atomic<bool>* stop = nullptr;             ///< looked at between blocks; set: Interrupted is thrown
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;  ///< fits finished, from one thread
};

}  // namespace nokkel
