// The reader against texts whose tables are known by construction, and each kind of bad file against its message.
#include "io/table/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "engine/error.h"

namespace nokkel::table {
namespace {

using Row = std::vector<std::string>;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string refusal_of(const std::string& text) {
  try {
    parse_csv(text, "panel.csv");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Csv, FieldsRowsAndLinesAreThoseOfTheFile) {
  const panel::Table table = parse_csv("id,name\n0101,Halden\n0104,Moss\n", "panel.csv");
  EXPECT_EQ(table.source, "panel.csv");
  EXPECT_THAT(table.header, ElementsAre("id", "name"));
  EXPECT_THAT(table.rows, ElementsAre(Row{"0101", "Halden"}, Row{"0104", "Moss"}));
  EXPECT_THAT(table.line, ElementsAre(2, 3));
}

TEST(Csv, QuotedFieldsHoldCommasQuotesAndLineBreaks) {
  const panel::Table table = parse_csv("id,name\n1,\"a, \"\"b\"\"\"\n2,\"two\r\nlines\"\n3,\"\"\n", "panel.csv");
  EXPECT_THAT(table.rows, ElementsAre(Row{"1", "a, \"b\""}, Row{"2", "two\r\nlines"}, Row{"3", ""}));
  EXPECT_THAT(table.line, ElementsAre(2, 3, 5));
}

TEST(Csv, NamesInAnyScriptAreKept) {
  const panel::Table table = parse_csv("id,学校\n1,Østbyen\n2,\"Våg, \"\"søndre\"\"\"\n", "panel.csv");
  EXPECT_THAT(table.header, ElementsAre("id", "学校"));
  EXPECT_THAT(table.rows, ElementsAre(Row{"1", "Østbyen"}, Row{"2", "Våg, \"søndre\""}));
}

TEST(Csv, LineEndsByteOrderMarkAndBlankLinesMakeNoDifference) {
  const panel::Table plain = parse_csv("a,b\n1,2\n3,4\n", "panel.csv");
  for (const char* text : {"a,b\r\n1,2\r\n3,4\r\n",
                           "\xEF\xBB\xBF"
                           "a,b\n1,2\n3,4",
                           "a,b\n1,2\n3,4\r", "a,b\n1,2\n3,4\n \t\n\n"}) {
    const panel::Table table = parse_csv(text, "panel.csv");
    EXPECT_EQ(table.header, plain.header) << text;
    EXPECT_EQ(table.rows, plain.rows) << text;
    EXPECT_EQ(table.line, plain.line) << text;
  }
  EXPECT_THAT(parse_csv("\n\na,b\n\n1,2\n", "panel.csv").line, ElementsAre(5));
}

TEST(Csv, EmptyCellsAtBothEndsAreCells) {
  EXPECT_THAT(parse_csv("a,b,c\n,,\n", "panel.csv").rows, ElementsAre(Row{"", "", ""}));
}

// Writing any table by RFC 4180 and reading it gives the table: 200 random tables over the characters that matter.
TEST(Csv, ReadingWhatWasWrittenGivesTheSameTable) {
  const std::vector<std::string> pieces{"a", ",", "\"", "\n", "\r\n", " ", "ø", "学", "1", ";"};
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const std::size_t n_columns = 1 + random() % 4, n_rows = 1 + random() % 5;
    std::string text;
    for (std::size_t j = 0; j < n_columns; ++j) text += (j ? ",c" : "c") + std::to_string(j);
    text += "\n";
    std::vector<Row> rows(n_rows, Row(n_columns));
    for (Row& row : rows) {
      for (std::size_t j = 0; j < n_columns; ++j) {
        for (std::size_t n = random() % 4; n > 0; --n) row[j] += pieces[random() % pieces.size()];
        text += j ? ",\"" : "\"";
        for (const char c : row[j]) text += c == '"' ? std::string("\"\"") : std::string(1, c);
        text += "\"";
      }
      text += random() % 2 ? "\n" : "\r\n";
    }
    EXPECT_EQ(parse_csv(text, "panel.csv").rows, rows) << "seed " << seed << "\n" << text;
  }
}

TEST(Csv, AnEmptyFileIsRefused) {
  for (const char* text : {"", "\n \n", "\xEF\xBB\xBF"})
    EXPECT_THAT(refusal_of(text), AllOf(StartsWith("panel.csv:1: the file is empty"), HasSubstr("header line")));
}

TEST(Csv, AHeaderWithoutRowsIsRefused) {
  EXPECT_THAT(refusal_of("id,name\n\n"), AllOf(StartsWith("panel.csv:1: a header and no rows"), HasSubstr("at least one row")));
}

TEST(Csv, ARowOfAnotherWidthIsRefusedWithBothCounts) {
  EXPECT_THAT(refusal_of("a,b,c\n1,2,3\n\"x\ny\",2\n"), StartsWith("panel.csv:3: the row has 2 fields, the header 3;"));
  EXPECT_THAT(refusal_of("a,b\n1,2,3\n"), StartsWith("panel.csv:2: the row has 3 fields, the header 2;"));
}

TEST(Csv, AnUnclosedQuoteIsRefusedWhereItOpens) {
  EXPECT_THAT(refusal_of("a,b\n1,\"x\n2,3\n"), StartsWith("panel.csv:2: a quote is opened here and never closed;"));
}

TEST(Csv, TextAfterAClosingQuoteIsRefused) {
  EXPECT_THAT(refusal_of("a,b\n1,2\n\"x\"y,2\n"), StartsWith("panel.csv:3: text after a closing quote;"));
}

TEST(Csv, AQuoteInsideAPlainFieldIsRefused) {
  EXPECT_THAT(refusal_of("a,b\n1,x\"y\n"), StartsWith("panel.csv:2: a quote inside a field"));
}

TEST(Csv, BytesThatAreNoUtf8AreRefused) {
  EXPECT_THAT(refusal_of("a,b\n1,\xD8stbyen\n"), AllOf(StartsWith("panel.csv:2: byte 0xD8 is no UTF-8;"), HasSubstr("iconv")));
  EXPECT_THAT(refusal_of(std::string("a,b\n1,\0\n", 8)), StartsWith("panel.csv:2: a NUL byte"));
}

TEST(Csv, EmptyAndRepeatedColumnNamesAreRefused) {
  EXPECT_THAT(refusal_of(",b\n1,2\n"), StartsWith("panel.csv:1: column 1 has no name;"));
  EXPECT_THAT(refusal_of("\na,b,a\n1,2,3\n"), StartsWith("panel.csv:2: columns 1 and 3 are both named \"a\";"));
}

TEST(Csv, AnotherDelimiterIsRefusedWithTheRemedy) {
  EXPECT_THAT(refusal_of("a;b\n1;2\n"), AllOf(StartsWith("panel.csv:1: fields are separated by ';';"), HasSubstr("commas")));
  EXPECT_THAT(refusal_of("a\tb\n1\t2\n"), StartsWith("panel.csv:1: fields are separated by tabs;"));
  EXPECT_EQ(refusal_of("\"a;b;c\",d\n1,2\n"), "accepted");
}

class CsvFile : public ::testing::Test {
 protected:
  CsvFile() : folder_(std::filesystem::temp_directory_path() / ("nokkel_csv_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~CsvFile() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(CsvFile, AFileIsReadUnderTheNameThatTheUserGave) {
  const auto file = folder_ / "Østbyen, \"学校\".csv";
  std::ofstream(file, std::ios::binary) << "a,b\n1,2\n";
  const panel::Table table = read_csv(file, "data/x.csv");
  EXPECT_EQ(table.source, "data/x.csv");
  EXPECT_THAT(table.rows, ElementsAre(Row{"1", "2"}));
}

TEST_F(CsvFile, NoFileAndAFolderAreRefused) {
  EXPECT_THAT([&] { read_csv(folder_ / "none.csv", "none.csv"); },
              ::testing::ThrowsMessage<InputError>(StartsWith("none.csv: no such file;")));
  EXPECT_THAT([&] { read_csv(folder_, "data"); }, ::testing::ThrowsMessage<InputError>(StartsWith("data: this is a folder;")));
}

}  // namespace
}  // namespace nokkel::table
