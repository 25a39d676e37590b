#include "io/cli/memory_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/error.h"
#include "io/cli/text_table.h"

namespace nokkel::cli {
namespace {

/// "4096", "4096M", "4G": MiB where no letter stands; nothing when it is no such number.
std::optional<std::uint64_t> mebibytes(std::string_view text) {
  constexpr std::string_view kUnits = "KMGT";
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (error != std::errc{} || unit.size() > 1) return std::nullopt;
  const std::size_t power = unit.empty() ? 2 : kUnits.find(unit.front()) + 1;
  if (power == 0 || value > std::numeric_limits<std::uint64_t>::max() >> (10 * power)) return std::nullopt;
  return value << (10 * power);
}

}  // namespace

MemoryLimit memory_limit(std::uint64_t asked, const MemoryBounds& bounds) {
  if (asked > 0) return {asked, "--memory"};
  std::pair<std::uint64_t, const char*> least{0, ""};
  for (const auto& [bytes, words] :
       {std::pair{bounds.available, "that are free"}, std::pair{bounds.control_group, "that the control group may have"},
        std::pair{bounds.slurm, "that Slurm gave the job"}, std::pair{bounds.address_space, "of address space (ulimit -v)"}})
    if (bytes > 0 && (least.first == 0 || bytes < least.first)) least = {bytes, words};
  if (least.first == 0) return {};
  return {static_cast<std::uint64_t>(kMemoryShare * static_cast<double>(least.first)),
          fmt::format("{:.0f} % of the {} {}", 100 * kMemoryShare, bytes_text(least.first), least.second)};
}

std::uint64_t available_memory(const std::string& meminfo) {
  constexpr std::string_view kKey = "MemAvailable:";
  std::size_t at = meminfo.starts_with(kKey) ? 0 : meminfo.find("\n" + std::string(kKey));
  if (at == std::string::npos) return 0;
  at = meminfo.find_first_of("0123456789", at);
  std::uint64_t kib = 0;
  if (at != std::string::npos) std::from_chars(meminfo.data() + at, meminfo.data() + meminfo.size(), kib);
  return kib * 1024;
}

std::uint64_t slurm_memory(const std::function<std::string(const char*)>& variable) {
  if (const auto node = mebibytes(variable("SLURM_MEM_PER_NODE")); node && *node > 0) return *node;
  const auto each = mebibytes(variable("SLURM_MEM_PER_CPU"));
  const std::string text = variable("SLURM_CPUS_ON_NODE");
  std::uint64_t cpus = 0;
  std::from_chars(text.data(), text.data() + text.size(), cpus);
  return each && cpus <= (std::uint64_t{1} << 20) ? *each * cpus : 0;
}

void check_memory(std::uint64_t planned, const MemoryLimit& limit) {
  if (limit.bytes == 0 || planned <= limit.bytes) return;
  throw MachineError(fmt::format(
      "this run takes about {} of memory and may take {} ({}); raise --memory if there is more, or lower --threads, "
      "resample.pairs, resample.half_pairs or universe.size, or set output.mode = \"kept\"",
      bytes_text(planned), bytes_text(limit.bytes), limit.source));
}

}  // namespace nokkel::cli
