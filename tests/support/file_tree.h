/// A folder that stands for "/", filled by a test and gone at its end.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace nokkel::testing {

class FileTree {
 public:
  FileTree() : root_(std::filesystem::path(::testing::TempDir()) / name()) { std::filesystem::create_directories(root_); }
  ~FileTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  FileTree(const FileTree&) = delete;
  FileTree& operator=(const FileTree&) = delete;

  void write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path, std::ios::binary) << text;
  }
  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  static std::string name() {
    static int count = 0;
    return "nokkel-tree-" + std::to_string(getpid()) + "-" + std::to_string(count++);
  }
  std::filesystem::path root_;
};

}  // namespace nokkel::testing
