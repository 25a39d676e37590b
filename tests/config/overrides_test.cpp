#include "io/config/overrides.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/error.h"
#include "io/config/study.h"
#include "tests/config/study_text.h"

namespace nokkel::config {
namespace {

using test::kSmallest;

Study set(const std::vector<std::string>& settings) { return parse_study(kSmallest, "s.toml", settings); }

std::string error_of(const std::string& setting) {
  try {
    set({setting});
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

std::string environment_error(const std::string& line) {
  try {
    environment_overrides({line});
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Overrides, SetAnyKeyAndAreRecordedInTheirOrder) {
  const Study study = set({"resample.pairs=99", "sample.where=unit_id != '0301'", "universe.size=[2, 3]", "resample.pairs=199",
                           "criterion[name=age].forced=true", "criterion[name=age].requirements.stable=no",
                           "study.title=2014-12-01", "study.seed=18446744073709551615"});
  EXPECT_EQ(study.statistics.n_pairs, 199);
  EXPECT_EQ(study.sample.condition, "unit_id != '0301'");
  EXPECT_EQ(study.universe.min_size, 2);
  EXPECT_EQ(study.universe.max_size, 3);
  EXPECT_TRUE(study.criteria[0].forced);
  EXPECT_FALSE(study.criteria[1].forced);
  EXPECT_EQ(study.criteria[0].requirements.at(0).second, "no");
  EXPECT_EQ(study.title, "2014-12-01");
  EXPECT_EQ(study.statistics.seed, 18446744073709551615ULL);
  EXPECT_EQ(study.overrides.size(), 8U);
  EXPECT_EQ(study.overrides[1], "sample.where=unit_id != '0301'");
  EXPECT_EQ(study.text, kSmallest);
}

TEST(Overrides, RecordedOnesRepeatTheStudy) {
  const Study study = set({"resample.pairs=99", "criterion[name=age].label=Alder = 5"});
  EXPECT_EQ(resolved_toml(parse_study(study.text, study.path, study.overrides)), resolved_toml(study));
}

TEST(Overrides, AreCheckedLikeTheFile) {
  EXPECT_EQ(error_of("resample.pairs=5"),
            "--set: resample.pairs: the integer 5 is not allowed; allowed: 0 or an integer from 19 to 1000000");
  EXPECT_EQ(error_of("resample.pair=99"),
            "--set: resample.pair: unknown key; allowed: \"pairs\", \"half_pairs\", \"strata\"; did you mean \"pairs\"?");
  EXPECT_EQ(error_of("criterion[name=aeg].forced=true"),
            "--set: criterion[name=aeg].forced: none has name = \"aeg\"; allowed: \"age\", \"income\"; did you mean \"age\"?");
  EXPECT_EQ(error_of("criterion.forced=true"), "--set: criterion.forced: criterion is a list; say which: criterion[name=…]");
  EXPECT_EQ(error_of("study.seed.x=1"), "--set: study.seed.x: leads into the integer 7; name a key of the study");
  EXPECT_EQ(error_of("seed=1"), "--set: seed: not a key; allowed: section.key, list[name=…].key");
  EXPECT_EQ(error_of("study..seed=1"), "--set: study..seed: not a key; allowed: section.key, list[name=…].key");
  EXPECT_EQ(error_of("criterion[age].forced=true"),
            "--set: criterion[age].forced: not a key; allowed: section.key, list[name=…].key");
  EXPECT_EQ(error_of("resample.pairs"), "--set resample.pairs: no key=value; write for example --set resample.pairs=99");
  EXPECT_EQ(error_of("study.title=\xff"), "--set: bytes that are no UTF-8");
}

TEST(Environment, NamesAKeyOfAPlainSection) {
  const auto changes = environment_overrides({"HOME=/", "NOKKEL_THREADS=2", "NOKKEL_UNIVERSE_MAX_ABS_R=0.7",
                                              "NOKKEL_CROSS_VALIDATION_FOLDS=5", "NOKKEL_MEMORY=1G", "NOKKEL_KERNEL=v3"});
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].key, "cross_validation.folds");
  EXPECT_EQ(changes[0].value, "5");
  EXPECT_EQ(changes[1].key, "universe.max_abs_r");
  EXPECT_EQ(changes[1].where, "NOKKEL_UNIVERSE_MAX_ABS_R");
}

TEST(Environment, RefusesANameThatSetsNothing) {
  EXPECT_EQ(environment_error("NOKKEL_RESAMPLE_PARIS=99"),
            "environment: NOKKEL_RESAMPLE_PARIS: sets no key of a study; allowed: NOKKEL_<SECTION>_<KEY>, as "
            "NOKKEL_RESAMPLE_PAIRS; did you mean \"NOKKEL_RESAMPLE_PAIRS\"?");
  EXPECT_EQ(environment_error("NOKKEL_CRITERION_NAME=x"),
            "environment: NOKKEL_CRITERION_NAME: sets no key of a study; allowed: NOKKEL_<SECTION>_<KEY>, as "
            "NOKKEL_RESAMPLE_PAIRS");
}

// Default 999 < file 199 < environment 99 < --set 49.
TEST(Environment, StandsBetweenTheFileAndTheCommandLine) {
  const std::filesystem::path file =
      std::filesystem::path(testing::TempDir()) / ("nokkel_precedence_" + std::to_string(::getpid()) + ".toml");
  std::ofstream(file) << kSmallest << "[resample]\npairs = 199\n";
  EXPECT_EQ(set({}).statistics.n_pairs, 999);
  EXPECT_EQ(read_study(file, {}).statistics.n_pairs, 199);
  setenv("NOKKEL_RESAMPLE_PAIRS", "99", 1);
  EXPECT_EQ(read_study(file, {}).statistics.n_pairs, 99);
  const Study study = read_study(file, {"resample.pairs=49"});
  unsetenv("NOKKEL_RESAMPLE_PAIRS");
  std::filesystem::remove(file);
  EXPECT_EQ(study.statistics.n_pairs, 49);
  EXPECT_EQ(study.overrides, (std::vector<std::string>{"resample.pairs=99", "resample.pairs=49"}));
}

TEST(Environment, IsNotAskedForAStudyThatIsRepeated) {
  setenv("NOKKEL_RESAMPLE_PAIRS", "99", 1);
  const int n_pairs = set({}).statistics.n_pairs;
  unsetenv("NOKKEL_RESAMPLE_PAIRS");
  EXPECT_EQ(n_pairs, 999);
}

}  // namespace
}  // namespace nokkel::config
