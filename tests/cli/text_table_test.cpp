#include "io/cli/text_table.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <sstream>

#include "io/cli/json.h"

namespace nokkel::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Table sample() {
  Table table;
  table.columns = {{"rank", "rank", Kind::number},
                   {"score", "score", Kind::fixed, 2},
                   {"n", "n", Kind::count},
                   {"label", "combination", Kind::text}};
  table.rows = {{std::int64_t{1}, 0.125, std::int64_t{1234567}, "Østbyen + 学校"}, {std::int64_t{12}, kNan, Cell{}, "a,\"b\""}};
  return table;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(TextTable, ALabelTooWideForItsLineStandsWholeUnderIt) {
  Table table;
  table.columns = {{"rank", "rank", Kind::number}, {"label", "combination", Kind::label}};
  table.rows = {{std::int64_t{1}, std::string("unemployment_benefit + age + density_of_people")}};
  EXPECT_EQ(to_text(table, {80, false}), "rank  combination\n   1  unemployment_benefit + age + density_of_people\n");
  EXPECT_EQ(to_text(table, {40, false}), "rank\n   1\n      unemployment_benefit + age +\n      density_of_people\n");
}

TEST(TextTable, WideCharactersTakeTwoCellsAndMarksNone) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("Østbyen"), 7);
  EXPECT_EQ(display_width("学校"), 4);
  EXPECT_EQ(display_width("e\u0301"), 1);
  EXPECT_EQ(display_width("\u2013\u2026"), 2);
}

TEST(TextTable, ShorteningNeverCutsACharacterInHalf) {
  EXPECT_EQ(shorten("abcdef", 6), "abcdef");
  EXPECT_EQ(shorten("abcdef", 4), "abc…");
  EXPECT_EQ(shorten("学校学校", 5), "学校…");
  EXPECT_EQ(shorten("学校学校", 4), "学…");
  for (int width = 1; width < 12; ++width) EXPECT_LE(display_width(shorten("a学b校cøde", width)), width);
}

TEST(TextTable, ALabelKeepsSomethingOfEveryName) {
  EXPECT_EQ(shorten_label("share_age + density", 19), "share_age + density");
  EXPECT_EQ(shorten_label("unemployment_benefit + age + density", 22), "unemp… + age + density");
  EXPECT_EQ(shorten_label("unemployment_benefit + age + density", 20), "unem… + age + densi…");
  EXPECT_EQ(shorten_label("aaaaaaaa + bbbbbbbb + cccccccc", 12), "aaaaaaaa + …");
  for (int width = 1; width < 40; ++width)
    EXPECT_LE(display_width(shorten_label("学校学校 + Østbyen + density", width)), width);
}

TEST(TextTable, ColumnsLineUpByDisplayWidth) {
  const std::vector<std::string> lines = lines_of(to_text(sample(), {100, false}));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "rank  score          n  combination");
  EXPECT_EQ(lines[1], "   1   0.12  1,234,567  Østbyen + 学校");
  EXPECT_EQ(lines[2], "  12      –          –  a,\"b\"");
}

TEST(TextTable, NoLineIsWiderThanTheScreen) {
  Table table = sample();
  for (int i = 0; i < 8; ++i) {
    table.columns.push_back({"c", "column", Kind::general, 4});
    for (auto& row : table.rows) row.emplace_back(1234.5678 * i);
  }
  table.rows[0][3] = std::string(300, 'x');
  for (int width = 20; width < 160; ++width)
    for (const std::string& line : lines_of(to_text(table, {width, false}))) EXPECT_LE(display_width(line), width) << line;
}

TEST(TextTable, ATextColumnShrinksBeforeColumnsAreLeftOut) {
  Table table = sample();
  table.rows[0][3] = std::string(80, 'x');
  const std::string narrow = to_text(table, {40, false});
  EXPECT_THAT(narrow, HasSubstr("xxx…"));
  EXPECT_THAT(narrow, Not(HasSubstr("left out")));
  EXPECT_THAT(to_text(table, {24, false}), HasSubstr("left out"));
}

TEST(TextTable, ALabelThatWouldBeCutGoesUnderItsRowWhole) {
  Table table = sample();
  table.columns[3].kind = Kind::label;
  table.rows[0].back() = "unemployment_benefit + single_parents + density";
  const std::vector<std::string> lines = lines_of(to_text(table, {46, false}));
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[0], "rank  score          n");
  EXPECT_EQ(lines[2], "      unemployment_benefit + single_parents +");
  EXPECT_EQ(lines[3], "      density");
  EXPECT_EQ(lines_of(to_text(table, {90, false})).size(), 3U);
}

TEST(TextTable, ALineBreakInANameDoesNotBreakTheTable) {
  Table table = sample();
  table.rows[0][3] = "two\nlines";
  EXPECT_EQ(lines_of(to_text(table, {100, false})).size(), 3U);
}

TEST(TextTable, ColourIsOnlyWhereItIsWanted) {
  Table table;
  table.columns = {{"m", "marks", Kind::mark}, {"t", "t", Kind::text}};
  table.rows = {{"xx/x", "end"}};
  EXPECT_THAT(to_text(table, {80, false}), Not(HasSubstr("\033")));
  EXPECT_THAT(to_text(table, {80, true}), HasSubstr("\033[32mxx/x"));
}

TEST(TextTable, CsvQuotesAndKeepsEveryDigit) {
  Table table = sample();
  table.rows[0][1] = 0.1 + 0.2;
  EXPECT_EQ(to_csv(table), "rank,score,n,label\n1,0.30000000000000004,1234567,Østbyen + 学校\n12,,,\"a,\"\"b\"\"\"\n");
}

TEST(TextTable, JsonHasNullForWhatIsMissing) {
  const std::string json = table_json("rank", sample());
  EXPECT_THAT(json, HasSubstr("\"schema\": \"nokkel-table/1\""));
  EXPECT_THAT(json, HasSubstr("\"command\": \"rank\""));
  EXPECT_THAT(json, HasSubstr("\"score\": null"));
  EXPECT_THAT(json, HasSubstr("\"label\": \"Østbyen + 学校\""));
}

TEST(TextTable, HiddenColumnsAreOnlyInTheOtherForms) {
  Table table = sample();
  table.columns[2].in_text = false;
  EXPECT_THAT(to_text(table, {100, false}), Not(HasSubstr("1,234,567")));
  EXPECT_THAT(to_csv(table), HasSubstr("1234567"));
}

TEST(TextTable, QuantitiesInWords) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(93178047048), "93,178,047,048");
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(seconds_text(0.001), "under 0.1 s");
  EXPECT_EQ(seconds_text(0.42), "0.4 s");
  EXPECT_EQ(seconds_text(192), "3 min 12 s");
  EXPECT_EQ(seconds_text(7500), "2 h 5 min");
  EXPECT_EQ(shortest(1.0 / 3), "0.3333333333333333");
}

}  // namespace
}  // namespace nokkel::cli
