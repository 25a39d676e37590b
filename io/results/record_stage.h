/// Gathers the record variables of blocks until a chunk is whole, and writes each chunk once.
///
/// A block holds a run of ids for each size, for one outcome at a time, while a chunk holds all outcomes of a run of ids.
/// So rows are copied into the memory image of their chunk; a chunk with all its rows is written and forgotten.
///
/// Invariants:
/// 1. Chunks are written in the order in which a depth-first walk completes them, whatever the cut into blocks: the file's
///    bytes depend on the universe alone. (Chunks of one size are completed by increasing id; across sizes, and where
///    a chunk holds several sizes, by the last combination in the walk.)
/// 2. Open at a time: for each variable at most two chunks a size, about 1 MiB each. The number of combinations has no
///    part in it.
///
/// Cost: one copy of the values beside HDF5's own (which adds the checksum).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/sink.h"
#include "engine/universe/universe.h"
#include "io/hdf5_handle.h"
#include "io/results/layout.h"

namespace nokkel::results {

class RecordStage {
 public:
  /// Rows along `axis`. `universe`: whose walk the rows come in, outliving the stage; null: rows come in their order.
  RecordStage(const universe::Universe* universe, const Extents& extents, Axis axis)
      : universe_(universe), extents_(extents), n_rows_(extents.of(axis)) {}

  /// All variables are added before the first block.
  void add_variable(const VariableInfo& info, Layout layout, hdf5::Dataset dataset);
  /// Takes the rows of a block for one outcome. Errors: hdf5::Failure.
  void add(const RecordBlock& records);
  /// Rows of one outcome that were written: of whole chunks, or after the last block. Errors: hdf5::Failure.
  [[nodiscard]] Values read(Var v, int outcome, std::uint64_t first, std::uint64_t count) const;
  /// Writes what waits, fill values where rows did not come; true when nothing was missing. Closes the datasets.
  bool finish();

 private:
  struct Group {
    Values values;              ///< image of the chunk, empty until its first row comes
    std::uint64_t missing = 0;  ///< rows of single outcomes still to come
  };
  struct Variable {
    const VariableInfo* info;
    Layout layout;
    std::uint64_t row_length;  ///< elements of one outcome
    hdf5::Dataset dataset;
    std::vector<Group> groups;
  };
  struct Piece {               ///< rows of a block that fall into one chunk
    std::uint64_t group, row;  ///< chunk, first row in it
    std::uint64_t place, n;    ///< first place in the block, number of rows
  };
  struct Turn {
    std::size_t variable, group;
  };

  [[nodiscard]] std::uint64_t rows_of(const Variable& variable, std::size_t group) const;
  [[nodiscard]] std::vector<int> last_in_walk(std::uint64_t first, std::uint64_t end) const;
  void plan_order();
  template <class T>
  void copy_piece(const Variable& variable, Group& group, const Piece& piece, const std::vector<T>& source, int outcome) const;
  void copy_rows(Variable& variable, const RecordBlock& records) const;
  void write(const Turn& turn);

  const universe::Universe* universe_;
  Extents extents_;
  std::uint64_t n_rows_;
  std::vector<Variable> variables_;
  std::vector<Turn> order_;  ///< every chunk, as the walk completes them
  std::size_t next_ = 0;
};

}  // namespace nokkel::results
