#include "engine/memory_nodes.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <system_error>

namespace nokkel {
namespace {

namespace fs = std::filesystem;

// <linux/mempolicy.h>; the C library has no wrapper for the call, libnuma would be a dependency for two lines.
constexpr int kPolicyDefault = 0, kPolicyInterleave = 3;

std::vector<int> affinity() {
  cpu_set_t set;
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  return cpus;
}

bool bind(const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(cpu, &set);
  return sched_setaffinity(0, sizeof set, &set) == 0;
}

}  // namespace

std::vector<int> parse_cpu_list(const char* text) {
  std::vector<int> cpus;
  const char* const end = text + std::strlen(text);
  while (text != end) {
    int first = 0;
    auto at = std::from_chars(text, end, first);
    if (at.ec != std::errc{}) break;
    int last = first;
    if (at.ptr != end && *at.ptr == '-') at = std::from_chars(at.ptr + 1, end, last);
    if (at.ec != std::errc{} || last < first || last >= CPU_SETSIZE) break;
    for (int cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
    if (at.ptr == end || *at.ptr != ',') break;
    text = at.ptr + 1;
  }
  return cpus;
}

MemoryNodes read_memory_nodes(const fs::path& root, const std::vector<int>& allowed) {
  std::map<int, std::vector<int>> found;
  std::error_code none;
  constexpr std::string_view kNode = "node";
  for (const auto& entry : fs::directory_iterator(root / "sys/devices/system/node", none)) {
    const std::string name = entry.path().filename().string();
    int number = 0;
    if (!name.starts_with(kNode)) continue;
    const char* const end = name.data() + name.size();
    if (std::from_chars(name.data() + kNode.size(), end, number).ptr != end || name.size() == kNode.size()) continue;
    std::ifstream file(entry.path() / "cpulist");
    std::string line;
    std::getline(file, line);
    for (const int cpu : parse_cpu_list(line.c_str()))
      if (std::ranges::find(allowed, cpu) != allowed.end()) found[number].push_back(cpu);
  }
  MemoryNodes nodes;
  for (auto& [number, cpus] : found) nodes.push_back(std::move(cpus));
  if (nodes.empty()) nodes.push_back(allowed);
  return nodes;
}

MemoryNodes memory_nodes() { return read_memory_nodes("/", affinity()); }

OnNode::OnNode(const MemoryNodes& nodes, std::size_t node) {
  if (nodes.size() < 2 || nodes[node].empty()) return;
  std::vector<int> before = affinity();
  if (!before.empty() && bind(nodes[node])) before_ = std::move(before);
}

OnNode::~OnNode() {
  if (!before_.empty()) bind(before_);
}

Interleaved::Interleaved(const MemoryNodes& nodes) {
  if (nodes.size() < 2) return;
  const unsigned long all = ~0UL;  // the kernel takes those of them that this process may use
  active_ = syscall(SYS_set_mempolicy, kPolicyInterleave, &all, 8 * sizeof all) == 0;
}

Interleaved::~Interleaved() {
  if (active_) syscall(SYS_set_mempolicy, kPolicyDefault, nullptr, 0UL);
}

}  // namespace nokkel
