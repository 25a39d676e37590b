// Derived columns and conditions: figures worked by hand, a slow twin for formulas, and refused input by message.
#include "engine/panel/derive.h"

#include <array>
#include <cmath>
#include <limits>
#include <locale>
#include <random>

#include "tests/panel/tables.h"

namespace nokkel::panel {
namespace {

using ::testing::AllOf;
using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsNan;
using ::testing::StartsWith;

const char* const kTable =
    "unit,year,name,parent,pop,poor,old,group\n"
    "1,2010,Øst,,100,10,5,north\n"
    "2,2010,Vest,,300,60,,south\n"
    "1,2011,Øst,,200,20,8,north\n"
    "2,2011,Vest,,,30,9,\n";

std::vector<double> derived(const std::string& table, DerivedSpec spec, const std::string& population = "pop") {
  Panel panel = panel_of(table);
  spec.name = "new";
  spec.where = "study.toml:7: derived[0]";
  add_derived(panel, {spec}, population);
  return column_as_numbers(panel, "new");
}

DerivedSpec spec_of(DerivedKind kind, std::vector<std::string> of, std::string by = "") {
  DerivedSpec spec;
  spec.kind = kind;
  spec.of = std::move(of);
  spec.by = std::move(by);
  return spec;
}

// Rows come out as (1, 2010), (1, 2011), (2, 2010), (2, 2011).
TEST(Derived, SharesSumsAndProductsAreWorkedRowByRow) {
  EXPECT_THAT(derived(kTable, spec_of(DerivedKind::share, {"poor", "old"}, "pop")),
              ElementsAre(15.0 / 100, 28.0 / 200, IsNan(), IsNan()));
  EXPECT_THAT(derived(kTable, spec_of(DerivedKind::share, {"poor"})), ElementsAre(0.1, 0.1, 0.2, IsNan()));
  EXPECT_THAT(derived(kTable, spec_of(DerivedKind::sum, {"poor", "old"})), ElementsAre(15, 28, IsNan(), 39));
  EXPECT_THAT(derived(kTable, spec_of(DerivedKind::product, {"poor", "old"})), ElementsAre(50, 160, IsNan(), 270));
  DerivedSpec per_thousand = spec_of(DerivedKind::per_inhabitant, {"poor"});
  per_thousand.scale = 1000;
  EXPECT_THAT(derived(kTable, per_thousand), ElementsAre(100, 100, 200, IsNan()));
}

TEST(Derived, APowerKeepsMissingMissing) {
  DerivedSpec power = spec_of(DerivedKind::power, {"pop"});
  power.exponent = 1.2;
  EXPECT_THAT(derived(kTable, power), ElementsAre(std::pow(100, 1.2), std::pow(200, 1.2), std::pow(300, 1.2), IsNan()));
  power.exponent = 0;
  EXPECT_THAT(derived(kTable, power), ElementsAre(1, 1, 1, IsNan()));
}

// (x_i / X) / (p_i / P) of 2010: X = 70, P = 400; of 2011 only unit 1 has both, so it is the whole.
TEST(Derived, ARelativeShareComparesWithTheYearsTotals) {
  EXPECT_THAT(derived(kTable, spec_of(DerivedKind::relative_share, {"poor"})),
              ElementsAre(DoubleEq((10.0 / 70) / (100.0 / 400)), DoubleEq(1), DoubleEq((60.0 / 70) / (300.0 / 400)), IsNan()));
}

// The population-weighted mean of relative shares is 1: sum p_i r_i / P = sum x_i / X.
TEST(Derived, RelativeSharesHaveWeightedMeanOneEvenWithACityAndItsDistricts) {
  const std::string table = "unit,year,parent,pop,poor\n1,2010,,100,7\n9,2010,,50,8\n91,2010,9,20,3\n92,2010,9,30,5\n";
  const std::vector<double> r = derived(table, spec_of(DerivedKind::relative_share, {"poor"}));
  const double units = (100 * r[0] + 20 * r[2] + 30 * r[3]) / 150;
  EXPECT_NEAR(units, 1, 1e-14);
  EXPECT_NEAR(r[1], (8.0 / 15) / (50.0 / 150), 1e-14);
}

TEST(Derived, ALaterColumnMayUseAnEarlierOne) {
  Panel panel = panel_of(kTable);
  DerivedSpec first = spec_of(DerivedKind::sum, {"poor"}), second = spec_of(DerivedKind::product, {"double", "double"});
  first.name = "double";
  first.scale = 2;
  second.name = "square";
  add_derived(panel, {first, second}, "");
  EXPECT_THAT(column_as_numbers(panel, "square"), ElementsAre(400, 1600, 14400, 3600));
}

TEST(Derived, BadSpecsAreRefusedAtTheirPlace) {
  const auto message = [](DerivedSpec spec, const std::string& population = "pop") {
    return refusal([&] { derived(kTable, std::move(spec), population); });
  };
  EXPECT_THAT(message(spec_of(DerivedKind::sum, {"grop"})),
              AllOf(StartsWith("study.toml:7: derived[0]: no column \"grop\""), HasSubstr("did you mean \"group\"?")));
  EXPECT_THAT(message(spec_of(DerivedKind::sum, {})), HasSubstr("derived column \"new\": `of` is empty;"));
  EXPECT_THAT(message(spec_of(DerivedKind::power, {"pop", "poor"})), HasSubstr("power takes one column, not 2;"));
  EXPECT_THAT(message(spec_of(DerivedKind::per_inhabitant, {"poor"}), ""), HasSubstr("no denominator;"));
  EXPECT_THAT(message(spec_of(DerivedKind::sum, {"group"})), StartsWith("panel.csv:2: column \"group\": \"north\""));
  Panel panel = panel_of(kTable);
  DerivedSpec taken = spec_of(DerivedKind::sum, {"poor"});
  taken.name = "old";
  taken.where = "study.toml:9: derived[1].name";
  EXPECT_THAT(refusal([&] { add_derived(panel, {taken}, ""); }),
              StartsWith("study.toml:9: derived[1].name: column \"old\" is there already;"));
}

TEST(Derived, ABadRowIsNamed) {
  const std::string table = "unit,year,name,x,d\n1,2010,Øst,4,2\n2,2010,Vest,-4,0\n";
  EXPECT_THAT(refusal([&] { derived(table, spec_of(DerivedKind::share, {"x"}, "d")); }),
              HasSubstr("divides by \"d\", which is 0 at panel.csv:3: unit 2 (Vest), year 2010;"));
  DerivedSpec root = spec_of(DerivedKind::power, {"x"});
  root.exponent = 0.5;
  EXPECT_THAT(refusal([&] { derived(table, root); }),
              HasSubstr("raises -4 to the power 0.5 at panel.csv:3: unit 2 (Vest), year 2010;"));
  root.of = {"d"};
  root.exponent = -1;
  EXPECT_THAT(refusal([&] { derived(table, root); }), HasSubstr("is infinite at panel.csv:3"));
  DerivedSpec formula = spec_of(DerivedKind::expression, {});
  formula.expression = "x / d";
  EXPECT_THAT(refusal([&] { derived(table, formula); }), HasSubstr("`x / d` gives no finite number at panel.csv:3"));
}

std::vector<int> held(const std::string& table, const std::string& condition) {
  const std::vector<char> rows = rows_where(panel_of(table), condition, "study.toml:5: sample.where");
  return {rows.begin(), rows.end()};
}

TEST(Condition, EmptyHoldsEverywhere) { EXPECT_THAT(held(kTable, "  "), ElementsAre(1, 1, 1, 1)); }

TEST(Condition, NumbersAndTextsCompare) {
  EXPECT_THAT(held(kTable, "pop >= 200"), ElementsAre(0, 1, 1, 0));
  EXPECT_THAT(held(kTable, "group != 'north'"), ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(held(kTable, "'' == group"), ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(held(kTable, "name == \"Øst\" and year == 2011"), ElementsAre(0, 1, 0, 0));
  EXPECT_THAT(held(kTable, "poor / pop > 0.15 or unit == '1' and not pop > 150"), ElementsAre(1, 0, 1, 0));
}

TEST(Condition, AComparisonWithAMissingNumberIsFalse) {
  for (const char* condition : {"pop > 0", "pop < 0", "pop == 0", "pop != 0", "pop >= 0 and pop <= 1e9", "pop"})
    EXPECT_EQ(held(kTable, condition)[3], 0) << condition;
  EXPECT_EQ(held(kTable, "not pop > 0")[3], 1);
  EXPECT_EQ(held(kTable, "pop != 0 or poor == 30")[3], 1);
}

TEST(Condition, NamesMayBeOfAnyScriptOrInBackQuotes) {
  const std::string table = "unit,学校,\"net, \"\"per\"\" cap `x`\",and\n1,3,7,1\n2,4,8,0\n";
  EXPECT_THAT(held(table, "学校 == 4"), ElementsAre(0, 1));
  EXPECT_THAT(held(table, "`net, \"per\" cap ``x``` > 7"), ElementsAre(0, 1));
  EXPECT_THAT(held(table, "`and` == 1"), ElementsAre(1, 0));
  EXPECT_THAT(held("unit,name\n1,O'Hara\n2,x\n", "name == 'O''Hara'"), ElementsAre(1, 0));
}

TEST(Condition, MistakesAreNamedByPositionAndExpectation) {
  const auto message = [](const std::string& condition) { return refusal([&] { held(kTable, condition); }); };
  EXPECT_THAT(message("popp > 3"),
              AllOf(StartsWith("study.toml:5: sample.where: at character 1 of `popp > 3`: no column \"popp\""),
                    HasSubstr("did you mean \"pop\"?")));
  EXPECT_THAT(message("pop = 3"), AllOf(HasSubstr("at character 5"), HasSubstr("compare with ==")));
  EXPECT_THAT(message("pop > 3 && poor > 1"), AllOf(HasSubstr("at character 9"), HasSubstr("write and")));
  EXPECT_THAT(message("pop > 3 || poor > 1"), HasSubstr("write or"));
  EXPECT_THAT(message("!pop"), HasSubstr("write not"));
  EXPECT_THAT(message("(pop > 3"), AllOf(HasSubstr("at character 9"), HasSubstr("')' was expected")));
  EXPECT_THAT(message("pop > 3)"), AllOf(HasSubstr("at character 8"), HasSubstr("an operator or the end was expected")));
  EXPECT_THAT(message("pop >"), AllOf(HasSubstr("at character 6"), HasSubstr("a column, a number or '(' was expected")));
  EXPECT_THAT(message("pop > 12 000"), AllOf(HasSubstr("at character 10"), HasSubstr("was expected")));
  EXPECT_THAT(message("pop > 12,000"), HasSubstr("at character 9"));
  EXPECT_THAT(message("1 < pop < 300"), AllOf(HasSubstr("at character 9"), HasSubstr("comparisons do not chain")));
  EXPECT_THAT(message("pop > 'x'"), HasSubstr("a text compares only with a column, by == or !="));
  EXPECT_THAT(message("1 + group == 'north'"), HasSubstr("a text compares only with a column"));
  EXPECT_THAT(message("group == 'north' + 1"), HasSubstr("a text compares only with a column"));
  EXPECT_THAT(message("group == 'north"), AllOf(HasSubstr("at character 10"), HasSubstr("never closed")));
  EXPECT_THAT(message("name == 'Ø' and pop $ 3"), HasSubstr("at character 21"));  // characters, not bytes
  EXPECT_THAT(message("sqr(pop) > 3"), HasSubstr("did you mean \"sqrt\"?"));
  EXPECT_THAT(message("sqrt(pop, 1) > 3"), HasSubstr("check how many arguments"));
  EXPECT_THAT(message("12x > 3"), HasSubstr("this is no number"));
  EXPECT_THAT(message("group > 3"), StartsWith("panel.csv:2: column \"group\": \"north\""));
}

std::vector<double> formula(const std::string& table, const std::string& expression) {
  DerivedSpec spec = spec_of(DerivedKind::expression, {});
  spec.expression = expression;
  return derived(table, spec, "");
}

TEST(Expression, FunctionsSignsAndPowersAreThoseOfSchool) {
  const std::string table = "unit,x,y\n1,2,3\n";
  EXPECT_THAT(formula(table, "-x^2"), ElementsAre(-4));
  EXPECT_THAT(formula(table, "x^y^x"), ElementsAre(512));
  EXPECT_THAT(formula(table, "x^-1"), ElementsAre(0.5));
  EXPECT_THAT(formula(table, "x - y - 1"), ElementsAre(-2));
  EXPECT_THAT(formula(table, "12 / x / y"), ElementsAre(2));
  EXPECT_THAT(formula(table, "max(x, y, 1) + min (x, 7) * abs(-y)"), ElementsAre(9));
  EXPECT_THAT(formula(table, "sqrt(x + 2) + ln(exp(y)) + log10(1000)"), ElementsAre(DoubleEq(8)));
  EXPECT_THAT(formula(table, "(x > 1) + (y < 1) + (unit == '1')"), ElementsAre(2));
}

TEST(Expression, AMissingOperandMakesTheResultMissing) {
  EXPECT_THAT(formula("unit,x,y\n1,2,\n2,3,4\n", "x + 0 * y"), ElementsAre(IsNan(), 3));
  EXPECT_THAT(formula("unit,x,y\n1,2,\n2,3,4\n", "(x > 1) + (y > 1)"), ElementsAre(IsNan(), 2));
}

/// A random formula: its text with no more parentheses than precedence asks for, and its value by plain recursion.
struct Random {
  std::mt19937 random;
  std::vector<double> x;  ///< columns x0 x1 x2 of the row

  struct Piece {
    std::string text;
    int level;  ///< of its loosest operator: 1 or, 2 and, 3 not, 4 comparison, 5 sum, 6 product, 9 atom
    double value;
  };

  static double truth(double v) { return !std::isnan(v) && v != 0; }
  static std::string in(const Piece& p, int level) { return p.level < level ? "(" + p.text + ")" : p.text; }
  int pick(int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); }

  Piece number(int depth) {
    if (depth == 0 || pick(4) == 0) {
      if (pick(3) == 0) {
        const int n = pick(4);
        return {std::to_string(n), 9, static_cast<double>(n)};
      }
      const int c = pick(3);
      return {"x" + std::to_string(c), 9, x[c]};
    }
    const Piece a = number(depth - 1), b = number(depth - 1);
    switch (pick(3)) {
      case 0:
        return {in(a, 5) + "+" + in(b, 6), 5, a.value + b.value};
      case 1:
        return {in(a, 5) + " - " + in(b, 6), 5, a.value - b.value};
      default:
        return {in(a, 6) + " *" + in(b, 7), 6, a.value * b.value};
    }
  }

  Piece condition(int depth) {
    if (depth == 0 || pick(3) == 0) {
      const Piece a = number(2), b = number(2);
      static constexpr std::array<const char*, 6> kSigns{"==", "!=", "<", "<=", ">", ">="};
      const int s = pick(6);
      const bool known = !std::isnan(a.value) && !std::isnan(b.value);
      const std::array<bool, 6> holds{a.value == b.value, a.value != b.value,
                                      a.value<b.value, a.value <= b.value, a.value> b.value, a.value >= b.value};
      return {in(a, 5) + kSigns[s] + in(b, 5), 4, known && holds[s] ? 1. : 0.};
    }
    const Piece a = condition(depth - 1);
    if (pick(3) == 0) return {"not " + in(a, 4), 3, 1 - truth(a.value)};
    const Piece b = condition(depth - 1);
    if (pick(2) == 0) return {in(a, 2) + " and " + in(b, 3), 2, truth(a.value) * truth(b.value)};
    return {in(a, 1) + " or " + in(b, 2), 1, std::max(truth(a.value), truth(b.value))};
  }
};

TEST(Expression, RandomFormulasEqualTheirPlainRecursion) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    Random world{std::mt19937(seed), {}};
    std::string table = "unit,x0,x1,x2\n1";
    for (int c = 0; c < 3; ++c) {
      const int value = world.pick(5) - 1;
      world.x.push_back(value == 3 ? std::numeric_limits<double>::quiet_NaN() : value);
      table += "," + (value == 3 ? std::string("NA") : std::to_string(value));
    }
    const Random::Piece p = world.condition(3);
    EXPECT_EQ(held(table + "\n", p.text)[0], static_cast<int>(p.value)) << "seed " << seed << ": " << table << "\n" << p.text;
  }
}

TEST(Expression, ADecimalCommaOfTheLocaleChangesNothing) {
  struct Comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
  };
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Comma));
  EXPECT_THAT(formula("unit,x\n1,2.5\n", "x * 1.5 + 0.25"), ElementsAre(4));
  std::locale::global(before);
}

}  // namespace
}  // namespace nokkel::panel
