/// What this machine and this process have: memory, disk, cores, names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace nokkel::cli {

struct Machine {
  std::string host, processor;         ///< "" where the system does not say
  int cores_online = 0;                ///< of the machine
  int cores_allowed = 0;               ///< by this process's affinity
  int threads = 0;                     ///< available_threads(): affinity and CPU quota taken into account
  std::uint64_t memory_total = 0;      ///< bytes
  std::uint64_t memory_available = 0;  ///< bytes that can be had without swapping
  std::uint64_t memory_cgroup = 0;     ///< limit of this process's control group; 0: none
  std::uint64_t address_space = 0;     ///< limit of `ulimit -v`; 0: none
};
Machine this_machine();

/// Smallest of what is available, the control group's and the address-space limit.
std::uint64_t usable_memory(const Machine& machine);

/// Bytes that this user may still write in the file system of `folder`; the largest number where that has no size. Errors
/// (MachineError): it cannot be asked.
std::uint64_t free_space(const std::filesystem::path& folder);

/// Largest resident set of this process until now, in bytes.
std::uint64_t peak_memory();

/// OpenBLAS hangs for ever when it cannot have its buffers: what is wrong with the address-space limit, or "".
std::string address_space_trouble();

}  // namespace nokkel::cli
