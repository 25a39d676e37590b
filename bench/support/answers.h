/// What a bench's answer is held against before it is timed. Every function returns what differs, or an empty text.
#pragma once

#include <string>

#include "bench/baseline/task.h"
#include "bench/support/sweep_case.h"

namespace nokkel::bench {

/// The task of a baseline: the first `n_replicates` pairs draws and every `step`-th combination of the case.
BaselineTask baseline_task(const SweepCase& s, int n_replicates, int step);

/// Each baseline against kernels::least_squares on rows, for some combinations and all replicates of the task.
std::string baseline_disagreement(const BaselineTask& task, const BaselineAnswer& answer, bool full);

/// Sums of the first tile of pairs of one block: against the portable kernels, and against QR on rows for its last
/// combinations, which are its largest.
std::string pairs_disagreement(const SweepCase& s, const kernels::Kernels& kernels);

/// Significance counts of the first tile of half-samples of one block, likewise.
std::string halves_disagreement(const SweepCase& s, const kernels::Kernels& kernels);

/// Sums and marks of sweep_full, likewise.
std::string full_disagreement(const SweepCase& s, const kernels::Kernels& kernels);

/// Sums of R2 alone: against the portable kernels and against those formed with coefficients, which are held against rows.
std::string fit_disagreement(const SweepCase& s, const kernels::Kernels& kernels);

/// Largest |b* - b| / se by criterion in one block, against the portable kernels, and of one replicate against QR on rows.
std::string max_t_disagreement(const SweepCase& s, const kernels::Kernels& kernels);

/// Held-out squared errors of one block, likewise.
std::string held_out_disagreement(const SweepCase& s, const kernels::Kernels& kernels);

/// The pairs SE that the halves bench assumes, squared.
inline constexpr double kSquaredError = 0.01;

/// 1 / SE that the max-t bench assumes.
inline constexpr double kInverseError = 10;

/// Relative difference that rounding may make: two summation orders of well-conditioned fits (pair correlations of 0.2, so that
/// condition numbers of the moments stay below 1e3, and 1e3 rounding errors of 1.1e-16 in sums of 1e3 terms).
inline constexpr double kRounding = 1e-10;

}  // namespace nokkel::bench
