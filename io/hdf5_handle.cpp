#include "io/hdf5_handle.h"

#include <hdf5.h>
#include <hdf5_hl.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <type_traits>

#include "engine/assert.h"

namespace nokkel::hdf5 {
namespace {

static_assert(std::is_same_v<hid_t, Id>);

/// The library must not tidy up at exit: after a full disk it would touch what it freed and crash. Its error printing is
/// a setting of each thread; we report errors ourselves.
void prepare() {
  static const bool once = [] { return H5dont_atexit() >= 0 && H5open() >= 0; }();
  static_cast<void>(once);
  thread_local const bool quiet = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
  static_cast<void>(quiet);
}

struct Cause {
  std::string text;
  int system_error = 0;
  bool checksum = false;
};

herr_t collect(unsigned, const H5E_error2_t* entry, void* out) {
  Cause& cause = *static_cast<Cause*>(out);
  const std::string_view text = entry->desc == nullptr ? "" : entry->desc;
  if (cause.text.empty()) cause.text = text;  // walked upward: the first entry is the innermost
  constexpr std::string_view kKey = "errno = ";
  if (const auto at = text.find(kKey); at != std::string_view::npos && cause.system_error == 0)
    std::from_chars(text.data() + at + kKey.size(), text.data() + text.size(), cause.system_error);
  if (text.find("Fletcher32 checksum") != std::string_view::npos) cause.checksum = true;
  return 0;
}

[[noreturn]] void fail(const char* call) {
  Cause cause;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, collect, &cause);
  H5Eclear2(H5E_DEFAULT);
  throw Failure(call, cause.text.empty() ? "failed" : cause.text, cause.system_error, cause.checksum);
}

/// HDF5 tells failure by a negative number.
template <class Result>
Result checked(Result result, const char* call) {
  if (result < 0) fail(call);
  return result;
}

template <auto close>
Object owned(hid_t id, const char* call) {
  return {checked(id, call), close};
}

std::vector<hsize_t> sizes(const Extent& extent) { return {extent.begin(), extent.end()}; }

[[maybe_unused]] std::uint64_t product(const Extent& extent) {  // for assertions only
  std::uint64_t n = 1;
  for (const std::uint64_t e : extent) n *= e;
  return n;
}

Object dataspace(const Extent& extent) {
  const std::vector<hsize_t> n = sizes(extent);
  return owned<H5Sclose>(n.empty() ? H5Screate(H5S_SCALAR) : H5Screate_simple(static_cast<int>(n.size()), n.data(), nullptr),
                         "H5Screate");
}

Object variable_text() {
  Object type = owned<H5Tclose>(H5Tcopy(H5T_C_S1), "H5Tcopy");
  checked(H5Tset_size(type.id(), H5T_VARIABLE), "H5Tset_size");
  checked(H5Tset_cset(type.id(), H5T_CSET_UTF8), "H5Tset_cset");
  return type;
}

Object fixed_text(std::size_t bytes) {
  Object type = owned<H5Tclose>(H5Tcopy(H5T_C_S1), "H5Tcopy");
  checked(H5Tset_size(type.id(), bytes), "H5Tset_size");
  checked(H5Tset_strpad(type.id(), H5T_STR_NULLTERM), "H5Tset_strpad");
  checked(H5Tset_cset(type.id(), H5T_CSET_UTF8), "H5Tset_cset");
  return type;
}

Object file_type(Type type) {
  NOKKEL_ASSERT(type != Type::other);
  if (type == Type::text) return variable_text();
  const hid_t stored = type == Type::real ? H5T_IEEE_F64LE : type == Type::int32 ? H5T_STD_I32LE : H5T_STD_I8LE;
  return owned<H5Tclose>(H5Tcopy(stored), "H5Tcopy");
}

hid_t memory_type(const double*) { return H5T_NATIVE_DOUBLE; }
hid_t memory_type(const std::int64_t*) { return H5T_NATIVE_INT64; }
hid_t memory_type(const std::int32_t*) { return H5T_NATIVE_INT32; }
hid_t memory_type(const std::int8_t*) { return H5T_NATIVE_INT8; }

constexpr unsigned kOrder = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;

Object creation_properties(hid_t kind) {
  Object list = owned<H5Pclose>(H5Pcreate(kind), "H5Pcreate");
  checked(H5Pset_obj_track_times(list.id(), false), "H5Pset_obj_track_times");
  checked(H5Pset_attr_creation_order(list.id(), kOrder), "H5Pset_attr_creation_order");
  if (kind != H5P_DATASET_CREATE) checked(H5Pset_link_creation_order(list.id(), kOrder), "H5Pset_link_creation_order");
  return list;
}

void set_filters(hid_t list, const Storage& storage) {
  const std::vector<hsize_t> chunk = sizes(storage.chunk);
  checked(H5Pset_chunk(list, static_cast<int>(chunk.size()), chunk.data()), "H5Pset_chunk");
  if (storage.compression > 0 && storage.shuffle) checked(H5Pset_shuffle(list), "H5Pset_shuffle");
  if (storage.compression > 0) checked(H5Pset_deflate(list, static_cast<unsigned>(storage.compression)), "H5Pset_deflate");
  checked(H5Pset_fletcher32(list), "H5Pset_fletcher32");
}

/// Chunk cache of an open dataset. Writing: none, since whole chunks arrive and are to reach the disk at once. Reading:
/// a few chunks, so that rows read one by one do not read a chunk each.
Object access_properties(std::size_t cache_bytes) {
  Object list = owned<H5Pclose>(H5Pcreate(H5P_DATASET_ACCESS), "H5Pcreate");
  constexpr std::size_t kSlots = 521;
  checked(H5Pset_chunk_cache(list.id(), kSlots, cache_bytes, 1.0), "H5Pset_chunk_cache");
  return list;
}
constexpr std::size_t kReadCache = std::size_t{4} << 20;

void put_attribute(Id object, const std::string& name, hid_t stored, hid_t memory, const Object& space, const void* values) {
  prepare();
  const Object attribute =
      H5Aexists(object, name.c_str()) > 0
          ? owned<H5Aclose>(H5Aopen(object, name.c_str(), H5P_DEFAULT), "H5Aopen")
          : owned<H5Aclose>(H5Acreate2(object, name.c_str(), stored, space.id(), H5P_DEFAULT, H5P_DEFAULT), "H5Acreate");
  checked(H5Awrite(attribute.id(), memory, values), "H5Awrite");
}

/// Memory and file selections of a box; a scalar is selected whole.
struct Box {
  Object memory, file;
  Box(Id dataset, const Extent& first, const Extent& count) {
    prepare();
    NOKKEL_ASSERT_EQUAL(first.size(), count.size());
    file = owned<H5Sclose>(H5Dget_space(dataset), "H5Dget_space");
    memory = dataspace(count);
    if (count.empty()) return;
    const std::vector<hsize_t> start = sizes(first), n = sizes(count);
    checked(H5Sselect_hyperslab(file.id(), H5S_SELECT_SET, start.data(), nullptr, n.data(), nullptr), "H5Sselect_hyperslab");
  }
};

template <class T>
void write_numbers(Id dataset, const Extent& first, const Extent& count, std::span<const T> values) {
  NOKKEL_ASSERT_EQUAL(values.size(), product(count));
  const Box box(dataset, first, count);
  checked(H5Dwrite(dataset, memory_type(values.data()), box.memory.id(), box.file.id(), H5P_DEFAULT, values.data()),
          "H5Dwrite");
}

template <class T>
void read_numbers(Id dataset, const Extent& first, const Extent& count, std::span<T> values) {
  NOKKEL_ASSERT_EQUAL(values.size(), product(count));
  const Box box(dataset, first, count);
  checked(H5Dread(dataset, memory_type(values.data()), box.memory.id(), box.file.id(), H5P_DEFAULT, values.data()), "H5Dread");
}

std::string read_text_attribute(Id attribute, const Object& type) {
  if (checked(H5Tis_variable_str(type.id()), "H5Tis_variable_str") > 0) {
    char* text = nullptr;
    const Object memory = variable_text();
    checked(H5Aread(attribute, memory.id(), &text), "H5Aread");
    std::string result = text == nullptr ? "" : text;
    H5free_memory(text);
    return result;
  }
  std::string text(H5Tget_size(type.id()), '\0');
  checked(H5Aread(attribute, type.id(), text.data()), "H5Aread");
  text.resize(std::min(text.find('\0'), text.size()));  // what the terminator ends
  return text;
}

template <class T>
std::vector<T> read_attribute_numbers(Id attribute) {
  const Object space = owned<H5Sclose>(H5Aget_space(attribute), "H5Aget_space");
  std::vector<T> values(static_cast<std::size_t>(checked(H5Sget_simple_extent_npoints(space.id()), "H5Sget_extent")));
  checked(H5Aread(attribute, memory_type(values.data()), values.data()), "H5Aread");
  return values;
}

herr_t add_attribute_name(hid_t, const char* name, const H5A_info_t*, void* out) {
  static_cast<std::vector<std::string>*>(out)->emplace_back(name);
  return 0;
}

herr_t add_link_name(hid_t, const char* name, const H5L_info_t*, void* out) {
  static_cast<std::vector<std::string>*>(out)->emplace_back(name);
  return 0;
}

std::string path_of(hid_t object) {
  std::string name(static_cast<std::size_t>(checked(H5Iget_name(object, nullptr, 0), "H5Iget_name")), '\0');
  checked(H5Iget_name(object, name.data(), name.size() + 1), "H5Iget_name");
  return name.substr(name.rfind('/') + 1);
}

herr_t note_scale_name(hid_t, unsigned, hid_t scale, void* out) {
  *static_cast<std::string*>(out) = path_of(scale);
  return 1;  // the first scale is the axis' name
}

}  // namespace

Object& Object::operator=(Object&& other) noexcept {
  if (this == &other) return *this;
  drop();
  id_ = std::exchange(other.id_, -1);
  close_ = other.close_;
  return *this;
}

void Object::close() {
  if (id_ >= 0) checked(close_(std::exchange(id_, -1)), "close");
}

void Object::drop() noexcept {
  if (id_ >= 0) close_(std::exchange(id_, -1));
}

void Object::set_text(const std::string& name, const std::string& text) const {
  const Object type = fixed_text(text.size() + 1);
  put_attribute(id_, name, type.id(), type.id(), dataspace({}), text.c_str());
}

void Object::set_int32(const std::string& name, std::int32_t value) const {
  put_attribute(id_, name, H5T_STD_I32LE, H5T_NATIVE_INT32, dataspace({}), &value);
}

void Object::set_int8(const std::string& name, std::int8_t value) const {
  put_attribute(id_, name, H5T_STD_I8LE, H5T_NATIVE_INT8, dataspace({}), &value);
}

void Object::set_int8s(const std::string& name, std::span<const std::int8_t> values) const {
  put_attribute(id_, name, H5T_STD_I8LE, H5T_NATIVE_INT8, dataspace({values.size()}), values.data());
}

void Object::set_real(const std::string& name, double value) const {
  put_attribute(id_, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, dataspace({1}), &value);
}

std::vector<std::string> Object::attribute_names() const {
  prepare();
  std::vector<std::string> names;
  hsize_t position = 0;
  checked(H5Aiterate2(id_, H5_INDEX_CRT_ORDER, H5_ITER_INC, &position, add_attribute_name, &names), "H5Aiterate");
  return names;
}

bool Object::has_attribute(const std::string& name) const {
  prepare();
  return checked(H5Aexists(id_, name.c_str()), "H5Aexists") > 0;
}

Attribute Object::attribute(const std::string& name) const {
  prepare();
  const Object attribute = owned<H5Aclose>(H5Aopen(id_, name.c_str(), H5P_DEFAULT), "H5Aopen");
  const Object type = owned<H5Tclose>(H5Aget_type(attribute.id()), "H5Aget_type");
  switch (H5Tget_class(type.id())) {
    case H5T_STRING:
      return read_text_attribute(attribute.id(), type);
    case H5T_INTEGER:
      return read_attribute_numbers<std::int64_t>(attribute.id());
    case H5T_FLOAT:
      return read_attribute_numbers<double>(attribute.id());
    default:
      return {};
  }
}

Extent Dataset::extent() const {
  prepare();
  const Object space = owned<H5Sclose>(H5Dget_space(id()), "H5Dget_space");
  std::vector<hsize_t> n(static_cast<std::size_t>(checked(H5Sget_simple_extent_ndims(space.id()), "H5Sget_extent")));
  checked(H5Sget_simple_extent_dims(space.id(), n.data(), nullptr), "H5Sget_extent");
  return {n.begin(), n.end()};
}

Type Dataset::type() const {
  prepare();
  const Object type = owned<H5Tclose>(H5Dget_type(id()), "H5Dget_type");
  if (H5Tequal(type.id(), H5T_IEEE_F64LE) > 0) return Type::real;
  if (H5Tequal(type.id(), H5T_STD_I32LE) > 0) return Type::int32;
  if (H5Tequal(type.id(), H5T_STD_I8LE) > 0) return Type::int8;
  return H5Tget_class(type.id()) == H5T_STRING && H5Tis_variable_str(type.id()) > 0 ? Type::text : Type::other;
}

std::vector<std::string> Dataset::axis_names() const {
  std::vector<std::string> names(extent().size());
  for (std::size_t axis = 0; axis < names.size(); ++axis)
    checked(H5DSiterate_scales(id(), static_cast<unsigned>(axis), nullptr, note_scale_name, &names[axis]),
            "H5DSiterate_scales");
  return names;
}

void Dataset::write(const Extent& first, const Extent& count, std::span<const double> values) const {
  write_numbers(id(), first, count, values);
}
void Dataset::write(const Extent& first, const Extent& count, std::span<const std::int32_t> values) const {
  write_numbers(id(), first, count, values);
}
void Dataset::write(const Extent& first, const Extent& count, std::span<const std::int8_t> values) const {
  write_numbers(id(), first, count, values);
}
void Dataset::write(const Extent& first, const Extent& count, std::span<const std::string> values) const {
  NOKKEL_ASSERT_EQUAL(values.size(), product(count));
  std::vector<const char*> pointers;
  pointers.reserve(values.size());
  for (const std::string& text : values) pointers.push_back(text.c_str());
  const Box box(id(), first, count);
  const Object type = variable_text();
  checked(H5Dwrite(id(), type.id(), box.memory.id(), box.file.id(), H5P_DEFAULT, pointers.data()), "H5Dwrite");
}

void Dataset::read(const Extent& first, const Extent& count, std::span<double> values) const {
  read_numbers(id(), first, count, values);
}
void Dataset::read(const Extent& first, const Extent& count, std::span<std::int32_t> values) const {
  read_numbers(id(), first, count, values);
}
void Dataset::read(const Extent& first, const Extent& count, std::span<std::int8_t> values) const {
  read_numbers(id(), first, count, values);
}
void Dataset::read(const Extent& first, const Extent& count, std::span<std::string> values) const {
  NOKKEL_ASSERT_EQUAL(values.size(), product(count));
  std::vector<char*> pointers(values.size(), nullptr);
  const Box box(id(), first, count);
  const Object type = variable_text();
  checked(H5Dread(id(), type.id(), box.memory.id(), box.file.id(), H5P_DEFAULT, pointers.data()), "H5Dread");
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = pointers[i] == nullptr ? "" : pointers[i];
  checked(H5Dvlen_reclaim(type.id(), box.memory.id(), H5P_DEFAULT, pointers.data()), "H5Dvlen_reclaim");
}

void Dataset::make_scale(const std::string& name) const {
  prepare();
  checked(H5DSset_scale(id(), name.c_str()), "H5DSset_scale");
}

void Dataset::attach_scale(int axis, const Dataset& scale) const {
  prepare();
  checked(H5DSattach_scale(id(), scale.id(), static_cast<unsigned>(axis)), "H5DSattach_scale");
}

std::vector<std::string> Group::names() const {
  prepare();
  std::vector<std::string> names;
  hsize_t position = 0;
  checked(H5Literate(id(), H5_INDEX_CRT_ORDER, H5_ITER_INC, &position, add_link_name, &names), "H5Literate");
  return names;
}

bool Group::has(const std::string& name) const {
  prepare();
  return checked(H5Lexists(id(), name.c_str(), H5P_DEFAULT), "H5Lexists") > 0;
}

bool Group::is_group(const std::string& name) const {
  prepare();
  const Object object = owned<H5Oclose>(H5Oopen(id(), name.c_str(), H5P_DEFAULT), "H5Oopen");
  return H5Iget_type(object.id()) == H5I_GROUP;
}

Group Group::create_group(const std::string& name) const {
  prepare();
  const Object list = creation_properties(H5P_GROUP_CREATE);
  return {checked(H5Gcreate2(id(), name.c_str(), H5P_DEFAULT, list.id(), H5P_DEFAULT), "H5Gcreate"), H5Gclose};
}

Group Group::group(const std::string& name) const {
  prepare();
  return {checked(H5Gopen2(id(), name.c_str(), H5P_DEFAULT), "H5Gopen"), H5Gclose};
}

Dataset Group::create_dataset(const std::string& name, Type type, const Extent& extent, const Storage& storage) const {
  prepare();
  const Object list = creation_properties(H5P_DATASET_CREATE);
  if (!storage.chunk.empty()) set_filters(list.id(), storage);
  if (storage.fill) checked(H5Pset_fill_value(list.id(), H5T_NATIVE_DOUBLE, &*storage.fill), "H5Pset_fill_value");
  const Object stored = file_type(type);
  const Object space = dataspace(extent);
  const Object access = access_properties(0);
  return {checked(H5Dcreate2(id(), name.c_str(), stored.id(), space.id(), H5P_DEFAULT, list.id(), access.id()), "H5Dcreate"),
          H5Dclose};
}

Dataset Group::dataset(const std::string& name) const {
  prepare();
  const Object access = access_properties(kReadCache);
  return {checked(H5Dopen2(id(), name.c_str(), access.id()), "H5Dopen"), H5Dclose};
}

File File::create(const std::string& path) {
  prepare();
  const Object creation = creation_properties(H5P_FILE_CREATE);
  const Object access = owned<H5Pclose>(H5Pcreate(H5P_FILE_ACCESS), "H5Pcreate");
  checked(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_V18), "H5Pset_libver_bounds");
  // H5F_ACC_EXCL opens with O_CREAT | O_EXCL: what exists is refused and a symbolic link is never followed.
  return {checked(H5Fcreate(path.c_str(), H5F_ACC_EXCL, creation.id(), access.id()), "H5Fcreate"), H5Fclose};
}

File File::open(const std::string& path) {
  prepare();
  return {checked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), "H5Fopen"), H5Fclose};
}

std::int64_t File::open_objects() const {
  prepare();
  return checked(H5Fget_obj_count(id(), H5F_OBJ_ALL | H5F_OBJ_LOCAL), "H5Fget_obj_count");
}

}  // namespace nokkel::hdf5
