#include "kernels/order_statistics.h"

#include <initializer_list>

namespace nokkel::kernels {

namespace portable {
extern const OrderKernels kOrderTable;
}
namespace v3 {
extern const OrderKernels kOrderTable;
}
namespace v4 {
extern const OrderKernels kOrderTable;
}

const OrderKernels* order_kernels_for(Isa isa) {
  if (kernels_for(isa) == nullptr) return nullptr;
  switch (isa) {
    case Isa::portable:
      return &portable::kOrderTable;
    case Isa::v3:
      return &v3::kOrderTable;
    case Isa::v4:
      return &v4::kOrderTable;
  }
  return nullptr;
}

const OrderKernels& order_kernels_of(const Kernels& kernels) {
  for (const Isa isa : {Isa::v4, Isa::v3})
    if (kernels_for(isa) == &kernels) return *order_kernels_for(isa);
  return portable::kOrderTable;
}

}  // namespace nokkel::kernels
