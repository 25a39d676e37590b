#include "kernels/sweep.h"

#include <initializer_list>

namespace nokkel::kernels {

namespace portable {
extern const Kernels kTable;
}
namespace v3 {
extern const Kernels kTable;
}
namespace v4 {
extern const Kernels kTable;
}

const Kernels* kernels_for(Isa isa) {
  __builtin_cpu_init();
  switch (isa) {
    case Isa::portable:
      return &portable::kTable;
    case Isa::v3:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &v3::kTable : nullptr;
    case Isa::v4:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                     __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("fma")
                 ? &v4::kTable
                 : nullptr;
  }
  return nullptr;
}

const Kernels& best_kernels() {
  for (const Isa isa : {Isa::v4, Isa::v3})
    if (const Kernels* k = kernels_for(isa)) return *k;
  return portable::kTable;
}

}  // namespace nokkel::kernels
