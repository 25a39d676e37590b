#include "engine/parallel.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_pipeline.h>
#include <oneapi/tbb/task_arena.h>
#include <sched.h>

#include <algorithm>
#include <cmath>

#include "engine/cgroup.h"

namespace nokkel {

int available_threads() {
  cpu_set_t set;
  int n = 1;
  if (sched_getaffinity(0, sizeof set, &set) == 0) n = CPU_COUNT(&set);
  if (const double quota = cgroup_cpu_quota(); quota > 0)
    n = std::min(n, std::max(1, static_cast<int>(std::floor(quota + 0.5))));
  return std::max(1, n);
}

void ordered_parallel_for(std::size_t n, int n_threads, const std::function<std::shared_ptr<void>(std::size_t, int)>& make,
                          const std::function<void(std::size_t, void*)>& consume) {
  namespace tbb = oneapi::tbb;
  struct Item {
    std::size_t i = 0;
    std::shared_ptr<void> result;
  };
  // Without this TBB never runs more threads than cores, whatever the arena asks for.
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(n_threads));
  tbb::task_arena arena(n_threads);
  arena.execute([&] {
    std::size_t next = 0;
    tbb::parallel_pipeline(static_cast<std::size_t>(2 * n_threads),
                           tbb::make_filter<void, Item>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control& control) {
                             if (next == n) control.stop();
                             return Item{next == n ? n : next++, nullptr};
                           }) & tbb::make_filter<Item, Item>(tbb::filter_mode::parallel, [&](Item item) {
                             item.result = make(item.i, tbb::this_task_arena::current_thread_index());
                             return item;
                           }) & tbb::make_filter<Item, void>(tbb::filter_mode::serial_in_order, [&](const Item& item) {
                             consume(item.i, item.result.get());
                           }));
  });
}

}  // namespace nokkel
