/// How much memory a run may take: what --memory says, else a share of the least of everything that bounds this process.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace nokkel::cli {

/// What bounds the memory of this process, in bytes; 0: that bound is not set.
struct MemoryBounds {
  std::uint64_t available = 0;      ///< can be had without swapping (MemAvailable)
  std::uint64_t control_group = 0;  ///< of the process's control group or one above it
  std::uint64_t slurm = 0;          ///< of the Slurm job on this node
  std::uint64_t address_space = 0;  ///< ulimit -v
};

/// Share of the least bound that a run takes when --memory does not say.
inline constexpr double kMemoryShare = 0.8;

struct MemoryLimit {
  std::uint64_t bytes = 0;  ///< 0: nothing is known, no limit
  std::string source;       ///< "--memory", "80 % of the 22 GiB that are free", …; "" when nothing is known
};

/// `asked`: bytes of --memory, 0 when not given.
MemoryLimit memory_limit(std::uint64_t asked, const MemoryBounds& bounds);

/// MemAvailable of the text of /proc/meminfo; 0 when it is not there.
std::uint64_t available_memory(const std::string& meminfo);

/// SLURM_MEM_PER_NODE, else SLURM_MEM_PER_CPU x SLURM_CPUS_ON_NODE, in MiB (a letter K, M, G or T may follow); 0: not set, or
/// no number, or 0, which Slurm means as all of the node. variable("NAME"): its text, "" when it is not set.
std::uint64_t slurm_memory(const std::function<std::string(const char*)>& variable);

/// Throws when a plan is above the limit. Errors: MachineError with both numbers, where the limit comes from, and remedies.
void check_memory(std::uint64_t planned, const MemoryLimit& limit);

}  // namespace nokkel::cli
