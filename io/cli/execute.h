/// A planned search carried out into a result file: shared by `run` and `rerun`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "io/cli/assemble.h"
#include "io/cli/description.h"
#include "io/cli/progress.h"

namespace nokkel::cli {

struct ExecuteOptions {
  int threads = 0;
  std::size_t memory = 0;  ///< bytes of --memory; 0: the share that memory_limit.h says
  bool force = false;
  ProgressMode progress = ProgressMode::automatic;
};

/// What the settings of a command mean for the engine, without its callbacks. The memory outside the search is what the
/// process holds now, its data read, and what the writer of such a file will hold.
Execution execution_of(const ExecuteOptions& options, const std::string& kernel_level, const results::Description& description);

/// Errors: InputError (existing output, folder that cannot be written), MachineError (disk too small or failing, memory),
/// Interrupted; in each case nothing is left behind.
search::Summary execute(const Assembly& assembly, const FileChoices& choices, const ExecuteOptions& options,
                        const std::filesystem::path& out);

/// Errors (InputError): `out` exists and not `force`, is a folder, or its folder is missing or cannot be written.
void check_output(const std::filesystem::path& out, bool force);

/// Folder that `out` stands in.
std::filesystem::path folder_of(const std::filesystem::path& out);

}  // namespace nokkel::cli
