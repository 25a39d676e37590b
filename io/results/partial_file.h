/// OUT.partial, the file under construction beside OUT: either it becomes OUT whole, or nothing is left behind.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "io/hdf5_handle.h"

namespace nokkel::results {

class PartialFile {
 public:
  /// Opens OUT.partial, new, symbolic links not followed. `needed_bytes` is the expected size of the file.
  /// Errors: InputError when OUT or OUT.partial exists and not `force`, OUT.partial is being written by another run, or the
  /// folder does not exist or cannot be written; MachineError when the disk has less room than needed.
  PartialFile(std::filesystem::path out, bool force, std::uint64_t needed_bytes);
  ~PartialFile() { abandon(); }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  [[nodiscard]] const hdf5::File& file() const { return file_; }
  [[nodiscard]] const std::filesystem::path& out() const { return out_; }

  /// Closes (every other object of the file must be closed), syncs, renames to OUT, syncs the folder.
  /// Errors: MachineError; the caller then abandons.
  void commit();
  /// Closes and removes OUT.partial; nothing after commit.
  void abandon() noexcept;

 private:
  std::filesystem::path out_, partial_;
  hdf5::File file_;
  bool present_ = false;
};

/// What happened and what to do, in words: a full disk, a size limit, a lock. Otherwise what the library said.
std::string in_words(const hdf5::Failure& trouble);

}  // namespace nokkel::results
