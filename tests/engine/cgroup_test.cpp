/// Limits of control groups, from trees as the kernel shows them (man 7 cgroups; kernel documentation, cgroup-v1/memory and
/// scheduler/sched-bwc, cgroup-v2).
#include "engine/cgroup.h"

#include <gtest/gtest.h>

#include "engine/parallel.h"
#include "tests/support/file_tree.h"

namespace nokkel::testing {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

TEST(Cgroup, NothingMountedSetsNoLimit) {
  const FileTree tree;
  EXPECT_EQ(cgroup_memory_limit(tree.root()), 0U);
  EXPECT_EQ(cgroup_cpu_quota(tree.root()), 0);
}

TEST(Cgroup, InVersionTwoTheLeastOfAGroupAndAllAboveItCounts) {
  const FileTree tree;
  tree.write("proc/self/cgroup", "0::/user.slice/job.scope/step\n");
  tree.write("sys/fs/cgroup/user.slice/job.scope/step/memory.max", "max\n");
  tree.write("sys/fs/cgroup/user.slice/job.scope/memory.max", "2147483648\n");
  tree.write("sys/fs/cgroup/user.slice/memory.max", "8589934592\n");
  tree.write("sys/fs/cgroup/user.slice/job.scope/step/cpu.max", "400000 100000\n");
  tree.write("sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n");
  tree.write("sys/fs/cgroup/user.slice/job.scope/cpu.max", "max 100000\n");
  tree.write("sys/fs/cgroup/another.slice/memory.max", "4096\n");
  EXPECT_EQ(cgroup_memory_limit(tree.root()), 2 * kGiB);
  EXPECT_EQ(cgroup_cpu_quota(tree.root()), 1.5);
}

TEST(Cgroup, TheInnermostLimitCountsWhenItIsTheLeast) {
  const FileTree tree;
  tree.write("proc/self/cgroup", "0::/a/b\n");
  tree.write("sys/fs/cgroup/a/b/memory.max", "1073741824\n");
  tree.write("sys/fs/cgroup/a/memory.max", "2147483648\n");
  EXPECT_EQ(cgroup_memory_limit(tree.root()), kGiB);
}

TEST(Cgroup, InVersionOneGroupsNestTooAndTheLargestNumberIsNoLimit) {
  const FileTree tree;
  tree.write("proc/self/cgroup",
             "11:cpuset:/\n9:memory:/slurm/uid_1/job_2/step_0\n4:cpu,cpuacct:/slurm/uid_1/job_2\n1:name=systemd:/init.scope\n");
  tree.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  tree.write("sys/fs/cgroup/memory/slurm/memory.limit_in_bytes", "9223372036854771712\n");
  tree.write("sys/fs/cgroup/memory/slurm/uid_1/job_2/memory.limit_in_bytes", "4294967296\n");
  tree.write("sys/fs/cgroup/memory/slurm/uid_1/job_2/step_0/memory.limit_in_bytes", "6442450944\n");
  tree.write("sys/fs/cgroup/cpu,cpuacct/slurm/uid_1/cpu.cfs_quota_us", "300000\n");
  tree.write("sys/fs/cgroup/cpu,cpuacct/slurm/uid_1/cpu.cfs_period_us", "100000\n");
  tree.write("sys/fs/cgroup/cpu,cpuacct/slurm/uid_1/job_2/cpu.cfs_quota_us", "-1\n");
  tree.write("sys/fs/cgroup/cpu,cpuacct/slurm/uid_1/job_2/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup_memory_limit(tree.root()), 4 * kGiB);
  EXPECT_EQ(cgroup_cpu_quota(tree.root()), 3);
}

TEST(Cgroup, AVersionOneQuotaIsFoundUnderTheLinkOfOneController) {
  const FileTree tree;
  tree.write("proc/self/cgroup", "4:cpu,cpuacct:/\n");
  tree.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n");
  tree.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup_cpu_quota(tree.root()), 0.5);
}

TEST(Cgroup, BothVersionsAtOnceGiveTheLeast) {
  const FileTree tree;
  tree.write("proc/self/cgroup", "9:memory:/box\n0::/box\n");
  tree.write("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "3221225472\n");
  tree.write("sys/fs/cgroup/unified/box/memory.max", "2147483648\n");
  EXPECT_EQ(cgroup_memory_limit(tree.root()), 2 * kGiB);
}

/// A container sees its group as "/" or under the host's name; the mounted tree begins at its own group.
TEST(Cgroup, AGroupThatIsNotMountedIsLookedForAtTheMountPoint) {
  const FileTree tree;
  tree.write("proc/self/cgroup", "0::/docker/0123\n");
  tree.write("sys/fs/cgroup/memory.max", "536870912\n");
  tree.write("sys/fs/cgroup/cpu.max", "200000 100000\n");
  EXPECT_EQ(cgroup_memory_limit(tree.root()), kGiB / 2);
  EXPECT_EQ(cgroup_cpu_quota(tree.root()), 2);
}

TEST(Cgroup, WhatIsNoNumberSetsNoLimit) {
  const FileTree tree;
  tree.write("proc/self/cgroup", "nonsense\n0::/a\n");
  tree.write("sys/fs/cgroup/a/memory.max", "\n");
  tree.write("sys/fs/cgroup/a/cpu.max", "100000\n");
  tree.write("sys/fs/cgroup/cpu.max", "100000 0\n");
  EXPECT_EQ(cgroup_memory_limit(tree.root()), 0U);
  EXPECT_EQ(cgroup_cpu_quota(tree.root()), 0);
}

TEST(Parallel, AtLeastOneThreadMayBeUsed) { EXPECT_GE(available_threads(), 1); }

}  // namespace
}  // namespace nokkel::testing
