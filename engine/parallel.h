/// The one parallel loop: workers with their own scratch, then one consumer in input order (the only file pair that
/// includes TBB).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace nokkel {

/// Threads that this process may use: affinity and cgroup CPU quota taken into account, at least 1.
int available_threads();

/// make(i, slot) runs in parallel, slot in [0, n_threads) is the caller's scratch number (never shared by two running
/// calls); consume(i, result) runs in order of i, one at a time. At most 2 n_threads results wait. An exception in
/// either ends the loop and is rethrown.
void ordered_parallel_for(std::size_t n, int n_threads,
                          const std::function<std::shared_ptr<void>(std::size_t i, int slot)>& make,
                          const std::function<void(std::size_t i, void* result)>& consume);

}  // namespace nokkel
