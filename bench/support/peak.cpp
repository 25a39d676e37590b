/// The peak loop of one instruction set; compiled with -march=native, so no standard templates here.
#include "bench/support/peak.h"

namespace nokkel::bench {

using Wide = double __attribute__((vector_size(64)));

double peak_loop(long n) {
  constexpr int kChains = 16;
  Wide chain[kChains];
  for (int i = 0; i < kChains; ++i)
    for (int l = 0; l < 8; ++l) chain[i][l] = 1 + i + l;
  const Wide a = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5}, b = {1, 1, 1, 1, 1, 1, 1, 1};
  for (long k = 0; k < n; ++k)
#pragma GCC unroll 16
    for (int i = 0; i < kChains; ++i) chain[i] = chain[i] * a + b;
  double sum = 0;
  for (int i = 0; i < kChains; ++i)
    for (int l = 0; l < 8; ++l) sum += chain[i][l];
  return sum;
}

double peak_loop_flops(long n) { return 16.0 * 8 * 2 * static_cast<double>(n); }

double sum_loop(long n, const double* x) {
  Wide chain[8] = {};
  for (long i = 0; i < n; i += 64)
#pragma GCC unroll 8
    for (int c = 0; c < 8; ++c) chain[c] += *reinterpret_cast<const Wide*>(x + i + 8 * c);
  double sum = 0;
  for (const Wide& c : chain)
    for (int l = 0; l < 8; ++l) sum += c[l];
  return sum;
}

double division_loop(long n) {
  constexpr int kChains = 8;
  Wide chain[kChains];
  for (int i = 0; i < kChains; ++i)
    for (int l = 0; l < 8; ++l) chain[i][l] = 1 + i + l;
  const Wide a = {3, 3, 3, 3, 3, 3, 3, 3};
  for (long k = 0; k < n; ++k)
#pragma GCC unroll 8
    for (int i = 0; i < kChains; ++i) chain[i] = a / chain[i];
  double sum = 0;
  for (int i = 0; i < kChains; ++i)
    for (int l = 0; l < 8; ++l) sum += chain[i][l];
  return sum;
}

double division_loop_count(long n) { return 8.0 * 8 * static_cast<double>(n); }

}  // namespace nokkel::bench
