// Each mistake that users make is answered with an exit code and a message that says where, what and how to mend it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/cli/small_study.h"

namespace nokkel::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

constexpr int kOk = 0, kFindings = 1, kInput = 2;

/// Both `check` and `run` refuse the study with this message, and nothing is left behind.
void expect_refused(const Folder& folder, const testing::Matcher<std::string>& message) {
  const std::vector<std::string> before = folder.names();
  const Outcome check = nokkel(folder, {"check", "study.toml"});
  EXPECT_EQ(check.code, kInput) << check.out << check.err;
  EXPECT_THAT(check.err, message);
  const Outcome run = nokkel(folder, {"run", "study.toml", "-o", "out.h5"});
  EXPECT_EQ(run.code, kInput) << run.err;
  EXPECT_THAT(run.err, message);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(folder.names(), before);
}

void expect_data_refused(const std::string& csv, const testing::Matcher<std::string>& message) {
  const Folder folder;
  SmallStudy().write(folder);
  folder.write("panel.csv", csv);
  expect_refused(folder, message);
}

void expect_spoiled_refused(const SmallStudy& study, const testing::Matcher<std::string>& message) {
  const Folder folder;
  study.write(folder);
  expect_refused(folder, message);
}

/// Changes the text of one column in one row.
SmallStudy spoiled(const std::string& column, const std::string& text) {
  SmallStudy study;
  study.spoil = [=](int unit, int year, const std::string& name, std::string& cell) {
    if (unit == 7 && year == 2016 && name == column) cell = text;
  };
  return study;
}

TEST(BadInput, AMissingStudyIsNamed) {
  const Folder folder;
  const Outcome outcome = nokkel(folder, {"run", "nowhere.toml", "-o", "out.h5"});
  EXPECT_EQ(outcome.code, kInput);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("nokkel: "), HasSubstr("nowhere.toml")));
}

TEST(BadInput, AMissingDataFileIsNamed) {
  const Folder folder;
  SmallStudy().write(folder);
  fs::remove(folder / "panel.csv");
  expect_refused(folder, HasSubstr("panel.csv"));
}

TEST(BadInput, AnEmptyFileIsRefused) { expect_data_refused("", AllOf(HasSubstr("panel.csv"), HasSubstr("empty"))); }

TEST(BadInput, AHeaderWithoutRowsIsRefused) {
  const std::string csv = SmallStudy().csv();
  expect_data_refused(csv.substr(0, csv.find('\n') + 1), AllOf(HasSubstr("panel.csv"), HasSubstr("header")));
}

TEST(BadInput, ADoubledUnitAndYearIsNamedWithBothLines) {
  std::string csv = SmallStudy().csv();
  const std::size_t second = csv.find('\n') + 1;
  csv += csv.substr(second, csv.find('\n', second) + 1 - second);
  expect_data_refused(csv,
                      AllOf(HasSubstr("panel.csv"), HasSubstr("0001"), HasSubstr("2015"), HasSubstr("2"), HasSubstr("62")));
}

TEST(BadInput, TextWhereANumberBelongsIsNamedWithRowAndColumn) {
  expect_spoiled_refused(spoiled("poor", "many"),
                         AllOf(HasSubstr("panel.csv:15"), HasSubstr("poor"), HasSubstr("many"), HasSubstr("0007")));
}

TEST(BadInput, ANegativePopulationIsNamedWithItsRow) {
  expect_spoiled_refused(spoiled("population", "-5"), AllOf(HasSubstr("population"), HasSubstr("0007"), HasSubstr("2016")));
}

TEST(BadInput, TheResponseInDisguiseIsRefused) {
  SmallStudy study;
  study.more =
      "[[derived]]\nname = \"disguise\"\nkind = \"per_inhabitant\"\nof = [\"spending\"]\nscale = 2\n\n"
      "[[criterion]]\nname = \"disguise\"\n";
  study.spoil = [](int, int, const std::string& column, std::string& text) {
    if (column == "population") text = "1000";
  };
  expect_spoiled_refused(study, AllOf(HasSubstr("disguise"), HasSubstr("spending"), HasSubstr("0.999")));
}

TEST(BadInput, AnUnknownKeyIsAnsweredWithItsPlaceAndTheNearestName) {
  SmallStudy study;
  study.more = "[rankings]\norder = \"default\"\n";
  expect_spoiled_refused(study, AllOf(HasSubstr("study.toml:"), HasSubstr("rankings"), HasSubstr("ranking")));
}

TEST(BadInput, AnUnknownColumnIsAnsweredWithTheNearestName) {
  SmallStudy study;
  study.more = "[[criterion]]\nname = \"por\"\n";
  expect_spoiled_refused(study,
                         AllOf(HasSubstr("por"), HasSubstr("study.toml:"), HasSubstr("did you mean"), HasSubstr("poor")));
}

TEST(BadInput, MoreFoldsThanUnitsAreRefused) {
  SmallStudy study;
  study.n_units = 6;
  study.folds = 7;
  expect_spoiled_refused(study, HasSubstr("folds"));
}

TEST(BadInput, SixtyCandidatesAtSizeTenAreRefusedWithTheCount) {
  const Folder folder;
  SmallStudy study;
  study.criteria.clear();
  for (int c = 0; c < 60; ++c) study.criteria.push_back(fmt::format("c{}", c));
  study.n_units = 80;
  study.max_size = 10;
  study.write(folder);
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--allow-large"}, {"--dry-run"}}) {
    std::vector<std::string> words{"run", "study.toml", "-o", "out.h5"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = nokkel(folder, words);
    EXPECT_EQ(outcome.code, kInput);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("93,178,047,048 combinations"), HasSubstr("universe.size")));
  }
  EXPECT_THAT(folder.names(), testing::ElementsAre("panel.csv", "study.toml"));
  const Outcome check = nokkel(folder, {"check", "study.toml"});
  EXPECT_EQ(check.code, kFindings) << check.err;
  EXPECT_THAT(check.out, HasSubstr("93,178,047,048"));
}

TEST(BadInput, MoreThanTheLimitNeedsAllowLarge) {
  const Folder folder;
  SmallStudy().write(folder);
  const std::vector<std::string> words{"run", "study.toml", "-o", "out.h5", "--set", "universe.limit=9"};
  const Outcome refused = nokkel(folder, words);
  EXPECT_EQ(refused.code, kInput);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("10 combinations"), HasSubstr("limit (9)"), HasSubstr("--allow-large")));
  std::vector<std::string> allowed = words;
  allowed.emplace_back("--allow-large");
  EXPECT_EQ(nokkel(folder, allowed).code, kOk);
}

TEST(BadInput, AConstantCriterionIsAFindingAndAStatus) {
  const Folder folder;
  SmallStudy study;
  study.spoil = [](int, int year, const std::string& column, std::string& text) {
    if (year == 2016 && column == "poor") text = "0.25";
  };
  study.write(folder);
  const Outcome check = nokkel(folder, {"check", "study.toml"});
  EXPECT_EQ(check.code, kFindings);
  EXPECT_THAT(check.out, AllOf(HasSubstr("poor"), HasSubstr("constant")));
  ASSERT_EQ(nokkel(folder, {"run", "study.toml", "-o", "out.h5"}).code, kOk);
  const Outcome show = nokkel(folder, {"show", "out.h5", "poor", "--csv"});
  EXPECT_EQ(show.code, kOk);
  EXPECT_THAT(show.out, AllOf(HasSubstr("2016,30,zero_variance,,,"), HasSubstr("2015,30,ok,")));
}

TEST(BadInput, EqualCriteriaAreAFindingAndNeverAFit) {
  const Folder folder;
  SmallStudy study;
  study.more =
      "[[derived]]\nname = \"twin\"\nkind = \"power\"\nof = [\"poor\"]\nexponent = 1\n\n[[criterion]]\nname = \"twin\"\n";
  study.write(folder);
  const Outcome check = nokkel(folder, {"check", "study.toml"});
  EXPECT_EQ(check.code, kFindings);
  EXPECT_THAT(check.out, HasSubstr("poor + twin"));
  ASSERT_EQ(nokkel(folder, {"run", "study.toml", "-o", "out.h5"}).code, kOk);
  const Outcome show = nokkel(folder, {"show", "out.h5", "twin + poor", "--csv"});
  EXPECT_EQ(show.code, kOk);
  EXPECT_THAT(show.out, AllOf(HasSubstr("2015,30,rank_deficient,,,"), HasSubstr("2016,30,rank_deficient,,,")));
}

TEST(BadInput, MoreCriteriaThanRowsIsAStatusNotANumber) {
  const Folder folder;
  SmallStudy study;
  study.criteria = {"a", "b", "c", "d", "e", "f", "g"};
  study.n_units = 6;
  study.max_size = 7;
  study.folds = 3;
  study.write(folder);
  const Outcome run = nokkel(folder, {"run", "study.toml", "-o", "out.h5"});
  ASSERT_EQ(run.code, kOk) << run.err;
  const Outcome show = nokkel(folder, {"show", "out.h5", "a + b + c + d + e + f + g", "--csv"});
  EXPECT_THAT(show.out, HasSubstr("2015,6,too_few_rows,,,"));
  EXPECT_THAT(show.out, testing::Not(HasSubstr(",ok,")));
}

TEST(BadInput, AnExistingResultIsKeptWithoutForce) {
  const Folder folder;
  SmallStudy().write(folder);
  folder.write("out.h5", "precious");
  const Outcome refused = nokkel(folder, {"run", "study.toml", "-o", "out.h5"});
  EXPECT_EQ(refused.code, kInput);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("out.h5"), HasSubstr("--force")));
  EXPECT_EQ(content_of(folder / "out.h5"), "precious");
  EXPECT_EQ(nokkel(folder, {"run", "study.toml", "-o", "out.h5", "--force"}).code, kOk);
  EXPECT_EQ(nokkel(folder, {"rank", "out.h5"}).code, kOk);
}

TEST(BadInput, AMissingFolderIsNamedWithARemedy) {
  const Folder folder;
  SmallStudy().write(folder);
  const Outcome outcome = nokkel(folder, {"run", "study.toml", "-o", "nowhere/out.h5"});
  EXPECT_EQ(outcome.code, kInput);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("nowhere/out.h5"), HasSubstr("mkdir -p 'nowhere'")));
}

TEST(BadInput, AnUnwritableFolderIsNamed) {
  const Folder folder;
  SmallStudy().write(folder);
  fs::create_directory(folder / "locked");
  fs::permissions(folder / "locked", fs::perms::owner_read | fs::perms::owner_exec);
  // Rights do not bind root; a folder of the kernel's does.
  const std::string locked = geteuid() == 0 ? "/proc" : "locked";
  const Outcome outcome = nokkel(folder, {"run", "study.toml", "-o", locked + "/out.h5"});
  EXPECT_EQ(outcome.code, kInput);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr(locked), HasSubstr("writ")));
  EXPECT_EQ(outcome.out, "");
}

TEST(BadInput, AFileThatIsNoResultIsRefusedByEveryReader) {
  const Folder folder;
  folder.write("noise.h5", "this is no HDF5 file");
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"rank", "noise.h5"}, {"show", "noise.h5", "best"}, {"diff", "noise.h5", "noise.h5"}, {"rerun", "noise.h5"}}) {
    const Outcome outcome = nokkel(folder, words);
    EXPECT_EQ(outcome.code, kInput) << words.front();
    EXPECT_THAT(outcome.err, HasSubstr("noise.h5"));
  }
}

TEST(BadInput, CommandLineMistakesHaveCodeTwoAndASuggestion) {
  const Folder folder;
  const std::vector<std::pair<std::vector<std::string>, std::string>> mistakes{
      {{}, "no command"},
      {{"rnu"}, "did you mean 'run'"},
      {{"run", "study.toml", "--forse"}, "did you mean '--force'"},
      {{"run", "study.toml", "-o"}, "--out"},
      {{"run"}, "STUDY"},
      {{"run", "a.toml", "b.toml", "-o", "out.h5"}, "b.toml"},
      {{"run", "a.toml", "-o", "out.h5", "--threads", "many"}, "--threads"},
      {{"run", "a.toml", "-o", "out.h5", "--compression", "12"}, "0 to 9"},
      {{"run", "a.toml", "-o", "out.h5", "--kernel", "v5"}, "portable"},
      {{"run", "a.toml", "-o", "out.h5", "--memory", "4 cows"}, "4G"},
      {{"run", "a.toml"}, "-o OUT.h5"},
      {{"rank", "a.h5", "--json", "--csv"}, "--json"},
      {{"diff", "a.h5"}, "B"}};
  for (const auto& [words, message] : mistakes) {
    const Outcome outcome = nokkel(folder, words);
    EXPECT_EQ(outcome.code, kInput) << message;
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("nokkel"), HasSubstr(message)));
    EXPECT_EQ(outcome.out, "");
  }
}

}  // namespace
}  // namespace nokkel::test
