/// The difference of two result files: names, attributes, shapes and axes first, then every array, a few MiB at a time.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string_view>
#include <type_traits>

#include "io/hdf5_handle.h"
#include "io/results/results_file.h"

namespace nokkel::results {
namespace {

constexpr std::uint64_t kElementsAtOnce = std::uint64_t{1} << 19;

/// Attributes of the root group that tell where numbers come from, not what they are.
bool is_provenance(const std::string& attribute) {
  constexpr std::array<std::string_view, 6> kNames = {"source",        "history",       "git_version",
                                                      "inputs_sha256", "config_sha256", "kernel_set"};
  return std::find(kNames.begin(), kNames.end(), attribute) != kNames.end();
}

std::string show(const std::string& text) {
  constexpr std::size_t kMost = 60;
  return text.size() <= kMost ? fmt::format("'{}'", text) : fmt::format("a text of {} bytes", text.size());
}
std::string show(double x) { return fmt::format("{}", x); }
std::string show(std::int32_t x) { return fmt::format("{}", x); }
std::string show(std::int8_t x) { return fmt::format("{}", static_cast<int>(x)); }
std::string show(const hdf5::Attribute& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return show(*text);
  if (const auto* ints = std::get_if<std::vector<std::int64_t>>(&value)) return fmt::format("{}", fmt::join(*ints, " "));
  if (const auto* reals = std::get_if<std::vector<double>>(&value)) return fmt::format("{}", fmt::join(*reals, " "));
  return "references";
}

bool same_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

bool equal(const hdf5::Attribute& a, const hdf5::Attribute& b) {
  const auto* x = std::get_if<std::vector<double>>(&a);
  const auto* y = std::get_if<std::vector<double>>(&b);
  if (x == nullptr || y == nullptr) return a == b;
  return std::equal(x->begin(), x->end(), y->begin(), y->end(), same_bits);
}

/// |a - b| / max(|a|, |b|); infinite when one is NaN or infinite and the other is not the same.
double relative_difference(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  const double difference = std::abs(a - b) / std::max(std::abs(a), std::abs(b));
  return std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference;
}

/// Row-major position of element `flat` as [i,j,…], the first axis counted from `row`.
std::string place(const hdf5::Extent& extent, std::uint64_t row, std::uint64_t flat) {
  if (extent.empty()) return "";
  hdf5::Extent index(extent.size());
  for (std::size_t axis = extent.size(); axis-- > 1; flat /= extent[axis]) index[axis] = flat % extent[axis];
  index[0] = row + flat;
  return fmt::format("[{}]", fmt::join(index, ","));
}

class Comparison {
 public:
  Comparison(double rtol, bool exact) : rtol_(rtol), exact_(exact) {}

  void groups(const hdf5::Group& a, const hdf5::Group& b, const std::string& path) {
    attributes(a, b, path);
    const std::vector<std::string> in_a = a.names(), in_b = b.names();
    for (const std::string& name : in_b)
      if (std::find(in_a.begin(), in_a.end(), name) == in_a.end() && is_compared(path + name))
        note(path + name + ": only in the second file");
    for (const std::string& name : in_a) {
      if (!is_compared(path + name)) continue;
      if (std::find(in_b.begin(), in_b.end(), name) == in_b.end())
        note(path + name + ": only in the first file");
      else
        members(a, b, name, path);
    }
    if (exact_ && in_a != in_b) note((path.empty() ? "file" : path) + ": names in another order");
  }

  [[nodiscard]] Difference result() const { return result_; }

 private:
  [[nodiscard]] bool is_compared(const std::string& path) const { return exact_ || path != "provenance"; }

  void note(const std::string& what) {
    if (result_.what.empty()) result_.what = what;
    ++result_.n_different;
  }

  void members(const hdf5::Group& a, const hdf5::Group& b, const std::string& name, const std::string& path) {
    const bool is_group = a.is_group(name);
    if (is_group != b.is_group(name))
      note(path + name + ": a group in one file only");
    else if (is_group)
      groups(a.group(name), b.group(name), path + name + "/");
    else
      datasets(a.dataset(name), b.dataset(name), path + name);
  }

  void attributes(const hdf5::Object& a, const hdf5::Object& b, const std::string& path) {
    const auto label = [&](const std::string& name) {
      return fmt::format("attribute {}{}", path.empty() ? "" : path + ": ", name);
    };
    const auto skipped = [&](const std::string& name) { return path.empty() && !exact_ && is_provenance(name); };
    for (const std::string& name : b.attribute_names())
      if (!skipped(name) && !a.has_attribute(name)) note(label(name) + ": only in the second file");
    for (const std::string& name : a.attribute_names()) {
      if (skipped(name)) continue;
      if (!b.has_attribute(name)) {
        note(label(name) + ": only in the first file");
        continue;
      }
      const hdf5::Attribute x = a.attribute(name), y = b.attribute(name);
      if (!equal(x, y)) note(fmt::format("{}: {} against {}", label(name), show(x), show(y)));
    }
  }

  void datasets(const hdf5::Dataset& a, const hdf5::Dataset& b, const std::string& name) {
    attributes(a, b, name);
    if (a.type() != b.type()) return note(name + ": another type");
    const hdf5::Extent extent = a.extent();
    if (extent != b.extent())
      return note(fmt::format("{}: shape {} against {}", name, fmt::join(extent, " x "), fmt::join(b.extent(), " x ")));
    if (a.axis_names() != b.axis_names()) note(name + ": other axes");
    switch (a.type()) {
      case hdf5::Type::real:
        return arrays<double>(a, b, extent, name);
      case hdf5::Type::int32:
        return arrays<std::int32_t>(a, b, extent, name);
      case hdf5::Type::int8:
        return arrays<std::int8_t>(a, b, extent, name);
      case hdf5::Type::text:
        return arrays<std::string>(a, b, extent, name);
      case hdf5::Type::other:
        return note(name + ": of a type that result files do not have");
    }
  }

  template <class T>
  void arrays(const hdf5::Dataset& a, const hdf5::Dataset& b, const hdf5::Extent& extent, const std::string& name) {
    std::uint64_t row_length = 1;
    for (std::size_t axis = 1; axis < extent.size(); ++axis) row_length *= extent[axis];
    const std::uint64_t n_rows = extent.empty() ? 1 : extent[0];
    const std::uint64_t at_once = std::max<std::uint64_t>(1, kElementsAtOnce / std::max<std::uint64_t>(1, row_length));
    hdf5::Extent first(extent.size(), 0), count = extent;
    std::vector<T> x, y;
    for (std::uint64_t row = 0; row < n_rows; row += at_once) {
      const std::uint64_t n = std::min(at_once, n_rows - row);
      if (!extent.empty()) {
        first[0] = row;
        count[0] = n;
      }
      x.resize(n * row_length);
      y.resize(n * row_length);
      a.read(first, count, std::span<T>(x));
      b.read(first, count, std::span<T>(y));
      for (std::size_t i = 0; i < x.size(); ++i)
        if (differs(x[i], y[i], name)) note(fmt::format("{}{}: {}", name, place(extent, row, i), against(x[i], y[i])));
    }
  }

  template <class T>
  static std::string against(const T& a, const T& b) {
    std::string x = show(a), y = show(b);
    const bool looks_equal = x == y;
    return fmt::format("{} against {}{}", x, y, looks_equal ? " (other bits)" : "");
  }

  template <class T>
  bool differs(const T& a, const T& b, const std::string& name) {
    if constexpr (std::is_same_v<T, std::string>) {
      return a != b;
    } else {
      const double relative = relative_difference(static_cast<double>(a), static_cast<double>(b));
      if (relative > result_.worst_relative) {
        result_.worst_relative = relative;
        result_.worst_variable = name;
      }
      if constexpr (std::is_same_v<T, double>)
        return rtol_ == 0 ? !same_bits(a, b) : relative > rtol_;
      else
        return rtol_ == 0 ? a != b : relative > rtol_;
    }
  }

  double rtol_;
  bool exact_;
  Difference result_;
};

}  // namespace

Difference compare(const std::filesystem::path& a, const std::filesystem::path& b, double rtol, bool exact) {
  // Readers first: they refuse what is no result file with a message about that file.
  const Reader is_readable_a(a), is_readable_b(b);
  Comparison comparison(rtol, exact);
  try {
    comparison.groups(hdf5::File::open(a.string()), hdf5::File::open(b.string()), "");
  } catch (const hdf5::Failure& trouble) {
    throw MachineError(
        fmt::format("{}, {}: {}", a.string(), b.string(),
                    trouble.is_checksum() ? "a checksum does not fit: one of the files is damaged" : trouble.what()));
  }
  return comparison.result();
}

}  // namespace nokkel::results
