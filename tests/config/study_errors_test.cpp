/// What a wrong study is told, word for word: file, line, key, what is wrong, what is allowed.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/error.h"
#include "io/config/study.h"
#include "tests/config/study_text.h"

namespace nokkel::config {
namespace {

using test::kSmallest;

std::string error_of(const std::string& text) {
  try {
    parse_study(text, "s.toml", {});
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

struct WrongLines {
  const char* lines;  // appended to the smallest study: the first one is line 16
  const char* message;
};

class WrongStudy : public testing::TestWithParam<WrongLines> {};

TEST_P(WrongStudy, IsToldWhereAndWhatIsAllowed) { EXPECT_EQ(error_of(kSmallest + GetParam().lines), GetParam().message); }

const WrongLines kUnknown[] = {
    {"[resample]\npair = 99\n",
     "s.toml:17: resample.pair: unknown key; allowed: \"pairs\", \"half_pairs\", \"strata\"; did you mean \"pairs\"?"},
    {"[smaple]\n",
     "s.toml:16: smaple: unknown key; allowed: \"study\", \"data\", \"sample\", \"subsample\", \"derived\", \"response\", "
     "\"criterion\", \"groups\", \"universe\", \"resample\", \"cross_validation\", \"ranking\", \"output\", \"model\"; did you "
     "mean "
     "\"sample\"?"},
    {"forcd = true\n",
     "s.toml:16: criterion[name=income].forcd: unknown key; allowed: \"name\", \"label\", \"role\", \"need\", \"forced\", "
     "\"group\", \"denominator\", \"source\", \"requirements\"; did you mean \"forced\"?"},
    {"requirements = { stabel = \"yes\" }\n",
     "s.toml:16: criterion[name=income].requirements.stabel: unknown key; allowed: \"logical\", \"stable\", \"measurable\", "
     "\"unaffected\"; did you mean \"stable\"?"},
    {"role = \"traget\"\n",
     "s.toml:16: criterion[name=income].role: the text \"traget\" is not allowed; allowed: \"criterion\", \"control\", "
     "\"target\"; did you mean \"target\"?"},
    {"requirements = { stable = \"perhaps\" }\n",
     "s.toml:16: criterion[name=income].requirements.stable: the text \"perhaps\" is not allowed; allowed: \"yes\", "
     "\"partly\", "
     "\"no\""},
};
INSTANTIATE_TEST_SUITE_P(UnknownNames, WrongStudy, testing::ValuesIn(kUnknown));

const WrongLines kTypes[] = {
    {"forced = 1\n", "s.toml:16: criterion[name=income].forced: the integer 1 is not allowed; allowed: true, false"},
    {"label = 5\n", "s.toml:16: criterion[name=income].label: the integer 5 is not allowed; allowed: a text in quotes"},
    {"need = 1\n", "s.toml:16: criterion[name=income].need: the integer 1 is not allowed; allowed: \"-\", \"\", \"+\""},
    {"[resample]\npairs = \"99\"\n",
     "s.toml:17: resample.pairs: the text \"99\" is not allowed; allowed: 0 or an integer from 19 to 1000000"},
    {"[sample]\nyears = 2015\n",
     "s.toml:17: sample.years: the integer 2015 is not allowed; allowed: [from, to], each an integer from 1000 to 9999, from "
     "<= "
     "to"},
    {"[sample]\nyears = [2015]\n",
     "s.toml:17: sample.years: a list of 1; allowed: [from, to], each an integer from 1000 to 9999, from <= to"},
    {"[[universe]]\nlimit = 5\n", "s.toml:16: universe: a list is not allowed; allowed: a table, [universe]"},
    {"[subsample]\nname = \"x\"\n", "s.toml:16: subsample: a table is not allowed; allowed: [[subsample]]"},
    {"[output]\nquantiles = []\n",
     "s.toml:17: output.quantiles: a list is not allowed; allowed: a list, each a number above 0 and below 1"},
    {"[universe]\nexclude = [[\"age\"]]\n",
     "s.toml:17: universe.exclude: a list of 1; allowed: a list of pairs of criteria, [[\"a\", \"b\"], …]"},
    {"[universe]\nexclude = [[\"age\", \"age\"]]\n", "s.toml:17: universe.exclude: \"age\" is listed twice; list it once"},
};
INSTANTIATE_TEST_SUITE_P(WrongTypes, WrongStudy, testing::ValuesIn(kTypes));

const WrongLines kRanges[] = {
    {"[resample]\npairs = 18\n",
     "s.toml:17: resample.pairs: the integer 18 is not allowed; allowed: 0 or an integer from 19 to 1000000"},
    {"[resample]\nhalf_pairs = -1\n",
     "s.toml:17: resample.half_pairs: the integer -1 is not allowed; allowed: an integer from 0 to 1000000"},
    {"[cross_validation]\nfolds = 1\n",
     "s.toml:17: cross_validation.folds: the integer 1 is not allowed; allowed: an integer from 2 to 1000000"},
    {"[cross_validation]\nrepeats = 0\n",
     "s.toml:17: cross_validation.repeats: the integer 0 is not allowed; allowed: an integer from 1 to 1000000"},
    {"[sample]\nmin_coverage = 0\n",
     "s.toml:17: sample.min_coverage: the integer 0 is not allowed; allowed: a number above 0 and at most 1"},
    {"[sample]\nmin_coverage = 1.1\n",
     "s.toml:17: sample.min_coverage: the number 1.1 is not allowed; allowed: a number above 0 and at most 1"},
    {"[sample]\nyears = [2017, 2015]\n",
     "s.toml:17: sample.years: 2017 comes after 2015; allowed: [from, to], each an integer from 1000 to 9999, from <= to"},
    {"[universe]\nsize = [0, 4]\n",
     "s.toml:17: universe.size: the integer 0 is not allowed; allowed: an integer from 1 to 256"},
    {"[universe]\nsize = [4, 1]\n",
     "s.toml:17: universe.size: 4 comes after 1; allowed: [from, to], each an integer from 1 to 256, from <= to"},
    {"[universe]\nmax_abs_r = nan\n",
     "s.toml:17: universe.max_abs_r: the number nan is not allowed; allowed: a number above 0 and at most 1"},
    {"[universe]\nlimit = 0\n",
     "s.toml:17: universe.limit: the integer 0 is not allowed; allowed: an integer from 1 to 2147483647"},
    {"[universe]\nlimit = 2_147_483_648\n",
     "s.toml:17: universe.limit: the integer 2147483648 is not allowed; allowed: an integer from 1 to 2147483647"},
    {"[output]\nselected = 0\n",
     "s.toml:17: output.selected: the integer 0 is not allowed; allowed: an integer from 1 to 1000000"},
    {"[output]\nquantiles = [0.05, 0.05]\n", "s.toml:17: output.quantiles: 0.05 follows 0.05; allowed: increasing levels"},
    {"[output]\nquantiles = [0.5, 1]\n",
     "s.toml:17: output.quantiles: the integer 1 is not allowed; allowed: a number above 0 and below 1"},
    {"[groups]\nold.max = 0\n", "s.toml:17: groups.old.max: the integer 0 is not allowed; allowed: an integer from 1 to 256"},
};
INSTANTIATE_TEST_SUITE_P(OutOfRange, WrongStudy, testing::ValuesIn(kRanges));

const WrongLines kRefused[] = {
    {"[sample]\npanel = \"per_model\"\n",
     "s.toml:17: sample.panel: \"per_model\" is refused: all combinations of a year share their moments, hence their rows; "
     "allowed: \"each_year\", \"balanced\"; rows of its own has a [[model]] of the practice profile only"},
};
INSTANTIATE_TEST_SUITE_P(RefusedByName, WrongStudy, testing::ValuesIn(kRefused));

const WrongLines kTogether[] = {
    {"[[criterion]]\nname = \"age\"\n",
     "s.toml:16: criterion[name=age]: a second criterion of this name; give each a name of its own"},
    {"[[criterion]]\nlabel = \"Age\"\n", "s.toml:16: criterion.name: is missing; it is mandatory: a column of the data"},
    {"[[criterion]]\nname = \"\"\n", "s.toml:17: criterion[name=].name: an empty text; allowed: a text that says something"},
    {"[[response]]\nname = \"cost\"\ncolumn = \"z\"\n",
     "s.toml:16: response[name=cost]: a second response of this name; give each a name of its own"},
    {"[[subsample]]\nname = \"all\"\nwhere = \"y > 0\"\n",
     "s.toml:16: subsample[name=all]: the name \"all\" is taken by the whole sample; rename it"},
    {"role = \"control\"\nforced = true\n",
     "s.toml:14: criterion[name=income]: a control is in every combination already; leave out \"forced\""},
    {"[universe]\nexclude = [[\"age\", \"incom\"]]\n",
     "s.toml:17: universe.exclude: \"incom\" is no criterion of this study; allowed: \"age\", \"income\"; did you mean "
     "\"income\"?"},
    {"group = \"labour\"\n[groups]\nlabor.max = 2\n",
     "s.toml:18: groups.labor: no criterion is of this group; allowed: \"labour\"; did you mean \"labour\"?"},
    {"[[derived]]\nname = \"d\"\nkind = \"share\"\nof = [\"a\"]\n",
     "s.toml:16: derived[name=d]: divides by the population, and the study names no such column; add sample.population"},
    {"[[derived]]\nname = \"d\"\nkind = \"sum\"\n", "s.toml:16: derived[name=d]: a sum needs \"of\"; add it"},
    {"[[derived]]\nname = \"d\"\nkind = \"sum\"\nof = []\n",
     "s.toml:19: derived[name=d].of: an empty list; allowed: a list of texts, one or more"},
    {"[[derived]]\nname = \"d\"\nkind = \"sum\"\nof = [\"a\"]\nexponent = 2\n",
     "s.toml:20: derived.exponent: a sum takes no \"exponent\"; leave it out"},
    {"[[derived]]\nname = \"d\"\nkind = \"power\"\nof = [\"a\", \"b\"]\nexponent = 2\n",
     "s.toml:16: derived[name=d]: a power of 2 columns; allowed: of one column"},
    {"[[derived]]\nname = \"d\"\nkind = \"power\"\nof = [\"a\"]\n",
     "s.toml:16: derived[name=d]: a power needs \"exponent\"; add it"},
    {"[[derived]]\nname = \"d\"\nkind = \"expression\"\nof = [\"a\"]\nexpression = \"a+1\"\n",
     "s.toml:19: derived.of: an expression takes no \"of\"; leave it out"},
    {"[[model]]\nname = \"key\"\ncriteria = [\"aeg\"]\n",
     "s.toml:18: model[name=key].criteria: \"aeg\" is no criterion of this study; allowed: \"age\", \"income\"; did you mean "
     "\"age\"?"},
    {"[[model]]\nname = \"key\"\ncriteria = []\n",
     "s.toml:18: model[name=key].criteria: an empty list; allowed: a list of texts, one or more"},
    {"[[model]]\nname = \"key\"\ncriteria = [\"age\"]\nweights = [0.5, 0.5]\n",
     "s.toml:16: model[name=key]: 2 weights for 1 criteria; one weight each"},
    {"[[model]]\nname = \"key\"\ncriteria = [\"age\", \"income\"]\nweights = [0.5, 0.49999]\n",
     "s.toml:16: model[name=key]: the weights add to 0.99999; weights add to 1"},
};
INSTANTIATE_TEST_SUITE_P(WhatDoesNotGoTogether, WrongStudy, testing::ValuesIn(kTogether));

TEST(WrongStudy, NeedsASeed) {
  const std::string text = kSmallest.substr(kSmallest.find("[[data]]"));
  EXPECT_EQ(error_of("[study]\n" + text),
            "s.toml:1: study.seed: is missing; it is mandatory: a whole number, from which every draw follows");
  EXPECT_EQ(error_of(text), "s.toml:1: study.seed: is missing; it is mandatory: a whole number, from which every draw follows");
}

TEST(WrongStudy, NeedsDataResponsesAndCriteria) {
  EXPECT_EQ(error_of("[study]\nseed = 1\n"), "s.toml:1: no [[data]]; add one or more");
  const std::string data = kSmallest.substr(0, kSmallest.find("[[response]]"));
  EXPECT_EQ(error_of(data), "s.toml:1: no [[response]]; add one or more");
  const std::string no_criterion = kSmallest.substr(0, kSmallest.find("[[criterion]]"));
  EXPECT_EQ(error_of(no_criterion), "s.toml:1: no [[criterion]]; add one or more");
  EXPECT_EQ(error_of(no_criterion + "[[criterion]]\nname = \"c\"\nrole = \"control\"\n"),
            "s.toml:1: no criterion; add a [[criterion]] that is no control");
}

TEST(WrongStudy, WeightsMayMissOneByRounding) {
  const std::string model = "[[model]]\nname = \"key\"\ncriteria = [\"age\", \"income\"]\nweights = ";
  EXPECT_EQ(error_of(kSmallest + model + "[0.3333333, 0.6666667]\n"), "no error");
  EXPECT_EQ(error_of(kSmallest + model + "[0.333332, 0.666666]\n"),
            "s.toml:16: model[name=key]: the weights add to 0.999998; weights add to 1");
}

TEST(WrongStudy, SeedsReachTheWholeOfSixtyFourBits) {
  const auto with_seed = [](const std::string& seed) {
    return "[study]\nseed = " + seed + kSmallest.substr(kSmallest.find("\n\n[[data]]"));
  };
  EXPECT_EQ(parse_study(with_seed("\"18446744073709551615\""), "s.toml", {}).statistics.seed, 18446744073709551615ULL);
  EXPECT_EQ(parse_study(with_seed("9223372036854775807"), "s.toml", {}).statistics.seed, 9223372036854775807ULL);
  for (const char* wrong : {"-1", "\"18446744073709551616\"", "\"12x\"", "\"\"", "1.5", "\"-1\""}) {
    EXPECT_NE(error_of(with_seed(wrong)).find("allowed: a whole number from 0 to 18446744073709551615"), std::string::npos)
        << wrong;
  }
}

// Any value for any key: either an InputError, or a study whose resolved text reads back as itself. Nothing else.
TEST(AnyStudy, IsReadOrRefusedWhateverAValueIs) {
  const std::string text =
      kSmallest + "group = \"g\"\n[[derived]]\nname = \"d\"\nkind = \"sum\"\nof = [\"a\"]\n[[subsample]]\n" +
      "name = \"s\"\nwhere = \"y > 0\"\n[[model]]\nname = \"m\"\ncriteria = [\"age\"]\n[groups]\ng.max = 2\n";
  const std::vector<std::pair<std::string, std::string>> lists{
      {"data.", "data[file=panel.csv]."}, {"response.", "response[name=cost]."}, {"criterion.", "criterion[name=age]."},
      {"derived.", "derived[name=d]."},   {"subsample.", "subsample[name=s]."},  {"model.", "model[name=m]."},
      {"groups.*.", "groups.g."}};
  int n_read = 0, n_refused = 0;
  for (std::string key : known_keys()) {
    for (const auto& [list, entry] : lists) {
      if (key.starts_with(list)) key.replace(0, list.size(), entry);
    }
    for (const char* value : {"1",
                              "-1",
                              "0.5",
                              "nan",
                              "-inf",
                              "1e400",
                              "true",
                              "\"\"",
                              "age",
                              "[]",
                              "[1]",
                              "[1, 2]",
                              "[0.5, \"x\"]",
                              "[[]]",
                              "[[\"age\", \"income\"]]",
                              "{}",
                              "{ max = 1 }",
                              "{ deflator = 1 }",
                              "1979-05-27",
                              ""}) {
      const std::string setting = key + "=" + value;
      try {
        const Study study = parse_study(text, "s.toml", {setting});
        EXPECT_EQ(resolved_toml(parse_study(resolved_toml(study), "s.toml", {})), resolved_toml(study)) << setting;
        ++n_read;
      } catch (const InputError& error) {
        EXPECT_TRUE(std::string(error.what()).starts_with("--set: ") || std::string(error.what()).starts_with("s.toml:"))
            << setting << ": " << error.what();
        ++n_refused;
      }
    }
  }
  EXPECT_GT(n_read, 100);
  EXPECT_GT(n_refused, 500);
}

}  // namespace
}  // namespace nokkel::config
