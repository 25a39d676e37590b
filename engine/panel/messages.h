/// How messages of this room name a row and a column that is not there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/panel/panel.h"

namespace nokkel::panel {

/// "panel.csv:17": file and line of a row in one of the panel's tables (-1: the first that has the row).
std::string row_file(const Panel& panel, std::size_t row, int table = -1);

/// "unit 0301 (Oslo), year 2010"; without the name or the year where there is none.
std::string row_name(const Panel& panel, std::size_t row);

/// "panel.csv:17: unit 0301 (Oslo), year 2010".
std::string row_place(const Panel& panel, std::size_t row);

/// Throws InputError at `where` when the panel has no such column, with the nearest name as remedy.
void require_column(const Panel& panel, std::string_view name, const std::string& where);

}  // namespace nokkel::panel
