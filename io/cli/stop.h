/// SIGINT and SIGTERM as a flag, while something stands that has to be cleaned up.
#pragma once

#include <atomic>
#include <csignal>

namespace nokkel::cli {

/// While it lives, SIGINT and SIGTERM set the flag instead of ending the process (a signal that was ignored
/// stays so); one at a time. A second signal while the
/// first is being obeyed changes nothing.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  [[nodiscard]] static const std::atomic<bool>* flag();

 private:
  struct sigaction interrupt_{}, terminate_{};  // what was there before
};

}  // namespace nokkel::cli
