/// HDF5, the part that a result file needs: files, groups, datasets, attributes and dimension scales as move-only
/// objects. This header and its .cpp are the only files that know the C library; nothing here knows what is written.
///
/// Files are created to open anywhere and to be equal byte for byte when written equally: library bounds 1.8, creation
/// order tracked and indexed, no time stamps. Objects close themselves; a chunk is written when it is handed over, since
/// the library's own chunk cache is switched off for writing.
///
/// Errors: every call that can fail throws hdf5::Failure. One thread at a time (the high-level layer is not thread-safe).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/error.h"

namespace nokkel::hdf5 {

/// What the library said, innermost cause first.
class Failure : public MachineError {
 public:
  Failure(const std::string& call, const std::string& cause, int system_error, bool is_checksum)
      : MachineError("HDF5 " + call + ": " + cause), system_error_(system_error), checksum_(is_checksum) {}
  [[nodiscard]] int system_error() const { return system_error_; }  ///< errno of the failed system call, 0: none
  [[nodiscard]] bool is_checksum() const { return checksum_; }      ///< stored bytes do not fit their checksum

 private:
  int system_error_;
  bool checksum_;
};

using Id = std::int64_t;
using Extent = std::vector<std::uint64_t>;  ///< one number an axis; empty: scalar

/// float64, int32, int8, variable-length UTF-8; `other` is met when reading only.
enum class Type { real, int32, int8, text, other };

/// How a dataset lies in the file.
struct Storage {
  Extent chunk;                ///< empty: contiguous, no filter
  int compression = 0;         ///< 0: checksum (Fletcher-32) only; 1..9 deflate before it
  bool shuffle = false;        ///< bytes of a number grouped before deflate
  std::optional<double> fill;  ///< value of what is never written; numbers only
};

/// nothing: of a kind that we do not write ourselves (references of the dimension scales).
using Attribute = std::variant<std::monostate, std::string, std::vector<std::int64_t>, std::vector<double>>;

/// Something with attributes: a file's root, a group, a dataset.
class Object {
 public:
  using Close = int (*)(Id);
  Object() = default;
  Object(Id id, Close how) : id_(id), close_(how) {}
  Object(Object&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Object& operator=(Object&& other) noexcept;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  ~Object() { drop(); }

  [[nodiscard]] explicit operator bool() const { return id_ >= 0; }
  [[nodiscard]] Id id() const { return id_; }
  void close();  ///< checked; the destructor closes too, silently
  void drop() noexcept;

  /// Scalar, fixed length, null-terminated UTF-8.
  void set_text(const std::string& name, const std::string& text) const;
  void set_int32(const std::string& name, std::int32_t value) const;                   ///< scalar
  void set_int8(const std::string& name, std::int8_t value) const;                     ///< scalar; replaces an older value
  void set_int8s(const std::string& name, std::span<const std::int8_t> values) const;  ///< one axis
  void set_real(const std::string& name, double value) const;                          ///< one axis of length 1

  [[nodiscard]] std::vector<std::string> attribute_names() const;  ///< in the order of creation
  [[nodiscard]] bool has_attribute(const std::string& name) const;
  [[nodiscard]] Attribute attribute(const std::string& name) const;

 private:
  Id id_ = -1;
  Close close_ = nullptr;
};

class Dataset : public Object {
 public:
  using Object::Object;
  [[nodiscard]] Extent extent() const;
  [[nodiscard]] Type type() const;
  [[nodiscard]] std::vector<std::string> axis_names() const;  ///< name of the scale of each axis; "" when it has none

  /// The box of `count` elements from `first`, row-major; both empty for a scalar. The span's size is asserted.
  void write(const Extent& first, const Extent& count, std::span<const double> values) const;
  void write(const Extent& first, const Extent& count, std::span<const std::int32_t> values) const;
  void write(const Extent& first, const Extent& count, std::span<const std::int8_t> values) const;
  void write(const Extent& first, const Extent& count, std::span<const std::string> values) const;
  void read(const Extent& first, const Extent& count, std::span<double> values) const;
  void read(const Extent& first, const Extent& count, std::span<std::int32_t> values) const;
  void read(const Extent& first, const Extent& count, std::span<std::int8_t> values) const;
  void read(const Extent& first, const Extent& count, std::span<std::string> values) const;

  void make_scale(const std::string& name) const;  ///< this dataset becomes the scale `name`
  void attach_scale(int axis, const Dataset& scale) const;
};

class Group : public Object {
 public:
  using Object::Object;
  [[nodiscard]] std::vector<std::string> names() const;  ///< in the order of creation
  [[nodiscard]] bool has(const std::string& name) const;
  [[nodiscard]] bool is_group(const std::string& name) const;  ///< the name exists: group or dataset
  [[nodiscard]] Group create_group(const std::string& name) const;
  [[nodiscard]] Group group(const std::string& name) const;
  [[nodiscard]] Dataset create_dataset(const std::string& name, Type type, const Extent& extent, const Storage& storage) const;
  [[nodiscard]] Dataset dataset(const std::string& name) const;
};

/// A file; its attributes and members are those of the root group.
class File : public Group {
 public:
  using Group::Group;
  /// A new file: an existing one, also a symbolic link, is refused (system_error EEXIST).
  [[nodiscard]] static File create(const std::string& path);
  [[nodiscard]] static File open(const std::string& path);  ///< for reading
  [[nodiscard]] std::int64_t open_objects() const;          ///< 1: nothing but the file itself
};

}  // namespace nokkel::hdf5
