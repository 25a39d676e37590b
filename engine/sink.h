/// The interface that receives results; io implements it, tests keep them in memory.
///
/// Arrays are row-major over the axes of their variable with the outcome axis taken out (a block or a call carries
/// one outcome). Missing reals are NaN.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/universe/universe.h"
#include "engine/variables.h"

namespace nokkel {

/// One variable's values; only the vector of its type is filled.
struct Values {
  std::vector<double> real;
  std::vector<std::int32_t> int32;
  std::vector<std::int8_t> int8;
  [[nodiscard]] std::size_t size() const { return real.size() + int32.size() + int8.size(); }
};

/// Extents of every axis, known before the run.
struct Extents {
  std::uint64_t n_combinations = 0;  ///< that have rows
  std::uint64_t n_universe = 0;      ///< mode `kept`: all combinations; 0 when every one has its row
  int n_criteria = 0, n_slots = 0, n_controls = 0, n_outcomes = 0, n_years = 0, n_selected = 0, n_rank_positions = 0;
  int n_rank_levels = 0;          ///< of kRankLevels, or 0: no half-samples
  int n_quantiles = 0;            ///< levels; 0: no quantiles of coefficients
  bool quantiles_of_all = false;  ///< of every combination too
  [[nodiscard]] std::uint64_t of(Axis axis) const;
  /// Whether a run of these extents has a variable: it was asked for and no axis is empty.
  [[nodiscard]] bool have(const VariableInfo& variable) const;
};

/// All in-loop variables of the combinations of one block for one outcome. First axis: place in the block.
/// Mode `kept`: first score_all alone, for blocks of the universe, then the rest for rows of the kept.
struct RecordBlock {
  int outcome = 0;
  Axis axis = Axis::combination;               ///< that the ranges count along: combination, or universe for score_all
  std::vector<universe::Block::Range> ranges;  ///< place -> row: ranges one after the other
  std::array<Values, kVarCount> values;        ///< in-loop variables only
};

/// A whole variable of one outcome, made after the loop; first axis combination, selected or criterion.
struct AfterLoop {
  int outcome = 0;
  Var id = Var::rank;
  Values values;
  int year = -1;  ///< not -1: only this step of the last axis, which is the year; the others come in calls of their own
};

class ResultSink {
 public:
  virtual ~ResultSink() = default;
  /// Called once, first. Errors: MachineError, InputError (existing output).
  virtual void begin(const Extents& extents) = 0;
  /// Called from one thread, block by block in walk order, outcomes inside; rows of the kept come in ascending order.
  /// Errors: MachineError.
  virtual void block(const RecordBlock& records) = 0;
  /// Mode `kept`: numbers of the combinations that have rows, ascending; called between the two kinds of blocks.
  virtual void keep(std::span<const std::uint32_t> ids) { (void)ids; }
  /// The rows [first, first + count) of an in-loop variable of one outcome, as block() brought them: what ranks are made of
  /// need not be held by the engine. Called after the last block. Errors: MachineError.
  virtual Values read(Var v, int outcome, std::uint64_t first, std::uint64_t count) = 0;
  /// Called after the last block, once per (variable, outcome), or once a year of it.
  virtual void after(const AfterLoop& values) = 0;
  /// Called last: closes and moves into place. Without it the destructor removes what was written.
  virtual void finish() = 0;
};

}  // namespace nokkel
