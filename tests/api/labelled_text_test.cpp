#include "tools/tandem6ctl/labelled_text.h"

#include <gtest/gtest.h>

namespace tandem6 {
namespace {

TEST(LabelledText, ShortTextIsOneLine) {
  EXPECT_EQ(labelled_text("to do", "nothing"), "  to do       nothing\n");
  EXPECT_EQ(labelled_text("why", ""), "  why\n");
}

TEST(LabelledText, LongTextIsBrokenAtWordsUnderItsBeginning) {
  const std::string half(42, 'x');
  EXPECT_EQ(labelled_text("next", half + ' ' + half + " z"),
            "  next        " + half + ' ' + half + "\n              z\n");
  EXPECT_EQ(labelled_text("next", half + ' ' + half.substr(1) + " z"),
            "  next        " + half + ' ' + half.substr(1) + " z\n");
}

TEST(LabelledText, AWordThatIsTooLongStaysWhole) {
  const std::string word(120, 'x');
  EXPECT_EQ(labelled_text("next", "a " + word + " b"),
            "  next        a\n              " + word + "\n              b\n");
  EXPECT_EQ(labelled_text("next", word), "  next        " + word + "\n");
}

}  // namespace
}  // namespace tandem6
