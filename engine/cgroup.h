/// What the control groups of this process grant: the least of a group and all above it (versions 1 and 2, and both at once).
///
/// Functions take the folder that stands for "/", so that tests bring a tree of their own. A group that the process sees under
/// another name (a container without its own namespace) counts from where the mounted tree begins; files that are missing or
/// unreadable set no limit.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace nokkel {

/// Folders of this process's group for a controller, innermost first, up to the mount point; version 2, then version 1.
std::vector<std::filesystem::path> cgroup_folders(const std::filesystem::path& root, std::string_view controller);

/// Bytes; 0: no limit.
std::uint64_t cgroup_memory_limit(const std::filesystem::path& root = "/");

/// Cores' worth of CPU time; 0: no quota.
double cgroup_cpu_quota(const std::filesystem::path& root = "/");

}  // namespace nokkel
