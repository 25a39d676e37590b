/// The conventional ways, as baselines (KERNELS 8). Single-threaded, compiled for this very machine, no allocation inside a
/// fit but where it is said.
#pragma once

#include "bench/baseline/task.h"

namespace nokkel::bench {

/// Eigen's moments once a replicate, then LLT of the centred normal equations a fit, written as a program that does not know
/// its sizes has it: matrices of any size, made for each fit. With what every user of a fit asks for: coefficients, their
/// classical SE by the diagonal of the inverse, marks at 5 and 10 %, R2, and the sums of all. The budgets are ratios to this
/// one.
void eigen_llt(const BaselineTask& task, BaselineAnswer* answer);

/// The same on matrices of fixed capacity, with nothing allocated and the inverse of the factor only.
void eigen_llt_capacity(const BaselineTask& task, BaselineAnswer* answer);

/// That one with coefficients, signs and R2 only: what sweep_pairs sums.
void eigen_llt_coefficients(const BaselineTask& task, BaselineAnswer* answer);

/// Those two with every size a constant of the compiler: the most that Eigen gives, for a code written for this very task.
void eigen_llt_unrolled(const BaselineTask& task, BaselineAnswer* answer);
void eigen_llt_coefficients_unrolled(const BaselineTask& task, BaselineAnswer* answer);

/// Eigen's column-pivoted Householder QR of the rows drawn, one a fit: coefficients, signs and R2.
void eigen_qr(const BaselineTask& task, BaselineAnswer* answer);

/// LAPACK's dgels on the rows drawn, one a fit: coefficients, signs and R2.
void lapack_gels(const BaselineTask& task, BaselineAnswer* answer);

}  // namespace nokkel::bench
