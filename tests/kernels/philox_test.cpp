#include "kernels/philox.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace nokkel::kernels {
namespace {

using Words = std::array<std::uint32_t, 4>;

Words block(const Words& counter, const std::array<std::uint32_t, 2>& key) {
  Words out{};
  philox4x32_10(counter.data(), key.data(), out.data());
  return out;
}

DrawKey first_key(std::uint32_t replicate) {
  return {.seed = 1, .purpose = Purpose::pairs, .year = 0, .response = 0, .sample = 0, .substream = 0, .replicate = replicate};
}

std::vector<std::uint64_t> ten_indices(std::uint32_t replicate) {
  Draws draws(first_key(replicate));
  std::vector<std::uint64_t> indices(10);
  for (std::uint64_t& i : indices) i = draws.index(10);
  return indices;
}

// R11: known-answer vectors of Random123 [Salmon11].
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(block({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(block({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// R12: indices and uniforms of the contract of METHODS 4.1.
TEST(Draws, GiveTheIndicesOfTheContract) {
  EXPECT_EQ(ten_indices(0), (std::vector<std::uint64_t>{0, 6, 3, 7, 2, 5, 5, 6, 6, 8}));
  EXPECT_EQ(ten_indices(1), (std::vector<std::uint64_t>{9, 0, 5, 9, 3, 4, 3, 2, 8, 8}));
}

TEST(Draws, GiveTheUniformsOfTheContract) {
  Draws draws(first_key(0));
  for (const double expected : {0.0439013376890943, 0.6397112320815219, 0.3211660015786358}) {
    EXPECT_NEAR(draws.uniform(), expected, 0.5e-16 * 10);  // sixteen decimals are given
  }
}

// Each field of a key has its own counter bits: c0 block, c1 replicate, c2 purpose, year, response, sample, c3 substream.
TEST(Draws, PlaceTheFieldsOfAKeyInTheCounter) {
  const DrawKey key{.seed = 0x299f31d0a4093822,
                    .purpose = Purpose::folds,
                    .year = 0x12,
                    .response = 0x34,
                    .sample = 0x56,
                    .substream = 0x789abcde,
                    .replicate = 0xfedcba98};
  Draws draws(key);
  for (std::uint32_t b = 0; b < 3; ++b) {
    const Words w = block({b, 0xfedcba98, 0x06123456, 0x789abcde}, {0xa4093822, 0x299f31d0});
    EXPECT_EQ(draws.next(), w[0] | (std::uint64_t{w[1]} << 32));
    EXPECT_EQ(draws.next(), w[2] | (std::uint64_t{w[3]} << 32));
  }
}

TEST(Draws, StayInsideTheirRange) {
  Draws draws(first_key(7));
  for (int i = 0; i < 10000; ++i) {
    EXPECT_LT(draws.index(3), 3U);
    const double u = draws.uniform();
    EXPECT_TRUE(u > 0 && u < 1);
  }
  EXPECT_EQ(draws.index(1), 0U);
}

}  // namespace
}  // namespace nokkel::kernels
