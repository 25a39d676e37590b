/// Runs the built program as a user would, in a folder of its own.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace nokkel::test {

/// A folder that is gone, with all that is in it, at the end of the test.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  /// Writes a file and returns its path.
  std::filesystem::path write(const std::string& name, const std::string& text) const;
  /// Names of the files in it, sorted.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::filesystem::path path_;
};

struct Outcome {
  int code = -1;  ///< exit code; 128 + signal where a signal ended it
  std::string out, err;
};

using Environment = std::vector<std::pair<std::string, std::string>>;

/// A program under way.
class Process {
 public:
  /// `folder`: working directory, and where its output is caught. `environment` joins that of the test.
  Process(const Folder& folder, const std::vector<std::string>& words, const Environment& environment = {});
  void signal(int number) const;
  [[nodiscard]] bool running() const;
  Outcome wait();

 private:
  std::filesystem::path out_, err_;
  pid_t pid_ = -1;
};

/// `nokkel words…`, from start to end.
Outcome nokkel(const Folder& folder, const std::vector<std::string>& words, const Environment& environment = {});

std::string content_of(const std::filesystem::path& file);

}  // namespace nokkel::test
