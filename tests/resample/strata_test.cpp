#include "engine/resample/strata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/resample/frames.h"

namespace nokkel::resample {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// n units of each label, one label after the other.
panel::Frame frame_of(const std::vector<std::pair<std::string, int>>& sizes) {
  std::vector<std::string> labels;
  std::vector<std::string> all;
  for (const auto& [label, n] : sizes) {
    all.push_back(label);
    labels.insert(labels.end(), n, label);
  }
  return stratified_frame(labels, all);
}

std::vector<std::vector<int>> merged_labels(const panel::Frame& frame) {
  std::vector<std::vector<int>> labels;
  for (const Stratum& s : merged_strata(frame)) labels.push_back(s.labels);
  return labels;
}

TEST(Strata, OfFiveUnitsStayAlone) {
  EXPECT_THAT(merged_labels(frame_of({{"a", 5}, {"b", 30}, {"c", 6}})),
              ElementsAre(ElementsAre(0), ElementsAre(1), ElementsAre(2)));
}

TEST(Strata, WithFewUnitsBecomeOne) {
  const panel::Frame frame = frame_of({{"a", 9}, {"b", 2}, {"c", 7}, {"d", 4}});
  EXPECT_THAT(merged_labels(frame), ElementsAre(ElementsAre(0), ElementsAre(1, 3), ElementsAre(2)));
  const Stratum merged = merged_strata(frame)[1];
  EXPECT_EQ(merged.substream, 1U);
  EXPECT_THAT(merged.units, ElementsAre(9, 10, 18, 19, 20, 21));
}

TEST(Strata, StillTooSmallTakeTheSmallestOther) {
  EXPECT_THAT(merged_labels(frame_of({{"a", 9}, {"b", 6}, {"c", 3}, {"d", 6}})),
              ElementsAre(ElementsAre(0), ElementsAre(1, 2), ElementsAre(3)));
  EXPECT_THAT(merged_labels(frame_of({{"a", 2}, {"b", 2}})), ElementsAre(ElementsAre(0, 1)));
}

TEST(Strata, WithoutUnitsAreLeftOut) {
  EXPECT_THAT(merged_labels(frame_of({{"a", 9}, {"b", 0}, {"c", 8}})), ElementsAre(ElementsAre(0), ElementsAre(2)));
}

TEST(Strata, BelowTwentyUnitsAskForRaoWu) {
  const auto rao_wu = [](const panel::Frame& frame) { return uses_rao_wu(frame, merged_strata(frame)); };
  EXPECT_TRUE(rao_wu(frame_of({{"a", 19}, {"b", 40}})));
  EXPECT_FALSE(rao_wu(frame_of({{"a", 20}, {"b", 40}})));
  EXPECT_FALSE(rao_wu(plain_frame(10)));
}

TEST(StratumNotes, TellWhatWasMergedAndHowPairsAreWeighted) {
  const auto notes = stratum_notes(frame_of({{"big", 30}, {"lone", 1}, {"oslo", 4}}));
  EXPECT_THAT(notes, Contains(HasSubstr("'lone' has a single unit")));
  EXPECT_THAT(notes, Contains(HasSubstr("'lone', 'oslo' are resampled as one of 5 units")));
  EXPECT_THAT(notes, Contains(HasSubstr("Rao-Wu")));
  EXPECT_THAT(stratum_notes(plain_frame(10)), IsEmpty());
  EXPECT_THAT(stratum_notes(frame_of({{"a", 20}, {"b", 20}})), IsEmpty());
}

TEST(StratumNotes, TellWhereFramesDrawOtherwise) {
  const panel::Frame all = frame_of({{"a", 25}, {"b", 3}, {"c", 3}, {"d", 22}});
  const auto notes = stratum_notes(std::vector<panel::Frame>{all, without(all, "c")});
  // Without c, b alone is too small and takes d with it.
  EXPECT_THAT(notes, Contains(HasSubstr("without_c: stratum 'b', 'd' holds other units than in all")));
  EXPECT_THAT(notes, Contains(HasSubstr("Rao-Wu in one of them only")));
  EXPECT_THAT(notes, Contains(HasSubstr("all: strata 'b', 'c' are resampled as one")));
  EXPECT_THAT(stratum_notes(std::vector<panel::Frame>{plain_frame(5), plain_frame(6)}), IsEmpty());
}

}  // namespace
}  // namespace nokkel::resample
