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

/// Lanes that a comparison picked: a mask register where there are such, else all bits of the lane.
struct Mask {
#if defined(__AVX512F__)
  __mmask8 p;
#else
  Bits p[kPieces];
#endif
};
/// A whole number a lane.
struct Counts {
  Bits p[kPieces];
};

struct V {
  Piece p[kPieces];

  static V load(const double* x) {
    V r;
    NOKKEL_EACH r.p[i] = *reinterpret_cast<const Piece*>(x + i * kPieceLanes);
    return r;
  }
  static V load_anywhere(const double* x) {  // on no particular boundary
    V r;
#if defined(__AVX512F__)
    r.p[0] = _mm512_loadu_pd(x);
#elif defined(__AVX2__)
    NOKKEL_EACH r.p[i] = _mm256_loadu_pd(x + i * kPieceLanes);
#else
    NOKKEL_EACH r.p[i] = _mm_loadu_pd(x + i * kPieceLanes);
#endif
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
#if defined(__AVX512F__)
    m.p = _mm512_cmp_pd_mask(a.p[0], b.p[0], _CMP_LT_OQ);
#else
    NOKKEL_EACH m.p[i] = a.p[i] < b.p[i];
#endif
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
/// y where x or y is not a number; so is min.
inline V max(V x, V y) {
#if defined(__AVX512F__)
  x.p[0] = _mm512_max_pd(x.p[0], y.p[0]);
#elif defined(__AVX2__)
  NOKKEL_EACH x.p[i] = _mm256_max_pd(x.p[i], y.p[i]);
#else
  NOKKEL_EACH x.p[i] = _mm_max_pd(x.p[i], y.p[i]);
#endif
  return x;
}
inline V min(V x, V y) {
#if defined(__AVX512F__)
  x.p[0] = _mm512_min_pd(x.p[0], y.p[0]);
#elif defined(__AVX2__)
  NOKKEL_EACH x.p[i] = _mm256_min_pd(x.p[i], y.p[i]);
#else
  NOKKEL_EACH x.p[i] = _mm_min_pd(x.p[i], y.p[i]);
#endif
  return x;
}
/// Cut to whole numbers; |x| < 2^31.
inline void store_whole(V x, int* to) {
#if defined(__AVX512F__)
  _mm256_store_si256(reinterpret_cast<__m256i*>(to), _mm512_cvttpd_epi32(x.p[0]));
#elif defined(__AVX2__)
  NOKKEL_EACH _mm_store_si128(reinterpret_cast<__m128i*>(to + 4 * i), _mm256_cvttpd_epi32(x.p[i]));
#else
  NOKKEL_EACH _mm_storel_epi64(reinterpret_cast<__m128i*>(to + 2 * i), _mm_cvttpd_epi32(x.p[i]));
#endif
}
inline V abs(V x) {
  NOKKEL_EACH x.p[i] = reinterpret_cast<Piece>(reinterpret_cast<Bits>(x.p[i]) & (Bits{} + 0x7fffffffffffffff));
  return x;
}
/// 1/x, rounded correctly, so that every instruction set gives the same bits. AVX-512 multiplies its way there twice as fast as
/// it divides: two Newton steps from the 14-bit seed give the reciprocal within one unit in the last place, and from there a
/// third rounds correctly for every mantissa that is not all ones (Markstein 1990). For those 1/x is a power of two plus a
/// little more than half a unit, and the third step is right when it starts from the unit above. Undefined where 1/x is not
/// finite or x is below 2^-1022.
inline V reciprocal(V x) {
#if defined(__AVX512F__)
  const Piece b = x.p[0], one = Piece{} + 1;
  const __m512i unit = _mm512_set1_epi64(1);
  const __mmask8 all_ones =
      _mm512_testn_epi64_mask(_mm512_add_epi64(reinterpret_cast<__m512i>(b), unit), _mm512_set1_epi64(0x000fffffffffffff));
  Piece y = _mm512_rcp14_pd(b);
  for (int step = 0; step < 2; ++step) y = _mm512_fmadd_pd(y, _mm512_fnmadd_pd(b, y, one), y);
  const __m512i start = reinterpret_cast<__m512i>(y);
  y = reinterpret_cast<Piece>(_mm512_mask_or_epi64(start, all_ones, start, unit));
  return {{_mm512_fmadd_pd(y, _mm512_fnmadd_pd(b, y, one), y)}};
#else
  NOKKEL_EACH x.p[i] = (Piece{} + 1) / x.p[i];
  return x;
#endif
}
/// 0 where m, else x.
inline V unless(Mask m, V x) {
#if defined(__AVX512F__)
  x.p[0] = _mm512_maskz_mov_pd(static_cast<__mmask8>(~m.p), x.p[0]);
#else
  NOKKEL_EACH x.p[i] = m.p[i] ? Piece{} : x.p[i];
#endif
  return x;
}
inline Mask none() { return {}; }
inline Mask operator|(Mask a, Mask b) {
#if defined(__AVX512F__)
  a.p = static_cast<__mmask8>(a.p | b.p);
#else
  NOKKEL_EACH a.p[i] |= b.p[i];
#endif
  return a;
}
#if defined(__AVX512F__)
inline unsigned bits(Mask m) { return m.p; }
#else
inline unsigned bits(Bits lanes) {
#if defined(__AVX2__)
  return static_cast<unsigned>(_mm256_movemask_pd(reinterpret_cast<__m256d>(lanes)));
#else
  return static_cast<unsigned>(_mm_movemask_pd(reinterpret_cast<__m128d>(lanes)));
#endif
}
/// Bit i: lane i.
inline unsigned bits(Mask m) {
  unsigned r = 0;
  NOKKEL_EACH r |= bits(m.p[i]) << (i * kPieceLanes);
  return r;
}
#endif
inline bool any(Mask m) {
#if defined(__AVX512F__)
  return m.p != 0;
#else
  Bits r = m.p[0];
  for (int i = 1; i < kPieces; ++i) r |= m.p[i];
  return bits(r) != 0;
#endif
}

/// c with the lanes of m counted in.
inline Counts count_into(Counts c, Mask m) {
#if defined(__AVX512F__)
  c.p[0] = reinterpret_cast<Bits>(
      _mm512_mask_sub_epi64(reinterpret_cast<__m512i>(c.p[0]), m.p, reinterpret_cast<__m512i>(c.p[0]), _mm512_set1_epi64(-1)));
#else
  NOKKEL_EACH c.p[i] -= m.p[i];
#endif
  return c;
}

/// Lane counts of count_into as doubles: small whole numbers, put into the mantissa of 2^52.
inline V as_numbers(Counts counts) {
  V r;
  NOKKEL_EACH r.p[i] = reinterpret_cast<Piece>(counts.p[i] | (Bits{} + 0x4330000000000000)) - 0x1p52;
  return r;
}

/// Lane j: sum of the eight lanes of a[j], always ((l0+l4)+(l2+l6)) + ((l1+l5)+(l3+l7)). Eight sums for about the price of
/// two.
inline V sums_of_eight(const V* a) {
  V r;
#if defined(__AVX512F__)
  const auto halves = [](Piece x, Piece y) { return _mm512_shuffle_f64x2(x, y, 0x44) + _mm512_shuffle_f64x2(x, y, 0xee); };
  const auto quarters = [](Piece x, Piece y) { return _mm512_shuffle_f64x2(x, y, 0x88) + _mm512_shuffle_f64x2(x, y, 0xdd); };
  const Piece even = quarters(halves(a[0].p[0], a[2].p[0]), halves(a[4].p[0], a[6].p[0]));
  const Piece odd = quarters(halves(a[1].p[0], a[3].p[0]), halves(a[5].p[0], a[7].p[0]));
  r.p[0] = _mm512_unpacklo_pd(even, odd) + _mm512_unpackhi_pd(even, odd);
#elif defined(__AVX2__)
  const auto halves = [](const V& x) { return x.p[0] + x.p[1]; };
  const auto quarters = [](Piece x, Piece y) {
    return _mm256_permute2f128_pd(x, y, 0x20) + _mm256_permute2f128_pd(x, y, 0x31);
  };
  for (int i = 0; i < 2; ++i) {
    const V* b = a + 4 * i;
    const Piece even = quarters(halves(b[0]), halves(b[2])), odd = quarters(halves(b[1]), halves(b[3]));
    r.p[i] = _mm256_unpacklo_pd(even, odd) + _mm256_unpackhi_pd(even, odd);
  }
#else
  const auto quarters = [](const V& x) { return (x.p[0] + x.p[2]) + (x.p[1] + x.p[3]); };
  for (int i = 0; i < 4; ++i) {
    const Piece x = quarters(a[2 * i]), y = quarters(a[2 * i + 1]);
    r.p[i] = _mm_unpacklo_pd(x, y) + _mm_unpackhi_pd(x, y);
  }
#endif
  return r;
}

}  // namespace nokkel::kernels::NOKKEL_ISA
