/// TOML in and out. The only file that includes toml++ is toml_document.cpp.
#pragma once

#include <optional>
#include <string>

#include "io/config/value.h"

namespace nokkel::config {

/// A whole document as a table; every value's `where` is "source:line" of its key (of the element, in a list).
/// Errors (InputError): what TOML refuses, with its line: repeated keys, bytes that are no UTF-8, open quotes.
Value parse_toml(const std::string& text, const std::string& source);

/// One value, as after `key =`; nothing when the text is no TOML value. Its `where` is `source`.
std::optional<Value> parse_toml_value(const std::string& text, const std::string& source);

/// The text of one value; tables and lists on one line. parse_toml_value gives the same value back, bit for bit.
std::string toml_text(const Value& value);

/// A document: plain tables as [name], lists of tables as [[name]], a blank line between; entries of kind none are left
/// out. Keys directly under the root must be tables or lists of tables.
std::string toml_document(const Value& root);

}  // namespace nokkel::config
