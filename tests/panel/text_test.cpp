#include "engine/text.h"

#include <gtest/gtest.h>

#include <vector>

namespace nokkel {
namespace {

TEST(Closest, OneSlipOfTheHandFindsTheName) {
  const std::vector<std::string> known{"population", "share_0_17", "unemployed", "år"};
  EXPECT_EQ(closest("populaton", known), "population");    // left out
  EXPECT_EQ(closest("populattion", known), "population");  // put in
  EXPECT_EQ(closest("populotion", known), "population");   // replaced
  EXPECT_EQ(closest("popualtion", known), "population");   // swapped
  EXPECT_EQ(closest("Population", known), "population");   // capital
  EXPECT_EQ(closest("ar", known), "år");                   // one code point, two bytes
}

TEST(Closest, NothingNearIsNothing) {
  EXPECT_EQ(closest("area", std::vector<std::string>{"population", "density"}), "");
  EXPECT_EQ(closest("ab", std::vector<std::string>{"xy"}), "");
  EXPECT_EQ(closest("x", std::vector<std::string>{}), "");
}

TEST(Closest, TheNearestWinsAndTiesGoToTheFirst) {
  EXPECT_EQ(closest("share_b", std::vector<std::string>{"share_xb", "share_B"}), "share_B");
  EXPECT_EQ(closest("share_c", std::vector<std::string>{"share_a", "share_b"}), "share_a");
}

TEST(Utf8, WellFormedTextHasNoError) {
  EXPECT_EQ(utf8_error("Østbyen 学校 \xF0\x9F\x8F\xAB"), std::string::npos);
  EXPECT_EQ(utf8_error(""), std::string::npos);
}

// One line per rule of Unicode 15, table 3-7.
TEST(Utf8, TheFirstWrongByteIsNamed) {
  EXPECT_EQ(utf8_error("ab\xD8stbyen"), 2U);      // Latin-1
  EXPECT_EQ(utf8_error("\xC0\xAF"), 0U);          // overlong, two bytes
  EXPECT_EQ(utf8_error("\xE0\x80\xAF"), 0U);      // overlong, three
  EXPECT_EQ(utf8_error("\xF0\x80\x80\xAF"), 0U);  // overlong, four
  EXPECT_EQ(utf8_error("\xED\xA0\x80"), 0U);      // surrogate
  EXPECT_EQ(utf8_error("\xF4\x90\x80\x80"), 0U);  // above U+10FFFF
  EXPECT_EQ(utf8_error("a\x80"), 1U);             // no lead byte
  EXPECT_EQ(utf8_error("a\xE5\xAD"), 1U);         // cut off
}

TEST(Utf8, CodePointsAreLetters) {
  EXPECT_EQ(code_points("aØ学\xF0\x9F\x8F\xAB"), std::u32string(U"aØ学\U0001F3EB"));
  EXPECT_EQ(code_points("\xD8").size(), 1U);
}

}  // namespace
}  // namespace nokkel
