#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <system_error>

#include "engine/error.h"
#include "io/cli/build_info.h"
#include "io/cli/commands.h"
#include "io/cli/execute.h"
#include "io/cli/run_record.h"

namespace nokkel::cli {
namespace {

namespace fs = std::filesystem;

/// A file that is gone when the work is done, whichever way it ends.
class TemporaryFile {
 public:
  explicit TemporaryFile(fs::path path) : path_(std::move(path)) {}
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// What the study's data paths start from: a path that the study file has, or might have.
fs::path study_path(const RerunOptions& options) {
  fs::path recorded = recorded_study(options.file);
  if (!options.study_folder.empty())
    return options.study_folder / (recorded.empty() ? fs::path("study.toml") : recorded.filename());
  if (recorded.empty())
    throw InputError(options.file.string(),
                     fmt::format("no run record {} beside it", record_path(options.file).filename().string()),
                     "name the folder that the study's data paths start from with --study-folder");
  return recorded;
}

void check_inputs(const Data& now, const std::vector<results::Description::Input>& then) {
  if (then.size() != now.inputs.size())
    throw InputError("nokkel rerun", fmt::format("{} input files now, {} then", now.inputs.size(), then.size()), "");
  for (std::size_t i = 0; i < then.size(); ++i)
    if (now.inputs[i].sha256 != then[i].sha256)
      throw InputError(now.files[i].string(), "not the file of the first run",
                       fmt::format("its SHA-256 is {}, then it was {}", now.inputs[i].sha256, then[i].sha256));
}

int compression_of(const results::Description& description) {
  for (const auto& [name, value] : description.int_attributes)
    if (name == kCompressionAttribute) return value;
  return 0;
}

/// The level that ran then, when this processor has it; a different BLAS core is told, since its bits may differ.
FileChoices choices_of(const results::Reader& reader) {
  const std::string then = reader.attribute("kernel_set");
  const std::string level = kernel_level_name(kernel_level_of(level_in_kernel_set(then)));
  if (const std::string now = kernel_set(level); now != then)
    fmt::print(stderr,
               "nokkel: this machine has the kernel set \"{}\", the file was made with \"{}\": last digits may differ\n", now,
               then);
  return {level, compression_of(reader.description())};
}

bool same_bytes(const fs::path& a, const fs::path& b) {
  std::ifstream first(a, std::ios::binary), second(b, std::ios::binary);
  std::vector<char> left(std::size_t{1} << 20), right(left.size());
  while (first && second) {
    first.read(left.data(), static_cast<std::streamsize>(left.size()));
    second.read(right.data(), static_cast<std::streamsize>(right.size()));
    if (first.gcount() != second.gcount() || !std::equal(left.begin(), left.begin() + first.gcount(), right.begin()))
      return false;
  }
  return first.eof() && second.eof();
}

/// The first difference in words.
std::string difference_between(const fs::path& then, const fs::path& now) {
  const results::Difference difference = results::compare(then, now, 0, true);
  if (difference.what.empty()) return "equal contents in files of different bytes: another version of HDF5 or zlib wrote one";
  return fmt::format("{} ({} values differ)", difference.what, grouped(difference.n_different));
}

int report(const std::string& difference, Format format) {
  const bool same = difference.empty();
  if (format == Format::text) {
    print(same ? std::string("same bytes\n") : "first difference: " + difference + "\n");
  } else {
    Table table;
    table.columns = {{"same_bytes", "same bytes"}, {"first_difference", "first difference"}};
    table.rows = {{same ? "yes" : "no", difference}};
    print("rerun", table, format);
  }
  return same ? kOk : kFindings;
}

}  // namespace

int rerun(const RerunOptions& options) {
  const results::Reader reader(options.file);
  const config::Study study = config::parse_study(reader.provenance("config_toml"), study_path(options),
                                                  split_overrides(reader.provenance("config_overrides")));
  const Data data = read_data(study);
  check_inputs(data, reader.description().inputs);
  const FileChoices choices = choices_of(reader);
  const Assembly assembly(study, data);

  const TemporaryFile again(options.file.string() + fmt::format(".rerun-{}", getpid()));
  const ExecuteOptions execute_options{options.threads, options.memory, false,
                                       options.quiet ? ProgressMode::none : options.progress};
  execute(assembly, choices, execute_options, again.path());
  const bool same = same_bytes(options.file, again.path());
  return report(same ? std::string() : difference_between(options.file, again.path()), options.format);
}

}  // namespace nokkel::cli
