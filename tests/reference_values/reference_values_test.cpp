/// Both shipped studies through the whole search against what statsmodels (SVD) and R's lm (QR) say: coefficients, classical
/// SEs, R2, adjusted R2, AIC, BIC and rows of 200 random combinations, every outcome and year.
/// How the tables were made: tests/reference/make_reference.py and make_reference.R.
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "io/cli/assemble.h"
#include "io/table/csv.h"
#include "tests/support/memory_sink.h"
#include "tests/support/report_agreement.h"

namespace nokkel::testing {
namespace {

// statsmodels and lm differ by 4e-14 among themselves; VIF <= 30 costs a moments fit of 100 rows a few digits more.
constexpr double kWorstAllowed = 1e-9;

const std::filesystem::path kSource = NOKKEL_SOURCE_DIR;

double number(const std::string& text) {
  double value = std::nan("");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  EXPECT_TRUE(error == std::errc() && end == text.data() + text.size()) << "'" << text << "'";
  return value;
}

/// One searched study: nothing but the full-sample fits matters here, so resampling is as small as it may be.
class Searched {
 public:
  explicit Searched(const std::string& name) {
    config::Study study = config::read_study(
        kSource / "configs" / (name + ".toml"),
        {"resample.pairs=0", "resample.half_pairs=0", "cross_validation.folds=2", "cross_validation.repeats=1"});
    cli::Data data = cli::read_data(study);
    assembly_ = std::make_unique<cli::Assembly>(std::move(study), std::move(data));
    search::run(assembly_->job(), Execution{}, sink_);
  }

  [[nodiscard]] const cli::Assembly& assembly() const { return *assembly_; }
  [[nodiscard]] int outcome(const std::string& name) const {
    const auto& all = assembly_->design.outcomes;
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& o) { return o.name == name; });
    EXPECT_NE(found, all.end()) << name;
    return static_cast<int>(found - all.begin());
  }
  [[nodiscard]] std::size_t year(const std::string& year) const {
    const auto& all = assembly_->design.years;
    return static_cast<std::size_t>(std::find(all.begin(), all.end(), static_cast<int>(number(year))) - all.begin());
  }
  [[nodiscard]] std::uint64_t id(const std::string& label) const {
    return assembly_->universe.rank(cli::members_of(label, assembly_->design.criteria, "reference"));
  }
  [[nodiscard]] std::size_t cell(std::uint64_t id, std::size_t year) const {
    return static_cast<std::size_t>(id) * assembly_->design.years.size() + year;
  }
  [[nodiscard]] const MemorySink& sink() const { return sink_; }

 private:
  std::unique_ptr<cli::Assembly> assembly_;
  MemorySink sink_;
};

/// Searched once a process.
const Searched& searched(const std::string& study) {
  static std::map<std::string, Searched> all;
  return all.try_emplace(study, study).first->second;
}

/// The figure that is furthest from the reference, and where.
struct Worst {
  double difference = 0;
  std::string where = "nowhere";
  std::size_t n_figures = 0;

  /// A figure that is missing on our side is infinitely wrong.
  void see(double value, double reference, double size, const std::string& at) {
    ++n_figures;
    const double d = std::isnan(value) ? HUGE_VAL : std::abs(value - reference) / size;
    if (d > difference) std::tie(difference, where) = std::pair(d, at);
  }
};

/// One line of a reference table.
class Row {
 public:
  Row(const panel::Table& table, std::size_t row) : table_(table), row_(row) {}
  [[nodiscard]] const std::string& text(const std::string& column) const {
    const auto found = std::find(table_.header.begin(), table_.header.end(), column);
    return table_.rows[row_].at(static_cast<std::size_t>(found - table_.header.begin()));
  }
  [[nodiscard]] double real(const std::string& column) const { return number(text(column)); }
  [[nodiscard]] std::string place() const {
    return text("study") + ", " + text("outcome") + ", " + text("year") + ", " + text("combination");
  }

 private:
  const panel::Table& table_;
  std::size_t row_;
};

/// Coefficients relative to max(|coefficient|, SE); R2 and adjusted R2, which are differences from 1, to max(|value|, the
/// mean of R2 when nothing is related); the rest to its own size.
void compare(const Row& row, const Searched& ours, Worst& worst) {
  const int outcome = ours.outcome(row.text("outcome"));
  const std::uint64_t id = ours.id(row.text("combination"));
  const std::size_t cell = ours.cell(id, ours.year(row.text("year")));
  const std::size_t n_members = ours.assembly().universe.unrank(id).size();
  const auto n_slots = static_cast<std::size_t>(ours.assembly().universe.max_size());
  const auto real = [&](Var v, std::size_t at) { return ours.sink().real(v, outcome).at(at); };

  ASSERT_EQ(ours.sink().int8(Var::status, outcome).at(cell), static_cast<int>(Status::ok)) << row.place();
  ASSERT_EQ(ours.sink().int32(Var::n_obs, outcome).at(cell), row.real("n")) << row.place();
  const double mean_r2 = static_cast<double>(n_members) / (row.real("n") - 1);
  for (const Var v : {Var::r2, Var::adj_r2}) {
    const double reference = row.real(std::string(info(v).name));
    worst.see(real(v, cell), reference, std::max(std::abs(reference), mean_r2), std::string(info(v).name) + ", " + row.place());
  }
  for (const Var v : {Var::aic, Var::bic}) {
    const double reference = row.real(std::string(info(v).name));
    worst.see(real(v, cell), reference, std::abs(reference), std::string(info(v).name) + ", " + row.place());
  }
  const auto see_coefficient = [&](double value, const std::string& name, const std::string& se_name) {
    const double reference = row.real(name);
    worst.see(value, reference, std::max(std::abs(reference), row.real(se_name)), name + ", " + row.place());
  };
  see_coefficient(real(Var::intercept, cell), "intercept", "intercept_se");
  for (std::size_t slot = 0; slot < n_members; ++slot) {
    const std::string number_of_slot = std::to_string(slot + 1);
    see_coefficient(real(Var::coef, cell * n_slots + slot), "coef_" + number_of_slot, "se_" + number_of_slot);
    const double se = row.real("se_" + number_of_slot);
    worst.see(real(Var::coef_se, cell * n_slots + slot), se, se, "se_" + number_of_slot + ", " + row.place());
  }
}

class ReferenceValues : public ::testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] static panel::Table table(const std::string& name) {
    return table::read_csv(kSource / "tests" / "data" / ("reference_" + name + ".csv"), name);
  }
};

TEST_P(ReferenceValues, AgreeWithTheSearch) {
  const panel::Table reference = table(GetParam());
  Worst worst;
  for (std::size_t i = 0; i < reference.rows.size(); ++i) {
    const Row row(reference, i);
    ASSERT_NO_FATAL_FAILURE(compare(row, searched(row.text("study")), worst));
  }
  std::printf("%s: %zu figures of %zu fits, worst relative difference %.2g (%s)\n", GetParam(), worst.n_figures,
              reference.rows.size(), worst.difference, worst.where.c_str());
  EXPECT_LE(worst.difference, kWorstAllowed) << worst.where;
}

// A combination has a reference in just those cells in which the search could fit it.
TEST_P(ReferenceValues, AreThereForEveryCellThatWasFitted) {
  const panel::Table reference = table(GetParam());
  std::map<std::pair<std::string, std::string>, std::set<std::pair<int, std::size_t>>> cells_of;
  for (std::size_t i = 0; i < reference.rows.size(); ++i) {
    const Row row(reference, i);
    const Searched& ours = searched(row.text("study"));
    cells_of[{row.text("study"), row.text("combination")}].emplace(ours.outcome(row.text("outcome")),
                                                                   ours.year(row.text("year")));
  }
  EXPECT_EQ(cells_of.size(), 200U);
  for (const auto& [key, cells] : cells_of) {
    const Searched& ours = searched(key.first);
    const std::uint64_t id = ours.id(key.second);
    for (int outcome = 0; outcome < ours.sink().extents.n_outcomes; ++outcome)
      for (std::size_t year = 0; year < ours.assembly().design.years.size(); ++year)
        EXPECT_EQ(ours.sink().int8(Var::status, outcome)[ours.cell(id, year)],
                  static_cast<int>(cells.contains({outcome, year}) ? Status::ok : Status::criterion_unavailable))
            << key.first << ", " << key.second << ", outcome " << outcome << ", year " << year;
  }
}

INSTANTIATE_TEST_SUITE_P(Software, ReferenceValues, ::testing::Values("statsmodels", "lm"),
                         [](const auto& software) { return std::string(software.param); });

// The universes were listed by plain enumeration of all sets.
TEST(ReferenceUniverse, HasAsManyCombinationsOfEachSize) {
  const panel::Table reference = table::read_csv(kSource / "tests/data/reference_universe.csv", "universe");
  ASSERT_EQ(reference.rows.size(), 8U);
  for (std::size_t i = 0; i < reference.rows.size(); ++i) {
    const Row row(reference, i);
    const universe::Universe& ours = searched(row.text("study")).assembly().universe;
    EXPECT_EQ(static_cast<double>(ours.count_of_size(static_cast<int>(row.real("size")))), row.real("combinations"))
        << row.text("study") << ", size " << row.text("size");
  }
}

/// The selected of every shipped study that searches real data, on the report path and in the search.
TEST(ShippedStudies, ReportAndScreeningAgreeOnTheSelectedWhereVifIsAtMost30) {
  for (const char* study : {"smoke", "norway", "norway-child-welfare"}) {
    const Searched& run = searched(study);
    int compared = 0;
    for (int o = 0; o < run.sink().extents.n_outcomes; ++o)
      compared += expect_report_agrees(run.sink(), run.assembly().universe, o);
    EXPECT_GE(compared, 40) << study;
  }
}

}  // namespace
}  // namespace nokkel::testing
