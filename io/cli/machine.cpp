#include "io/cli/machine.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>
#include <string_view>

#include "engine/cgroup.h"
#include "engine/error.h"
#include "engine/parallel.h"
#include "io/cli/text_table.h"

namespace nokkel::cli {
namespace {

namespace fs = std::filesystem;

// OpenBLAS maps 32 MiB a thread and falls into an endless loop without them; the rest is libraries and the run itself.
constexpr std::uint64_t kLeastAddressSpace = std::uint64_t{1} << 30;

std::uint64_t number_in(std::string_view text) {
  const std::size_t start = text.find_first_of("0123456789");
  std::uint64_t value = 0;
  if (start != std::string_view::npos) std::from_chars(text.data() + start, text.data() + text.size(), value);
  return value;
}

/// The rest of the first line of `file` that begins with `key`; "" when there is none.
std::string line_with(const char* file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key)) return line.substr(key.size());
  return {};
}

std::string content_of(const char* file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::uint64_t address_space_limit() {
  rlimit limit{};
  return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur : 0;
}

std::string processor_name() {
  const std::string line = line_with("/proc/cpuinfo", "model name");
  const std::size_t start = line.find_first_not_of("\t :");
  return start == std::string::npos ? std::string() : line.substr(start);
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

Machine this_machine() {
  Machine machine;
  machine.host = host_name();
  machine.processor = processor_name();
  machine.cores_online = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  cpu_set_t set;
  machine.cores_allowed = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : machine.cores_online;
  machine.threads = available_threads();
  machine.memory_total = number_in(line_with("/proc/meminfo", "MemTotal:")) * 1024;
  machine.memory.available = available_memory(content_of("/proc/meminfo"));
  machine.memory.control_group = cgroup_memory_limit();
  machine.memory.slurm = slurm_memory([](const char* name) {
    const char* text = std::getenv(name);
    return std::string(text == nullptr ? "" : text);
  });
  machine.memory.address_space = address_space_limit();
  return machine;
}

std::uint64_t free_space(const fs::path& folder) {
  struct statvfs info{};
  if (statvfs(folder.c_str(), &info) != 0)
    throw MachineError(fmt::format("{}: free disk space is not known: {}", folder.string(), std::strerror(errno)));
  if (info.f_blocks == 0) return std::numeric_limits<std::uint64_t>::max();  // a kernel's folder: it will refuse by itself
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

// getrusage() would also count what the shell's child was before it became this program.
std::uint64_t peak_memory() { return number_in(line_with("/proc/self/status", "VmHWM:")) * 1024; }
std::uint64_t resident_memory() { return number_in(line_with("/proc/self/status", "VmRSS:")) * 1024; }

std::string address_space_trouble() {
  const std::uint64_t limit = address_space_limit();
  if (limit == 0 || limit >= kLeastAddressSpace) return {};
  return fmt::format("address space: limited to {}, where OpenBLAS would hang; give at least {} (ulimit -v unlimited)",
                     bytes_text(limit), bytes_text(kLeastAddressSpace));
}

}  // namespace nokkel::cli
