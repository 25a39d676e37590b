/// Settings from outside the file: NOKKEL_<SECTION>_<KEY> of the environment, then --set. Both change the tree before it is
/// checked, so that a wrong one is refused like a wrong line of the file.
#pragma once

#include <string>
#include <vector>

#include "io/config/value.h"

namespace nokkel::config {

struct Override {
  std::string key;    ///< "resample.pairs", "criterion[name=x].forced"
  std::string value;  ///< TOML, or any other text: then that text
  std::string where;  ///< "NOKKEL_RESAMPLE_PAIRS" or "--set", for messages
};

/// "key=value" of a command line. Errors (InputError): no '=', no key, bytes that are no UTF-8.
Override parse_override(const std::string& text);

/// Settings of the environment, sorted by key. `environment` holds "NAME=value"; names without NOKKEL_ are passed over.
/// Errors (InputError): a NOKKEL_ name that sets no key of a plain section, with "did you mean". NOKKEL_THREADS,
/// NOKKEL_MEMORY, NOKKEL_KERNEL (command line) and NOKKEL_NO_INSTALL (scripts) are no settings of a study.
std::vector<Override> environment_overrides(const std::vector<std::string>& environment);

/// The environment of this process as "NAME=value".
std::vector<std::string> process_environment();

/// Sets one value; plain tables on the way are made when missing. Errors (InputError): a malformed key, a list of tables
/// without [key=value], one that matches no entry or several.
void apply_override(Value& root, const Override& change);

}  // namespace nokkel::config
