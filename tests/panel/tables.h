/// Panels written as CSV texts, and messages of refused input.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/panel/panel.h"
#include "io/table/csv.h"

namespace nokkel::panel {

/// A panel of one file "panel.csv" with columns unit and year, and name and parent when the text has them.
inline Panel panel_of(const std::string& text) {
  const Table table = table::parse_csv(text, "panel.csv");
  TableKeys keys{"unit", "", "", ""};
  for (const std::string& column : table.header) {
    if (column == "year") keys.year = column;
    if (column == "name") keys.unit_name = column;
    if (column == "parent") keys.parent = column;
  }
  return make_panel({table}, {keys});
}

/// The message of the InputError that `f` throws; "accepted" when it throws none.
template <class F>
std::string refusal(F&& f) {
  try {
    f();
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace nokkel::panel
