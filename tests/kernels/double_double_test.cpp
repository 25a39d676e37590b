/// Against 113-bit floating point: the error bounds of double_double.h, and that its transformations are exact.
#include "kernels/double_double.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "kernels/lane_pack.h"

namespace nokkel::kernels {
namespace {

__extension__ using Quad = __float128;

constexpr double kU2 = 0x1p-106;    // u^2
constexpr double kQuad = 0x1p-111;  // what the yardstick itself may be off, a few operations
constexpr int kRounds = 20000;

Quad quad(DoubleDouble x) { return static_cast<Quad>(x.hi) + static_cast<Quad>(x.lo); }
double relative(DoubleDouble x, Quad exact) {
  const Quad e = (quad(x) - exact) / exact;
  return std::fabs(static_cast<double>(e));
}

class Numbers {
 public:
  double plain() {
    const double x = std::ldexp(static_cast<double>(engine_() >> 11), -53 + static_cast<int>(engine_() % 41) - 20);
    return (engine_() & 1) != 0 ? x : -x;
  }
  DoubleDouble value() {
    const double hi = plain();
    return two_sum(hi, hi * (static_cast<double>(engine_() >> 11) * 0x1p-106));
  }
  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_{20170705};
};

TEST(DoubleDouble, SumsAndProductsOfDoublesAreExact) {
  Numbers numbers;
  for (int round = 0; round < kRounds; ++round) {
    const double a = numbers.plain(), b = numbers.plain();
    const DoubleDouble p = two_product(a, b), s = two_sum(a, b), d = two_difference(a, b);
    EXPECT_EQ(p.hi, a * b);
    EXPECT_EQ(p.lo, std::fma(a, b, -p.hi));
    EXPECT_TRUE(quad(s) == static_cast<Quad>(a) + static_cast<Quad>(b));  // exponents differ by 41 at most: 113 bits do
    EXPECT_TRUE(quad(d) == static_cast<Quad>(a) - static_cast<Quad>(b));
    const DoubleDouble halves = split(a);
    EXPECT_EQ(halves.hi + halves.lo, a);
    for (const double h : {halves.hi, halves.lo}) EXPECT_EQ(std::fma(h, h, -(h * h)), 0);  // at most 26 bits each
  }
}

/// Dekker's halves and the fused operation give the same bits, so that no instruction set has its own answer.
TEST(DoubleDouble, ProductsByHalvesEqualFusedOnes) {
  Numbers numbers;
  for (int round = 0; round < kRounds; ++round) {
    const double a = numbers.plain(), b = numbers.plain();
    const DoubleDouble by_halves = two_product<double>(a, b);
    EXPECT_EQ(by_halves.hi, a * b);
    EXPECT_EQ(by_halves.lo, std::fma(a, b, -by_halves.hi));
  }
}

TEST(DoubleDouble, OperationsKeepTheirErrorBounds) {
  Numbers numbers;
  for (int round = 0; round < kRounds; ++round) {
    const DoubleDouble a = numbers.value(), b = numbers.value();
    EXPECT_LE(relative(a + b, quad(a) + quad(b)), 3 * kU2 + kQuad * std::fabs(a.hi / (a + b).hi));
    EXPECT_LE(relative(a - b, quad(a) - quad(b)), 3 * kU2 + kQuad * std::fabs(a.hi / (a - b).hi));
    EXPECT_LE(relative(a * b, quad(a) * quad(b)), 7 * kU2 + kQuad);
    EXPECT_LE(relative(a * b.hi, quad(a) * static_cast<Quad>(b.hi)), 2 * kU2 + kQuad);
    EXPECT_LE(relative(a / b, quad(a) / quad(b)), 15 * kU2 + kQuad);
    const DoubleDouble root = sqrt(a * a);
    EXPECT_LE(relative(root * root, quad(a * a)), 2 * 13 * kU2 + 7 * kU2 + kQuad);
    EXPECT_LE(std::fabs(root.lo), std::ldexp(std::fabs(root.hi), -53));
  }
}

/// Nearly equal operands: what is left after cancellation has its own relative accuracy.
TEST(DoubleDouble, CancellationLosesNothing) {
  Numbers numbers;
  for (int round = 0; round < kRounds; ++round) {
    const DoubleDouble a = numbers.value();
    const double small = a.hi * 0x1p-70;
    const DoubleDouble rest = (a + small) - a;
    EXPECT_NEAR(rest.hi / small, 1, 3 * 0x1p-106 * 0x1p70 * 2);
  }
}

TEST(DoubleDouble, LanesOfAPairAreNumbersOfTheirOwn) {
  Numbers numbers;
  for (int round = 0; round < kRounds; ++round) {
    const DoubleDouble a = numbers.value(), b = numbers.value(), c = numbers.value(), d = numbers.value();
    const PairDouble x{Pair{a.hi, c.hi}, Pair{a.lo, c.lo}}, y{Pair{b.hi, d.hi}, Pair{b.lo, d.lo}};
    const PairDouble r = (x * y - x / y) + y;
    const DoubleDouble first = (a * b - a / b) + b, second = (c * d - c / d) + d;
    EXPECT_EQ(r.hi[0], first.hi);
    EXPECT_EQ(r.lo[0], first.lo);
    EXPECT_EQ(r.hi[1], second.hi);
    EXPECT_EQ(r.lo[1], second.lo);
  }
}

TEST(DoubleDouble, RootOfZeroIsZero) {
  EXPECT_EQ(sqrt(DoubleDouble(0)).hi, 0);
  EXPECT_EQ(sqrt(DoubleDouble(4)).hi, 2);
  EXPECT_EQ(sqrt(DoubleDouble(4)).lo, 0);
}

}  // namespace
}  // namespace nokkel::kernels
