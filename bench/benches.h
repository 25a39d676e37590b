/// Every file of benches registers its own; main() runs what the command line asks for.
///
/// Names: bench/k:4/P:30/threads:1, where k is the largest size and P the number of criteria; what differs from the default
/// (support/rates.h) follows at the end, for example /isa:v3 or /n:1060.
#pragma once

namespace nokkel::bench {

void add_baselines();
void add_moments();
void add_quantiles();
void add_repairs();
void add_roofline();
void add_runs();
void add_sweeps();

}  // namespace nokkel::bench
