/// The default of --memory.
#include "io/cli/memory_limit.h"

#include <gmock/gmock.h>

#include <map>

#include "engine/error.h"

namespace nokkel::cli {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30, kMiB = std::uint64_t{1} << 20;

std::uint64_t slurm(const std::map<std::string, std::string>& environment) {
  return slurm_memory([&](const char* name) {
    const auto at = environment.find(name);
    return at == environment.end() ? std::string() : at->second;
  });
}

TEST(MemoryLimit, IsAShareOfTheLeastBoundAndNamesIt) {
  const MemoryBounds free{16 * kGiB, 0, 0, 0}, group{16 * kGiB, 2 * kGiB, 0, 0}, job{16 * kGiB, 8 * kGiB, 4 * kGiB, 0},
      shell{16 * kGiB, 8 * kGiB, 4 * kGiB, 3 * kGiB};
  const auto share = [](std::uint64_t bytes) { return static_cast<std::uint64_t>(kMemoryShare * static_cast<double>(bytes)); };
  EXPECT_EQ(memory_limit(0, free).bytes, share(16 * kGiB));
  EXPECT_THAT(memory_limit(0, free).source, testing::HasSubstr("free"));
  EXPECT_EQ(memory_limit(0, group).bytes, share(2 * kGiB));
  EXPECT_THAT(memory_limit(0, group).source, testing::HasSubstr("control group"));
  EXPECT_EQ(memory_limit(0, job).bytes, share(4 * kGiB));
  EXPECT_THAT(memory_limit(0, job).source, testing::HasSubstr("Slurm"));
  EXPECT_EQ(memory_limit(0, shell).bytes, share(3 * kGiB));
  EXPECT_THAT(memory_limit(0, shell).source, testing::HasSubstr("ulimit -v"));
}

TEST(MemoryLimit, WhatIsAskedForCountsAlone) {
  EXPECT_EQ(memory_limit(kGiB, {16 * kGiB, 0, 0, 0}).bytes, kGiB);
  EXPECT_EQ(memory_limit(32 * kGiB, {16 * kGiB, 0, 0, 0}).bytes, 32 * kGiB);
  EXPECT_EQ(memory_limit(kGiB, {}).source, "--memory");
}

TEST(MemoryLimit, WhereNothingIsKnownThereIsNone) {
  EXPECT_EQ(memory_limit(0, {}).bytes, 0U);
  EXPECT_NO_THROW(check_memory(std::uint64_t{1} << 60, memory_limit(0, {})));
}

TEST(MemoryLimit, IsReadFromMeminfo) {
  EXPECT_EQ(available_memory("MemTotal:       24000000 kB\nMemFree:        1 kB\nMemAvailable:   20000000 kB\n"),
            std::uint64_t{20000000} * 1024);
  EXPECT_EQ(available_memory("MemAvailable:  7 kB"), 7U * 1024);
  EXPECT_EQ(available_memory("MemTotal: 24000000 kB\n"), 0U);
  EXPECT_EQ(available_memory(""), 0U);
}

TEST(MemoryLimit, IsReadFromSlurmsVariables) {
  EXPECT_EQ(slurm({{"SLURM_MEM_PER_NODE", "4096"}}), 4 * kGiB);
  EXPECT_EQ(slurm({{"SLURM_MEM_PER_NODE", "4G"}}), 4 * kGiB);
  EXPECT_EQ(slurm({{"SLURM_MEM_PER_CPU", "1500"}, {"SLURM_CPUS_ON_NODE", "6"}}), 9000 * kMiB);
  EXPECT_EQ(slurm({{"SLURM_MEM_PER_NODE", "100"}, {"SLURM_MEM_PER_CPU", "1"}, {"SLURM_CPUS_ON_NODE", "1"}}), 100 * kMiB);
  EXPECT_EQ(slurm({{"SLURM_MEM_PER_NODE", "0"}}), 0U) << "all of the node";
  EXPECT_EQ(slurm({{"SLURM_MEM_PER_CPU", "1500"}}), 0U) << "of an unknown number of processors";
  EXPECT_EQ(slurm({{"SLURM_MEM_PER_NODE", "much"}}), 0U);
  EXPECT_EQ(slurm({}), 0U);
}

TEST(MemoryLimit, APlanAboveItIsRefusedWithBothNumbersAndRemedies) {
  const MemoryLimit limit = memory_limit(0, {0, 2 * kGiB, 0, 0});
  EXPECT_NO_THROW(check_memory(limit.bytes, limit));
  try {
    check_memory(3 * kGiB, limit);
    FAIL();
  } catch (const MachineError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("3.0 GiB"), testing::HasSubstr("1.6 GiB"),
                                             testing::HasSubstr("control group"), testing::HasSubstr("--memory")));
  }
}

}  // namespace
}  // namespace nokkel::cli
