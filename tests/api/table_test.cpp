#include "tools/tandem6ctl/table.h"

#include <gtest/gtest.h>

namespace tandem6 {
namespace {

TEST(Table, AlignsColumnsAndLeavesNoTrailingSpaces) {
  Table table({{"NAME", Align::kLeft}, {"COUNT", Align::kRight}, {"NOTE", Align::kLeft}});
  table.add_row({"a", "1", "first"});
  table.add_row({"longer", "123456", ""});
  EXPECT_EQ(table.take_text(Style{}),
            "NAME     COUNT  NOTE\n"
            "a            1  first\n"
            "longer  123456\n");
}

TEST(Table, WithoutRowsItShowsItsTitles) {
  Table table({{"NAME", Align::kLeft}});
  EXPECT_EQ(table.take_text(Style{}), "NAME\n");
}

TEST(Table, LaterPartsHaveNoTitlesAndKeepTheWidths) {
  Table table({{"A", Align::kLeft}, {"B", Align::kLeft}});
  table.add_row({"wide one", "x"});
  EXPECT_EQ(table.take_text(Style{}), "A         B\nwide one  x\n");
  table.add_row({"s", "y"});
  EXPECT_EQ(table.take_text(Style{}), "s         y\n");
}

TEST(Table, ColoursAreOnlyInTheTitles) {
  Table table({{"A", Align::kLeft}});
  table.add_row({"x"});
  EXPECT_EQ(table.take_text(Style{.colours = true}), "\x1b[1mA\x1b[0m\nx\n");
}

TEST(TableDeathTest, ARowHasOneCellForEachColumn) {
  EXPECT_DEATH(
      {
        Table table({{"A", Align::kLeft}});
        table.add_row({"x", "y"});
      },
      "columns_");
}

}  // namespace
}  // namespace tandem6
