// A run from the command line: the same bytes whatever the circumstances, nothing left behind when it is stopped.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "tests/cli/small_study.h"

namespace nokkel::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int kOk = 0, kFindings = 1, kInterrupted = 4;

Outcome run_to(const Folder& folder, const std::string& out, std::vector<std::string> more = {},
               const Environment& environment = {}) {
  std::vector<std::string> words{"run", "study.toml", "-o", out};
  words.insert(words.end(), more.begin(), more.end());
  return nokkel(folder, words, environment);
}

TEST(Run, TheSameBytesAtOneTwoAndSevenThreads) {
  const Folder folder;
  SmallStudy().write(folder);
  for (const std::string threads : {"1", "2", "7"}) {
    const Outcome outcome = run_to(folder, threads + ".h5", {"--threads", threads});
    ASSERT_EQ(outcome.code, kOk) << outcome.err;
  }
  const std::string one = content_of(folder / "1.h5");
  EXPECT_GT(one.size(), 10'000U);
  EXPECT_TRUE(one == content_of(folder / "2.h5"));
  EXPECT_TRUE(one == content_of(folder / "7.h5"));
}

/// A published file can be made again on a machine with the other of the two. One that has neither runs neither.
TEST(Run, TheSameFileFromV3AndV4) {
  const Folder folder;
  SmallStudy().write(folder);
  std::vector<std::string> made;
  for (const std::string kernel : {"v3", "v4"}) {
    const Outcome outcome = run_to(folder, kernel + ".h5", {"--kernel", kernel});
    if (outcome.code == kOk)
      made.push_back(content_of(folder / (kernel + ".h5")));
    else
      EXPECT_THAT(outcome.err, HasSubstr("this processor lacks " + kernel));
  }
  for (const std::string& file : made) EXPECT_TRUE(file == made.front());
}

TEST(Run, TheShippedSmokeStudyRunsAndRepeats) {
  const Folder folder;
  const std::string study = NOKKEL_SOURCE_DIR "/configs/smoke.toml";
  for (const std::string threads : {"1", "2"}) {
    const Outcome outcome = nokkel(folder, {"run", study, "-o", threads + ".h5", "--threads", threads});
    ASSERT_EQ(outcome.code, kOk) << outcome.err;
  }
  EXPECT_TRUE(content_of(folder / "1.h5") == content_of(folder / "2.h5"));
  const Outcome rerun = nokkel(folder, {"rerun", "1.h5", "--threads", "2"});
  EXPECT_EQ(rerun.code, kOk) << rerun.out << rerun.err;
  EXPECT_EQ(rerun.out, "same bytes\n");
}

TEST(Run, TheFolderAndTheNameOfTheFileDoNotReachItsBytes) {
  const Folder here, there;
  SmallStudy().write(here);
  SmallStudy().write(there);
  ASSERT_EQ(run_to(here, "a.h5").code, kOk);
  ASSERT_EQ(nokkel(here, {"run", (there / "study.toml").string(), "-o", (there / "another.h5").string(), "--quiet"}).code, kOk);
  EXPECT_TRUE(content_of(here / "a.h5") == content_of(there / "another.h5"));
}

TEST(Run, AGermanLocaleChangesNothing) {
  const Folder folder;
  const std::string made = "localedef -i de_DE -f UTF-8 " + (folder / "de_DE.UTF-8").string() + " 2>&1";
  ASSERT_EQ(std::system(made.c_str()), 0) << "the package `locales` is missing";
  const Environment german{{"LOCPATH", folder.path().string()}, {"LC_ALL", "de_DE.UTF-8"}};
  SmallStudy().write(folder);
  ASSERT_EQ(run_to(folder, "plain.h5").code, kOk);
  const Outcome outcome = run_to(folder, "german.h5", {}, german);
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_TRUE(content_of(folder / "plain.h5") == content_of(folder / "german.h5"));
  EXPECT_EQ(nokkel(folder, {"rank", "plain.h5", "--csv"}).out, nokkel(folder, {"rank", "plain.h5", "--csv"}, german).out);
}

TEST(Run, NamesOfAnyAlphabetSurvive) {
  const Folder folder;
  SmallStudy study;
  study.criteria = {"Østbyen", "学校", "quote \"and\", comma", "dense"};
  study.spoil = [](int unit, int, const std::string& column, std::string& text) {
    if (column == "name") text = unit % 2 == 0 ? "学校, \"north\"" : "Østbyen";
  };
  study.write(folder);
  const Outcome outcome = run_to(folder, "out.h5");
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  const Outcome show = nokkel(folder, {"show", "out.h5", "学校 + Østbyen"});
  EXPECT_EQ(show.code, kOk) << show.err;
  EXPECT_THAT(show.out, HasSubstr("Østbyen + 学校"));
  EXPECT_THAT(nokkel(folder, {"rank", "out.h5", "--csv", "--top", "100"}).out, HasSubstr("\"quote \"\"and\"\", comma\""));
  const Outcome near = nokkel(folder, {"show", "out.h5", "Ostbyen"});
  EXPECT_THAT(near.err, HasSubstr("did you mean 'Østbyen'"));
}

TEST(Run, TheSeedAndOverridesAreRecordedAndRepeated) {
  const Folder folder;
  SmallStudy().write(folder);
  ASSERT_EQ(run_to(folder, "a.h5").code, kOk);
  ASSERT_EQ(
      run_to(folder, "b.h5", {"--seed", "8", "--set", "resample.pairs=39"}, {{"NOKKEL_CROSS_VALIDATION_REPEATS", "3"}}).code,
      kOk);
  EXPECT_EQ(nokkel(folder, {"diff", "a.h5", "b.h5"}).code, kFindings);
  const Outcome rerun = nokkel(folder, {"rerun", "b.h5"}, {{"NOKKEL_RESAMPLE_PAIRS", "19"}});
  EXPECT_EQ(rerun.code, kOk) << rerun.out << rerun.err;
  EXPECT_EQ(rerun.out, "same bytes\n");
}

TEST(Run, ACompressedFileIsRepeatedCompressed) {
  const Folder folder;
  SmallStudy study;
  study.criteria = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"};
  study.max_size = 4;
  study.pairs = 19;
  study.half_pairs = 5;
  study.write(folder);
  ASSERT_EQ(run_to(folder, "plain.h5").code, kOk);
  ASSERT_EQ(run_to(folder, "small.h5", {"--compression", "6"}).code, kOk);
  EXPECT_LT(fs::file_size(folder / "small.h5"), fs::file_size(folder / "plain.h5"));
  EXPECT_EQ(nokkel(folder, {"rerun", "small.h5"}).out, "same bytes\n");
}

TEST(Run, SettingsThatChangeNothingAreTold) {
  const Folder folder;
  SmallStudy study;
  study.more = "[[model]]\nname = \"today\"\ncriteria = [\"age\", \"poor\"]\n";
  study.write(folder);
  const Outcome outcome = run_to(folder, "out.h5", {"--set", "study.profile=practice"});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("study.profile"), HasSubstr("1 named combination;")));
  EXPECT_THAT(nokkel(folder, {"check", "study.toml"}).out, HasSubstr("1 named combination"));
  const Folder plain;
  SmallStudy().write(plain);
  EXPECT_THAT(run_to(plain, "out.h5").err, Not(HasSubstr("changes nothing")));
}

/// `ulimit -f` is what a full disk looks like to the writer.
TEST(Run, ALimitOnFileSizesIsCodeThreeAndLeavesNothing) {
  const Folder folder;
  SmallStudy().write(folder);
  const std::vector<std::string> before = folder.names();
  const std::string words = "ulimit -f 40; " + std::string(NOKKEL_PROGRAM) + " run " + (folder / "study.toml").string() +
                            " -o " + (folder / "out.h5").string() + " > /dev/null 2> /dev/null";
  const int status = std::system(words.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 3);
  EXPECT_EQ(folder.names(), before);
}

TEST(Run, ADryRunWritesNothingAndSaysWhatItWouldCost) {
  const Folder folder;
  SmallStudy().write(folder);
  const std::vector<std::string> before = folder.names();
  const Outcome outcome = nokkel(folder, {"run", "study.toml", "--dry-run", "--json"});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["schema"], "nokkel-table/1");
  EXPECT_EQ(json["command"], "run");
  std::map<std::string, double> value;
  for (const auto& row : json["rows"]) value[row["item"]] = row["value"].get<double>();
  EXPECT_EQ(value["combinations"], 10);
  EXPECT_EQ(value["fits_full"], 10 * 2);
  EXPECT_EQ(value["fits_pairs"], 10 * 2 * 59);
  EXPECT_EQ(value["fits_halves"], 10 * 2 * 40);
  EXPECT_EQ(value["fits_folds"], 10 * 2 * 10);
  EXPECT_EQ(value["fits"], 10 * 2 * (1 + 59 + 40 + 10));
  EXPECT_GT(value["time"], 0);
  EXPECT_EQ(folder.names(), before);
  ASSERT_EQ(run_to(folder, "out.h5").code, kOk);
  EXPECT_NEAR(value["file_size"], static_cast<double>(fs::file_size(folder / "out.h5")), 0.05 * value["file_size"] + 65536);
}

TEST(Run, ALimitBelowThePlanIsCodeThreeBeforeAnythingIsWritten) {
  const Folder folder;
  SmallStudy().write(folder);
  const std::vector<std::string> before = folder.names();
  const Outcome outcome = run_to(folder, "out.h5", {"--memory", "4M"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("may take 4.0 MiB"), HasSubstr("raise --memory"), HasSubstr("output.mode")));
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 2) << "the plan and one message: " << outcome.err;
  EXPECT_EQ(folder.names(), before);
  const Outcome dry = nokkel(folder, {"run", "study.toml", "--dry-run", "--memory", "4M"});
  EXPECT_EQ(dry.code, kOk);
  EXPECT_THAT(dry.out, HasSubstr("would be refused"));
}

TEST(Run, TheLimitOfASlurmJobIsTheDefault) {
  const Folder folder;
  SmallStudy().write(folder);
  const Environment job{{"SLURM_MEM_PER_NODE", "10"}};
  const Outcome outcome = run_to(folder, "out.h5", {}, job);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("80 % of the 10.0 MiB that Slurm gave the job"));
  EXPECT_THAT(nokkel(folder, {"doctor"}, job).out, HasSubstr("8.0 MiB"));
  EXPECT_EQ(run_to(folder, "out.h5", {"--memory", "2G"}, job).code, kOk);
}

/// Planned bytes are within 20 % or 64 MiB of the peak: of the studies that ship, of one with many records, and of a kept file.
void expect_planned(const Folder& folder, const std::string& record) {
  const auto json = nlohmann::json::parse(content_of(folder / record));
  const double planned = json["memory_planned_bytes"].get<double>(), peak = json["memory_peak_bytes"].get<double>();
  EXPECT_NEAR(planned, peak, std::max(0.2 * peak, 64.0 * (1 << 20))) << record;
}

TEST(Run, ThePlanOfMemoryIsWhatIsTaken) {
  const Folder folder;
  for (const std::string study : {"smoke", "norway", "norway-child-welfare"}) {
    ASSERT_EQ(nokkel(folder, {"run", NOKKEL_SOURCE_DIR "/configs/" + study + ".toml", "-o", study + ".h5", "--quiet"}).code,
              kOk);
    expect_planned(folder, study + ".run.json");
  }
  SmallStudy study;
  study.criteria.clear();
  for (char c = 'a'; c <= 'z'; ++c) study.criteria.emplace_back(1, c);
  study.years = {2010, 2011, 2012, 2013, 2014};
  study.n_units = 40;
  study.max_size = 4;
  study.pairs = 199;
  study.half_pairs = 50;
  study.write(folder);
  for (const std::string threads : {"1", "2", "16"}) {
    ASSERT_EQ(run_to(folder, threads + ".h5", {"--threads", threads}).code, kOk);
    expect_planned(folder, threads + ".run.json");
  }
  ASSERT_EQ(run_to(folder, "kept.h5", {"--set", "output.mode=kept", "--set", "output.keep=2000"}).code, kOk);
  expect_planned(folder, "kept.run.json");
}

/// Two hundred threads on a machine with few cores.
TEST(Run, TwoHundredThreadsStartAndFinishWithTheSameBytes) {
  const Folder folder;
  SmallStudy study;
  study.criteria = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"};
  study.max_size = 4;
  study.write(folder);
  ASSERT_EQ(run_to(folder, "2.h5", {"--threads", "2"}).code, kOk);
  const Outcome outcome = run_to(folder, "200.h5", {"--threads", "200"});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_TRUE(content_of(folder / "2.h5") == content_of(folder / "200.h5"));
  expect_planned(folder, "200.run.json");
}

TEST(Run, ResultsGoToStandardOutputAndTheRestToStandardError) {
  const Folder folder;
  SmallStudy().write(folder);
  const Outcome outcome = run_to(folder, "out.h5", {"--top", "3"});
  ASSERT_EQ(outcome.code, kOk);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("rank"), HasSubstr("not adjusted for the search"), Not(HasSubstr("\033"))));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("10 combinations"), HasSubstr("out.h5"), Not(HasSubstr("\r"))));
  const Outcome quiet = run_to(folder, "quiet.h5", {"--quiet", "--csv", "--top", "3"});
  EXPECT_EQ(quiet.err, "");
  EXPECT_EQ(std::count(quiet.out.begin(), quiet.out.end(), '\n'), 4);
}

TEST(Run, TheRunRecordHoldsWhatTheFileMayNot) {
  const Folder folder;
  SmallStudy().write(folder);
  ASSERT_EQ(run_to(folder, "out.h5", {"--threads", "2"}).code, kOk);
  const auto record = nlohmann::json::parse(content_of(folder / "out.run.json"));
  EXPECT_EQ(record["schema"], "nokkel-run/1");
  EXPECT_EQ(record["study"], (folder / "study.toml").string());
  EXPECT_EQ(record["threads"], 2);
  EXPECT_EQ(record["command"], "nokkel run study.toml -o out.h5 --threads 2");
  EXPECT_GT(record["fits_per_second"].get<double>(), 0);
  EXPECT_GT(record["memory_peak_bytes"].get<double>(), 1e6);
}

TEST(Run, ProgressLinesAreJsonWhenAsked) {
  const Folder folder;
  SmallStudy().write(folder);
  const Outcome outcome = run_to(folder, "out.h5", {"--progress", "json"});
  ASSERT_EQ(outcome.code, kOk);
  std::istringstream lines(outcome.err);
  nlohmann::json last;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("{")) last = nlohmann::json::parse(line);
  ASSERT_TRUE(last.is_object()) << outcome.err;
  EXPECT_EQ(last["schema"], "nokkel-progress/1");
  EXPECT_EQ(last["done"], last["total"]);
}

/// A study that takes far longer than a test waits.
SmallStudy long_study() {
  SmallStudy study;
  study.criteria.clear();
  for (char c = 'a'; c <= 'x'; ++c) study.criteria.emplace_back(1, c);
  study.n_units = 60;
  study.max_size = 5;
  study.pairs = 9999;
  return study;
}

class Stopping : public testing::TestWithParam<int> {};

TEST_P(Stopping, EndsWithCodeFourAndLeavesNothing) {
  const Folder folder;
  long_study().write(folder);
  const std::vector<std::string> before = folder.names();
  Process process(folder, {"run", "study.toml", "-o", "out.h5", "--threads", "2"});
  const auto started = [&] {  // stdout.txt and stderr.txt are the test's own
    const std::vector<std::string> names = folder.names();
    return std::any_of(names.begin(), names.end(),
                       [](const std::string& name) { return name.find("partial") != std::string::npos; });
  };
  for (int i = 0; i < 600 && !started() && process.running(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ASSERT_TRUE(started());
  process.signal(GetParam());
  const Outcome outcome = process.wait();
  EXPECT_EQ(outcome.code, kInterrupted) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("interrupted"));
  EXPECT_EQ(folder.names(), before);
}

INSTANTIATE_TEST_SUITE_P(Signals, Stopping, testing::Values(SIGINT, SIGTERM),
                         [](const auto& signal) { return signal.param == SIGINT ? "Interrupt" : "Terminate"; });

TEST(Rerun, AChangedInputIsNamed) {
  const Folder folder;
  SmallStudy().write(folder);
  ASSERT_EQ(run_to(folder, "out.h5").code, kOk);
  SmallStudy changed;
  changed.spoil = [](int unit, int, const std::string& column, std::string& text) {
    if (unit == 1 && column == "poor") text = "0.2";
  };
  folder.write("panel.csv", changed.csv());
  const Outcome outcome = nokkel(folder, {"rerun", "out.h5"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("panel.csv"), HasSubstr("not the file of the first run")));
}

TEST(Rerun, FindsTheDataThroughTheStudyFolder) {
  const Folder folder, moved;
  SmallStudy().write(folder);
  ASSERT_EQ(run_to(folder, "out.h5").code, kOk);
  fs::rename(folder / "out.h5", moved / "out.h5");
  const Outcome lost = nokkel(moved, {"rerun", "out.h5"});
  EXPECT_EQ(lost.code, 2);
  EXPECT_THAT(lost.err, HasSubstr("--study-folder"));
  const Outcome found = nokkel(moved, {"rerun", "out.h5", "--study-folder", folder.path().string()});
  EXPECT_EQ(found.code, kOk) << found.err;
  EXPECT_EQ(found.out, "same bytes\n");
  EXPECT_THAT(moved.names(), testing::ElementsAre("out.h5"));
}

}  // namespace
}  // namespace nokkel::test
