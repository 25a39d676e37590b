/// Reading a clean comma-separated file (RFC 4180, UTF-8) into text.
#pragma once

#include <filesystem>
#include <string>

#include "engine/panel/table.h"

namespace nokkel::table {

/// A byte-order mark is skipped; quoted fields may hold commas, doubled quotes and line breaks; CRLF and LF both end a
/// row; a wholly blank line is skipped. `source` names the file in messages.
/// Errors (InputError with file and line): no such file, a folder, empty file, header only, a row with more or fewer
/// fields than the header, an unclosed quote, text after a closing quote, a quote or CR inside a plain field, bytes that
/// are no UTF-8, NUL bytes, an empty or repeated column name, a delimiter that is evidently ';' or tab (remedy named).
/// MachineError: the disk fails under the reading.
/// Cost: one pass, the file held in memory once.
panel::Table read_csv(const std::filesystem::path& file, const std::string& source);
panel::Table parse_csv(const std::string& text, const std::string& source);

}  // namespace nokkel::table
