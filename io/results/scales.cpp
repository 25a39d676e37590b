#include "io/results/scales.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "io/results/layout.h"

namespace nokkel::results {
namespace {

std::string long_name_of(Axis axis, bool kept) {
  switch (axis) {
    case Axis::combination:
      return kept ? "place among the kept, by combination_id" : "number of the combination, by size, then lexicographic";
    case Axis::criterion:
      return "criterion: forced first, then in study order";
    case Axis::slot:
      return "place of a criterion inside its combination";
    case Axis::control:
      return "control, in every fit";
    case Axis::outcome:
      return "response on a sample";
    case Axis::year:
      return "calendar year";
    case Axis::year_train:
      return "calendar year of the fit";
    case Axis::year_test:
      return "calendar year of the rows predicted";
    case Axis::selected:
      return "place among the combinations kept in detail";
    case Axis::rank_position:
      return "rank, 1 is best";
    case Axis::quantile:
      return "probability level of a quantile";
    case Axis::universe:
      return "number of the combination in the universe";
    case Axis::rank_level:
      return "probability level of a quantile of ranks";
  }
  return "";
}

const std::vector<std::string>* names_on(Axis axis, const Description& d) {
  switch (axis) {
    case Axis::criterion:
      return &d.criteria;
    case Axis::control:
      return &d.controls;
    case Axis::outcome:
      return &d.outcomes;
    default:
      return nullptr;
  }
}

/// first, first + 1, … written a few MiB at a time.
void write_counting(const hdf5::Dataset& dataset, std::uint64_t n, std::int32_t first) {
  constexpr std::uint64_t kAtOnce = kChunkBytes / sizeof(std::int32_t);
  const std::uint64_t rows = std::max<std::uint64_t>(1, cut({n}, sizeof(std::int32_t), 0, {}).group_rows);
  std::vector<std::int32_t> values;
  for (std::uint64_t at = 0; at < n; at += values.size()) {
    values.resize(std::min({rows, n - at, kAtOnce}));
    std::iota(values.begin(), values.end(), first + static_cast<std::int32_t>(at));
    dataset.write({at}, {values.size()}, values);
  }
}

}  // namespace

hdf5::Dataset create_column(const hdf5::Group& group, const std::string& name, hdf5::Type type, std::uint64_t n,
                            const std::string& long_name) {
  hdf5::Extent chunk;
  if (type == hdf5::Type::int32) chunk = cut({n}, sizeof(std::int32_t), 0, {}).chunk;
  hdf5::Dataset dataset = group.create_dataset(name, type, {n}, {.chunk = chunk, .fill = {}});
  dataset.set_text("long_name", long_name);
  dataset.set_text("role", "design");
  return dataset;
}

hdf5::Dataset Scales::write(Axis axis) const {
  const std::string name(name_of(axis));
  const std::uint64_t n = description_.extents.of(axis);
  if (axis == Axis::quantile || axis == Axis::rank_level) {
    hdf5::Dataset levels = create_column(file_, name, hdf5::Type::real, n, long_name_of(axis, false));
    levels.make_scale(name);
    levels.write(
        {0}, {n},
        axis == Axis::quantile ? std::span<const double>(description_.quantiles) : std::span<const double>(kRankLevels));
    return levels;
  }
  const std::vector<std::string>* names = names_on(axis, description_);
  hdf5::Dataset dataset = create_column(file_, name, names != nullptr ? hdf5::Type::text : hdf5::Type::int32, n,
                                        long_name_of(axis, description_.extents.n_universe > 0));
  // An axis of that many combinations takes no room: netCDF's mark for a dimension without values, which are never written.
  dataset.make_scale(axis == Axis::universe ? fmt::format("This is a netCDF dimension but not a netCDF variable.{:10}", n)
                                            : name);
  if (axis == Axis::universe) return dataset;
  if (names != nullptr)
    dataset.write({0}, {n}, std::span<const std::string>(*names));
  else if (axis == Axis::year || axis == Axis::year_train || axis == Axis::year_test)
    dataset.write({0}, {n}, std::span<const std::int32_t>(description_.years));
  else
    write_counting(dataset, n, axis == Axis::rank_position ? 1 : 0);
  return dataset;
}

const hdf5::Dataset& Scales::of(Axis axis) {
  auto at = made_.find(axis);
  if (at == made_.end()) at = made_.emplace(axis, write(axis)).first;
  return at->second;
}

void Scales::attach(const hdf5::Dataset& dataset, std::span<const Axis> axes) {
  for (std::size_t i = 0; i < axes.size(); ++i) dataset.attach_scale(static_cast<int>(i), of(axes[i]));
}

void Scales::close() {
  for (auto& [axis, dataset] : made_) dataset.close();
  made_.clear();
}

}  // namespace nokkel::results
