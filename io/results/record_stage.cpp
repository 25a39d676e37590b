#include "io/results/record_stage.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "engine/assert.h"
#include "io/results/typed.h"

namespace nokkel::results {

void RecordStage::add_variable(const VariableInfo& info, Layout layout, hdf5::Dataset dataset) {
  NOKKEL_ASSERT(order_.empty());
  const std::uint64_t n_groups = (n_rows_ + layout.group_rows - 1) / layout.group_rows;
  Variable variable{&info, std::move(layout), row_length(info, extents_), std::move(dataset), std::vector<Group>(n_groups)};
  for (std::size_t g = 0; g < n_groups; ++g)
    variable.groups[g].missing = rows_of(variable, g) * static_cast<std::uint64_t>(extents_.n_outcomes);
  variables_.push_back(std::move(variable));
}

std::uint64_t RecordStage::rows_of(const Variable& variable, std::size_t group) const {
  return std::min(variable.layout.group_rows, n_rows_ - group * variable.layout.group_rows);
}

/// Of the combinations first .. end-1, the one that a depth-first walk meets last. Inside a size the walk goes by id;
/// across sizes by members, a set before its extensions: the lexicographic order of std::vector. Without a walk the row itself.
std::vector<int> RecordStage::last_in_walk(std::uint64_t first, std::uint64_t end) const {
  if (universe_ == nullptr) return {static_cast<int>(end)};
  std::vector<int> last;
  std::uint64_t size_begin = 0;
  for (int size = universe_->min_size(); size <= universe_->max_size() && size_begin < end; ++size) {
    const std::uint64_t size_end = size_begin + universe_->count_of_size(size);
    if (std::max(first, size_begin) < std::min(end, size_end))
      last = std::max(last, universe_->unrank(std::min(end, size_end) - 1));
    size_begin = size_end;
  }
  return last;
}

void RecordStage::plan_order() {
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::vector<int>> known;  // variables of one shape share their cuts
  std::vector<std::pair<const std::vector<int>*, Turn>> turns;
  for (std::size_t v = 0; v < variables_.size(); ++v) {
    for (std::size_t g = 0; g < variables_[v].groups.size(); ++g) {
      const std::uint64_t first = g * variables_[v].layout.group_rows, end = first + rows_of(variables_[v], g);
      auto [place, is_new] = known.try_emplace({first, end});
      if (is_new) place->second = last_in_walk(first, end);
      turns.push_back({&place->second, {v, g}});
    }
  }
  std::stable_sort(turns.begin(), turns.end(), [](const auto& a, const auto& b) { return *a.first < *b.first; });
  for (const auto& turn : turns) order_.push_back(turn.second);
}

/// The rows [place, place + n) of a block's values, to row `row` and following of a chunk.
template <class T>
void RecordStage::copy_piece(const Variable& variable, Group& group, const Piece& piece, const std::vector<T>& source,
                             int outcome) const {
  const std::uint64_t length = variable.row_length, stride = length * static_cast<std::uint64_t>(extents_.n_outcomes);
  NOKKEL_ASSERT(source.size() >= (piece.place + piece.n) * length);
  NOKKEL_ASSERT(group.missing >= piece.n);
  std::vector<T>& image = numbers<T>(group.values);
  if (image.empty()) image.assign(rows_of(variable, piece.group) * stride, static_cast<T>(fill_of(*variable.info)));
  const T* from = source.data() + piece.place * length;
  T* to = image.data() + piece.row * stride + static_cast<std::uint64_t>(outcome) * length;
  for (std::uint64_t i = 0; i < piece.n; ++i, from += length, to += stride) std::copy_n(from, length, to);
  group.missing -= piece.n;
}

void RecordStage::copy_rows(Variable& variable, const RecordBlock& records) const {
  const Values& given = records.values[static_cast<std::size_t>(variable.info->id)];
  const std::uint64_t group_rows = variable.layout.group_rows;
  std::uint64_t place = 0;
  for (const universe::Block::Range& range : records.ranges) {
    const std::uint64_t end = range.first_id + range.count;
    for (std::uint64_t id = range.first_id; id < end;) {
      const std::uint64_t group = id / group_rows, row = id % group_rows;
      const Piece piece{group, row, place, std::min(end - id, group_rows - row)};
      with_type(variable.info->type, [&]<class T>() {
        this->copy_piece<T>(variable, variable.groups[group], piece, numbers<T>(given), records.outcome);
      });
      place += piece.n;
      id += piece.n;
    }
  }
}

void RecordStage::write(const Turn& turn) {
  Variable& variable = variables_[turn.variable];
  Group& group = variable.groups[turn.group];
  hdf5::Extent first(variable.layout.extent.size(), 0), count = variable.layout.extent;
  first[0] = turn.group * variable.layout.group_rows;
  count[0] = rows_of(variable, turn.group);
  with_type(variable.info->type, [&]<class T>() {
    const std::vector<T>& image = numbers<T>(group.values);
    if (!image.empty()) variable.dataset.write(first, count, std::span<const T>(image));
  });
  group.values = {};
}

void RecordStage::add(const RecordBlock& records) {
  if (order_.empty()) plan_order();
  for (Variable& variable : variables_) copy_rows(variable, records);
  const auto is_whole = [&](const Turn& turn) { return variables_[turn.variable].groups[turn.group].missing == 0; };
  for (; next_ < order_.size() && is_whole(order_[next_]); ++next_) write(order_[next_]);
}

Values RecordStage::read(Var v, int outcome, std::uint64_t first, std::uint64_t count) const {
  const auto variable = std::ranges::find(variables_, v, [](const Variable& known) { return known.info->id; });
  NOKKEL_ASSERT(variable != variables_.end() && next_ == order_.size());
  hdf5::Extent from(variable->layout.extent.size(), 0), size = variable->layout.extent;
  from[0] = first;
  size[0] = count;
  from[1] = static_cast<std::uint64_t>(outcome);
  size[1] = 1;
  Values values;
  with_type(variable->info->type, [&]<class T>() {
    numbers<T>(values).resize(count * variable->row_length);
    variable->dataset.read(from, size, std::span<T>(numbers<T>(values)));
  });
  return values;
}

bool RecordStage::finish() {
  const bool complete = !order_.empty() && next_ == order_.size();
  for (; next_ < order_.size(); ++next_) write(order_[next_]);
  for (Variable& variable : variables_) variable.dataset.close();
  return complete;
}

}  // namespace nokkel::results
