/// Double-double arithmetic: a value is the unevaluated sum hi + lo, |lo| <= ulp(hi)/2; about 31 digits.
///
/// Every operation is built of error-free transformations, so it gives the same bits with and without a fused
/// multiply-add: two_product() is exact either way. T is double, or a pack of doubles with + - * / lane by lane. Nothing here
/// may be contracted (-ffp-contract=off for the build) and no intermediate may overflow: |x| < 2^970 where two_product splits.
/// Relative errors with u = 2^-53: sum 3 u^2, product 7 u^2, quotient 10 u^2, root 13 u^2.
/// Source: Joldes, Muller, Popescu (2017), ACM TOMS 44(2):15, algorithms 1-3, 4, 6, 7, 9, 10, 17; Dekker (1971); Karp &
/// Markstein (1997) for the root.
#pragma once

#include <cmath>

namespace nokkel::kernels {

template <class T>
struct BasicDoubleDouble {
  T hi{}, lo{};
  BasicDoubleDouble() = default;
  constexpr BasicDoubleDouble(T h) : hi(h) {}  // NOLINT(google-explicit-constructor): a double is a double-double
  constexpr BasicDoubleDouble(T h, T l) : hi(h), lo(l) {}
};
using DoubleDouble = BasicDoubleDouble<double>;

/// a + b exactly, |a| >= |b| or a = 0.
template <class T>
inline BasicDoubleDouble<T> fast_two_sum(T a, T b) {
  const T s = a + b;
  return {s, b - (s - a)};
}

/// a + b exactly.
template <class T>
inline BasicDoubleDouble<T> two_sum(T a, T b) {
  const T s = a + b, t = s - a;
  return {s, (a - (s - t)) + (b - t)};
}

/// a - b exactly.
template <class T>
inline BasicDoubleDouble<T> two_difference(T a, T b) {
  const T s = a - b, t = s - a;
  return {s, (a - (s - t)) - (b + t)};
}

/// Dekker's split: a = hi + lo, each of at most 26 bits.
template <class T>
inline BasicDoubleDouble<T> split(T a) {
  const T c = a * 134217729.0, hi = c - (c - a);  // 2^27 + 1
  return {hi, a - hi};
}

/// a b exactly, by Dekker's products of halves.
template <class T>
inline BasicDoubleDouble<T> two_product(T a, T b) {
  const BasicDoubleDouble<T> x = split(a), y = split(b);
  const T p = a * b;
  return {p, x.lo * y.lo - (((p - x.hi * y.hi) - x.lo * y.hi) - x.hi * y.lo)};
}
/// The same with one fused operation where the instruction set has it; elsewhere std::fma would be a library call.
inline DoubleDouble two_product(double a, double b) {
#ifdef __FMA__
  const double p = a * b;
  return {p, __builtin_fma(a, b, -p)};
#else
  return two_product<double>(a, b);
#endif
}

template <class T>
inline BasicDoubleDouble<T> operator-(BasicDoubleDouble<T> a) {
  return {-a.hi, -a.lo};
}

template <class T>
inline BasicDoubleDouble<T> operator+(BasicDoubleDouble<T> a, BasicDoubleDouble<T> b) {
  const BasicDoubleDouble<T> s = two_sum(a.hi, b.hi), t = two_sum(a.lo, b.lo);
  const BasicDoubleDouble<T> v = fast_two_sum(s.hi, s.lo + t.hi);
  return fast_two_sum(v.hi, t.lo + v.lo);
}
template <class T>
inline BasicDoubleDouble<T> operator-(BasicDoubleDouble<T> a, BasicDoubleDouble<T> b) {
  return a + (-b);
}
template <class T>
inline BasicDoubleDouble<T> operator+(BasicDoubleDouble<T> a, T b) {
  const BasicDoubleDouble<T> s = two_sum(a.hi, b);
  return fast_two_sum(s.hi, a.lo + s.lo);
}

template <class T>
inline BasicDoubleDouble<T> operator*(BasicDoubleDouble<T> a, BasicDoubleDouble<T> b) {
  const BasicDoubleDouble<T> p = two_product(a.hi, b.hi);
  return fast_two_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}
template <class T>
inline BasicDoubleDouble<T> operator*(BasicDoubleDouble<T> a, T b) {
  const BasicDoubleDouble<T> p = two_product(a.hi, b);
  const BasicDoubleDouble<T> s = fast_two_sum(p.hi, a.lo * b);
  return fast_two_sum(s.hi, s.lo + p.lo);
}

template <class T>
inline BasicDoubleDouble<T> operator/(BasicDoubleDouble<T> a, BasicDoubleDouble<T> b) {
  const T q = a.hi / b.hi;
  const BasicDoubleDouble<T> r = b * q;
  const T rest = (a.hi - r.hi) + (a.lo - r.lo);  // the first difference is exact
  return fast_two_sum(q, rest / b.hi);
}

/// a >= 0.
inline DoubleDouble sqrt(DoubleDouble a) {
  if (!(a.hi > 0)) return {};
  const double s = std::sqrt(a.hi);
  const DoubleDouble rest = a - two_product(s, s);
  return fast_two_sum(s, rest.hi / (2 * s));
}

inline DoubleDouble operator+(DoubleDouble a, DoubleDouble b) { return operator+ <double>(a, b); }
inline DoubleDouble operator-(DoubleDouble a, DoubleDouble b) { return operator- <double>(a, b); }
inline DoubleDouble operator*(DoubleDouble a, DoubleDouble b) { return operator* <double>(a, b); }
inline DoubleDouble operator/(DoubleDouble a, DoubleDouble b) { return operator/ <double>(a, b); }
inline double to_double(DoubleDouble a) { return a.hi + a.lo; }

}  // namespace nokkel::kernels
