// The join against tables small enough to join by hand, numbers against their text, and refused input by message.
#include "engine/panel/panel.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <locale>

#include "tests/panel/tables.h"

namespace nokkel::panel {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

Table table_of(const std::string& text, const std::string& source) { return table::parse_csv(text, source); }

TEST(MakePanel, RowsAreSortedByUnitThenYearAndIdsStayText) {
  const Panel panel = panel_of("unit,year,name,x\n0301,2011,Oslo,3\n0101,2010,Halden,1\n0301,2010,Oslo,2\n");
  EXPECT_THAT(panel.unit, ElementsAre("0101", "0301", "0301"));
  EXPECT_THAT(panel.year, ElementsAre(2010, 2010, 2011));
  EXPECT_THAT(panel.unit_name, ElementsAre("Halden", "Oslo", "Oslo"));
  EXPECT_THAT(panel.line, ElementsAre(3, 4, 2));
  EXPECT_THAT(panel.parent, IsEmpty());
  EXPECT_THAT(panel.column_name, ElementsAre("unit", "year", "name", "x"));
  EXPECT_THAT(column_as_text(panel, "x"), ElementsAre("1", "2", "3"));
}

TEST(MakePanel, TablesAreJoinedOuterOnUnitAndYear) {
  const Table a = table_of("unit,year,x\n1,2010,10\n2,2010,20\n", "a.csv");
  const Table b = table_of("kommune,aar,y\n2,2010,200\n2,2011,201\n", "b.csv");
  const Panel panel = make_panel({a, b}, {{"unit", "year", "", ""}, {"kommune", "aar", "", ""}});
  EXPECT_EQ(panel.source, "a.csv, b.csv");
  EXPECT_THAT(panel.unit, ElementsAre("1", "2", "2"));
  EXPECT_THAT(panel.year, ElementsAre(2010, 2010, 2011));
  EXPECT_THAT(column_as_text(panel, "x"), ElementsAre("10", "20", ""));
  EXPECT_THAT(column_as_text(panel, "y"), ElementsAre("", "200", "201"));
  EXPECT_THAT(panel.line, ElementsAre(2, 3, 3));
}

TEST(MakePanel, ATableWithoutYearsIsJoinedToEveryYearOfItsUnits) {
  const Table a = table_of("unit,year,x\n1,2010,10\n1,2011,11\n2,2010,20\n", "a.csv");
  const Table b = table_of("unit,region\n1,north\n3,south\n", "b.csv");
  const Panel panel = make_panel({a, b}, {{"unit", "year", "", ""}, {"unit", "", "", ""}});
  EXPECT_THAT(panel.unit, ElementsAre("1", "1", "2"));
  EXPECT_THAT(column_as_text(panel, "region"), ElementsAre("north", "north", ""));
}

TEST(MakePanel, WithoutAnyYearTheTablesAreOneCrossSection) {
  const Table a = table_of("unit,x\n2,20\n1,10\n", "a.csv");
  const Table b = table_of("unit,z\n3,30\n", "b.csv");
  const Panel panel = make_panel({a, b}, {{"unit", "", "", ""}, {"unit", "", "", ""}});
  EXPECT_THAT(panel.unit, ElementsAre("1", "2", "3"));
  EXPECT_THAT(panel.year, ElementsAre(0, 0, 0));
  EXPECT_THAT(column_as_text(panel, "z"), ElementsAre("", "", "30"));
}

TEST(MakePanel, ADuplicateUnitYearNamesBothLines) {
  const std::string message = refusal([] { panel_of("unit,year,x\n0301,2010,1\n0101,2010,2\n0301,2010,3\n"); });
  EXPECT_THAT(message, StartsWith("panel.csv:4: unit 0301, year 2010 is already on line 2; keep one"));
}

TEST(MakePanel, BadKeysAreRefusedByLine) {
  EXPECT_THAT(refusal([] { panel_of("unit,year\n1,2010\n ,2011\n"); }), StartsWith("panel.csv:3: column \"unit\" is empty;"));
  for (const char* year : {"10", "2010.5", "x", "20100", "-2010"})
    EXPECT_THAT(refusal([&] { panel_of(std::string("unit,year\n1,") + year + "\n"); }),
                StartsWith(std::string("panel.csv:2: \"") + year + "\" in column \"year\" is no year;"));
}

TEST(MakePanel, AMissingKeyColumnIsNamedWithTheNearest) {
  const Table table = table_of("unit_id,year\n1,2010\n", "panel.csv");
  EXPECT_THAT(refusal([&] { make_panel({table}, {{"unit_ids", "year", "", ""}}); }),
              AllOf(StartsWith("panel.csv: unit column: no column \"unit_ids\""), HasSubstr("did you mean \"unit_id\"?")));
}

TEST(MakePanel, AColumnInTwoTablesIsRefused) {
  const Table a = table_of("unit,year,x\n1,2010,1\n", "a.csv"), b = table_of("unit,year,x\n1,2010,1\n", "b.csv");
  const TableKeys keys{"unit", "year", "", ""};
  EXPECT_THAT(refusal([&] { make_panel({a, b}, {keys, keys}); }), StartsWith("b.csv: column \"x\" is also in a.csv; rename"));
}

TEST(MakePanel, TwoParentsOfOneUnitAreRefused) {
  const Table a = table_of("unit,year,city\n1,2010,9\n", "a.csv"), b = table_of("unit,year,city\n1,2010,8\n", "b.csv");
  const TableKeys keys{"unit", "year", "", "city"};
  EXPECT_THAT(refusal([&] { make_panel({a, b}, {keys, keys}); }),
              StartsWith("b.csv:2: unit 1, year 2010 has parent 8 here and 9 in another table;"));
}

TEST(Numbers, AreReadAsWrittenAndMissingIsNaN) {
  const Panel panel = panel_of("unit,x\na,1.5\nb, -2e3 \nc,+0.25\nd,\ne,NA\nf,NaN\ng,.\nh,1e-3\n");
  const std::vector<double> x = column_as_numbers(panel, "x");
  EXPECT_EQ(x[0], 1.5);
  EXPECT_EQ(x[1], -2000);
  EXPECT_EQ(x[2], 0.25);
  for (const int missing : {3, 4, 5, 6}) EXPECT_TRUE(std::isnan(x[missing])) << missing;
  EXPECT_EQ(x[7], 0.001);
}

TEST(Numbers, TextWhereANumberBelongsIsNamedByFileLineRowAndColumn) {
  const Panel panel = panel_of("unit,year,name,x\n0101,2010,\"Våg, \"\"søndre\"\"\",1\n0301,2010,Østbyen,abc\n");
  EXPECT_EQ(refusal([&] { column_as_numbers(panel, "x"); }),
            "panel.csv:3: column \"x\": \"abc\" at unit 0301 (Østbyen), year 2010 is no number; write a number with a decimal "
            "point, or leave the cell empty");
}

TEST(Numbers, TheMessageNamesTheFileOfTheColumn) {
  const Table a = table_of("unit,year,x\n\n\n1,2010,10\n", "a.csv"), b = table_of("unit,year,y\n1,2010,?\n", "b.csv");
  const TableKeys keys{"unit", "year", "", ""};
  const Panel panel = make_panel({a, b}, {keys, keys});
  EXPECT_THAT(refusal([&] { column_as_numbers(panel, "y"); }), StartsWith("b.csv:2: column \"y\": \"?\""));
}

TEST(Numbers, OtherWritingsAreRefused) {
  for (const char* text : {"\"1,5\"", "1 000", "0x10", "inf", "-Infinity", "nan", "1e999", "--1", "+-1", "1.2.3", "−1"})
    EXPECT_THAT(refusal([&] { column_as_numbers(panel_of(std::string("unit,x\na,") + text + "\n"), "x"); }),
                StartsWith("panel.csv:2: column \"x\": "))
        << text;
  EXPECT_THAT(refusal([] { column_as_numbers(panel_of("unit,x\na,\"1,5\"\n"), "x"); }),
              HasSubstr("a decimal point, not a comma"));
  EXPECT_THAT(refusal([] { column_as_numbers(panel_of("unit,x\na,1e999\n"), "x"); }), HasSubstr("beyond the range"));
}

TEST(Numbers, AnUnknownColumnIsNamedWithTheNearest) {
  const Panel panel = panel_of("unit,population,学校\na,1,2\n");
  EXPECT_THAT(refusal([&] { column_as_numbers(panel, "populaton"); }),
              AllOf(StartsWith("panel.csv: no column \"populaton\""), HasSubstr("did you mean \"population\"?")));
  EXPECT_THAT(refusal([&] { column_as_text(panel, "area"); }), StartsWith("panel.csv: no column \"area\""));
  EXPECT_EQ(column_as_numbers(panel, "学校")[0], 2);
}

/// A global C++ locale with a decimal comma and a German C locale, which is made where the machine lacks it and can.
class German : public ::testing::Test {
 protected:
  struct Comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };
  German() : before_(std::locale::global(std::locale(std::locale::classic(), new Comma))) {
    if (!choose()) {
      std::filesystem::create_directories(folder_);
      const std::string make = "localedef -i de_DE -f UTF-8 " + (folder_ / "de_DE.UTF-8").string() + " >/dev/null 2>&1";
      if (std::system(make.c_str()) == 0) setenv("LOCPATH", folder_.c_str(), 1);
      choose();
    }
  }
  ~German() override {
    std::locale::global(before_);
    std::setlocale(LC_ALL, "C");
    unsetenv("LOCPATH");
    std::filesystem::remove_all(folder_);
  }
  static bool choose() {
    constexpr std::array<const char*, 3> kNames{"de_DE.UTF-8", "de_DE.utf8", "de_DE"};
    return std::any_of(kNames.begin(), kNames.end(), [](const char* name) { return std::setlocale(LC_ALL, name) != nullptr; });
  }
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("nokkel_locale_" + std::to_string(::getpid()));
  std::locale before_;
};

TEST_F(German, NumbersAreReadTheSame) {
  const Panel panel = panel_of("unit,x\na,1.5\nb,1234567.25\n");
  EXPECT_THAT(column_as_numbers(panel, "x"), ElementsAre(1.5, 1234567.25));
  RecordProperty("strtod_of_1_5", std::to_string(std::strtod("1.5", nullptr)));  // 1,000000 under a German C locale
}

}  // namespace
}  // namespace nokkel::panel
