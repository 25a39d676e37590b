/// The sink that writes a result file: design first, then chunks of records as the walk completes them, then what is
/// made after the loop. One thread.

#include <fmt/format.h>

#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "engine/assert.h"
#include "io/results/design.h"
#include "io/results/layout.h"
#include "io/results/partial_file.h"
#include "io/results/record_stage.h"
#include "io/results/results_file.h"
#include "io/results/scales.h"
#include "io/results/typed.h"

namespace nokkel::results {
namespace {

class Writer : public ResultSink {
 public:
  Writer(const std::filesystem::path& out, bool force, int compression, Description description,
         const universe::Universe& universe)
      : description_(std::move(description)),
        universe_(universe),
        compression_(compression),
        partial_(out, force, compression == 0 ? expected_size(description_) : 0),
        scales_(partial_.file(), description_) {}

  ~Writer() override { abandon(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void begin(const Extents& extents) override {
    guarded([&] {
      check(extents);
      description_.extents = extents;
      write_root_attributes(partial_.file(), description_);
      if (extents.n_universe == 0) write_design(partial_.file(), scales_, description_, universe_, nullptr);
      write_provenance(partial_.file(), description_);
    });
  }

  void keep(std::span<const std::uint32_t> ids) override {
    guarded([&] {
      NOKKEL_ASSERT_EQUAL(ids.size(), description_.extents.n_combinations);
      write_design(partial_.file(), scales_, description_, universe_, &ids);
    });
  }

  void block(const RecordBlock& records) override {
    guarded([&] {
      std::optional<RecordStage>& stage = records.axis == Axis::universe ? scores_ : stage_;
      if (!stage) stage = stage_for(records);
      stage->add(records);
    });
  }

  Values read(Var v, int outcome, std::uint64_t first, std::uint64_t count) override {
    NOKKEL_ASSERT(stage_.has_value());
    Values values;
    guarded([&] { values = stage_->read(v, outcome, first, count); });
    return values;
  }

  void after(const AfterLoop& values) override {
    guarded([&] { write_after(values); });
  }

  void finish() override {
    guarded([&] {
      bool complete = stage_ && stage_->finish();
      if (description_.extents.n_universe > 0) complete = scores_ && scores_->finish() && complete;
      stage_.reset();
      scores_.reset();
      for (auto& [id, pending] : after_) {
        complete = complete && pending.calls_to_come == 0;
        pending.dataset.close();
      }
      scales_.close();
      partial_.file().set_int8("complete", complete ? 1 : 0);
      partial_.commit();
    });
  }

 private:
  struct Pending {
    hdf5::Dataset dataset;
    int calls_to_come;
  };

  void check([[maybe_unused]] const Extents& extents) const {
    NOKKEL_ASSERT_EQUAL(extents.n_universe > 0 ? extents.n_universe : extents.n_combinations, universe_.count());
    NOKKEL_ASSERT_EQUAL(extents.n_criteria, description_.criteria.size());
    NOKKEL_ASSERT_EQUAL(extents.n_outcomes, description_.outcomes.size());
    NOKKEL_ASSERT_EQUAL(extents.n_years, description_.years.size());
    NOKKEL_ASSERT_EQUAL(extents.n_controls, description_.controls.size());
    NOKKEL_ASSERT_EQUAL(extents.n_quantiles, description_.quantiles.size());
    if (universe_.count() > std::numeric_limits<std::int32_t>::max())
      throw InputError(partial_.out().string(), fmt::format("{} combinations cannot be numbered in a file", universe_.count()),
                       "at most 2147483647; set fewer sizes or more exclusions");
  }

  hdf5::Dataset create(const VariableInfo& variable, const Layout& layout) {
    hdf5::Dataset dataset = partial_.file().create_dataset(std::string(variable.name), stored_type(variable.type),
                                                           layout.extent, storage_of(variable, layout, compression_));
    describe(dataset, variable, description_);
    scales_.attach(dataset, variable.axis());
    return dataset;
  }

  /// A variable that the first block does not carry was not computed and is left out.
  RecordStage stage_for(const RecordBlock& records) {
    const bool in_walk = description_.extents.n_universe == 0 || records.axis == Axis::universe;
    RecordStage stage(in_walk ? &universe_ : nullptr, description_.extents, records.axis);
    for (const VariableInfo& variable : variables()) {
      const bool is_given = count_of(records.values[static_cast<std::size_t>(variable.id)], variable.type) > 0;
      if (variable.axis()[0] != records.axis || !is_given || is_empty(variable, description_.extents)) continue;
      const Layout layout = layout_of(variable, description_.extents);
      stage.add_variable(variable, layout, create(variable, layout));
    }
    return stage;
  }

  /// All outcomes of a variable come whole, or all come year by year.
  [[nodiscard]] int calls_of(const AfterLoop& values) const {
    return description_.extents.n_outcomes * (values.year < 0 ? 1 : description_.extents.n_years);
  }

  void write_after(const AfterLoop& values) {
    const VariableInfo& variable = info(values.id);
    if (is_empty(variable, description_.extents)) return;
    const Layout layout = layout_of(variable, description_.extents);
    auto at = after_.find(values.id);
    if (at == after_.end()) at = after_.emplace(values.id, Pending{create(variable, layout), calls_of(values)}).first;
    hdf5::Extent first(layout.extent.size(), 0), count = layout.extent;
    const std::size_t outcome_axis = variable.axis()[0] == Axis::outcome ? 0 : 1;
    first[outcome_axis] = static_cast<std::uint64_t>(values.outcome);
    count[outcome_axis] = 1;
    if (values.year >= 0) {
      NOKKEL_ASSERT(variable.axis().back() == Axis::year);
      first.back() = static_cast<std::uint64_t>(values.year);
      count.back() = 1;
    }
    with_type(variable.type,
              [&]<class T>() { at->second.dataset.write(first, count, std::span<const T>(numbers<T>(values.values))); });
    --at->second.calls_to_come;
  }

  /// Whatever goes wrong, nothing is left behind; what HDF5 says is put into words about the file.
  template <class Work>
  void guarded(Work&& work) {
    try {
      work();
    } catch (const hdf5::Failure& trouble) {
      abandon();
      throw MachineError(fmt::format("{}: {}; nothing was left behind", partial_.out().string(), in_words(trouble)));
    } catch (...) {
      abandon();
      throw;
    }
  }

  void abandon() noexcept {
    stage_.reset();
    scores_.reset();
    after_.clear();
    scales_.drop();
    partial_.abandon();
  }

  Description description_;
  const universe::Universe& universe_;
  int compression_;
  PartialFile partial_;
  Scales scales_;
  std::optional<RecordStage> stage_, scores_;  // of rows; of the universe, in mode kept
  std::map<Var, Pending> after_;
};

}  // namespace

std::unique_ptr<ResultSink> make_writer(const std::filesystem::path& out, bool force, int compression, Description description,
                                        const universe::Universe& universe) {
  NOKKEL_ASSERT(compression >= 0 && compression <= 9);
  return std::make_unique<Writer>(out, force, compression, std::move(description), universe);
}

}  // namespace nokkel::results
