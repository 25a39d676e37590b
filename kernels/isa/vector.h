/// Eight doubles as pieces of the instruction set's width: the same operations in the same order on every one, so
/// that AVX2 and AVX-512 give equal bits. Included only by files compiled once per instruction set (NOKKEL_ISA).
#pragma once

#include <immintrin.h>

namespace nokkel::kernels::NOKKEL_ISA {

#if defined(__AVX512F__)
inline constexpr int kPieceLanes = 8;
#elif defined(__AVX2__)
inline constexpr int kPieceLanes = 4;
#else
inline constexpr int kPieceLanes = 2;
#endif
inline constexpr int kPieces = 8 / kPieceLanes;

using Piece [[gnu::vector_size(kPieceLanes * 8), gnu::aligned(kPieceLanes * 8)]] = double;
using Bits [[gnu::vector_size(kPieceLanes * 8), gnu::aligned(kPieceLanes * 8)]] = long long;

/// x * y + z, fused where the instruction set has it, never otherwise.
inline Piece piece_fma(Piece x, Piece y, Piece z) {
#if defined(__AVX512F__)
  return _mm512_fmadd_pd(x, y, z);
#elif defined(__FMA__)
  return _mm256_fmadd_pd(x, y, z);
#else
  return x * y + z;
#endif
}

/// z - x * y
inline Piece piece_fnma(Piece x, Piece y, Piece z) {
#if defined(__AVX512F__)
  return _mm512_fnmadd_pd(x, y, z);
#elif defined(__FMA__)
  return _mm256_fnmadd_pd(x, y, z);
#else
  return z - x * y;
#endif
}

#define NOKKEL_EACH _Pragma("GCC unroll 4") for (int i = 0; i < kPieces; ++i)

struct Mask {
  Bits p[kPieces];
};

struct V {
  Piece p[kPieces];

  static V load(const double* x) {
    V r;
    NOKKEL_EACH r.p[i] = *reinterpret_cast<const Piece*>(x + i * kPieceLanes);
    return r;
  }
  static V all(double x) {
    V r;
    NOKKEL_EACH r.p[i] = Piece{} + x;
    return r;
  }
  void store(double* x) const { NOKKEL_EACH* reinterpret_cast<Piece*>(x + i * kPieceLanes) = p[i]; }

  friend V operator+(V a, V b) {
    NOKKEL_EACH a.p[i] += b.p[i];
    return a;
  }
  friend V operator-(V a, V b) {
    NOKKEL_EACH a.p[i] -= b.p[i];
    return a;
  }
  friend V operator*(V a, V b) {
    NOKKEL_EACH a.p[i] *= b.p[i];
    return a;
  }
  friend V operator/(V a, V b) {
    NOKKEL_EACH a.p[i] /= b.p[i];
    return a;
  }
  friend Mask operator<(V a, V b) {
    Mask m;
    NOKKEL_EACH m.p[i] = a.p[i] < b.p[i];
    return m;
  }
};

inline V fma(V x, V y, V z) {
  NOKKEL_EACH z.p[i] = piece_fma(x.p[i], y.p[i], z.p[i]);
  return z;
}
inline V fnma(V x, V y, V z) {
  NOKKEL_EACH z.p[i] = piece_fnma(x.p[i], y.p[i], z.p[i]);
  return z;
}
/// 0 where m, else x.
inline V unless(Mask m, V x) {
  NOKKEL_EACH x.p[i] = m.p[i] ? Piece{} : x.p[i];
  return x;
}
inline Mask none() {
  Mask m;
  NOKKEL_EACH m.p[i] = Bits{};
  return m;
}
inline Mask operator|(Mask a, Mask b) {
  NOKKEL_EACH a.p[i] |= b.p[i];
  return a;
}
/// a - m counts the true lanes of m into a, lane by lane.
inline Mask count_into(Mask a, Mask m) {
  NOKKEL_EACH a.p[i] -= m.p[i];
  return a;
}

inline bool any(Mask m) {
  Bits r = m.p[0];
  for (int i = 1; i < kPieces; ++i) r |= m.p[i];
#if defined(__AVX512F__)
  return _mm512_test_epi64_mask(reinterpret_cast<__m512i>(r), reinterpret_cast<__m512i>(r)) != 0;
#elif defined(__AVX2__)
  return _mm256_movemask_pd(reinterpret_cast<__m256d>(r)) != 0;
#else
  return _mm_movemask_pd(reinterpret_cast<__m128d>(r)) != 0;
#endif
}

/// Sum of the eight lanes, always ((l0+l4)+(l2+l6)) + ((l1+l5)+(l3+l7)).
inline double sum(V x) {
#if defined(__AVX512F__)
  const __m256d h = _mm512_castpd512_pd256(x.p[0]) + _mm512_extractf64x4_pd(x.p[0], 1);
  const __m128d q = _mm256_castpd256_pd128(h) + _mm256_extractf128_pd(h, 1);
#elif defined(__AVX2__)
  const __m256d h = x.p[0] + x.p[1];
  const __m128d q = _mm256_castpd256_pd128(h) + _mm256_extractf128_pd(h, 1);
#else
  const __m128d q = (x.p[0] + x.p[2]) + (x.p[1] + x.p[3]);
#endif
  return q[0] + q[1];
}
inline int sum(Mask x) {
  Bits r = x.p[0];
  for (int i = 1; i < kPieces; ++i) r += x.p[i];
  long long total = 0;
  for (int i = 0; i < kPieceLanes; ++i) total += r[i];
  return static_cast<int>(total);
}

}  // namespace nokkel::kernels::NOKKEL_ISA
