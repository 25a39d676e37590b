// Files of mode "kept" under every command that reads them.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/cli/small_study.h"

namespace nokkel::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class KeptFile : public testing::Test {
 protected:
  KeptFile() {
    SmallStudy study;
    study.criteria = {"a", "b", "c", "d", "e", "f"};
    study.max_size = 3;
    study.more = "[output]\nmode = \"kept\"\nkeep = 12\n";
    study.write(folder_);
    outcome_ = nokkel(folder_, {"run", "study.toml", "-o", "kept.h5"});
  }
  [[nodiscard]] nlohmann::json rows(const std::vector<std::string>& words) const {
    return nlohmann::json::parse(nokkel(folder_, words).out)["rows"];
  }

  Folder folder_;
  Outcome outcome_;
};

TEST_F(KeptFile, IsAnnouncedBeforeTheRun) {
  ASSERT_EQ(outcome_.code, 0) << outcome_.err;
  EXPECT_THAT(outcome_.err, AllOf(HasSubstr("the best 12 of 41 combinations"), Not(HasSubstr("a file of all"))));
  EXPECT_THAT(nokkel(folder_, {"run", "study.toml", "--dry-run"}).out, HasSubstr("output.keep"));
}

TEST_F(KeptFile, IsRankedUnderTheNumbersOfTheUniverse) {
  ASSERT_EQ(nokkel(folder_, {"run", "study.toml", "-o", "full.h5", "--set", "output.mode=full"}).code, 0);
  const auto kept = rows({"rank", "kept.h5", "--json", "--by", "score", "--top", "5"});
  const auto full = rows({"rank", "full.h5", "--json", "--by", "score", "--top", "5"});
  ASSERT_EQ(kept.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i)
    for (const char* column : {"combination", "label", "score", "cv_rmse", "top_share"})
      EXPECT_EQ(kept[i][column], full[i][column]);
  EXPECT_THAT(nokkel(folder_, {"rank", "kept.h5"}).out, HasSubstr("of 41 combinations tried"));
}

TEST_F(KeptFile, ShowsTheKeptAndNamesTheOthers) {
  const auto best = rows({"rank", "kept.h5", "--json", "--top", "1"})[0];
  const std::string label = best["label"], number = std::to_string(best["combination"].get<int>());
  EXPECT_EQ(rows({"show", "kept.h5", label, "--json"}), rows({"show", "kept.h5", number, "--json"}));
  EXPECT_EQ(rows({"show", "kept.h5", "best", "--json"})[0]["combination"], best["combination"]);
  int n_missing = 0;
  for (int id = 0; id < 41; ++id) {
    const Outcome outcome = nokkel(folder_, {"show", "kept.h5", std::to_string(id)});
    if (outcome.code == 0) continue;
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("not among the kept"), HasSubstr("output.keep")));
    ++n_missing;
  }
  EXPECT_EQ(n_missing, 41 - 12);
  EXPECT_THAT(nokkel(folder_, {"show", "kept.h5", "41"}).err, HasSubstr("numbers are 0 to 40"));
}

TEST_F(KeptFile, RepeatsByteForByteAndDiffersFromAnother) {
  EXPECT_EQ(nokkel(folder_, {"rerun", "kept.h5", "--threads", "3"}).out, "same bytes\n");
  ASSERT_EQ(nokkel(folder_, {"run", "study.toml", "-o", "more.h5", "--set", "output.keep=13"}).code, 0);
  EXPECT_EQ(nokkel(folder_, {"diff", "kept.h5", "kept.h5"}).code, 0);
  EXPECT_EQ(nokkel(folder_, {"diff", "kept.h5", "more.h5"}).code, 1);
}

}  // namespace
}  // namespace nokkel::test
