#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>
#include <map>

#include "io/results/enumerate.h"
#include "io/results/layout.h"
#include "io/results/record_stage.h"
#include "io/results/typed.h"
#include "tests/results/world.h"

namespace nokkel::results::test {
namespace {

/// Chunked in every record variable of size (C,O,Y,P) and some (C,O,Y), contiguous in others.
Size chunked() { return {.n_criteria = 18, .n_forced = 0, .max_size = 4, .n_outcomes = 3, .n_years = 7}; }

/// Bit patterns, so that NaN equals NaN and -0 differs from 0.
template <class T>
std::vector<std::uint64_t> bits(const std::vector<T>& values) {
  std::vector<std::uint64_t> result;
  for (const T x : values)
    if constexpr (std::is_same_v<T, double>)
      result.push_back(std::bit_cast<std::uint64_t>(x));
    else
      result.push_back(static_cast<std::uint64_t>(x));
  return result;
}

::testing::AssertionResult equal(const VariableInfo& variable, const Values& a, const Values& b) {
  const bool is_equal = with_type(variable.type, [&]<class T>() { return bits(numbers<T>(a)) == bits(numbers<T>(b)); });
  return is_equal ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << variable.name << " differs";
}

/// The twin of the file: everything that was sent, by row of the universe.
class MemorySink : public ResultSink {
 public:
  void begin(const Extents& extents) override { extents_ = extents; }
  void block(const RecordBlock& records) override {
    std::uint64_t place = 0;
    for (const auto& range : records.ranges)
      for (std::uint64_t id = range.first_id; id < range.first_id + range.count; ++id, ++place)
        for (const VariableInfo& variable : variables())
          if (variable.in_loop) copy_row(variable, records, place, id);
  }
  Values read(Var, int, std::uint64_t, std::uint64_t) override { return {}; }
  void after(const AfterLoop& after) override { values_[{after.id, after.outcome}] = after.values; }
  void finish() override {}
  [[nodiscard]] const Values& of(Var id, int outcome) const { return values_.at({id, outcome}); }

 private:
  void copy_row(const VariableInfo& variable, const RecordBlock& records, std::uint64_t place, std::uint64_t id) {
    const std::uint64_t length = row_length(variable, extents_);
    with_type(variable.type, [&]<class T>() {
      auto& all = numbers<T>(values_[{variable.id, records.outcome}]);
      all.resize(extents_.n_combinations * length);
      const auto& given = numbers<T>(records.values[static_cast<std::size_t>(variable.id)]);
      for (std::uint64_t i = 0; i < length; ++i) all[id * length + i] = given[place * length + i];
    });
  }
  Extents extents_;
  std::map<std::pair<Var, int>, Values> values_;
};

void expect_round_trip(const Size& size, int compression) {
  const Folder folder;
  const World world = make_world(size);
  write_file(world, folder / "out.h5", 20, 60, compression);
  MemorySink twin;
  send(world, twin, 33, 90);
  const Reader reader(folder / "out.h5");
  for (const VariableInfo& variable : variables()) {
    if (is_empty(variable, world.description.extents)) continue;
    ASSERT_TRUE(reader.has(variable.id)) << variable.name;
    for (int outcome = 0; outcome < size.n_outcomes; ++outcome) {
      EXPECT_TRUE(equal(variable, reader.read(variable.id, outcome), twin.of(variable.id, outcome)));
      EXPECT_TRUE(equal(variable, all_of(variable, world, outcome), twin.of(variable.id, outcome)));
    }
  }
}

TEST(Writer, GivesBackEveryNumberBitForBit) { expect_round_trip({}, 0); }
TEST(Writer, GivesBackEveryNumberOfChunkedArrays) { expect_round_trip(chunked(), 0); }
TEST(Writer, GivesBackEveryNumberWhenCompressed) {
  expect_round_trip({.n_criteria = 18, .n_forced = 0, .n_outcomes = 1, .n_years = 7}, 6);
}

TEST(Writer, GivesBackTheDescription) {
  const Folder folder;
  const World world = make_world({});
  write_file(world, folder / "out.h5");
  const Reader reader(folder / "out.h5");
  const Description &read = reader.description(), &given = world.description;
  EXPECT_EQ(read.criteria, given.criteria);
  EXPECT_EQ(read.criterion_labels, given.criterion_labels);
  EXPECT_EQ(read.controls, given.controls);
  EXPECT_EQ(read.outcomes, given.outcomes);
  EXPECT_EQ(read.outcome_response, given.outcome_response);
  EXPECT_EQ(read.outcome_sample, given.outcome_sample);
  EXPECT_EQ(read.outcome_unit, given.outcome_unit);
  EXPECT_EQ(read.years, given.years);
  EXPECT_EQ(read.quantiles, given.quantiles);
  EXPECT_EQ(read.n_forced, given.n_forced);
  EXPECT_EQ(read.top, given.top);
  EXPECT_EQ(read.attributes, given.attributes);
  EXPECT_EQ(read.int_attributes, given.int_attributes);
  EXPECT_THAT(read.variable_attributes, ::testing::UnorderedElementsAreArray(given.variable_attributes));
  EXPECT_EQ(read.provenance, given.provenance);
  ASSERT_EQ(read.inputs.size(), 2U);
  EXPECT_EQ(read.inputs[1].role, "deflator");
  EXPECT_EQ(read.inputs[1].sha256, sha256_of_text("b"));
  EXPECT_EQ(read.inputs[0].rows, 742);
  for (const Axis axis : {Axis::combination, Axis::criterion, Axis::slot, Axis::control, Axis::outcome, Axis::year,
                          Axis::selected, Axis::rank_position, Axis::quantile})
    EXPECT_EQ(read.extents.of(axis), given.extents.of(axis)) << name_of(axis);
  EXPECT_EQ(reader.attribute("schema"), "nokkel/1");
  EXPECT_EQ(reader.attribute("Conventions"), "CF-1.10");
  EXPECT_EQ(reader.attribute("seed"), "18446744073709551615");
  EXPECT_EQ(reader.attribute("no such"), "");
  EXPECT_EQ(reader.provenance("config_toml"), "[study]\ntitle = \"Prøve\"\n");
  EXPECT_EQ(reader.provenance("build_json"), "");
}

TEST(Writer, NumbersTheCombinationsAsTheUniverseDoes) {
  const Folder folder;
  const World world = make_world({});
  write_file(world, folder / "out.h5");
  const Reader reader(folder / "out.h5");
  for (std::uint64_t id = 0; id < world.universe.count(); ++id) {
    const std::vector<int> members = world.universe.unrank(id);
    EXPECT_EQ(reader.members(id), members);
    std::string label;
    for (const int c : members) label += (label.empty() ? "" : " + ") + world.description.criteria[static_cast<std::size_t>(c)];
    EXPECT_EQ(reader.label(id), label);
  }
}

TEST(Writer, ReadsRowsAsTheyStandInTheWhole) {
  const Folder folder;
  const World world = make_world(chunked());
  write_file(world, folder / "out.h5");
  const Reader reader(folder / "out.h5");
  for (const Var v : {Var::coef, Var::n_obs, Var::mark, Var::rank_by_year}) {
    const std::uint64_t first = 2111, count = 41, length = row_length(info(v), world.description.extents);
    const Values rows = reader.read_rows(v, 1, first, count), all = all_of(info(v), world, 1);
    with_type(info(v).type, [&]<class T>() {
      const auto from = numbers<T>(all).begin() + static_cast<std::ptrdiff_t>(first * length);
      EXPECT_EQ(bits(numbers<T>(rows)), bits(std::vector<T>(from, from + static_cast<std::ptrdiff_t>(count * length))));
    });
  }
}

// The file is a function of what is in it: not of the cut into blocks, the folder, the time or what was there before.
TEST(Writer, WritesEqualBytesWhateverTheCutIntoBlocks) {
  for (const Size& size : {Size{}, chunked()}) {
    const Folder folder;
    const World world = make_world(size);
    write_file(world, folder / "a.h5", 20, 60);
    write_file(world, folder / "b.h5", 7, 25);
    write_file(world, folder / "c.h5", 400, 3000);
    const std::string bytes = bytes_of_file(folder / "a.h5");
    EXPECT_TRUE(bytes == bytes_of_file(folder / "b.h5"));
    EXPECT_TRUE(bytes == bytes_of_file(folder / "c.h5"));
  }
}

TEST(Writer, WritesEqualBytesInAnotherFolderAndSecond) {
  const Folder one, other;
  const World world = make_world({});
  std::filesystem::create_directory(other / "a longer name, æøå");
  write_file(world, one / "x.h5");
  while (std::filesystem::last_write_time(one / "x.h5") + std::chrono::milliseconds(1100) >
         std::filesystem::file_time_type::clock::now()) {
  }
  write_file(world, other / "a longer name, æøå/another.h5");
  EXPECT_TRUE(bytes_of_file(one / "x.h5") == bytes_of_file(other / "a longer name, æøå/another.h5"));
}

TEST(Writer, LeavesNothingButTheFile) {
  const Folder folder;
  write_file(make_world({}), folder / "out.h5");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Writer, LeavesOutDimensionsAndVariablesWithoutElements) {
  const Folder folder;
  const World world = make_world({.n_controls = 0, .n_selected = 0, .n_ranks = 0});
  write_file(world, folder / "out.h5");
  const hdf5::File file = hdf5::File::open((folder / "out.h5").string());
  for (const char* name : {"control", "control_coef", "control_se", "selected", "rank_position", "selected_combination"})
    EXPECT_FALSE(file.has(name)) << name;
  const Reader reader(folder / "out.h5");
  EXPECT_FALSE(reader.has(Var::control_coef));
  EXPECT_THROW(static_cast<void>(reader.read(Var::control_coef, 0)), InputError);
}

TEST(Writer, LeavesOutWhatWasNotComputedAndItsAxes) {
  const Folder folder;
  const World world = make_world({});
  const auto writer = make_writer(folder / "out.h5", false, 0, world.description, world.universe);
  writer->begin(world.description.extents);
  for (const universe::Block& block : world.universe.blocks(20, 60))
    for (int outcome = 0; outcome < 2; ++outcome) {
      RecordBlock records = records_of(world, block, outcome);
      records.values[static_cast<std::size_t>(Var::transfer_rmse)] = {};
      writer->block(records);
    }
  writer->finish();
  const hdf5::File file = hdf5::File::open((folder / "out.h5").string());
  for (const char* name : {"transfer_rmse", "year_train", "year_test", "rank", "selected"})
    EXPECT_FALSE(file.has(name)) << name;
  EXPECT_TRUE(file.has("coef"));
}

TEST(Writer, FollowsTheStorageRules) {
  const Folder folder;
  const World world = make_world(chunked());
  write_file(world, folder / "out.h5");
  const hdf5::File file = hdf5::File::open((folder / "out.h5").string());
  for (const VariableInfo& variable : variables()) {
    if (is_empty(variable, world.description.extents)) continue;
    const hdf5::Dataset dataset = file.dataset(std::string(variable.name));
    EXPECT_EQ(dataset.type(), stored_type(variable.type)) << variable.name;
    std::vector<std::string> axes;
    for (const Axis axis : variable.axis()) axes.emplace_back(name_of(axis));
    EXPECT_EQ(dataset.axis_names(), axes) << variable.name;
    EXPECT_EQ(dataset.has_attribute("_FillValue"), variable.type == VarType::real) << variable.name;
    for (const char* name : {"long_name", "role"}) EXPECT_TRUE(dataset.has_attribute(name)) << variable.name;
    EXPECT_EQ(dataset.has_attribute("direction"), !variable.direction.empty());
    EXPECT_EQ(dataset.has_attribute("coordinates"), variable.axes[0] == Axis::combination) << variable.name;
  }
  EXPECT_EQ(std::get<std::string>(file.dataset("coef").attribute("units")), "kr / criterion");
  EXPECT_EQ(std::get<std::string>(file.dataset("cv_rmse").attribute("units")), "kr");
  EXPECT_EQ(std::get<std::string>(file.dataset("score").attribute("formula")), "mean over years of cv_rmse / sd(y)");
  const auto flags = std::get<std::vector<std::int64_t>>(file.dataset("status").attribute("flag_values"));
  EXPECT_EQ(flags, (std::vector<std::int64_t>{-1, 0, 1, 2, 3, 4, 5, 6}));
}

TEST(Writer, GivesNoUnitThatReadersTakeForTimeAndNoneWhenOutcomesDiffer) {
  Description d;
  d.outcome_unit = {"hours", "hours"};
  EXPECT_EQ(unit_of(info(Var::cv_rmse), d), "");
  EXPECT_EQ(unit_of(info(Var::coef), d), "hours / criterion");
  d.outcome_unit = {"kr since 2010"};
  EXPECT_EQ(unit_of(info(Var::coef), d), "");
  d.outcome_unit = {"kr", "1000 kr"};
  EXPECT_EQ(unit_of(info(Var::cv_rmse), d), "");
  EXPECT_EQ(unit_of(info(Var::r2), d), "1");
}

TEST(Writer, KeepsTheOldFileUntilTheNewOneIsWhole) {
  const Folder folder;
  const World world = make_world({});
  write_file(world, folder / "out.h5");
  const std::string old_bytes = bytes_of_file(folder / "out.h5");
  {
    const auto writer = make_writer(folder / "out.h5", true, 0, world.description, world.universe);
    send(world, *writer, 20, 60);
    EXPECT_TRUE(bytes_of_file(folder / "out.h5") == old_bytes);
  }
  EXPECT_TRUE(bytes_of_file(folder / "out.h5") == old_bytes) << "an unfinished run changed the file";
  EXPECT_FALSE(std::filesystem::exists(folder / "out.h5.partial"));
  const World other = make_world({.n_years = 2});
  const auto writer = make_writer(folder / "out.h5", true, 0, other.description, other.universe);
  send(other, *writer, 20, 60);
  writer->finish();
  EXPECT_EQ(Reader(folder / "out.h5").description().extents.n_years, 2);
}

TEST(Layout, CutsLargeArraysIntoEqualChunksOfAboutOneMiB) {
  EXPECT_TRUE(cut({100, 80}, 8, 0, {}).chunk.empty());
  EXPECT_TRUE(cut({8191}, 8, 0, {}).chunk.empty());
  EXPECT_EQ(cut({8192}, 8, 0, {}).chunk, (hdf5::Extent{8192}));
  const Layout layout = cut({31930, 1, 7, 4}, 8, 0, {});  // 6.8 MiB: seven chunks
  EXPECT_EQ(layout.chunk, (hdf5::Extent{4562, 1, 7, 4}));
  EXPECT_EQ(layout.bytes, 7U * (4562 * 7 * 4 * 8 + 4));
  EXPECT_EQ(cut({50000, 10}, 4, 0, {1}).chunk, (hdf5::Extent{50000, 1}));
  EXPECT_EQ(cut({3, 1 << 20}, 8, 0, {}).chunk, (hdf5::Extent{1, 1 << 20})) << "a row is never cut";
}

TEST(ExpectedSize, IsWithinFivePercent) {
  Size large = chunked();
  large.constraints = false;
  for (const Size& size :
       {Size{.n_criteria = 30, .n_forced = 0, .max_size = 3, .n_outcomes = 1, .constraints = false}, large}) {
    const Folder folder;
    const World world = make_world(size);
    write_file(world, folder / "out.h5", 200, 2000);
    const double file = static_cast<double>(std::filesystem::file_size(folder / "out.h5"));
    EXPECT_NEAR(static_cast<double>(expected_size(world.description)) / file, 1.0, 0.05);
  }
}

TEST(Enumerate, GoesThroughTheIdsInOrder) {
  for (const Size& size :
       {Size{}, Size{.n_criteria = 9, .n_forced = 0, .max_size = 9}, Size{.n_criteria = 5, .n_forced = 2, .max_size = 2}}) {
    Size plain = size;
    plain.constraints = size.n_criteria > 7;
    const World world = make_world(plain);
    std::uint64_t id = 0;
    for_each_combination(world.universe,
                         [&](const std::vector<int>& members) { EXPECT_EQ(members, world.universe.unrank(id++)); });
    EXPECT_EQ(id, world.universe.count());
  }
}

TEST(Sha256, GivesThePublishedDigests) {  // FIPS 180-4 examples
  EXPECT_EQ(sha256_of_text("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_of_text(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const Folder folder;
  std::filesystem::path file = folder / "million";
  {
    const std::string text(1'000'000, 'a');
    FILE* out = std::fopen(file.c_str(), "w");
    std::fwrite(text.data(), 1, text.size(), out);
    std::fclose(out);
  }
  EXPECT_EQ(sha256_of_file(file), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_THROW(sha256_of_file(folder / "none"), InputError);
  EXPECT_THROW(sha256_of_file(folder.path()), InputError);
}

}  // namespace
}  // namespace nokkel::results::test
