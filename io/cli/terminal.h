/// What the standard streams are connected to, and the one way to print.
#pragma once

#include <cstdio>
#include <string_view>

#include "io/cli/text_table.h"

namespace nokkel::cli {

enum class Format { text, json, csv };

/// Width: COLUMNS where it is a number, else the terminal's, else 100. Colour: a terminal, and NO_COLOR is not set to
/// anything, and TERM is not "dumb".
Screen screen_of(std::FILE* stream);

bool is_terminal(std::FILE* stream);

/// Writes a text to standard output as it is. Errors (MachineError): a full disk or the like.
void print(std::string_view text);

/// The table in the form asked for; `command` goes into the JSON.
void print(std::string_view command, const Table& table, Format format);

/// Writes out what is buffered. Errors (MachineError): a full disk or the like.
void flush_output();

}  // namespace nokkel::cli
