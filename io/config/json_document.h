/// JSON out. The only file of this room that includes nlohmann's header is json_document.cpp.
#pragma once

#include <string>

#include "io/config/value.h"

namespace nokkel::config {

/// The tree as JSON, entries in their order, kind none as null, two blanks of indentation, one line break at the end.
/// The same tree gives the same bytes, whatever the locale. Texts must be UTF-8.
std::string json_document(const Value& root);

}  // namespace nokkel::config
