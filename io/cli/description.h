/// What a result file says about itself, made from a study and how it is run.
#pragma once

#include <string>
#include <vector>

#include "io/cli/assemble.h"
#include "io/results/results_file.h"

namespace nokkel::cli {

/// What of the command line reaches the file's bytes, beside the study.
struct FileChoices {
  std::string kernel_level;  ///< "portable", "v3", "v4"
  int compression = 0;
};

/// Name of the root attribute (int32) with the deflate level: a repeated run needs it for the same bytes.
inline constexpr const char* kCompressionAttribute = "compression";

results::Description describe(const Assembly& assembly, const FileChoices& choices);

/// Hash of the input files' hashes, in study order.
std::string inputs_sha256(const std::vector<results::Description::Input>& inputs);

/// Overrides as one text and back. A line feed inside one is kept as "\n", a backslash as "\\".
std::string joined_overrides(const std::vector<std::string>& overrides);
std::vector<std::string> split_overrides(const std::string& text);

}  // namespace nokkel::cli
