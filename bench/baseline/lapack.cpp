#include <algorithm>
#include <cstddef>

#include "bench/baseline/baselines.h"
#include "bench/baseline/drawn_rows.h"

extern "C" void dgels_(const char* trans, const int* m, const int* n, const int* nrhs, double* a, const int* lda, double* b,
                       const int* ldb, double* work, const int* lwork, int* info, std::size_t trans_length);

namespace nokkel::bench {

void lapack_gels(const BaselineTask& task, BaselineAnswer* answer) {
  answer->assign(task.size.size() * static_cast<std::size_t>(task.stride + 1), {});
  constexpr int kWork = 64 * 1024;  // far above what blocks of up to 64 columns ask for
  std::vector<double> a(static_cast<std::size_t>(task.n) * static_cast<std::size_t>(task.stride + 1)),
      b(static_cast<std::size_t>(task.n)), work(kWork);
  for (const auto& weight : task.weights) {
    const DrawnRows rows(task, weight);
    const int* members = task.members.data();
    BaselineSums* to = answer->data();
    for (const int size : task.size) {
      std::copy_n(rows.root.data(), rows.n, a.data());
      for (int i = 0; i < size; ++i)
        std::copy_n(rows.x.data() + static_cast<long>(members[i]) * rows.n, rows.n,
                    a.data() + static_cast<long>(i + 1) * rows.n);
      std::copy_n(rows.y.data(), rows.n, b.data());
      const int columns = size + 1, one = 1, length = kWork;
      int info = 0;
      dgels_("N", &rows.n, &columns, &one, a.data(), &rows.n, b.data(), &rows.n, work.data(), &length, &info, 1);
      double sse = 0;
      for (int i = columns; i < rows.n; ++i) sse += b[static_cast<std::size_t>(i)] * b[static_cast<std::size_t>(i)];
      for (int i = 0; i < size; ++i) add_value(to + i, b[static_cast<std::size_t>(i + 1)]);
      add_value(to + task.stride, 1 - sse / rows.sst);
      members += task.stride;
      to += task.stride + 1;
    }
  }
}

}  // namespace nokkel::bench
