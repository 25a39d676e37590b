/// The commands of the program, each with its options as the user gave them. A command prints its results and returns the
/// exit code 0 or 1; trouble leaves it as an exception (engine/error.h), which main() turns into 2, 3 or 4.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/options.h"
#include "io/cli/progress.h"
#include "io/cli/terminal.h"

namespace nokkel::cli {

inline constexpr int kOk = 0, kFindings = 1;

struct RunOptions {
  std::filesystem::path study, out;
  std::vector<std::string> set;  ///< "key=value", --seed included, in the order given
  int threads = 0;               ///< 0: all that this process may use
  std::size_t memory = 0;        ///< bytes; 0: the share that memory_limit.h says
  KernelLevel kernel = KernelLevel::automatic;
  int compression = 0;
  int top = 10;  ///< combinations printed at the end
  ProgressMode progress = ProgressMode::automatic;
  bool dry_run = false, force = false, allow_large = false, quiet = false;
  Format format = Format::text;
  std::string command;  ///< as typed, for the run record
};

struct RerunOptions {
  std::filesystem::path file, study_folder;  ///< study_folder empty: the one recorded beside the file
  int threads = 0;
  std::size_t memory = 0;
  ProgressMode progress = ProgressMode::automatic;
  bool quiet = false;
  Format format = Format::text;
};

struct CheckOptions {
  std::filesystem::path study;
  std::vector<std::string> set;
  std::string why;  ///< a combination "a + b"; empty: describe the study
  bool resolved = false;
  Format format = Format::text;
};

struct RankOptions {
  std::filesystem::path file;
  std::string outcome;  ///< empty: all
  int year = 0;         ///< 0: over all years
  int top = 20;
  std::string by;  ///< a variable; empty: the file's ranking
  Format format = Format::text;
};

struct ShowOptions {
  std::filesystem::path file;
  std::string combination;  ///< label, id, "best" or "rank N"
  std::string outcome;      ///< empty: all
  Format format = Format::text;
};

struct DiffOptions {
  std::filesystem::path a, b;
  double rtol = 0;
  Format format = Format::text;
};

struct DoctorOptions {
  std::string blas_trouble;  ///< of prepare_blas(); "" when all is well
  Format format = Format::text;
};

struct BenchOptions {
  std::vector<std::string> workloads{"w1"};  ///< names of simulate::workloads()
  int repeat = 3;
  int threads = 0;
  KernelLevel kernel = KernelLevel::automatic;
  bool scaling = false;  ///< 1, 2, 4 … threads
  bool whole = false;    ///< every block of what is else measured on a part
  bool file = false;     ///< results go to a file, which is removed, instead of being dropped
  Format format = Format::text;
};

int run(const RunOptions& options);
int rerun(const RerunOptions& options);
int check(const CheckOptions& options);
int rank(const RankOptions& options);
int show(const ShowOptions& options);
int diff(const DiffOptions& options);
int doctor(const DoctorOptions& options);
int bench(const BenchOptions& options);

}  // namespace nokkel::cli
