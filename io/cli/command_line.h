/// From the words of the command line to the options of a command.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "io/cli/commands.h"

namespace nokkel::cli {

/// --help and --version: a text and nothing else to do.
struct TextOnly {
  std::string text;
};

using Command = std::variant<TextOnly, RunOptions, RerunOptions, CheckOptions, RankOptions, ShowOptions, DiffOptions,
                             DoctorOptions, BenchOptions>;

/// `words` without the program's name. Errors (InputError): unknown commands and options with "did you mean", missing or
/// surplus values, numbers out of range.
Command parse_command_line(const std::vector<std::string>& words);

/// "4G", "512M", "1.5GiB", "1000000" in bytes. Errors (InputError): anything else.
std::size_t memory_size(const std::string& text);

}  // namespace nokkel::cli
