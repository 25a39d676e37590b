// rank, show, diff, check and doctor on a finished file.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/small_study.h"

namespace nokkel::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int kOk = 0, kFindings = 1, kInput = 2;

/// One run for all tests of this file.
class Reading : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<Folder>();
    SmallStudy study;
    study.more = "[[subsample]]\nname = \"even\"\nwhere = \"population >= 5500\"\n";
    study.write(*folder_);
    const Outcome outcome = nokkel(*folder_, {"run", "study.toml", "-o", "out.h5"});
    ASSERT_EQ(outcome.code, kOk) << outcome.err;
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static Outcome call(const std::vector<std::string>& words, const Environment& environment = {}) {
    return nokkel(*folder_, words, environment);
  }
  static json table(std::vector<std::string> words) {
    words.emplace_back("--json");
    const Outcome outcome = call(words);
    EXPECT_EQ(outcome.code, kOk) << outcome.err;
    json parsed = json::parse(outcome.out);
    EXPECT_EQ(parsed["schema"], "nokkel-table/1");
    EXPECT_EQ(parsed["command"], words.front());
    return parsed["rows"];
  }

  static std::unique_ptr<Folder> folder_;
};
std::unique_ptr<Folder> Reading::folder_;

TEST_F(Reading, RankListsEveryCombinationBestFirst) {
  const json rows = table({"rank", "out.h5", "--outcome", "spending", "--top", "100"});
  ASSERT_EQ(rows.size(), 10U);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i]["rank"], i + 1);
    EXPECT_EQ(rows[i]["outcome"], "spending");
    EXPECT_EQ(rows[i]["years"], 2);
  }
}

TEST_F(Reading, RankHasAllOutcomesUnlessOneIsNamed) {
  EXPECT_EQ(table({"rank", "out.h5", "--top", "3"}).size(), 6U);
  EXPECT_EQ(table({"rank", "out.h5", "--top", "3", "--outcome", "spending [even]"}).size(), 3U);
  const Outcome wrong = call({"rank", "out.h5", "--outcome", "spendin"});
  EXPECT_EQ(wrong.code, kInput);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean 'spending'"));
}

TEST_F(Reading, RankFollowsAnyVariableWithADirection) {
  const json up = table({"rank", "out.h5", "--outcome", "spending", "--by", "adj_r2", "--top", "100"});
  for (std::size_t i = 1; i < up.size(); ++i) EXPECT_GE(up[i - 1]["by_adj_r2"], up[i]["by_adj_r2"]);
  const json down = table({"rank", "out.h5", "--outcome", "spending", "--by", "aic", "--top", "100"});
  for (std::size_t i = 1; i < down.size(); ++i) EXPECT_LE(down[i - 1]["by_aic"], down[i]["by_aic"]);
  for (const json& row : up) EXPECT_EQ(row["by_adj_r2"], row["adj_r2"]);
  const Outcome wrong = call({"rank", "out.h5", "--by", "adj_r3"});
  EXPECT_EQ(wrong.code, kInput);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean 'adj_r2'"));
  EXPECT_EQ(call({"rank", "out.h5", "--by", "status"}).code, kInput);
}

TEST_F(Reading, AYearsRankingHasThatYearsFigures) {
  const json rows = table({"rank", "out.h5", "--outcome", "spending", "--year", "2016", "--top", "1"});
  const std::string label = rows[0]["label"];
  for (const json& row : table({"show", "out.h5", label, "--outcome", "spending"}))
    if (row["year"] == 2016) {
      EXPECT_EQ(row["cv_rmse"], rows[0]["cv_rmse"]);
    }
  const Outcome wrong = call({"rank", "out.h5", "--year", "1999"});
  EXPECT_EQ(wrong.code, kInput);
  EXPECT_THAT(wrong.err, HasSubstr("2015, 2016"));
}

TEST_F(Reading, MeansInTheRankingAreThoseOfTheYears) {
  const json best = table({"rank", "out.h5", "--outcome", "spending", "--top", "1"})[0];
  double cv = 0, adj = 0;
  for (const json& row : table({"show", "out.h5", best["label"], "--outcome", "spending"}))
    if (row["term"] == "(intercept)") {
      cv += row["cv_rmse"].get<double>() / 2;
      adj += row["adj_r2"].get<double>() / 2;
    }
  EXPECT_NEAR(best["cv_rmse"].get<double>(), cv, 1e-9 * cv);
  EXPECT_NEAR(best["adj_r2"].get<double>(), adj, 1e-9);
}

TEST_F(Reading, ShowFindsACombinationByEveryName) {
  const std::string by_label = call({"show", "out.h5", "age + alone", "--csv"}).out;
  ASSERT_THAT(by_label, HasSubstr("age + alone"));
  const json rows = table({"show", "out.h5", "age + alone"});
  const std::string id = std::to_string(rows[0]["combination"].get<int>());
  const std::string rank = std::to_string(rows[0]["rank"].get<int>());
  for (const std::vector<std::string>& name :
       std::vector<std::vector<std::string>>{{"alone + age"}, {"alone", "+", "age"}, {id}, {"rank " + rank}, {"rank", rank}}) {
    std::vector<std::string> words{"show", "out.h5"};
    words.insert(words.end(), name.begin(), name.end());
    words.emplace_back("--csv");
    EXPECT_EQ(call(words).out, by_label) << name.front();
  }
  EXPECT_EQ(call({"show", "out.h5", "best"}).out, call({"show", "out.h5", "rank", "1"}).out);
}

TEST_F(Reading, EveryIdIsFoundAgainByItsLabel) {
  for (int id = 0; id < 10; ++id) {
    const json by_id = table({"show", "out.h5", std::to_string(id)});
    EXPECT_EQ(table({"show", "out.h5", by_id[0]["label"]})[0]["combination"], id);
  }
}

TEST_F(Reading, ShowGivesThePercentileIntervalOfTheCoefficientsOfTheSelected) {
  for (const json& row : table({"show", "out.h5", "age + alone"})) {
    if (row["term"] == "(intercept)") {
      EXPECT_TRUE(row["coef_quantile_0.025"].is_null());
      continue;
    }
    const double low = row["coef_quantile_0.025"], high = row["coef_quantile_0.975"], se = row["coef_boot_se"];
    EXPECT_LT(low, high);
    // All of n numbers lie within sqrt(n - 1) SDs of their mean: 59 replicates.
    EXPECT_LT(high - low, 2 * std::sqrt(58.0) * se);
  }
  EXPECT_THAT(call({"show", "out.h5", "best"}).out,
              AllOf(HasSubstr("2.5 %"), HasSubstr("97.5 %"), HasSubstr("percentile interval")));
}

// Ten combinations: all lead in every half-sample, so that every rank is known and lies in 1 to 10.
TEST_F(Reading, ShowGivesTheRanksOfTheSelectedOverHalfSamples) {
  for (const json& row : table({"show", "out.h5", "best"})) {
    const double low = row["rank_quantile_0.05"], middle = row["rank_quantile_0.5"], high = row["rank_quantile_0.95"];
    EXPECT_LE(1, low);
    EXPECT_LE(low, middle);
    EXPECT_LE(middle, high);
    EXPECT_LE(high, 10);
    EXPECT_GE(row["rank_expected"].get<double>(), 1);
    EXPECT_EQ(row["rank_quantile_error"].get<double>(), 0);
  }
  EXPECT_THAT(call({"show", "out.h5", "best"}).out, HasSubstr("mean rank"));
}

TEST_F(Reading, ShowHasOneRowAnOutcomeYearAndTerm) {
  const json rows = table({"show", "out.h5", "age + alone"});
  ASSERT_EQ(rows.size(), 2U * 2U * 3U);
  EXPECT_EQ(rows[0]["term"], "(intercept)");
  EXPECT_EQ(rows[1]["term"], "age");
  EXPECT_EQ(rows[2]["term"], "alone");
  EXPECT_EQ(rows[1]["status"], "ok");
  EXPECT_EQ(rows[1]["n_obs"], 30);
  EXPECT_TRUE(rows[0]["coef_boot_se"].is_null());
  const double coef = rows[1]["coef"], se = rows[1]["coef_se"];
  EXPECT_TRUE(std::isfinite(coef) && se > 0);
}

/// Of two years a year apart, trend and spread say the same: |b2 - b1| is |trend|, and sqrt(2) times the sd over years.
TEST_F(Reading, ShowTellsHowCoefficientsChangeOverYears) {
  const json rows = table({"show", "out.h5", "age + alone"});
  EXPECT_TRUE(rows[0]["coef_trend"].is_null());
  for (const json& row : rows) {
    if (row["term"] == "(intercept)") continue;
    const double trend = row["coef_trend"], spread = row["coef_year_sd"], less_noise = row["coef_year_tau"];
    EXPECT_NEAR(std::fabs(trend), std::sqrt(2.0) * spread, 1e-12 * spread);
    EXPECT_GT(row["coef_trend_se"].get<double>(), 0);
    EXPECT_GE(less_noise, 0);
    EXPECT_LT(less_noise, spread);  // errors of different years are apart here
  }
  EXPECT_THAT(call({"show", "out.h5", "age + alone"}).out, AllOf(HasSubstr("sd less noise"), HasSubstr("trend a year")));
}

/// All ten combinations of the small study are selected: conditions are there, and those of one criterion are 1.
TEST_F(Reading, ShowHasTheReportPathOfASelectedCombination) {
  const Outcome text = call({"show", "out.h5", "best"});
  EXPECT_THAT(text.out, AllOf(HasSubstr("report path"), HasSubstr("cond"), HasSubstr("belsley")));
  const json pair = table({"show", "out.h5", "age + alone"}), single = table({"show", "out.h5", "age"});
  EXPECT_GT(pair[0]["condition_number"].get<double>(), 1);
  EXPECT_NEAR(single[0]["condition_number"].get<double>(), 1, 1e-12);
  EXPECT_GT(single[0]["belsley_index"].get<double>(), 1);
  EXPECT_EQ(text.out.find("Belsley's index above 30") == std::string::npos, [&] {
    const json best = table({"show", "out.h5", "best"});
    return std::none_of(best.begin(), best.end(), [](const json& row) { return row["belsley_index"].get<double>() > 30; });
  }());
}

TEST_F(Reading, ShowSaysWhyNothingIsFound) {
  EXPECT_THAT(call({"show", "out.h5", "age + aline"}).err, HasSubstr("did you mean 'alone'"));
  EXPECT_THAT(call({"show", "out.h5", "age + alone + dense"}).err, HasSubstr("not in this file's universe"));
  EXPECT_THAT(call({"show", "out.h5", "10"}).err, HasSubstr("0 to 9"));
  EXPECT_THAT(call({"show", "out.h5", "rank 11"}).err, HasSubstr("10 combinations are ranked"));
  EXPECT_EQ(call({"show", "out.h5", "age + age"}).code, kInput);
}

TEST_F(Reading, TablesFitTheTerminal) {
  for (const std::string width : {"40", "60", "80", "132"})
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"rank", "out.h5"}, {"show", "out.h5", "best"}, {"check", "study.toml"}, {"doctor"}}) {
      std::istringstream lines(call(words, {{"COLUMNS", width}}).out);
      for (std::string line; std::getline(lines, line);) {
        // Sentences are not tables.
        if (line.find(". ") != std::string::npos || line.ends_with('.') || line.starts_with("- ")) continue;
        const auto cells = std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; });
        EXPECT_LE(cells, std::stol(width)) << words.front() << ": " << line;
      }
    }
}

TEST_F(Reading, DiffOfAFileWithItselfIsNothing) {
  const Outcome same = call({"diff", "out.h5", "out.h5"});
  EXPECT_EQ(same.code, kOk);
  EXPECT_EQ(same.out, "no difference\n");
}

TEST_F(Reading, DiffTellsTheFirstDifferenceAndHowMany) {
  ASSERT_EQ(call({"run", "study.toml", "-o", "other.h5", "--set", "resample.pairs=58", "--force"}).code, kOk);
  const Outcome other = call({"diff", "out.h5", "other.h5"});
  EXPECT_EQ(other.code, kFindings);
  EXPECT_THAT(other.out, HasSubstr("first difference: "));
  const Outcome as_json = call({"diff", "out.h5", "other.h5", "--json"});
  EXPECT_EQ(as_json.code, kFindings);
  EXPECT_EQ(json::parse(as_json.out)["rows"][0]["same"], "no");
}

TEST_F(Reading, CheckSaysWhyACombinationIsBarred) {
  const std::vector<std::string> barred{"check", "study.toml", "--set", "universe.exclude=[[\"age\",\"poor\"]]",
                                        "--why", "poor + age"};
  const Outcome outcome = call(barred);
  EXPECT_EQ(outcome.code, kFindings);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("age + poor: barred"), HasSubstr("universe.exclude")));
  const Outcome admitted = call({"check", "study.toml", "--why", "alone + age"});
  EXPECT_EQ(admitted.code, kOk);
  EXPECT_EQ(admitted.out, "age + alone: admissible, combination 5\n");
  EXPECT_THAT(call({"check", "study.toml", "--why", "alone + agee"}).err, HasSubstr("did you mean 'age'"));
}

/// In the first year alone is 1 + 2 age, in the second it is the same everywhere.
TEST_F(Reading, CheckNamesTheColumnsThatLeaveAnAdmissibleCombinationWithoutAFit) {
  const Folder folder;
  SmallStudy study;
  study.max_size = 3;
  const int first = study.years.front();
  study.spoil = [first](int unit, int year, const std::string& column, std::string& cell) {
    const int step = unit * unit % 11;
    if (column == "age" && year == first) cell = "0." + std::to_string(10 + step);
    if (column == "alone") cell = year == first ? "1." + std::to_string(20 + 2 * step) : "0.5";
  };
  study.write(folder);
  const Outcome outcome = nokkel(folder, {"check", "study.toml", "--why", "age + poor + alone"});
  EXPECT_EQ(outcome.code, kFindings) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("admissible, combination"));
  const std::string year = std::to_string(first), next = std::to_string(study.years.back());
  EXPECT_TRUE(outcome.out.find("- no fit in spending " + year + ": alone depends on age\n") != std::string::npos ||
              outcome.out.find("- no fit in spending " + year + ": age depends on alone\n") != std::string::npos)
      << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("- no fit in spending " + next + ": alone is constant\n"));
  EXPECT_EQ(nokkel(folder, {"check", "study.toml", "--why", "age + poor"}).code, kOk);
}

TEST_F(Reading, CheckDescribesACleanStudyWithoutFindings) {
  const Outcome outcome = call({"check", "study.toml"});
  EXPECT_EQ(outcome.code, kOk) << outcome.out;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("No findings"), HasSubstr("rows in the panel"), HasSubstr("60")));
  const json rows = table({"check", "study.toml"});
  EXPECT_EQ(std::count_if(rows.begin(), rows.end(), [](const json& row) { return row["part"] == "cell"; }), 4);
}

TEST_F(Reading, CheckFindsASlippedDecimal) {
  const Folder folder;
  SmallStudy study;
  study.spoil = [](int unit, int year, const std::string& column, std::string& text) {
    if (unit == 3 && year == 2016 && column == "dense") text = "12.5";
  };
  study.write(folder);
  const Outcome outcome = nokkel(folder, {"check", "study.toml"}, {{"COLUMNS", "200"}});
  EXPECT_EQ(outcome.code, kFindings);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("dense, unit 0003"), HasSubstr("line 7"), HasSubstr("12.5 in 2016")));
}

TEST_F(Reading, CheckLeavesRatesAloneThatAlwaysJump) {
  const Folder folder;
  SmallStudy study;
  study.spoil = [](int unit, int year, const std::string& column, std::string& text) {
    if (column == "dense") text = (unit + year) % 3 == 0 ? "0.0001" : unit % 2 == 0 ? "0.02" : "0.3";
  };
  study.write(folder);
  EXPECT_THAT(nokkel(folder, {"check", "study.toml"}).out, Not(HasSubstr("dense, unit")));
}

TEST_F(Reading, TheResolvedStudyIsAStudyWithTheSameResult) {
  const Outcome resolved = call({"check", "study.toml", "--resolved"});
  ASSERT_EQ(resolved.code, kOk) << resolved.err;
  folder_->write("resolved.toml", resolved.out);
  EXPECT_EQ(call({"check", "resolved.toml", "--resolved"}).out, resolved.out);
  EXPECT_TRUE(json::parse(call({"check", "study.toml", "--resolved", "--json"}).out).is_object());
}

TEST_F(Reading, DoctorLooksAtEverything) {
  const Outcome outcome = call({"doctor", "--json"});
  EXPECT_THAT(outcome.code, testing::AnyOf(kOk, kFindings));
  bool warned = false;
  std::vector<std::string> items;
  const json table = json::parse(outcome.out);
  for (const json& row : table["rows"]) {
    items.push_back(row["item"]);
    EXPECT_EQ(row["state"] == "warn", !row["remedy"].get<std::string>().empty());
    warned = warned || row["state"] == "warn";
  }
  EXPECT_EQ(outcome.code, warned ? kFindings : kOk);
  EXPECT_THAT(items, testing::IsSupersetOf({"version", "openblas", "openblas core", "kernel", "hdf5", "cores", "memory",
                                            "locale", "temporary folder"}));
}

TEST_F(Reading, EveryCommandHasHelpWithAnExample) {
  for (const std::string command : {"run", "rerun", "check", "rank", "show", "diff", "doctor", "bench"}) {
    const Outcome help = call({command, "--help"});
    EXPECT_EQ(help.code, kOk);
    EXPECT_THAT(help.out, AllOf(HasSubstr("Example: nokkel " + command), HasSubstr("--json"))) << command;
  }
  EXPECT_THAT(call({"--version"}).out, testing::StartsWith("nokkel "));
  EXPECT_THAT(call({"--help"}).out, AllOf(HasSubstr("Exit codes"), HasSubstr("rerun")));
}

TEST_F(Reading, ASmallAddressSpaceIsToldInsteadOfHanging) {
  const std::string words = "ulimit -v 400000; timeout 20 " + std::string(NOKKEL_PROGRAM) + " --version 2> " +
                            (*folder_ / "limit.txt").string() + " > /dev/null";
  EXPECT_EQ(WEXITSTATUS(std::system(words.c_str())), 3);
  EXPECT_THAT(content_of(*folder_ / "limit.txt"), HasSubstr("ulimit -v unlimited"));
}

TEST_F(Reading, AFullDiskUnderTheOutputIsCodeThree) {
  const std::string words =
      std::string(NOKKEL_PROGRAM) + " rank " + (*folder_ / "out.h5").string() + " > /dev/full 2> /dev/null";
  const int status = std::system(words.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 3);
}

}  // namespace
}  // namespace nokkel::test
