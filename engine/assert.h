/// Assertions on a caller's mistakes: print both values, on when NOKKEL_CHECKS is defined (presets dev, checked, asan).
#pragma once

#ifdef NOKKEL_CHECKS
#include <cstdio>
#include <cstdlib>
#define NOKKEL_ASSERT(condition)                                                             \
  do {                                                                                       \
    if (!(condition)) {                                                                      \
      std::fprintf(stderr, "%s:%d: assertion failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
#define NOKKEL_ASSERT_EQUAL(a, b)                                                                                     \
  do {                                                                                                                \
    const long long nokkel_a = static_cast<long long>(a), nokkel_b = static_cast<long long>(b);                       \
    if (nokkel_a != nokkel_b) {                                                                                       \
      std::fprintf(stderr, "%s:%d: assertion failed: %s (%lld) == %s (%lld)\n", __FILE__, __LINE__, #a, nokkel_a, #b, \
                   nokkel_b);                                                                                         \
      std::abort();                                                                                                   \
    }                                                                                                                 \
  } while (false)
#else
#define NOKKEL_ASSERT(condition) static_cast<void>(0)
#define NOKKEL_ASSERT_EQUAL(a, b) static_cast<void>(0)
#endif
