// Generated workloads: the same data and answers everywhere, a wrong answer noticed, a part of the blocks as the whole has
// them.
#include "engine/simulate/workload.h"

#include <gmock/gmock.h>

#include "engine/simulate/drop_sink.h"
#include "engine/simulate/part.h"
#include "engine/simulate/watch_sink.h"

namespace nokkel::simulate {
namespace {

using testing::HasSubstr;

constexpr Size kSmall{40, 8, 2, 3, 19, 5, 4, 2};

TEST(Workloads, HaveTheCountsThatTheyAreNamedFor) {
  const auto count = [](const std::string& name) {
    for (const Workload& w : workloads())
      if (w.name == name) return make_case(w.size).universe.count();
    return std::uint64_t{0};
  };
  EXPECT_EQ(count("smoke"), 298U);      // 12 + 66 + 220
  EXPECT_EQ(count("w1"), 31'930U);      // 30 + 435 + 4,060 + 27,405
  EXPECT_EQ(count("w2"), 523'685U);     // 60 + 1,770 + 34,220 + 487,635
  EXPECT_EQ(count("w3"), 56'049'057U);  // and 5,461,512 + 50,063,860
}

TEST(Workloads, AWholeRunIsWatchedAndRight) {
  const Case data = make_case(kSmall);
  DropSink drop;
  WatchSink watch(&drop);
  search::run(data.job(), {}, watch);
  EXPECT_EQ(watch.n_records(), data.universe.count());
  EXPECT_EQ(drop.n_records, data.universe.count());
  EXPECT_EQ(watch.disagreement(data), "");
  EXPECT_GE(watch.n_checked(), 1U);
}

TEST(Workloads, AllBlocksOfAPartAreTheWholeRunsToTheBit) {
  const Case data = make_case(kSmall);
  DropSink drop;
  WatchSink whole(&drop), part(nullptr), again(nullptr);
  const search::Summary summary = search::run(data.job(), {}, whole);
  Execution three;
  three.n_threads = 3;
  const Part all = run_part(data.job(), three, 0, part);
  EXPECT_EQ(part.digest(), whole.digest());
  EXPECT_EQ(all.n_blocks, summary.plan.n_blocks);
  EXPECT_EQ(all.n_all_blocks, summary.plan.n_blocks);
  EXPECT_EQ(all.n_combinations, data.universe.count());
  EXPECT_EQ(all.fits, summary.plan.fits());
}

TEST(Workloads, APartTakesBlocksFromAllOverTheUniverse) {
  Size size = kSmall;
  size.n_criteria = 24;  // 2,324 combinations
  size.n_years = 1;
  const Case data = make_case(size);
  WatchSink watch(nullptr);
  const Part part = run_part(data.job(), {}, 1, watch);
  ASSERT_GT(part.n_all_blocks, 1U);
  EXPECT_EQ(part.n_blocks, 1U);
  EXPECT_EQ(watch.n_records(), part.n_combinations);
  EXPECT_LT(part.n_combinations, part.n_all_combinations);
  EXPECT_EQ(watch.disagreement(data), "");
}

/// Changes one number on its way.
class Tamper final : public ResultSink {
 public:
  Tamper(ResultSink* to, Var var, double by) : to_(to), var_(var), by_(by) {}
  void begin(const Extents& e) override { to_->begin(e); }
  void block(const RecordBlock& records) override {
    RecordBlock changed = records;
    for (double& x : changed.values[static_cast<std::size_t>(var_)].real) x += by_;
    to_->block(changed);
  }
  Values read(Var v, int outcome, std::uint64_t first, std::uint64_t count) override {
    return to_->read(v, outcome, first, count);
  }
  void after(const AfterLoop& values) override { to_->after(values); }
  void finish() override { to_->finish(); }

 private:
  ResultSink* to_;
  Var var_;
  double by_;
};

TEST(Workloads, AWrongAnswerIsNoticed) {
  const Case data = make_case(kSmall);
  const auto disagreement = [&](Var var, double by) {
    WatchSink watch(nullptr);
    Tamper tamper(&watch, var, by);
    run_part(data.job(), {}, 0, tamper);
    return watch.disagreement(data);
  };
  EXPECT_EQ(disagreement(Var::r2, 0), "");
  EXPECT_THAT(disagreement(Var::r2, 1e-9), HasSubstr("r2 of combination"));
  EXPECT_THAT(disagreement(Var::r2_boot_mean, -1e-9), HasSubstr("r2_boot_mean of combination"));
}

}  // namespace
}  // namespace nokkel::simulate
