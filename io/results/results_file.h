/// Writing and reading the result file `nokkel/1`: HDF5 laid out by netCDF-4 rules (RESULTS-FORMAT).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/sink.h"
#include "engine/universe/universe.h"

namespace nokkel::results {

/// Everything that goes into the file beside the numbers of the search. Nothing here may depend on the clock, the host,
/// the folder or the number of threads.
struct Description {
  std::vector<std::string> criteria, criterion_labels, controls;                      ///< criteria: forced first
  std::vector<std::string> outcomes, outcome_response, outcome_sample, outcome_unit;  ///< unit "" : no units attribute
  std::vector<int> years;
  std::vector<double> quantiles;  ///< levels; extents.n_quantiles of them
  Extents extents;
  int n_forced = 0;
  int top = 0;                                                  ///< attribute `top` of top_share
  std::vector<std::pair<std::string, std::string>> attributes;  ///< root, text, in order (Conventions is the writer's)
  std::vector<std::pair<std::string, int>> int_attributes;      ///< root, int32
  std::vector<std::pair<Var, std::pair<std::string, std::string>>> variable_attributes;  ///< e.g. score: formula
  std::vector<std::pair<std::string, std::string>> provenance;                           ///< scalar strings of /provenance
  struct Input {
    std::string role, sha256;
    std::int32_t rows = 0;
  };
  std::vector<Input> inputs;
};

/// Opens OUT.partial beside `out` (new, symbolic links not followed) and writes through the sink calls; finish() closes,
/// syncs and renames. `universe` outlives the writer. `compression` 0: Fletcher-32 only; 1..9 deflate before it.
///
/// A record variable whose vector is empty in the first block was not computed and is left out, as is what after() never
/// brings. Blocks may be cut in any way; the bytes of the file are the same. Attributes Conventions, schema and complete
/// are the writer's; complete is 1 when every row of every variable came.
///
/// Errors: InputError when `out`, or an OUT.partial of a stopped run, exists and not `force`; when another run is writing
/// `out`; when its folder does not exist or cannot be written. MachineError when the disk has too little room, and on any
/// trouble while writing: then neither OUT.partial nor a new OUT is left. A limit on file sizes is such trouble only
/// where SIGXFSZ is ignored.
/// Cost: some 1.5 ms a MB. Memory: two chunks of about 1 MiB for each variable and size, however many combinations.
/// In mode `kept` (extents.n_universe > 0) score_all is streamed as the blocks of the universe come; combination, its number in
/// the universe (combination_id), member, label and size are written when the kept are known.
std::unique_ptr<ResultSink> make_writer(const std::filesystem::path& out, bool force, int compression, Description description,
                                        const universe::Universe& universe);

/// Size of the file in bytes that a description leads to, before compression. Error under 5 % of it and 64 KiB (headers of
/// small files).
std::uint64_t expected_size(const Description& description);

/// Bytes that the writer of such a file holds at most: the chunks of records that are being filled.
std::uint64_t writer_memory(const Description& description);

/// A result file opened for reading.
class Reader {
 public:
  /// Errors (InputError): no such file, not HDF5, not a nokkel file, a higher schema number, an incomplete file; a
  /// lock held by another program is told in plain words.
  explicit Reader(const std::filesystem::path& file);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  [[nodiscard]] const Description& description() const;                 ///< as written; extents filled
  [[nodiscard]] std::string attribute(const std::string& name) const;   ///< root text attribute; "" when absent
  [[nodiscard]] std::string provenance(const std::string& name) const;  ///< "" when absent
  [[nodiscard]] bool has(Var v) const;
  /// Whole variable of one outcome (row-major, outcome axis out). Errors: InputError when absent, MachineError on a
  /// checksum that does not fit.
  [[nodiscard]] Values read(Var v, int outcome) const;
  /// The rows [first, first + count) of a variable whose first axis is combination.
  [[nodiscard]] Values read_rows(Var v, int outcome, std::uint64_t first, std::uint64_t count) const;
  /// Mode `kept`: only the best have rows. Then a row's combination has a number of its own, increasing with the row.
  [[nodiscard]] bool is_kept() const;
  [[nodiscard]] std::uint64_t n_universe() const;                          ///< combinations tried
  [[nodiscard]] std::uint64_t id(std::uint64_t row) const;                 ///< number in the universe
  [[nodiscard]] std::optional<std::uint64_t> row(std::uint64_t id) const;  ///< nothing: it has no row
  /// Of a row, like read_rows.
  [[nodiscard]] std::vector<int> members(std::uint64_t row) const;
  [[nodiscard]] std::string label(std::uint64_t row) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The first difference of two result files, and how many values differ.
struct Difference {
  std::string what;  ///< "coef[12,0,3,1]: 1.5 against 1.6"; empty: none
  std::uint64_t n_different = 0;
  double worst_relative = 0;
  std::string worst_variable;
};
/// Compares structure, attributes (provenance texts aside unless `exact`) and every array. Numbers are equal when
/// |a - b| <= rtol * max(|a|, |b|), NaN equal to NaN; rtol 0: bit for bit. Reads in chunks: memory does not grow with the file.
Difference compare(const std::filesystem::path& a, const std::filesystem::path& b, double rtol, bool exact);

/// SHA-256 of a file or text, hexadecimal. Errors: InputError when the file cannot be read.
std::string sha256_of_file(const std::filesystem::path& file);
std::string sha256_of_text(const std::string& text);

}  // namespace nokkel::results
