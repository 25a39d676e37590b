#include "io/config/toml_document.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <limits>

#include "engine/error.h"

namespace nokkel::config {
namespace {

std::string error_of(const std::string& text) {
  try {
    parse_toml(text, "s.toml");
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(TomlDocument, KeepsTheOrderOfTheFileAndTheLineOfEachKey) {
  const Value root = parse_toml("zebra = 1\napple = [\n  'x',\n  'y']\n[middle]\nb = true\na = 2.5\n", "s.toml");
  ASSERT_EQ(root.entries.size(), 3U);
  EXPECT_EQ(root.entries[0].key, "zebra");
  EXPECT_EQ(root.entries[1].key, "apple");
  EXPECT_EQ(root.entries[2].key, "middle");
  EXPECT_EQ(root.find("apple")->where, "s.toml:2");
  EXPECT_EQ(root.find("apple")->items[1].where, "s.toml:4");
  EXPECT_EQ(root.find("middle")->entries[0].key, "b");
  EXPECT_EQ(root.find("middle")->find("a")->where, "s.toml:7");
}

TEST(TomlDocument, NamesTheLineThatIsNoToml) {
  EXPECT_EQ(error_of("[study]\nseed = 1\nseed = 2\n").substr(0, 24), "s.toml:3: not valid TOML");
  EXPECT_EQ(error_of("[study]\ntitle = \"open\n").substr(0, 24), "s.toml:2: not valid TOML");
  EXPECT_EQ(error_of("[study]\ntitle = \"\xff\"\n").substr(0, 24), "s.toml:2: not valid TOML");
}

TEST(TomlDocument, TextsReadBackAsTheyWere) {
  const std::string awkward[] = {
      "",          "'",    "\"\"\"", "a\\b", "line\nbreak\r\n", "tab\t",  "Østbyen",  "学校",         "# no",
      "a = \"b\"", "\x01", "\x7f",   "]]",   "'''\n'''",        "back\\", "\"quote'", "\xc2\x85 odd", "\xf0\x9f\x94\x91"};
  for (const std::string& text : awkward) {
    const auto back = parse_toml_value(toml_text(text_value(text)), "s");
    ASSERT_TRUE(back.has_value()) << toml_text(text_value(text));
    EXPECT_EQ(back->kind, Value::Kind::text);
    EXPECT_EQ(back->text, text);
  }
}

TEST(TomlDocument, NumbersReadBackBitForBit) {
  using Limits = std::numeric_limits<double>;
  for (const double real : {0.1, 1.0, 100.0, -0.0, 1e21, 1e-7, 1.0 / 3.0, Limits::max(), Limits::min(), Limits::denorm_min()}) {
    const auto back = parse_toml_value(toml_text(real_value(real)), "s");
    ASSERT_TRUE(back.has_value()) << toml_text(real_value(real));
    EXPECT_EQ(back->kind, Value::Kind::real) << toml_text(real_value(real));
    EXPECT_EQ(std::bit_cast<std::uint64_t>(back->real), std::bit_cast<std::uint64_t>(real)) << toml_text(real_value(real));
  }
  for (const std::int64_t integer : {std::int64_t{0}, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(parse_toml_value(toml_text(integer_value(integer)), "s")->integer, integer);
  }
}

TEST(TomlDocument, NumbersAreWrittenShort) {
  EXPECT_EQ(toml_text(real_value(0.8)), "0.8");
  EXPECT_EQ(toml_text(real_value(1.0)), "1.0");
}

TEST(TomlDocument, AValueIsOneValue) {
  EXPECT_FALSE(parse_toml_value("1\nother = 2", "s").has_value());
  EXPECT_FALSE(parse_toml_value("unit_id != '0301'", "s").has_value());
  EXPECT_FALSE(parse_toml_value("", "s").has_value());
  EXPECT_EQ(parse_toml_value("[1, 2]", "s")->items.size(), 2U);
}

}  // namespace
}  // namespace nokkel::config
