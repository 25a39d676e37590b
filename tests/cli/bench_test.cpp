// nokkel bench: answers checked, the same on every instruction set, nothing left behind.
#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace nokkel::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kOk = 0, kInput = 2, kMachine = 3;

/// Rows of the JSON of a bench of the smallest workload; empty where this processor lacks the kernel.
nlohmann::json rows_of(const Folder& folder, std::vector<std::string> more) {
  std::vector<std::string> words{"bench", "--workload", "smoke", "--json"};
  words.insert(words.end(), more.begin(), more.end());
  const Outcome outcome = nokkel(folder, words);
  if (outcome.code == kInput && outcome.err.find("this processor") != std::string::npos) return {};
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  const nlohmann::json json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json.at("schema"), "nokkel-table/1");
  EXPECT_EQ(json.at("command"), "bench");
  return json.at("rows");
}

TEST(Bench, TellsMedianSpreadRateAndMachine) {
  const Folder folder;
  const nlohmann::json rows = rows_of(folder, {"--repeat", "3", "--threads", "2"});
  ASSERT_EQ(rows.size(), 1U);
  const nlohmann::json& row = rows[0];
  EXPECT_EQ(row.at("workload"), "smoke");
  EXPECT_EQ(row.at("threads"), 2);
  EXPECT_EQ(row.at("repeats"), 3);
  EXPECT_EQ(row.at("combinations"), 298);
  EXPECT_EQ(row.at("fits"), 298 * 2 * (1 + 99 + 100 + 10));  // two years: full, pairs, halves, folds
  const double median = row.at("seconds");
  EXPECT_LE(row.at("seconds_min"), median);
  EXPECT_GE(row.at("seconds_max"), median);
  EXPECT_DOUBLE_EQ(row.at("fits_per_second").get<double>(), row.at("fits").get<double>() / median);
  EXPECT_GT(row.at("memory_peak_bytes"), 1'000'000);
  for (const char* name : {"kernel", "kernel_set", "version", "digest"}) EXPECT_NE(row.at(name), "") << name;
  EXPECT_GE(row.at("combinations_checked"), 1);
}

TEST(Bench, EqualBitsOnV3AndV4AndOnOneAndThreeThreadsAndRoundingOnPortable) {
  const Folder folder;
  const nlohmann::json portable = rows_of(folder, {"--repeat", "1", "--kernel", "portable", "--threads", "1"});
  ASSERT_EQ(portable.size(), 1U);
  EXPECT_EQ(portable[0].at("kernel"), "portable");
  EXPECT_EQ(rows_of(folder, {"--repeat", "1", "--kernel", "portable", "--threads", "3"})[0].at("digest"),
            portable[0].at("digest"));
  std::vector<nlohmann::json> wide;  // of those that this processor runs
  for (const std::string kernel : {"v3", "v4"})
    if (const nlohmann::json rows = rows_of(folder, {"--repeat", "1", "--kernel", kernel}); !rows.empty()) {
      EXPECT_EQ(rows[0].at("kernel"), kernel);
      EXPECT_NEAR(rows[0].at("mean_r2").get<double>(), portable[0].at("mean_r2").get<double>(), 1e-13);
      wide.push_back(rows[0]);
    }
  for (const nlohmann::json& row : wide) EXPECT_EQ(row.at("digest"), wide.front().at("digest"));
}

TEST(Bench, ScalingRunsPowersOfTwoAndTheNumberAskedFor) {
  const Folder folder;
  const nlohmann::json rows = rows_of(folder, {"--repeat", "1", "--scaling", "--threads", "6"});
  ASSERT_EQ(rows.size(), 4U);
  const int threads[] = {1, 2, 4, 6};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(rows[i].at("threads"), threads[i]);
    EXPECT_EQ(rows[i].at("digest"), rows[0].at("digest"));
    const double ratio = rows[0].at("seconds").get<double>() / (threads[i] * rows[i].at("seconds").get<double>());
    EXPECT_DOUBLE_EQ(rows[i].at("efficiency").get<double>(), ratio);
  }
}

TEST(Bench, TheFileIsWrittenAndGone) {
  const Folder folder, temporary;
  const Outcome outcome = nokkel(folder, {"bench", "--workload", "smoke", "--repeat", "1", "--file", "--json"},
                                 {{"TMPDIR", temporary.path().string()}});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  const nlohmann::json row = nlohmann::json::parse(outcome.out).at("rows")[0];
  EXPECT_GT(row.at("file_bytes"), 100'000);
  EXPECT_THAT(temporary.names(), IsEmpty());
  EXPECT_EQ(row.at("digest"), rows_of(folder, {"--repeat", "1"})[0].at("digest"));
}

TEST(Bench, SaysWhatItCannotDo) {
  const Folder folder;
  const Outcome unknown = nokkel(folder, {"bench", "--workload", "smoke,w9"});
  EXPECT_EQ(unknown.code, kInput);
  EXPECT_THAT(unknown.err, HasSubstr("'w9' is no workload; allowed: smoke, w1, w2, w3"));
  const Outcome file = nokkel(folder, {"bench", "--workload", "w3", "--file"});
  EXPECT_EQ(file.code, kInput);
  EXPECT_THAT(file.err, HasSubstr("w3 is measured on a part of its blocks"));
  const Outcome nowhere = nokkel(folder, {"bench", "--workload", "smoke", "--file"}, {{"TMPDIR", (folder / "none").string()}});
  EXPECT_EQ(nowhere.code, kMachine);
  EXPECT_THAT(nowhere.err, HasSubstr("TMPDIR"));
}

}  // namespace
}  // namespace nokkel::test
