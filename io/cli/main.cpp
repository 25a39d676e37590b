#include <malloc.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <variant>
#include <vector>

#include "engine/error.h"
#include "io/cli/command_line.h"
#include "io/cli/machine.h"
#include "kernels/blas.h"

namespace {

using namespace nokkel;

constexpr int kInput = 2, kMachine = 3, kInterrupted = 4;

/// Carries out a command; the BLAS must be in order for all but `doctor`, which reports on it.
struct Dispatch {
  std::string blas_trouble;

  int operator()(const cli::TextOnly& text) const {
    cli::print(text.text);
    return cli::kOk;
  }
  int operator()(cli::DoctorOptions options) const {
    options.blas_trouble = blas_trouble;
    return cli::doctor(options);
  }
  int operator()(const cli::RunOptions& options) const {
    return checked([&] { return cli::run(options); });
  }
  int operator()(const cli::RerunOptions& options) const {
    return checked([&] { return cli::rerun(options); });
  }
  int operator()(const cli::CheckOptions& options) const {
    return checked([&] { return cli::check(options); });
  }
  int operator()(const cli::RankOptions& options) const {
    return checked([&] { return cli::rank(options); });
  }
  int operator()(const cli::ShowOptions& options) const {
    return checked([&] { return cli::show(options); });
  }
  int operator()(const cli::DiffOptions& options) const {
    return checked([&] { return cli::diff(options); });
  }
  int operator()(const cli::BenchOptions& options) const {
    return checked([&] { return cli::bench(options); });
  }

 private:
  template <class Command>
  [[nodiscard]] int checked(const Command& command) const {
    if (!blas_trouble.empty()) throw InputError(blas_trouble);
    return command();
  }
};

/// Without the libraries' own clean-up: that of OpenBLAS would hang too.
[[noreturn]] void leave_at_once(const std::string& message) {
  std::fprintf(stderr, "nokkel: %s\n", message.c_str());
  std::_Exit(kMachine);
}

/// What blocks make and free all the time stays in glibc's heaps, where its pages need not be touched first again (W2: a tenth
/// of what is not kernel); arrays of 32 MiB and more, which grow with a study, go back to the system when they are freed.
void keep_small_arrays() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
}

int program(const std::vector<std::string>& words) {
  keep_small_arrays();
  // A file-size limit is then an error of the write, told and cleaned up after, instead of the end of the process.
  std::signal(SIGXFSZ, SIG_IGN);
  // Before the first call into OpenBLAS, which would hang.
  if (const std::string trouble = cli::address_space_trouble(); !trouble.empty()) leave_at_once(trouble);
  const Dispatch dispatch{kernels::prepare_blas()};
  cli::Command command = cli::parse_command_line(words);
  if (auto* run = std::get_if<cli::RunOptions>(&command)) {
    run->command = "nokkel";
    for (const std::string& word : words) run->command += " " + word;
  }
  const int code = std::visit(dispatch, command);
  cli::flush_output();
  return code;
}

int fail(int code, const char* message) {
  std::fflush(stdout);
  std::fprintf(stderr, "nokkel: %s\n", message);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return program({argv + (argc > 0 ? 1 : 0), argv + argc});
  } catch (const InputError& error) {
    return fail(kInput, error.what());
  } catch (const Interrupted& error) {
    return fail(kInterrupted, error.what());
  } catch (const std::bad_alloc&) {
    return fail(kMachine, "not enough memory; --memory bounds what a run takes");
  } catch (const std::exception& error) {  // MachineError, and what a library threw
    return fail(kMachine, error.what());
  }
}
