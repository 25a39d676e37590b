/// Memory nodes (NUMA): which CPUs are near which memory, and threads kept near theirs.
///
/// A page lies on the node of the thread that touches it first. So a worker belongs to a node, touches its own workspace first,
/// and what all workers read exists once a node, made there. On a machine with one node nothing of this is done.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace nokkel {

/// CPU numbers of each node that this process may use, nodes without any left out; never empty: at least one node, whose CPUs
/// are unknown (empty) when the system does not say.
using MemoryNodes = std::vector<std::vector<int>>;

/// CPUs of a list as the kernel writes them: "0-3,8,10-11\n". Anything else ends the list.
std::vector<int> parse_cpu_list(const char* text);

/// From root/sys/devices/system/node/node*/cpulist, in the order of their numbers; only CPUs in `allowed`.
MemoryNodes read_memory_nodes(const std::filesystem::path& root, const std::vector<int>& allowed);

/// Of this machine, for this process's affinity.
MemoryNodes memory_nodes();

/// Node of a worker's slot: workers are dealt out in turn.
inline std::size_t node_of_slot(const MemoryNodes& nodes, int slot) { return static_cast<std::size_t>(slot) % nodes.size(); }

/// Keeps the calling thread on a node's CPUs while it lives; nothing where there is one node. What cannot be bound
/// (a CPU taken away meanwhile) runs where it is: slower, not different.
class OnNode {
 public:
  OnNode(const MemoryNodes& nodes, std::size_t node);
  ~OnNode();
  OnNode(const OnNode&) = delete;
  OnNode& operator=(const OnNode&) = delete;

 private:
  std::vector<int> before_;  // CPUs to go back to; empty: was not bound
};

/// Pages that the calling thread touches first while this lives are dealt out over all nodes in turn; nothing where there is
/// one.
class Interleaved {
 public:
  explicit Interleaved(const MemoryNodes& nodes);
  ~Interleaved();
  Interleaved(const Interleaved&) = delete;
  Interleaved& operator=(const Interleaved&) = delete;

 private:
  bool active_ = false;
};

}  // namespace nokkel
