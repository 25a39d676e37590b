// Designs small enough to write down, and 100 random worlds against the twin.
#include "engine/panel/sample.h"

#include <cmath>
#include <fstream>
#include <random>
#include <sstream>

#include "tests/panel/sample_twin.h"
#include "tests/panel/tables.h"

namespace nokkel::panel {
namespace {

using ::testing::Contains;
using ::testing::DoubleEq;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsNan;
using ::testing::StartsWith;

ResponseSpec response(const std::string& column, PriceBasis price = PriceBasis::nominal) {
  ResponseSpec spec;
  spec.name = spec.column = column;
  spec.price = price;
  spec.where = "study.toml:20: response[0]";
  return spec;
}

CriterionSpec criterion(const std::string& name, Role role = Role::criterion, bool forced = false) {
  CriterionSpec spec;
  spec.name = name;
  spec.role = role;
  spec.forced = forced;
  spec.where = "study.toml:30: criterion." + name;
  return spec;
}

SampleSpec sample_of(int first = 0, int last = 0, const std::string& condition = "") {
  SampleSpec spec;
  spec.first_year = first;
  spec.last_year = last;
  spec.condition = condition;
  spec.where = "study.toml:10: sample";
  return spec;
}

const char* const kTable =
    "unit,year,name,pop,y,a,b,c\n"
    "1,2010,Øst,10,1,5,1,\n2,2010,Vest,10,4,3,0,\n3,2010,Nord,20,2,4,1,\n4,2010,Sør,40,6,,2,1\n5,2010,Midt,20,3,1,7,\n"
    "1,2011,Østbyen,10,2,5,2,1\n2,2011,Vest,10,3,3,1,2\n3,2011,Nord,20,,4,1,3\n4,2011,Sør,40,5,2,2,1\n6,2011,,5,8,9,4,7\n";

std::string joined(const std::vector<std::string>& notes) {
  std::string all;
  for (const std::string& note : notes) all += note + "\n";
  return all;
}

TEST(Design, CellsHoldTheCommonRowsInRawUnits) {
  const Design d =
      make_design(panel_of(kTable), sample_of(), {}, {response("y")}, {criterion("a"), criterion("b"), criterion("c")});
  EXPECT_THAT(d.years, ElementsAre(2010, 2011));
  ASSERT_EQ(d.outcomes.size(), 1U);
  EXPECT_EQ(d.outcomes[0].name, "y");
  const Frame& frame = d.frames[0];
  EXPECT_EQ(frame.name, "all");
  EXPECT_THAT(frame.units, ElementsAre("1", "2", "3", "4", "5", "6"));
  EXPECT_THAT(frame.unit_names, ElementsAre("Østbyen", "Vest", "Nord", "Sør", "Midt", "6"));
  EXPECT_THAT(frame.stratum, Each(0));
  EXPECT_THAT(frame.strata, ElementsAre(""));
  const Cell& first = d.outcomes[0].cells[0];
  EXPECT_THAT(first.unit, ElementsAre(0, 1, 2, 4));  // unit 4 lacks a
  EXPECT_THAT(first.y, ElementsAre(1, 4, 2, 3));
  EXPECT_THAT(first.x, ElementsAre(5, 3, 4, 1, 1, 0, 1, 7, IsNan(), IsNan(), IsNan(), IsNan()));
  EXPECT_THAT(first.available, ElementsAre(1, 1, 0));  // c: 1 of 5 rows
  EXPECT_THAT(first.population, Each(1));
  const Cell& second = d.outcomes[0].cells[1];
  EXPECT_THAT(second.unit, ElementsAre(0, 1, 3, 5));
  EXPECT_THAT(second.x, ElementsAre(5, 3, 2, 9, 2, 1, 2, 4, 1, 2, 1, 7));
  EXPECT_THAT(second.available, ElementsAre(1, 1, 1));
}

TEST(Design, TheLossReportSaysWhatEachColumnCosts) {
  const Design d =
      make_design(panel_of(kTable), sample_of(), {}, {response("y")}, {criterion("a"), criterion("b"), criterion("c")});
  ASSERT_EQ(d.report.losses.size(), 3U);
  const Loss &a = d.report.losses[0], &c = d.report.losses[1], &y = d.report.losses[2];
  EXPECT_EQ(a.column, "a");
  EXPECT_EQ(a.year, 2010);
  EXPECT_EQ(a.rows_missing, 1);
  EXPECT_EQ(a.rows_lost_alone, 1);
  EXPECT_FALSE(a.unavailable);
  EXPECT_DOUBLE_EQ(a.coverage, 0.8);  // 4 of 5 is just enough
  EXPECT_EQ(c.column, "c");
  EXPECT_TRUE(c.unavailable);
  EXPECT_EQ(c.rows_missing, 4);
  EXPECT_EQ(c.rows_lost_alone, 0);
  EXPECT_DOUBLE_EQ(c.coverage, 0.2);
  EXPECT_EQ(y.column, "y");
  EXPECT_EQ(y.year, 2011);
  EXPECT_EQ(d.report.rows_in_panel, 10);
}

TEST(Design, ColumnsAreControlsThenForcedThenFreeInStudyOrder) {
  const Design d = make_design(panel_of(kTable), sample_of(2011, 2011), {}, {response("y")},
                               {criterion("a"), criterion("b", Role::control), criterion("c", Role::target, true)});
  EXPECT_THAT(d.controls, ElementsAre("b"));
  EXPECT_THAT(d.criteria, ElementsAre("c", "a"));
  EXPECT_THAT(d.labels, ElementsAre("c", "a"));
  EXPECT_EQ(d.n_forced, 1);
  EXPECT_EQ(d.n_columns(), 3);
  EXPECT_THAT(d.outcomes[0].cells[0].x, ElementsAre(2, 1, 2, 4, 1, 2, 1, 7, 5, 3, 2, 9));
  EXPECT_EQ(d.report.rows_outside_years, 5);
}

TEST(Design, OutcomesAreResponseMajorAndFramesHoldTheirOwnUnits) {
  const Design d = make_design(panel_of(kTable), sample_of(0, 0, "unit != '6'"), {{"small", "pop < 40", "study.toml:15"}},
                               {response("y"), response("pop")}, {criterion("b")});
  std::vector<std::string> names;
  for (const Outcome& outcome : d.outcomes) names.push_back(outcome.name);
  EXPECT_THAT(names, ElementsAre("y", "y [small]", "pop", "pop [small]"));
  EXPECT_THAT(d.frames[0].units, ElementsAre("1", "2", "3", "4", "5"));
  EXPECT_THAT(d.frames[1].units, ElementsAre("1", "2", "3", "5"));
  EXPECT_EQ(d.outcomes[3].frame, 1);
  EXPECT_THAT(d.outcomes[3].cells[0].unit, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(d.report.rows_filtered, 1);
}

TEST(Design, TheRelativePriceIsAHundredOverTheWeightedMean) {
  SampleSpec sample = sample_of(2010, 2010, "unit != '4'");
  const auto factor = [&](const ResponseSpec& r) {
    return make_design(panel_of(kTable), sample, {}, {r}, {criterion("b")}).outcomes[0].cells[0].price_factor;
  };
  EXPECT_EQ(factor(response("y")), 1);
  EXPECT_DOUBLE_EQ(factor(response("y", PriceBasis::relative)), 100 / (10.0 / 4));
  sample.population = "pop";
  EXPECT_DOUBLE_EQ(factor(response("y", PriceBasis::relative)), 100 / ((10 * 1 + 10 * 4 + 20 * 2 + 20 * 3) / 60.0));
}

TEST(Design, ADeflatorBringsEveryYearToTheLast) {
  ResponseSpec r = response("y", PriceBasis::deflated);
  r.deflator = {{2010, 80}, {2011, 100}};
  const Design d = make_design(panel_of(kTable), sample_of(), {}, {r}, {criterion("b")});
  EXPECT_DOUBLE_EQ(d.outcomes[0].cells[0].price_factor, 1.25);
  EXPECT_EQ(d.outcomes[0].cells[1].price_factor, 1);
  r.deflator.pop_back();
  EXPECT_THAT(refusal([&] { make_design(panel_of(kTable), sample_of(), {}, {r}, {criterion("b")}); }),
              StartsWith("study.toml:20: response[0]: the deflator has no year 2011;"));
}

TEST(Design, ABalancedPanelKeepsTheUnitsOfAllYears) {
  SampleSpec sample = sample_of();
  sample.balanced = true;
  const Design d = make_design(panel_of(kTable), sample, {}, {response("y")}, {criterion("b")});
  EXPECT_THAT(d.frames[0].units, ElementsAre("1", "2", "4"));
  for (const Cell& cell : d.outcomes[0].cells) EXPECT_THAT(cell.unit, ElementsAre(0, 1, 2));
  EXPECT_THAT(joined(d.report.remarks), HasSubstr("y: balancing drops 3 of 9 complete rows"));
}

TEST(Design, UnequalUnitCountsAreNoted) {
  const Design d = make_design(panel_of(kTable), sample_of(), {}, {response("y")}, {criterion("b")});
  EXPECT_THAT(joined(d.report.remarks),
              HasSubstr("y: 4 to 5 units a year, 3 of them in every year that has rows (6 units in the frame)"));
}

const char* const kCity =
    "unit,year,parent,pop,y,a\n"
    "0301,2010,,100,9,1\n030101,2010,0301,60,5,2\n030102,2010,0301,40.2,4,5\n0101,2010,,30,3,4\n0102,2010,,20,2,1\n"
    "0301,2011,,110,9,1\n0101,2011,,30,3,4\n0102,2011,,20,2,2\n";

TEST(CitySplit, ACityIsReplacedOnlyWhereItsDistrictsAreThere) {
  SampleSpec sample = sample_of();
  sample.population = "pop";
  const Design d = make_design(panel_of(kCity), sample, {}, {response("y")}, {criterion("a")});
  EXPECT_EQ(d.report.rows_split_cities, 1);
  EXPECT_THAT(d.frames[0].units, ElementsAre("0101", "0102", "0301", "030101", "030102"));
  EXPECT_THAT(d.outcomes[0].cells[0].unit, ElementsAre(0, 1, 3, 4));
  EXPECT_THAT(d.outcomes[0].cells[1].unit, ElementsAre(0, 1, 2));
}

TEST(CitySplit, DistrictsThatTheConditionRemovesDoNotReplaceTheirCity) {
  SampleSpec sample = sample_of(0, 0, "parent == '' or year > 2010");
  sample.population = "pop";
  const Design d = make_design(panel_of(kCity), sample, {}, {response("y")}, {criterion("a")});
  EXPECT_EQ(d.report.rows_split_cities, 0);
  EXPECT_THAT(d.frames[0].units, ElementsAre("0101", "0102", "0301"));
}

TEST(CitySplit, DistrictsMustAddUpToTheirCity) {
  std::string table = kCity;
  table.replace(table.find("40.2"), 4, "39.4");  // 99.4 of 100
  SampleSpec sample = sample_of();
  const auto build = [&] { make_design(panel_of(table), sample, {}, {response("y")}, {criterion("a")}); };
  EXPECT_EQ(refusal(build), "accepted");  // no population column, nothing to compare
  sample.population = "pop";
  EXPECT_THAT(refusal(build),
              StartsWith("panel.csv:2: unit 0301, year 2010: its 2 districts have 99.4 inhabitants together, the "
                         "city 100 (0.60 % apart); districts must add up"));
  table.replace(table.find("39.4"), 4, "");
  EXPECT_THAT(refusal(build), HasSubstr("have 60 inhabitants together, 1 of them without a number"));
}

TEST(Strata, LabelsAreSortedAndTheSameInEveryFrame) {
  const std::string table =
      "unit,year,y,a,size\n1,2010,1,5,small\n2,2010,4,3,big\n3,2010,2,4,small\n4,2010,6,2,mid\n"
      "1,2011,1,5,big\n2,2011,4,3,big\n3,2011,2,1,small\n4,2011,6,2,mid\n";
  SampleSpec sample = sample_of();
  sample.strata = "size";
  const Design d = make_design(panel_of(table), sample, {{"few", "unit != '4'", ""}}, {response("y")}, {criterion("a")});
  EXPECT_THAT(d.frames[0].strata, ElementsAre("big", "mid", "small"));
  EXPECT_EQ(d.frames[1].strata, d.frames[0].strata);
  EXPECT_THAT(d.frames[0].stratum, ElementsAre(0, 0, 2, 1));
  EXPECT_THAT(d.frames[1].stratum, ElementsAre(0, 0, 2));
  EXPECT_THAT(joined(d.report.notes), HasSubstr("strata: 1 units change \"size\" between years"));
}

TEST(Correlation, PairsAreThoseWhoseMedianReachesTheLimit) {
  // r(a, b) is 1, -1 and 0.5 in the three years: median |r| = 1. r(a, c) is 0.5, 0.5 and 1 in absolute value.
  const std::string table =
      "unit,year,y,a,b,c\n1,1001,3,1,2,1\n2,1001,9,2,4,3\n3,1001,4,3,6,2\n"
      "1,1002,3,1,3,3\n2,1002,9,2,2,1\n3,1002,4,3,1,2\n1,1003,3,1,1,3\n2,1003,9,2,3,2\n3,1003,4,3,2,1\n";
  const Design d =
      make_design(panel_of(table), sample_of(), {}, {response("y")}, {criterion("a"), criterion("b"), criterion("c")});
  const std::vector<CorrelatedPair> strong = correlated_pairs(d, 0.8);
  ASSERT_EQ(strong.size(), 1U);
  EXPECT_EQ(strong[0].a, 0);
  EXPECT_EQ(strong[0].b, 1);
  EXPECT_THAT(strong[0].median_abs_r, DoubleEq(1));
  const std::vector<CorrelatedPair> all = correlated_pairs(d, 0.4);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_THAT(all[1].median_abs_r, DoubleEq(0.5));
  EXPECT_THAT(all[2].median_abs_r, DoubleEq(0.5));  // r(b, c) = 0.5, 0.5, -0.5
}

// |r| is 1 and 0.5: the median of two years lies half way.
TEST(Correlation, TheMedianOfTwoYearsIsTheirMean) {
  const std::string table =
      "unit,year,y,a,b\n1,1001,3,1,2\n2,1001,9,2,4\n3,1001,4,3,6\n1,1002,3,1,1\n2,1002,9,2,3\n3,1002,4,3,2\n";
  const Design d = make_design(panel_of(table), sample_of(), {}, {response("y")}, {criterion("a"), criterion("b")});
  ASSERT_EQ(correlated_pairs(d, 0.7).size(), 1U);
  EXPECT_THAT(correlated_pairs(d, 0.7)[0].median_abs_r, DoubleEq(0.75));
  EXPECT_THAT(correlated_pairs(d, 0.8), IsEmpty());
}

// --- refused input

TEST(BadInput, NoRowsLeftNamesTheStep) {
  const auto message = [](const SampleSpec& sample, const std::vector<SubsampleSpec>& parts = {}) {
    return refusal([&] { make_design(panel_of(kTable), sample, parts, {response("y")}, {criterion("a")}); });
  };
  EXPECT_THAT(message(sample_of(1990, 1999)),
              StartsWith("study.toml:10: sample: no rows left: years 1990-1999 are asked for, the data have 2010-2011;"));
  EXPECT_THAT(message(sample_of(0, 0, "pop > 1000")),
              StartsWith("study.toml:10: sample: no rows left: `pop > 1000` holds in none of 10 rows; widen"));
  EXPECT_THAT(message(sample_of(), {{"none", "pop > 1000", "study.toml:15: subsample"}}),
              StartsWith("study.toml:15: subsample: no rows left: subsample \"none\" (`pop > 1000`) is empty;"));
}

TEST(BadInput, AResponseWithoutRowsNamesTheCostliestColumn) {
  const std::string table = "unit,year,y,a\n1,2010,1,1\n2,2010,,2\n3,2010,,3\n4,2010,5,2\n";
  EXPECT_THAT(refusal([&] { make_design(panel_of(table), sample_of(), {}, {response("y")}, {criterion("a")}); }),
              StartsWith("study.toml:20: response[0]: too few rows left: y has at most 2 complete rows in any year, and 3 are "
                         "needed; \"y\" is missing in 2 rows of a year:"));
}

TEST(BadInput, ABalancedPanelWithAnEmptyYearNamesIt) {
  SampleSpec sample = sample_of();
  sample.balanced = true;
  const std::string table = "unit,year,y,a\n1,2010,1,1\n2,2010,2,2\n3,2010,5,3\n1,2011,,1\n2,2011,,2\n3,2011,,4\n";
  EXPECT_THAT(
      refusal([&] { make_design(panel_of(table), sample, {}, {response("y")}, {criterion("a")}); }),
      HasSubstr("no rows left: y has at most 0 units with complete rows in all years in any year, and 3 are needed; no row "
                "is complete in 2011:"));
}

TEST(BadInput, PopulationMustBeAboveZero) {
  const auto message = [](const std::string& pop, const std::string& condition) {
    const std::string table =
        "unit,year,name,pop,y,a\n1,2010,Øst,10,1,1\n2,2010,Vest," + pop + ",2,2\n3,2010,Nord,5,5,3\n4,2010,Sør,9,1,3\n";
    SampleSpec sample = sample_of(0, 0, condition);
    sample.population = "pop";
    return refusal([&] { make_design(panel_of(table), sample, {}, {response("y")}, {criterion("a")}); });
  };
  EXPECT_EQ(
      message("-3", ""),
      "panel.csv:3: column \"pop\": population -3 at unit 2 (Vest), year 2010 is not above 0; correct it, or leave the cell "
      "empty to lose the row");
  EXPECT_THAT(message("-3", "pop > 0"), HasSubstr("population -3"));  // a filter must not hide it
  EXPECT_THAT(message("0", ""), HasSubstr("population 0 at unit 2 (Vest)"));
  EXPECT_EQ(message("0", "pop > 0"), "accepted");
  EXPECT_EQ(message("", ""), "accepted");
}

TEST(BadInput, UnknownColumnsAreRefusedAtTheirKey) {
  EXPECT_THAT(refusal([&] { make_design(panel_of(kTable), sample_of(), {}, {response("yy")}, {criterion("a")}); }),
              StartsWith("study.toml:20: response[0]: no column \"yy\""));
  EXPECT_THAT(refusal([&] { make_design(panel_of(kTable), sample_of(), {}, {response("y")}, {criterion("popp")}); }),
              StartsWith("study.toml:30: criterion.popp: no column \"popp\" in panel.csv; did you mean \"pop\"?"));
}

TEST(BadInput, TextWhereANumberBelongsNamesRowAndColumn) {
  std::string table = kTable;
  table.replace(table.find("5,1,\n"), 1, "five");
  EXPECT_THAT(refusal([&] { make_design(panel_of(table), sample_of(), {}, {response("y")}, {criterion("a")}); }),
              StartsWith("panel.csv:2: column \"a\": \"five\" at unit 1 (Øst), year 2010 is no number;"));
}

TEST(BadInput, RepeatedNamesAreRefused) {
  EXPECT_THAT(
      refusal([&] { make_design(panel_of(kTable), sample_of(), {}, {response("y")}, {criterion("a"), criterion("a")}); }),
      StartsWith("study.toml:30: criterion.a: criterion \"a\" is named twice;"));
  EXPECT_THAT(refusal([&] {
                make_design(panel_of(kTable), sample_of(), {{"all", "", "study.toml:15"}}, {response("y")}, {criterion("a")});
              }),
              StartsWith("study.toml:15: subsample \"all\" is named twice;"));
}

TEST(BadInput, TheResponseAmongTheCriteriaIsRefusedByName) {
  EXPECT_THAT(
      refusal([&] { make_design(panel_of(kTable), sample_of(), {}, {response("y")}, {criterion("a"), criterion("y")}); }),
      StartsWith("study.toml:30: criterion.y: \"y\" is the column of response \"y\"; remove it from the criteria"));
}

// `half` follows y in both years, `odd` in the first only, `late` in the last only.
const char* const kDisguise =
    "unit,year,y,a,half,odd,late\n1,2010,1,5,0.5,1,5\n2,2010,4,3,2,4,1\n3,2010,2,4,1,2,3\n4,2010,6,1,3.01,6,2\n"
    "1,2011,1,5,2.5,5,1\n2,2011,4,3,7,1,4\n3,2011,2,4,4,3,2\n4,2011,6,1,10,2,6\n";

TEST(BadInput, TheResponseInDisguiseIsRefused) {
  EXPECT_EQ(
      refusal([&] { make_design(panel_of(kDisguise), sample_of(), {}, {response("y")}, {criterion("a"), criterion("half")}); }),
      "study.toml:30: criterion.half: criterion \"half\" is the response y in disguise (|r| > 0.999 in every year); remove "
      "it from the criteria");
  for (const char* once : {"odd", "late"})
    EXPECT_EQ(
        refusal([&] { make_design(panel_of(kDisguise), sample_of(), {}, {response("y")}, {criterion("a"), criterion(once)}); }),
        "accepted")
        << once;
}

TEST(BadInput, AControlThatIsConstantOrAbsentInAYearIsRefused) {
  const std::string table =
      "unit,year,y,a,k,m\n1,2010,1,5,1,1\n2,2010,4,3,2,2\n3,2010,2,4,3,4\n1,2011,1,5,7,\n2,2011,4,3,7,\n3,2011,2,4,7,1\n";
  const auto message = [&](const std::string& control) {
    return refusal([&] {
      make_design(panel_of(table), sample_of(), {}, {response("y")}, {criterion("a"), criterion(control, Role::control)});
    });
  };
  EXPECT_THAT(message("k"), StartsWith("study.toml:30: criterion.k: control \"k\" is 7 in every row of y in 2011;"));
  EXPECT_THAT(message("m"),
              StartsWith("study.toml:30: criterion.m: control \"m\" is there for only 33.3 % of the 3 rows of y in 2011;"));
}

TEST(BadInput, ACriterionUnavailableInEveryYearIsRefused) {
  const std::string table = "unit,year,y,a,m\n1,2010,1,5,\n2,2010,4,3,2\n3,2010,2,4,4\n4,2010,2,6,\n";
  EXPECT_THAT(
      refusal([&] { make_design(panel_of(table), sample_of(), {}, {response("y")}, {criterion("a"), criterion("m")}); }),
      StartsWith("study.toml:30: criterion.m: criterion \"m\" is unavailable in every year: known for at most 50.0 % of a "
                 "year's rows; remove it, or set sample.min_coverage (now 0.8) lower"));
}

TEST(BadInput, AMeanOfZeroHasNoRelativePrice) {
  const std::string table = "unit,year,y,a\n1,2010,-1,1\n2,2010,0,5\n3,2010,1,3\n";
  EXPECT_THAT(
      refusal([&] { make_design(panel_of(table), sample_of(), {}, {response("y", PriceBasis::relative)}, {criterion("a")}); }),
      StartsWith("study.toml:20: response[0]: the mean of y in 2010 is 0, so relative prices do not exist;"));
}

// --- notes

TEST(Notes, ConstantSparseAndEqualCriteriaAreNamed) {
  std::string table = "unit,year,y,a,twice,dummy,flat\n";
  for (int year = 2010; year < 2012; ++year)
    for (int i = 0; i < 20; ++i)
      table += std::to_string(100 + i) + "," + std::to_string(year) + "," + std::to_string((i * 7 + year) % 11) + "," +
               std::to_string(i * i % 13) + "," + std::to_string(2 * (i * i % 13) + 5) + "," + std::to_string(i < 4) + "," +
               std::to_string(year == 2010 ? 3 : i) + "\n";
  const Design d = make_design(panel_of(table), sample_of(), {}, {response("y")},
                               {criterion("a"), criterion("twice"), criterion("dummy"), criterion("flat")});
  EXPECT_THAT(
      d.report.notes,
      ElementsAre("y: criterion \"dummy\" is sparse (carried by fewer than 5 units) in every year",
                  "y: criterion \"flat\" is constant in 2010; no combination with it has a fit there",
                  "y: criteria \"a\" and \"twice\" are equal up to scale (|r| > 0.999999) in every year; exclude the pair or "
                  "remove one"));
  EXPECT_THAT(d.report.losses, IsEmpty());
}

TEST(Notes, MoreCriteriaThanRowsIsNamed) {
  const std::string table = "unit,year,y,a,b,c,d\n1,2010,1,5,1,9,1\n2,2010,4,3,0,1,1\n3,2010,2,4,1,4,0\n";
  const Design d = make_design(panel_of(table), sample_of(), {}, {response("y")},
                               {criterion("a"), criterion("b"), criterion("c"), criterion("d")});
  EXPECT_THAT(d.report.notes, Contains("y, 2010: more criteria (4) than rows (3); large combinations cannot be fitted"));
  EXPECT_THAT(d.report.notes, Contains("y, 2010: 3 rows leave a fit of one criterion 1 degrees of freedom"));
}

TEST(Notes, ASoundDesignHasNone) {
  std::string table = "unit,year,y,a,b\n";
  for (int year = 2010; year < 2013; ++year)
    for (int i = 0; i < 20; ++i)
      table += std::to_string(100 + i) + "," + std::to_string(year) + "," + std::to_string((i * 7 + year) % 11) + "," +
               std::to_string(i * i % 13 + 1) + "," + std::to_string(i % 5) + "\n";
  const Design d = make_design(panel_of(table), sample_of(2010, 2012), {}, {response("y")}, {criterion("a"), criterion("b")});
  EXPECT_THAT(d.report.notes, IsEmpty());
}

// --- the twin

struct RandomWorld {
  twin::World world;
  std::string csv;
};

RandomWorld random_world(unsigned seed) {
  std::mt19937 random(seed);
  const auto chance = [&](double p) { return std::uniform_real_distribution<>(0, 1)(random) < p; };
  RandomWorld r;
  twin::World& w = r.world;
  w.controls = {"k1"};
  for (int j = 0; j < 5; ++j) w.criteria.push_back("c" + std::to_string(j));
  w.response = "y";
  w.population = chance(0.5) ? "pop" : "";
  w.first_year = 2001;
  w.last_year = 2004;
  w.min_coverage = 0.6;
  w.balanced = chance(0.3);
  r.csv = "unit,year,parent,pop,y,k1,c0,c1,c2,c3,c4\n";
  for (int year = 2000; year <= 2005; ++year) {
    std::vector<double> p_missing;
    for (int j = 0; j < 5; ++j) p_missing.push_back(j > 0 && year != 2002 && chance(0.25) ? 0.6 : w.balanced ? 0.01 : 0.03);
    for (int u = 0; u < 60; ++u) {
      if (chance(0.02)) continue;
      twin::Row row;
      row.unit = std::to_string(u * 37 % 1000);
      row.parent = u >= 50 && u < 53 ? std::to_string(49 * 37 % 1000) : u >= 55 ? std::to_string(54 * 37 % 1000) : "";
      row.year = year;
      const auto put = [&](const std::string& name, double p) {
        row.x[name] = chance(p) ? std::nan("") : static_cast<double>(1 + random() % 100000) / 64;  // exact in text
      };
      put("pop", 0.01);
      put("y", 0.03);
      put("k1", 0.02);
      for (int j = 0; j < 5; ++j) put(w.criteria[j], p_missing[j]);
      std::ostringstream line;
      line.precision(17);
      line << row.unit << ',' << year << ',' << row.parent;
      for (const char* name : {"pop", "y", "k1", "c0", "c1", "c2", "c3", "c4"}) {
        line << ',';
        if (!std::isnan(row.x[name])) line << row.x[name];
      }
      r.csv += line.str() + "\n";
      w.rows.push_back(row);
    }
  }
  return r;
}

/// Checks one outcome of a design against the twin, cell by cell.
void compare(const Design& d, int o, const twin::World& w, bool subsample) {
  const Outcome& outcome = d.outcomes[o];
  const Frame& frame = d.frames[outcome.frame];
  const auto holds = [](const twin::Row& r) { return r.x.at("c0") >= 100; };
  const auto in_part = [&](const twin::Row& r) { return !subsample || (!std::isnan(r.x.at("pop")) && r.x.at("pop") < 1500); };
  std::vector<std::vector<twin::Row>> kept;
  std::map<std::string, int> n_cells;
  for (const int year : d.years) {
    const auto rows = twin::candidates(w, year, holds, in_part);
    kept.push_back(twin::complete(rows, twin::required(w, rows)));
    for (const twin::Row& r : kept.back()) ++n_cells[r.unit];
  }
  std::set<std::string> units;
  for (std::size_t t = 0; t < d.years.size(); ++t) {
    if (w.balanced)
      std::erase_if(kept[t], [&](const twin::Row& r) { return n_cells[r.unit] != static_cast<int>(d.years.size()); });
    const Cell& cell = outcome.cells[t];
    ASSERT_EQ(cell.unit.size(), kept[t].size());
    const auto rows = twin::candidates(w, d.years[t], holds, in_part);
    for (std::size_t i = 0; i < kept[t].size(); ++i) {
      const twin::Row& row = kept[t][i];
      units.insert(row.unit);
      ASSERT_EQ(frame.units[cell.unit[i]], row.unit);
      EXPECT_EQ(cell.y[i], row.x.at("y"));
      EXPECT_EQ(cell.population[i], w.population.empty() ? 1 : row.x.at("pop"));
      EXPECT_EQ(cell.x[i], row.x.at("k1"));
      for (std::size_t j = 0; j < w.criteria.size(); ++j) {
        const double x = cell.x[(j + 1) * kept[t].size() + i];
        if (twin::is_available(w, rows, w.criteria[j])) {
          EXPECT_EQ(x, row.x.at(w.criteria[j]));
        } else {
          EXPECT_TRUE(std::isnan(x));
        }
      }
    }
    EXPECT_TRUE(std::is_sorted(cell.unit.begin(), cell.unit.end()));
    // Losses: exactly the columns with something to say, with the twin's figures.
    const std::set<std::string> required = twin::required(w, rows);
    std::map<std::string, Loss> losses;
    for (const Loss& loss : d.report.losses)
      if (loss.outcome == o && loss.year == d.years[t]) {
        EXPECT_TRUE(losses.emplace(loss.column, loss).second) << loss.column;
      }
    std::set<std::string> columns = required;
    columns.insert(w.criteria.begin(), w.criteria.end());
    for (const std::string& column : columns) {
      const auto n = std::count_if(rows.begin(), rows.end(), [&](const twin::Row& r) { return twin::missing(r, column); });
      const bool unavailable = !required.contains(column);
      ASSERT_EQ(losses.contains(column), n > 0 || unavailable) << column;
      if (!losses.contains(column)) continue;
      EXPECT_EQ(losses[column].rows_missing, n) << column;
      EXPECT_EQ(losses[column].unavailable, unavailable) << column;
      EXPECT_EQ(losses[column].rows_lost_alone, unavailable ? 0 : twin::lost_alone(rows, required, column)) << column;
      losses.erase(column);
    }
    EXPECT_THAT(losses, IsEmpty());
  }
  EXPECT_EQ(std::vector<std::string>(units.begin(), units.end()), frame.units);
}

TEST(Design, RandomWorldsEqualTheTwin) {
  int n_unavailable = 0, n_split = 0, n_balanced = 0;
  for (unsigned seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto [w, csv] = random_world(seed);
    SampleSpec sample = sample_of(w.first_year, w.last_year, "c0 >= 100");
    sample.population = w.population;
    sample.min_coverage = w.min_coverage;
    sample.balanced = w.balanced;
    Panel panel = panel_of(csv);
    if (!w.population.empty()) std::fill(panel.parent.begin(), panel.parent.end(), "");  // random districts do not add up
    twin::World flat = w;
    if (!w.population.empty())
      for (twin::Row& row : flat.rows) row.parent = "";
    std::vector<CriterionSpec> criteria{criterion("k1", Role::control)};
    for (const std::string& name : w.criteria) criteria.push_back(criterion(name));
    const Design d = make_design(panel, sample, {{"part", "pop < 1500", "study.toml:15"}}, {response("y")}, criteria);
    compare(d, 0, flat, false);
    compare(d, 1, flat, true);
    n_balanced += w.balanced;
    n_split += d.report.rows_split_cities > 0;
    for (const Loss& loss : d.report.losses) n_unavailable += loss.unavailable;
    if (HasFatalFailure()) return;
  }
  // The worlds must hold what the test is about.
  EXPECT_GT(n_unavailable, 50);
  EXPECT_GT(n_split, 20);
  EXPECT_GT(n_balanced, 20);
}

TEST(Design, TheOrderOfRowsInTheFileDoesNotMatter) {
  const auto [w, csv] = random_world(7);
  std::vector<std::string> lines;
  std::istringstream stream(csv);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  std::shuffle(lines.begin() + 1, lines.end(), std::mt19937(3));
  std::string shuffled;
  for (const std::string& line : lines) shuffled += line + "\n";
  const auto design = [&](const std::string& text) {
    return make_design(panel_of(text), sample_of(2001, 2004), {}, {response("y", PriceBasis::relative)},
                       {criterion("c0"), criterion("c1")});
  };
  const Design a = design(csv), b = design(shuffled);
  EXPECT_EQ(a.frames[0].units, b.frames[0].units);
  for (std::size_t t = 0; t < a.years.size(); ++t) {
    EXPECT_EQ(a.outcomes[0].cells[t].unit, b.outcomes[0].cells[t].unit);
    EXPECT_EQ(a.outcomes[0].cells[t].y, b.outcomes[0].cells[t].y);
    EXPECT_EQ(a.outcomes[0].cells[t].price_factor, b.outcomes[0].cells[t].price_factor);
  }
}

// The shipped panel, counted and averaged apart from us with Python's csv module (rows of the year with the response and every
// column known for 80 % of them; sum(population * y) / sum(population)).
TEST(Design, TheShippedPanelHasTheRowsAndMeansCountedByOtherMeans) {
  const Table table = table::read_csv(NOKKEL_SOURCE_DIR "/data/norway/panel.csv", "panel.csv");
  const Panel panel = make_panel({table}, {{"unit_id", "year", "unit_name", ""}});
  SampleSpec sample = sample_of(2015, 2017, "population >= 12000");
  sample.population = "population";
  const Design d = make_design(panel, sample, {{"without_oslo", "unit_id != '0301'", "study.toml:15"}},
                               {response("y_net_opex_child_welfare_fgk13_nok_per_inhabitant", PriceBasis::relative)},
                               {criterion("share_age_0_1"), criterion("nav_unemployment_benefit_nok_per_inhabitant"),
                                criterion("nav_supplementary_grants_nok_per_inhabitant"), criterion("share_overcrowded")});
  EXPECT_EQ(d.report.rows_in_panel, 1174);
  EXPECT_EQ(d.report.rows_outside_years, 895);
  EXPECT_EQ(d.report.rows_filtered, 0);
  EXPECT_EQ(d.frames[0].units.size(), 94U);
  EXPECT_EQ(d.frames[0].units[0], "0101");
  EXPECT_EQ(d.frames[0].unit_names[0], "Halden");
  const std::vector<std::vector<int>> n_rows{{92, 93, 94}, {91, 92, 93}};
  const std::vector<std::vector<double>> mean{{1770.4755423433207, 1886.0926673868605, 2200.594879048328},
                                              {1778.1653044448826, 1901.734334578999, 2237.6617284451195}};
  for (std::size_t o = 0; o < 2; ++o)
    for (std::size_t t = 0; t < 3; ++t) {
      const Cell& cell = d.outcomes[o].cells[t];
      EXPECT_EQ(cell.n_rows(), n_rows[o][t]);
      EXPECT_NEAR(100 / cell.price_factor / mean[o][t], 1, 1e-13);  // about 100 roundings
      EXPECT_THAT(cell.available, ElementsAre(1, 1, t == 0 ? 0 : 1, 1));
    }
  ASSERT_EQ(d.report.losses.size(), 2U);
  EXPECT_EQ(d.report.losses[0].column, "nav_supplementary_grants_nok_per_inhabitant");
  EXPECT_EQ(d.report.losses[0].rows_missing, 92);
}

}  // namespace
}  // namespace nokkel::panel
