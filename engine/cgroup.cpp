#include "engine/cgroup.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <string>

namespace nokkel {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

/// The number that a text begins with; nothing for "max", "-1" and what is no number.
std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return value;
}

/// Is `name` one of the names in "cpu,cpuacct"?
bool lists(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(','), names.size());
    if (names.substr(0, comma) == name) return true;
    names.remove_prefix(std::min(comma + 1, names.size()));
  }
  return false;
}

/// mount/a/b, mount/a, mount.
void add_upwards(const fs::path& mount, std::string_view group, std::vector<fs::path>* out) {
  fs::path inside = fs::path(group).relative_path().lexically_normal();
  while (!inside.empty() && inside != ".") {
    out->push_back(mount / inside);
    inside = inside.parent_path();
  }
  out->push_back(mount);
}

}  // namespace

std::vector<fs::path> cgroup_folders(const fs::path& root, std::string_view controller) {
  const fs::path mounts = root / "sys/fs/cgroup";
  std::vector<fs::path> v2, v1;
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {  // "0::/group" or "4:cpu,cpuacct:/group"
    const std::string_view text = line;
    const std::size_t first = text.find(':');
    const std::size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view names = text.substr(first + 1, second - first - 1), group = text.substr(second + 1);
    if (names.empty()) {
      add_upwards(mounts, group, &v2);
      add_upwards(mounts / "unified", group, &v2);
    } else if (lists(names, controller)) {
      add_upwards(mounts / std::string(controller), group, &v1);
      if (names != controller) add_upwards(mounts / std::string(names), group, &v1);
    }
  }
  if (v2.empty()) v2.push_back(mounts);  // no /proc: what the mounted tree says of itself
  if (v1.empty()) v1.push_back(mounts / std::string(controller));
  v2.insert(v2.end(), v1.begin(), v1.end());
  return v2;
}

std::uint64_t cgroup_memory_limit(const fs::path& root) {
  constexpr std::uint64_t kUnlimited = std::uint64_t{1} << 60;  // version 1 writes the largest page-aligned number
  std::uint64_t least = kUnlimited;
  for (const fs::path& folder : cgroup_folders(root, "memory"))
    for (const char* file : {"memory.max", "memory.limit_in_bytes"})
      if (const auto limit = number(first_line(folder / file))) least = std::min(least, *limit);
  return least < kUnlimited ? least : 0;
}

double cgroup_cpu_quota(const fs::path& root) {
  double least = 0;
  const auto grant = [&](std::optional<std::uint64_t> quota, std::optional<std::uint64_t> period) {
    if (!quota || !period || *quota == 0 || *period == 0) return;
    const double cores = static_cast<double>(*quota) / static_cast<double>(*period);
    least = least == 0 ? cores : std::min(least, cores);
  };
  for (const fs::path& folder : cgroup_folders(root, "cpu")) {
    const std::string max = first_line(folder / "cpu.max");  // "200000 100000" or "max 100000"
    if (const std::size_t blank = max.find(' '); blank != std::string::npos)
      grant(number(max), number(std::string_view(max).substr(blank + 1)));
    grant(number(first_line(folder / "cpu.cfs_quota_us")), number(first_line(folder / "cpu.cfs_period_us")));
  }
  return least;
}

}  // namespace nokkel
