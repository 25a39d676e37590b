/// A made-up run: a universe, its description, and numbers that are a function of (variable, outcome, combination,
/// place), so that any cut into blocks sends the same arrays.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/sink.h"
#include "engine/universe/universe.h"
#include "io/results/results_file.h"

namespace nokkel::results::test {

struct World {
  universe::Universe universe;
  Description description;
};

struct Size {
  int n_criteria = 12, n_forced = 1, max_size = 4, n_outcomes = 2, n_years = 3, n_controls = 1, n_selected = 5, n_ranks = 10,
      n_quantiles = 3;
  bool constraints = true;  ///< an excluded pair and a group limit
};

/// Names, labels and texts with letters outside ASCII, quotes and commas.
World make_world(const Size& size);

/// Element `i` of the row (combination, outcome) of a variable, or of a whole variable made after the loop (id 0). NaN in
/// unused slots; every code of status and mark occurs.
double number_at(const VariableInfo& variable, const World& world, int outcome, std::uint64_t id, std::uint64_t i, int size);

/// A whole variable of one outcome, row-major, the outcome axis out: what a reader must give back.
Values all_of(const VariableInfo& variable, const World& world, int outcome);

/// Sends the run to a sink: begin, the blocks of universe.blocks(least, most), what is made after the loop; not finish.
void send(const World& world, ResultSink& sink, std::uint32_t least, std::uint32_t most);
RecordBlock records_of(const World& world, const universe::Block& block, int outcome);

/// Writes a finished file.
void write_file(const World& world, const std::filesystem::path& out, std::uint32_t least = 20, std::uint32_t most = 60,
                int compression = 0);

std::string bytes_of_file(const std::filesystem::path& file);

/// A fresh folder, removed at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace nokkel::results::test
