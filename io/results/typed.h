/// Choosing the one vector of a Values that holds a variable's numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "engine/sink.h"
#include "engine/variables.h"

namespace nokkel::results {

/// The vector of element type T; V is Values or const Values.
template <class T, class V>
auto& numbers(V& values) {
  if constexpr (std::is_same_v<T, double>)
    return values.real;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return values.int32;
  else
    return values.int8;
}

/// Calls `use.operator()<T>()` with the element type.
template <class Use>
decltype(auto) with_type(VarType type, Use&& use) {
  switch (type) {
    case VarType::int32:
      return use.template operator()<std::int32_t>();
    case VarType::int8:
      return use.template operator()<std::int8_t>();
    case VarType::real:
      break;
  }
  return use.template operator()<double>();
}

inline std::size_t count_of(const Values& values, VarType type) {
  return with_type(type, [&]<class T>() { return numbers<T>(values).size(); });
}

}  // namespace nokkel::results
