/// What one key cannot see: names that must differ, names that must be known, settings that do not go together.
#pragma once

#include "io/config/study.h"
#include "io/config/value.h"

namespace nokkel::config {

/// `root` is the document that the study was read from, for the places of names. Errors (InputError) at the part that is
/// wrong. Column names are not looked up here: the data are not read.
void check_study(const Study& study, const Value& root);

}  // namespace nokkel::config
