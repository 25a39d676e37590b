/// The two kinds of trouble that end a run with a message. A caller's mistake is an assertion (assert.h); a sample that
/// cannot be fitted is data (a status code in its row), never an exception.
#pragma once

#include <stdexcept>
#include <string>

namespace nokkel {

/// Usage, study or input that the user can mend: exit code 2.
/// `what()` reads "where: what is wrong; what to do", where being `file:line: key`, a file or a column.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  InputError(const std::string& where, const std::string& what, const std::string& remedy)
      : std::runtime_error(where + ": " + what + (remedy.empty() ? "" : "; " + remedy)) {}
};

/// Disk, memory or library that failed under us: exit code 3.
class MachineError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The user or the system asked us to stop: exit code 4.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted; nothing was written") {}
};

}  // namespace nokkel
