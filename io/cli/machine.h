/// What this machine and this process have: memory, disk, cores, names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "io/cli/memory_limit.h"

namespace nokkel::cli {

struct Machine {
  std::string host, processor;     ///< "" where the system does not say
  int cores_online = 0;            ///< of the machine
  int cores_allowed = 0;           ///< by this process's affinity
  int threads = 0;                 ///< available_threads(): affinity and CPU quota taken into account
  std::uint64_t memory_total = 0;  ///< bytes
  MemoryBounds memory;
};
Machine this_machine();

/// Bytes that this user may still write in the file system of `folder`; the largest number where that has no size. Errors
/// (MachineError): it cannot be asked.
std::uint64_t free_space(const std::filesystem::path& folder);

/// Largest resident set of this process until now (VmHWM), and that of this moment, in bytes; 0 when not known.
std::uint64_t peak_memory();
std::uint64_t resident_memory();

/// OpenBLAS hangs for ever when it cannot have its buffers: what is wrong with the address-space limit, or "".
std::string address_space_trouble();

}  // namespace nokkel::cli
