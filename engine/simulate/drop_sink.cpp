#include "engine/simulate/drop_sink.h"

#include <algorithm>
#include <type_traits>

namespace nokkel::simulate {

void DropSink::block(const RecordBlock& records) {
  std::size_t n_places = 0;
  for (const auto& range : records.ranges) n_places += range.count;
  n_records += n_places;
  for (const Var v : {Var::status, Var::score, Var::r2, Var::cv_rmse, Var::sig_share_10}) {
    Values& to = kept_[{v, records.outcome}];
    const auto keep = [&](const auto& source, auto& all) {
      const std::size_t stride = source.size() / n_places;
      all.resize(extents_.n_combinations * stride);
      std::size_t place = 0;
      for (const auto& range : records.ranges) {
        std::copy_n(source.data() + place * stride, range.count * stride, all.data() + range.first_id * stride);
        place += range.count;
      }
    };
    const Values& from = records.values[static_cast<std::size_t>(v)];
    keep(from.real, to.real);
    keep(from.int32, to.int32);
    keep(from.int8, to.int8);
  }
}

Values DropSink::read(Var v, int outcome, std::uint64_t first, std::uint64_t count) {
  const Values& all = kept_.at({v, outcome});
  const auto rows = [&](const auto& values) {
    const std::size_t stride = values.size() / extents_.n_combinations;
    return std::remove_cvref_t<decltype(values)>(values.data() + first * stride, values.data() + (first + count) * stride);
  };
  return {rows(all.real), rows(all.int32), rows(all.int8)};
}

}  // namespace nokkel::simulate
