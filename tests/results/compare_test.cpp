#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include "tests/results/world.h"

namespace nokkel::results::test {
namespace {

using ::testing::HasSubstr;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Passes everything on to a writer, records changed first.
class Tampering : public ResultSink {
 public:
  Tampering(std::unique_ptr<ResultSink> to, std::function<void(RecordBlock&)> change)
      : to_(std::move(to)), change_(std::move(change)) {}
  void begin(const Extents& extents) override { to_->begin(extents); }
  void block(const RecordBlock& records) override {
    RecordBlock changed = records;
    change_(changed);
    to_->block(changed);
  }
  Values read(Var v, int outcome, std::uint64_t first, std::uint64_t count) override {
    return to_->read(v, outcome, first, count);
  }
  void after(const AfterLoop& values) override { to_->after(values); }
  void finish() override { to_->finish(); }

 private:
  std::unique_ptr<ResultSink> to_;
  std::function<void(RecordBlock&)> change_;
};

struct Pair {
  Folder folder;
  World first, second;

  Pair() : first(make_world({})), second(make_world({})) {}

  Difference compared(double rtol, bool exact, const std::function<void(RecordBlock&)>& change = [](RecordBlock&) {}) const {
    write_file(first, folder / "a.h5");
    Tampering sink(make_writer(folder / "b.h5", true, 0, second.description, second.universe), change);
    send(second, sink, 20, 60);
    sink.finish();
    return compare(folder / "a.h5", folder / "b.h5", rtol, exact);
  }
};

/// Applies `change` to element [id, outcome 1, i] of r2 (C,O,Y).
std::function<void(RecordBlock&)> at_r2(std::uint64_t id, std::size_t year, const std::function<double(double)>& change) {
  return [=](RecordBlock& records) {
    std::size_t place = 0;
    for (const auto& range : records.ranges) {
      if (records.outcome == 1 && id >= range.first_id && id < range.first_id + range.count) {
        double& x = records.values[static_cast<std::size_t>(Var::r2)].real[(place + (id - range.first_id)) * 3 + year];
        x = change(x);
      }
      place += range.count;
    }
  };
}

TEST(Compare, FindsNoDifferenceBetweenEqualFiles) {
  Pair pair;
  const Difference difference = pair.compared(0, true);
  EXPECT_EQ(difference.what, "");
  EXPECT_EQ(difference.n_different, 0U);
  EXPECT_EQ(difference.worst_relative, 0.0);
}

TEST(Compare, NamesTheFirstElementThatDiffers) {
  Pair pair;
  const Difference difference = pair.compared(0, false, at_r2(57, 2, [](double) { return -2.5; }));
  EXPECT_EQ(difference.n_different, 1U);
  EXPECT_THAT(difference.what, ::testing::StartsWith("r2[57,1,2]: "));
  EXPECT_THAT(difference.what, ::testing::EndsWith(" against -2.5"));
  EXPECT_EQ(difference.worst_variable, "r2");
}

TEST(Compare, IsBitExactAtZeroToleranceAndRelativeAbove) {
  const World world = make_world({});
  const auto write_with = [&](const std::filesystem::path& out, double x) {
    Tampering sink(make_writer(out, false, 0, world.description, world.universe), at_r2(40, 0, [x](double) { return x; }));
    send(world, sink, 20, 60);
    sink.finish();
  };
  const auto difference = [&](double rtol, double a, double b) {
    const Folder folder;
    write_with(folder / "a.h5", a);
    write_with(folder / "b.h5", b);
    return compare(folder / "a.h5", folder / "b.h5", rtol, true);
  };
  const double next = std::nextafter(1.0, 2.0);
  EXPECT_EQ(difference(0, 1.0, next).n_different, 1U);
  EXPECT_EQ(difference(0x1p-52, 1.0, next).n_different, 0U);
  EXPECT_EQ(difference(0x1p-52, 1.0, next).worst_relative, 0x1p-52 / next);
  EXPECT_EQ(difference(0x1p-54, 1.0, next).n_different, 1U);
  EXPECT_EQ(difference(0, 0.0, -0.0).n_different, 1U);
  EXPECT_EQ(difference(1e-12, 0.0, -0.0).n_different, 0U);
  EXPECT_EQ(difference(0, kNaN, kNaN).n_different, 0U);
  EXPECT_THAT(difference(0, kNaN, std::bit_cast<double>(std::bit_cast<std::uint64_t>(kNaN) + 1)).what, HasSubstr("other bits"));
  EXPECT_EQ(difference(1e6, kNaN, 1.0).n_different, 1U);
  EXPECT_EQ(difference(1e6, 1.0, std::numeric_limits<double>::infinity()).worst_relative,
            std::numeric_limits<double>::infinity());
}

TEST(Compare, FindsOtherNamesShapesAttributesAndTexts) {
  const auto what = [](const std::function<void(World&)>& change, bool exact) {
    Pair pair;
    change(pair.second);
    return pair.compared(0, exact).what;
  };
  EXPECT_EQ(what([](World& w) { w.description.attributes[0].second = "other"; }, false),
            "attribute title: 'Prøve, «æøå» and 学校' against 'other'");
  EXPECT_EQ(what([](World& w) { w.description.int_attributes[0].second = 4999; }, false),
            "attribute replicates: 999 against 4999");
  EXPECT_EQ(what([](World& w) { w.description.criteria[0] = "andre"; }, false), "criterion[0]: 'andel_0_17' against 'andre'");
  EXPECT_EQ(what([](World& w) { w.description.variable_attributes[0].second.second = "y"; }, false),
            "attribute score: formula: 'mean over years of cv_rmse / sd(y)' against 'y'");
  EXPECT_EQ(what([](World& w) { w = make_world({.n_controls = 0}); }, false), "control_coef: only in the first file");
  EXPECT_THAT(what([](World& w) { w = make_world({.n_years = 2}); }, false), HasSubstr("shape"));
}

TEST(Compare, LooksAtProvenanceOnlyWhenExact) {
  const auto change = [](World& w) {
    w.description.provenance[0].second = "# another comment";
    w.description.attributes[5].second = "another kernel";
  };
  Pair pair;
  change(pair.second);
  EXPECT_EQ(pair.compared(0, false).what, "");
  Pair exact;
  change(exact.second);
  const Difference difference = exact.compared(0, true);
  EXPECT_EQ(difference.what, "attribute kernel_set: 'none' against 'another kernel'");
  EXPECT_EQ(difference.n_different, 2U);
}

}  // namespace
}  // namespace nokkel::results::test
