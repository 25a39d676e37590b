#include "io/results/partial_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace nokkel::results {
namespace {

namespace fs = std::filesystem;

std::string text_of(int error) { return std::generic_category().message(error); }

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

/// Exists by name, a dangling symbolic link included.
bool is_there(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::symlink_status(path, ignored);
  return fs::exists(status);
}

void check_folder(const fs::path& out) {
  const fs::path folder = folder_of(out);
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found)
    throw InputError(out.string(), fmt::format("the folder {} does not exist", folder.string()), "create it, or name another");
  if (error) throw InputError(out.string(), fmt::format("the folder {}: {}", folder.string(), error.message()), "name another");
  if (!fs::is_directory(status))
    throw InputError(out.string(), fmt::format("{} is not a folder", folder.string()), "name a file in a folder");
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    throw InputError(out.string(), fmt::format("the folder {} cannot be written: {}", folder.string(), text_of(errno)),
                     "name another, or change its permissions");
}

void check_out(const fs::path& out, bool force) {
  if (!out.has_filename()) throw InputError(out.string(), "names no file", "end it with a file name, for example results.h5");
  std::error_code ignored;
  if (fs::is_directory(out, ignored)) throw InputError(out.string(), "is a folder", "name a file in it");
  if (!force && is_there(out))
    throw InputError(out.string(), "exists already", "name another file, or use --force to replace it");
}

/// HDF5 holds a lock while it writes; a file that nobody locks is what a stopped run left.
bool is_being_written(const fs::path& partial) {
  const Descriptor file(partial, O_RDONLY | O_NOFOLLOW);
  return file.get() >= 0 && ::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

void make_way(const fs::path& out, const fs::path& partial, bool force) {
  if (!is_there(partial)) return;
  if (is_being_written(partial))
    throw InputError(partial.string(), fmt::format("another run is writing {} now", out.string()),
                     "wait for it, or name another file");
  if (!force)
    throw InputError(partial.string(), "exists already, left by a run that was stopped",
                     fmt::format("remove it (rm '{}') or use --force to replace it", partial.string()));
  std::error_code error;
  if (!fs::remove(partial, error) && error)
    throw InputError(partial.string(), fmt::format("cannot be replaced: {}", error.message()),
                     "remove it, or name another file");
}

void check_space(const fs::path& out, std::uint64_t needed) {
  std::error_code error;
  const fs::space_info space = fs::space(folder_of(out), error);
  constexpr double kMiB = 1 << 20;
  if (error || space.available >= needed) return;
  throw MachineError(
      fmt::format("{}: the file will take {:.0f} MiB, the disk has {:.0f} MiB left; free some, name another folder, "
                  "or set fewer sizes or outcomes",
                  out.string(), static_cast<double>(needed) / kMiB, static_cast<double>(space.available) / kMiB));
}

void sync(const fs::path& path, int flags, const fs::path& out) {
  const Descriptor descriptor(path, O_RDONLY | flags);
  if (descriptor.get() >= 0 && ::fsync(descriptor.get()) == 0) return;
  throw MachineError(
      fmt::format("{}: cannot be brought to the disk: {}; nothing was left behind", out.string(), text_of(errno)));
}

}  // namespace

std::string in_words(const hdf5::Failure& trouble) {
  switch (trouble.system_error()) {
    case ENOSPC:
    case EDQUOT:
      return fmt::format("the disk is full ({}); free some space or name another folder", text_of(trouble.system_error()));
    case EFBIG:
      return "the file system, or a limit of the shell (ulimit -f), allows no larger file; name another folder";
    case EAGAIN:
      return "another program holds the file open for writing; close it there. On a network disk without locks set "
             "HDF5_USE_FILE_LOCKING=FALSE";
    case ENOLCK:
    case ENOTSUP:
    case ENOSYS:
      return "this disk cannot lock files; set HDF5_USE_FILE_LOCKING=FALSE";
    default:
      return trouble.what();
  }
}

PartialFile::PartialFile(fs::path out, bool force, std::uint64_t needed_bytes) : out_(std::move(out)), partial_(out_) {
  partial_ += ".partial";
  check_folder(out_);
  check_out(out_, force);
  make_way(out_, partial_, force);
  check_space(out_, needed_bytes);
  try {
    file_ = hdf5::File::create(partial_.string());
  } catch (const hdf5::Failure& trouble) {
    const int error = trouble.system_error();
    if (error != EEXIST) ::unlink(partial_.c_str());  // opened by us, then refused a lock or room
    if (error == EACCES || error == EPERM || error == EROFS || error == EEXIST || error == ENAMETOOLONG || error == EINVAL)
      throw InputError(out_.string(), "cannot be written: " + text_of(error), "name another file");
    throw MachineError(fmt::format("{}: {}", out_.string(), in_words(trouble)));
  }
  present_ = true;
}

void PartialFile::commit() {
  const std::int64_t open = file_.open_objects();
  if (open != 1) throw MachineError(fmt::format("{}: {} HDF5 objects left open", out_.string(), open - 1));
  file_.close();
  sync(partial_, O_NOFOLLOW, out_);
  if (::rename(partial_.c_str(), out_.c_str()) != 0)
    throw MachineError(
        fmt::format("{}: cannot be moved into place: {}; nothing was left behind", out_.string(), text_of(errno)));
  present_ = false;
  sync(folder_of(out_), O_DIRECTORY, out_);
}

void PartialFile::abandon() noexcept {
  file_.drop();
  if (std::exchange(present_, false)) ::unlink(partial_.c_str());
}

}  // namespace nokkel::results
