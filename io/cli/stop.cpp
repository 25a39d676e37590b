#include "io/cli/stop.h"

namespace nokkel::cli {
namespace {

// A signal handler can reach nothing but a global.
std::atomic<bool> stop_asked{false};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

void ask_to_stop(int) { stop_asked.store(true); }

void catch_signal(int signal, struct sigaction* before) {
  struct sigaction action{};
  action.sa_handler = ask_to_stop;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(signal, nullptr, before);
  if (before->sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
}

}  // namespace

StopOnSignal::StopOnSignal() {
  stop_asked.store(false);
  catch_signal(SIGINT, &interrupt_);
  catch_signal(SIGTERM, &terminate_);
}

StopOnSignal::~StopOnSignal() {
  sigaction(SIGINT, &interrupt_, nullptr);
  sigaction(SIGTERM, &terminate_, nullptr);
}

const std::atomic<bool>* StopOnSignal::flag() { return &stop_asked; }

}  // namespace nokkel::cli
