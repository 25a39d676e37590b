/// Memory nodes from trees as the kernel shows them (kernel documentation, ABI/stable/sysfs-devices-node).
#include "engine/memory_nodes.h"

#include <gtest/gtest.h>
#include <sched.h>

#include "tests/support/file_tree.h"

namespace nokkel::testing {
namespace {

using Cpus = std::vector<int>;

TEST(MemoryNodes, ReadsListsOfCpus) {
  EXPECT_EQ(parse_cpu_list("0-3,8,10-11\n"), (Cpus{0, 1, 2, 3, 8, 10, 11}));
  EXPECT_EQ(parse_cpu_list("7"), Cpus{7});
  EXPECT_EQ(parse_cpu_list("\n"), Cpus{});
  EXPECT_EQ(parse_cpu_list(""), Cpus{});
  EXPECT_EQ(parse_cpu_list("3-1"), Cpus{});
  EXPECT_EQ(parse_cpu_list("1,x"), Cpus{1});
  EXPECT_EQ(parse_cpu_list("0-99999999"), Cpus{});
}

TEST(MemoryNodes, AreThoseWithCpusThatMayBeUsedInTheOrderOfTheirNumbers) {
  const FileTree tree;
  tree.write("sys/devices/system/node/node0/cpulist", "0-1,4-5\n");
  tree.write("sys/devices/system/node/node10/cpulist", "6\n");
  tree.write("sys/devices/system/node/node2/cpulist", "2-3\n");
  tree.write("sys/devices/system/node/node3/cpulist", "\n");  // memory without processors
  tree.write("sys/devices/system/node/has_cpu", "0,2,10\n");
  tree.write("sys/devices/system/node/nodelist/cpulist", "0\n");
  EXPECT_EQ(read_memory_nodes(tree.root(), {0, 1, 2, 3, 4, 5, 6}), (MemoryNodes{{0, 1, 4, 5}, {2, 3}, {6}}));
  EXPECT_EQ(read_memory_nodes(tree.root(), {1, 4}), (MemoryNodes{{1, 4}}));
}

TEST(MemoryNodes, WhereTheSystemSaysNothingThereIsOne) {
  const FileTree tree;
  EXPECT_EQ(read_memory_nodes(tree.root(), {0, 1}), (MemoryNodes{{0, 1}}));
  EXPECT_EQ(read_memory_nodes(tree.root(), {}).size(), 1U);
  EXPECT_GE(memory_nodes().size(), 1U);
}

TEST(MemoryNodes, SlotsAreDealtOutInTurn) {
  const MemoryNodes nodes{{0}, {1}, {2}};
  EXPECT_EQ(node_of_slot(nodes, 0), 0U);
  EXPECT_EQ(node_of_slot(nodes, 4), 1U);
}

int n_allowed() {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

TEST(MemoryNodes, AThreadIsKeptOnItsNodeAndLetGo) {
  const int before = n_allowed();
  const int cpu = memory_nodes()[0].at(0);
  {
    const OnNode bound({{cpu}, {cpu}}, 1);
    EXPECT_EQ(n_allowed(), 1);
  }
  EXPECT_EQ(n_allowed(), before);
  {
    const OnNode alone({{cpu}}, 0);  // one node: nothing is done
    EXPECT_EQ(n_allowed(), before);
  }
  {
    const OnNode impossible({{CPU_SETSIZE - 1}, {CPU_SETSIZE - 1}}, 0);
    EXPECT_EQ(n_allowed(), before);
  }
}

}  // namespace
}  // namespace nokkel::testing
