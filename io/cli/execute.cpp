#include "io/cli/execute.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "engine/error.h"
#include "io/cli/build_info.h"
#include "io/cli/machine.h"
#include "io/cli/stop.h"
#include "io/cli/text_table.h"

namespace nokkel::cli {
namespace {

namespace fs = std::filesystem;

void check_disk(const results::Description& description, const fs::path& out) {
  const std::uint64_t needed = results::expected_size(description), free = free_space(folder_of(out));
  if (needed > free)
    throw MachineError(
        fmt::format("{}: the result takes about {}, free are {}; choose another folder with -o or a smaller universe",
                    out.string(), bytes_text(needed), bytes_text(free)));
}

/// Makes a file beside `out` and takes it away again: permission bits do not tell of read-only file systems, nor bind root.
void check_writable(const fs::path& out) {
  const std::string probe = out.string() + ".probe";
  const int fd = ::open(probe.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd >= 0) {
    ::close(fd);
    ::unlink(probe.c_str());
  } else if (errno != EEXIST) {
    throw InputError(out.string(), fmt::format("its folder cannot be written: {}", std::generic_category().message(errno)),
                     "name another with -o, or change its permissions");
  }
}

}  // namespace

fs::path folder_of(const fs::path& out) { return out.has_parent_path() ? out.parent_path() : fs::path("."); }

void check_output(const fs::path& out, bool force) {
  std::error_code ignored;
  if (fs::is_directory(out, ignored)) throw InputError(out.string(), "is a folder", "name a file with -o");
  if (!fs::is_directory(folder_of(out), ignored))
    throw InputError(out.string(), "its folder does not exist", fmt::format("mkdir -p '{}'", folder_of(out).string()));
  if (fs::exists(fs::symlink_status(out, ignored)) && !force)
    throw InputError(out.string(), "exists already", "--force replaces it, -o names another");
  check_writable(out);
}

Execution execution_of(const ExecuteOptions& options, const std::string& kernel_level,
                       const results::Description& description) {
  Execution execution;
  execution.n_threads = options.threads;
  execution.memory_limit = memory_limit(options.memory, this_machine().memory).bytes;
  execution.memory_outside = resident_memory() + results::writer_memory(description);
  execution.kernel = kernel_level_of(kernel_level);
  return execution;
}

search::Summary execute(const Assembly& assembly, const FileChoices& choices, const ExecuteOptions& options,
                        const fs::path& out) {
  const results::Description description = describe(assembly, choices);
  Execution execution = execution_of(options, choices.kernel_level, description);
  check_memory(search::plan(assembly.job(), execution, false).memory_bytes,
               memory_limit(options.memory, this_machine().memory));
  check_disk(description, out);
  const StopOnSignal stop;
  const auto writer = results::make_writer(out, options.force, choices.compression, description, assembly.universe);
  Progress progress(options.progress);
  execution.stop = StopOnSignal::flag();
  execution.progress = [&](std::uint64_t done, std::uint64_t total) { progress.report(done, total); };
  search::Summary summary = search::run(assembly.job(), execution, *writer);
  progress.finish();
  if (StopOnSignal::flag()->load()) throw Interrupted();
  writer->finish();
  return summary;
}

}  // namespace nokkel::cli
