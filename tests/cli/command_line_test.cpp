#include "io/cli/command_line.h"

#include <gmock/gmock.h>

#include <cmath>

#include "engine/error.h"
#include "io/cli/assemble.h"
#include "io/cli/build_info.h"
#include "io/cli/description.h"

namespace nokkel::cli {
namespace {

using testing::ElementsAre;

TEST(CommandLine, RunTakesEveryOption) {
  const Command command = parse_command_line(
      {"run",           "s.toml",      "-o",        "out.h5", "--set",      "a=1",  "--seed",   "5",
       "--set",         "b.c=\"x y\"", "--threads", "3",      "--memory",   "2G",   "--kernel", "v3",
       "--compression", "4",           "--top",     "7",      "--progress", "none", "--force",  "--allow-large",
       "--quiet",       "--json"});
  const auto& run = std::get<RunOptions>(command);
  EXPECT_EQ(run.study, "s.toml");
  EXPECT_EQ(run.out, "out.h5");
  EXPECT_THAT(run.set, ElementsAre("a=1", "study.seed=5", "b.c=\"x y\""));
  EXPECT_EQ(run.threads, 3);
  EXPECT_EQ(run.memory, std::size_t{2} << 30);
  EXPECT_EQ(run.kernel, KernelLevel::v3);
  EXPECT_EQ(run.compression, 4);
  EXPECT_EQ(run.top, 7);
  EXPECT_EQ(run.progress, ProgressMode::none);
  EXPECT_TRUE(run.force && run.allow_large && run.quiet && !run.dry_run);
  EXPECT_EQ(run.format, Format::json);
}

TEST(CommandLine, ShowJoinsItsWords) {
  EXPECT_EQ(std::get<ShowOptions>(parse_command_line({"show", "f.h5", "a", "+", "b"})).combination, "a + b");
  EXPECT_EQ(std::get<ShowOptions>(parse_command_line({"show", "f.h5", "rank", "3"})).combination, "rank 3");
}

TEST(CommandLine, SizesAreReadInEveryUsualForm) {
  EXPECT_EQ(memory_size("1000000"), 1'000'000U);
  EXPECT_EQ(memory_size("512M"), std::size_t{512} << 20);
  EXPECT_EQ(memory_size("512MiB"), std::size_t{512} << 20);
  EXPECT_EQ(memory_size("1.5g"), std::size_t{3} << 29);
  for (const char* wrong : {"", "G", "-1G", "4X", "4GG", "nan", "1e30"}) EXPECT_THROW(memory_size(wrong), InputError) << wrong;
}

TEST(Combination, IsReadInAnyOrderWithAnyBlanks) {
  const std::vector<std::string> criteria{"a", "b+c", "d e"};
  EXPECT_THAT(members_of("d e  +  a", criteria, "x"), ElementsAre(0, 2));
  EXPECT_THAT(members_of("b+c", criteria, "x"), ElementsAre(1));
  EXPECT_THROW(members_of("", criteria, "x"), InputError);
  EXPECT_THROW(members_of("a + a", criteria, "x"), InputError);
  EXPECT_THROW(members_of("a + ", criteria, "x"), InputError);
}

TEST(Overrides, SurviveTheFile) {
  const std::vector<std::string> overrides{"a=1", "b=\"two\nlines\\n\"", ""};
  EXPECT_EQ(split_overrides(joined_overrides(overrides)), overrides);
  EXPECT_TRUE(split_overrides("").empty());
}

TEST(KernelSet, NamesTheLevelLast) {
  for (const KernelLevel level : {KernelLevel::portable, KernelLevel::v3, KernelLevel::v4}) {
    const std::string name = level == KernelLevel::portable ? "portable" : level == KernelLevel::v3 ? "v3" : "v4";
    EXPECT_EQ(level_in_kernel_set(kernel_set(name)), name == std::string("portable") ? "portable" : "v3/v4");
    EXPECT_EQ(kernel_level_of(name), level);
  }
}

TEST(Progress, ABarNeverFillsItsLine) {
  for (int width = 20; width < 120; ++width) EXPECT_LT(display_width(bar_line({480'000'000, 1'000'000'000, 12}, width)), width);
  EXPECT_THAT(bar_line({480'000'000, 1'000'000'000, 12}, 80), testing::HasSubstr("48 %  40.0 M fits/s  13 s left"));
}

TEST(Progress, RatesAndRemainders) {
  const Advance advance{200, 1000, 4};
  EXPECT_EQ(advance.rate(), 50);
  EXPECT_EQ(advance.remaining(), 16);
  EXPECT_TRUE(std::isnan(Advance{}.remaining()));
  EXPECT_EQ(plain_line({200, 1000, 4}), "20 % of 1,000 fits, 50 fits/s, 16 s left");
}

}  // namespace
}  // namespace nokkel::cli
