#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "engine/memory_nodes.h"
#include "io/cli/build_info.h"
#include "io/cli/commands.h"
#include "io/cli/machine.h"
#include "kernels/blas.h"

namespace nokkel::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLittleMemory = std::uint64_t{1} << 30, kLittleDisk = std::uint64_t{1} << 30;

/// One line a thing looked at; what is wrong has a remedy.
class Report {
 public:
  Report() { table_.columns = {{"item", "item"}, {"state", "state"}, {"value", "value"}, {"remedy", "remedy"}}; }
  void line(const char* item, std::string value, std::string remedy = "") {
    trouble_ = trouble_ || !remedy.empty();
    table_.rows.push_back({item, remedy.empty() ? "ok" : "warn", std::move(value), std::move(remedy)});
  }
  [[nodiscard]] const Table& table() const { return table_; }
  [[nodiscard]] bool trouble() const { return trouble_; }

 private:
  Table table_;
  bool trouble_ = false;
};

void look_at_parts(const std::string& blas_trouble, Report& report) {
  const kernels::BlasInfo blas = kernels::blas_info();
  report.line("version", version_line());
  report.line("openblas", blas.config, blas_trouble);
  report.line("openblas core", blas.core);
  const std::string level = kernel_level_name(KernelLevel::automatic);
  report.line("kernel", level,
              level == "portable" ? "this processor has no AVX2: expect runs to take several times longer" : "");
  report.line("hdf5", hdf5_version());
}

void look_at_machine(Report& report) {
  const Machine machine = this_machine();
  report.line("processor", machine.processor.empty() ? "unknown" : machine.processor);
  report.line("cores", fmt::format("{} online, {} allowed, {} threads used by default", machine.cores_online,
                                   machine.cores_allowed, machine.threads));
  const std::size_t n_nodes = memory_nodes().size();
  report.line("memory nodes", n_nodes == 1 ? "one" : fmt::format("{}: workers and moments are placed on each", n_nodes));
  const MemoryBounds& memory = machine.memory;
  const MemoryLimit limit = memory_limit(0, memory);
  const auto bound = [](std::uint64_t bytes) { return bytes == 0 ? std::string("none") : bytes_text(bytes); };
  report.line("memory", fmt::format("{} of {} available", bytes_text(memory.available), bytes_text(machine.memory_total)));
  report.line("memory of control group", bound(memory.control_group));
  report.line("memory of Slurm job", bound(memory.slurm));
  report.line(
      "memory of a run", limit.bytes == 0 ? "not limited" : fmt::format("{}, {}", bytes_text(limit.bytes), limit.source),
      limit.bytes > 0 && limit.bytes < kLittleMemory ? "end other programs, or keep to small universes (--memory)" : "");
  report.line("address space", memory.address_space == 0 ? "not limited" : bytes_text(memory.address_space),
              address_space_trouble());
}

bool is_utf8(std::string_view locale) {
  return locale.find("UTF-8") != std::string_view::npos || locale.find("utf8") != std::string_view::npos;
}

void look_at_locale(Report& report) {
  std::string locale = "C";
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') {
      locale = value;
      break;
    }
  // Numbers never depend on it; only a terminal that is not in UTF-8 would show names wrongly.
  const bool wrong = isatty(STDOUT_FILENO) != 0 && !is_utf8(locale);
  report.line("locale", locale, wrong ? "names are printed in UTF-8: export LANG=C.UTF-8" : "");
}

void look_at_folder(const char* item, const fs::path& folder, Report& report) {
  const fs::path probe = folder / fmt::format(".nokkel-doctor-{}", getpid());
  const bool writable = static_cast<bool>(std::ofstream(probe));
  std::error_code ignored;
  fs::remove(probe, ignored);
  if (!writable) return report.line(item, folder.string(), "cannot be written: choose another, or mend its rights");
  const std::uint64_t free = free_space(folder);
  report.line(item, fmt::format("{}, {} free", folder.string(), bytes_text(free)),
              free < kLittleDisk ? "little space: write results elsewhere (-o)" : "");
}

}  // namespace

int doctor(const DoctorOptions& options) {
  Report report;
  look_at_parts(options.blas_trouble, report);
  look_at_machine(report);
  look_at_locale(report);
  look_at_folder("this folder", fs::current_path(), report);
  std::error_code none;
  if (const fs::path temporary = fs::temp_directory_path(none); none)
    report.line("temporary folder", "none", "set TMPDIR to a folder that can be written");
  else
    look_at_folder("temporary folder", temporary, report);
  print("doctor", report.table(), options.format);
  return report.trouble() ? kFindings : kOk;
}

}  // namespace nokkel::cli
