#include "io/config/study.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "engine/error.h"
#include "tests/config/study_text.h"

namespace nokkel::config {
namespace {

using test::kSmallest;

TEST(Study, DefaultsAreThoseOfTheFormat) {
  const Study study = parse_study(kSmallest, "folder/s.toml", {});
  EXPECT_EQ(study.profile, "standard");
  EXPECT_EQ(study.data[0].path, "folder/panel.csv");
  EXPECT_EQ(study.data[0].keys.year, "");
  EXPECT_EQ(study.sample.first_year, 0);
  EXPECT_FALSE(study.sample.balanced);
  EXPECT_EQ(study.sample.min_coverage, 0.8);
  EXPECT_EQ(study.universe.min_size, 1);
  EXPECT_EQ(study.universe.max_size, 4);
  EXPECT_EQ(study.universe.max_abs_r, 0);
  EXPECT_EQ(study.universe.limit, 10'000'000U);
  EXPECT_EQ(study.statistics.n_pairs, 999);
  EXPECT_EQ(study.statistics.n_half_pairs, 500);
  EXPECT_EQ(study.statistics.n_folds, 10);
  EXPECT_EQ(study.statistics.n_repeats, 10);
  EXPECT_EQ(study.statistics.n_selected, 100);
  EXPECT_EQ(study.statistics.quantiles_of, QuantilesOf::selected);
  EXPECT_EQ(study.statistics.quantiles, (std::vector<double>{0.025, 0.05, 0.5, 0.95, 0.975}));
  EXPECT_EQ(study.responses[0].label, "cost");
  EXPECT_EQ(study.responses[0].price, panel::PriceBasis::relative);
  EXPECT_EQ(study.criteria[1].label, "income");
  EXPECT_EQ(study.criteria[1].where, "folder/s.toml:14: criterion[name=income]");
}

TEST(Study, ReadsWhatIsWritten) {
  const Study study = parse_study(kSmallest + R"(label = "Inntekt"
role = "target"
need = "-"
group = "money"
requirements = { stable = "partly", logical = "yes" }
[[criterion]]
name = "size"
role = "control"
[[derived]]
name = "d"
kind = "power"
of = ["a"]
exponent = 1.2
scale = 10
[[derived]]
name = "s"
kind = "share"
of = ["a", "b"]
[sample]
panel = "balanced"
population = "pop"
years = [2015, 2017]
[groups.money]
max = 2
[resample]
strata = "region"
[[model]]
name = "key"
criteria = ["age"]
year = 2016
)",
                                  "s.toml", {});
  const panel::CriterionSpec& income = study.criteria[1];
  EXPECT_EQ(income.label, "Inntekt");
  EXPECT_EQ(income.role, panel::Role::target);
  EXPECT_EQ(income.need, -1);
  EXPECT_EQ(income.requirements, (std::vector<std::pair<std::string, std::string>>{{"stable", "partly"}, {"logical", "yes"}}));
  EXPECT_EQ(study.criteria[2].role, panel::Role::control);
  EXPECT_EQ(study.derived[0].kind, panel::DerivedKind::power);
  EXPECT_EQ(study.derived[0].exponent, 1.2);
  EXPECT_EQ(study.derived[0].scale, 10);
  EXPECT_EQ(study.derived[1].by, "pop");
  EXPECT_TRUE(study.sample.balanced);
  EXPECT_EQ(study.sample.last_year, 2017);
  EXPECT_EQ(study.sample.strata, "region");
  EXPECT_EQ(study.sample.where, "s.toml:34: sample");
  EXPECT_EQ(study.universe.group_max, (std::vector<std::pair<std::string, int>>{{"money", 2}}));
  EXPECT_EQ(study.models[0].year, 2016);
  EXPECT_TRUE(study.models[0].weights.empty());
}

TEST(Study, ResolvedTextIsComplete) {
  const Study study = parse_study(kSmallest + "group = \"money\"\n", "s.toml", {});
  EXPECT_EQ(resolved_toml(study), R"([study]
title = ""
seed = 7
profile = "standard"

[[data]]
file = "panel.csv"
unit = "id"
year = ""
name = ""
parent = ""

[sample]
where = ""
panel = "each_year"
min_coverage = 0.8
population = ""

[[response]]
name = "cost"
column = "y"
label = "cost"
unit = ""
price = "relative"

[[criterion]]
name = "age"
label = "age"
role = "criterion"
need = ""
forced = false
group = ""
denominator = ""
source = ""
requirements = {}

[[criterion]]
name = "income"
label = "income"
role = "criterion"
need = ""
forced = false
group = "money"
denominator = ""
source = ""
requirements = {}

[groups]
money = { max = 1 }

[universe]
size = [1, 4]
exclude = []
limit = 10000000

[resample]
pairs = 999
half_pairs = 500
strata = ""

[cross_validation]
folds = 10
repeats = 10

[ranking]
order = "default"

[output]
selected = 100
mode = "full"
keep = 100000
quantiles = [0.025, 0.05, 0.5, 0.95, 0.975]
quantiles_of = "selected"
)");
}

TEST(Study, ResolvedTextReadsBackAsItself) {
  const std::string awkward = R"(label = "Østbyen \"学校\", 'x' \\ \n ]"
[universe]
max_abs_r = 0.1
exclude = [["age", "income"]]
[[subsample]]
name = "a.b [c]"
where = "x == 'it''s'"
[groups]
)";
  const Study study = parse_study(kSmallest + awkward, "s.toml", {"study.seed=18446744073709551615"});
  const std::string text = resolved_toml(study);
  const Study again = parse_study(text, "s.toml", {});
  EXPECT_EQ(resolved_toml(again), text);
  EXPECT_EQ(resolved_json(again), resolved_json(study));
  EXPECT_EQ(again.criteria[1].label, "Østbyen \"学校\", 'x' \\ \n ]");
  EXPECT_EQ(again.statistics.seed, 18446744073709551615ULL);
}

TEST(Study, JsonSaysTheSameAndWhatIsNotSetIsNull) {
  const std::string json = resolved_json(parse_study(kSmallest, "s.toml", {}));
  EXPECT_EQ(json.substr(0, json.find("  \"data\"")), R"({
  "study": {
    "title": "",
    "seed": 7,
    "profile": "standard"
  },
)");
  for (const char* line : {"    \"years\": null,\n", "    \"max_abs_r\": null,\n", "    \"min_coverage\": 0.8,\n",
                           "      \"name\": \"income\",\n", "  \"subsample\": [],\n", "  \"groups\": {},\n"}) {
    EXPECT_NE(json.find(line), std::string::npos) << line;
  }
}

class Deflator : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] Study read(const std::string& csv) const {
    std::ofstream(folder_ / "index.csv") << csv;
    return parse_study(kSmallest + "[sample]\nyears = [2015, 2016]\n", folder_ / "s.toml",
                       {"response[name=cost].price={ deflator = \"index.csv\" }"});
  }

  [[nodiscard]] std::string error_of(const std::string& csv) const {
    try {
      static_cast<void>(read(csv));
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("nokkel_deflator_" + std::to_string(::getpid()));
};

TEST_F(Deflator, IsReadFromItsFileAndSortedByYear) {
  const Study study = read("year,index\n2016,103.6\n2015,100\n");
  EXPECT_EQ(study.responses[0].price, panel::PriceBasis::deflated);
  EXPECT_EQ(study.responses[0].deflator, (std::vector<std::pair<int, double>>{{2015, 100}, {2016, 103.6}}));
  EXPECT_NE(resolved_toml(study).find("price = { deflator = \"index.csv\" }"), std::string::npos);
}

TEST_F(Deflator, IsRefusedWithFileAndLine) {
  EXPECT_EQ(error_of("year,price\n2015,100\n"), "index.csv:1: no column \"index\"; a deflator has the columns year,index");
  EXPECT_EQ(error_of("year,index\n2015,100\n2016,-3\n"),
            "index.csv:3: index: \"-3\" is no price index; allowed: a number above 0");
  EXPECT_EQ(error_of("year,index\n2015,100\n16,101\n"), "index.csv:3: year: \"16\" is no year; allowed: 1000 to 9999");
  EXPECT_EQ(error_of("year,index\n2015,100\n2015,101\n"), "index.csv: the year 2015 occurs twice; one index a year");
  EXPECT_NE(error_of("year,index\n2015,100\n").find("response[name=cost]: the deflator has no index for 2016"),
            std::string::npos);
}

}  // namespace
}  // namespace nokkel::config
