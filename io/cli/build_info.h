/// What this program was built from and what runs under it.
#pragma once

#include <string>

#include "engine/options.h"

namespace nokkel::cli {

/// "nokkel 0.1.0 (git 0123456789ab)".
std::string version_line();
/// "nokkel 0.1.0": attribute `source`.
std::string source_name();
/// The commit, with "-dirty" for a changed tree; "unknown" when built outside git.
std::string git_version();
/// Compiler, flags and library versions at build time, one JSON object; no paths.
std::string build_json();
/// Version of the HDF5 library that was linked.
std::string hdf5_version();

/// Name of the kernel level that a run with this choice uses: "portable", "v3", "v4".
/// Errors (InputError): this processor lacks it.
std::string kernel_level_name(KernelLevel level);
/// The reverse; automatic for a name that is none.
KernelLevel kernel_level_of(const std::string& name);

/// Attribute kernel_set: OpenBLAS version, flavour and core, and our own level:
/// "OpenBLAS 0.3.21 pthread SkylakeX; kernel v3/v4", one text for those two, which give equal bits. Two runs agree bit for bit
/// only when it agrees.
std::string kernel_set(const std::string& level);
/// The level in such a text, "portable" or "v3/v4"; "" when it is none of ours.
std::string level_in_kernel_set(const std::string& kernel_set);

}  // namespace nokkel::cli
