#include "control/config/duration.h"

#include <gtest/gtest.h>

namespace tandem6 {
namespace {

TEST(Duration, Units) {
  EXPECT_EQ(parse_duration("90s"), Lifetime{90});
  EXPECT_EQ(parse_duration("15m"), Lifetime{900});
  EXPECT_EQ(parse_duration("12h"), Lifetime{43200});
  EXPECT_EQ(parse_duration("7d"), Lifetime{604800});
  EXPECT_EQ(parse_duration("0s"), Lifetime{0});
  EXPECT_EQ(parse_duration("infinite"), kInfiniteLifetime);
}

// S-179: 0xffffffff is infinity, so no finite duration may come to it.
TEST(Duration, LargestFiniteOne) {
  EXPECT_EQ(parse_duration("4294967294s"), Lifetime{0xfffffffe});
  EXPECT_FALSE(parse_duration("4294967295s"));
  EXPECT_FALSE(parse_duration("4294967296s"));
  EXPECT_FALSE(parse_duration("49711d"));
  EXPECT_TRUE(parse_duration("49710d"));
}

TEST(Duration, OtherTexts) {
  for (const char* text : {"", "s", "10", "1w", "1H", "-1s", "+1s", "1.5h", " 1s", "1 s", "1h30m",
                           "0x10s", "Infinite", "99999999999s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Duration, TextInTheLargestUnitThatDivides) {
  for (const char* text : {"0s", "1s", "90s", "15m", "12h", "7d", "infinite"}) {
    EXPECT_EQ(to_text(*parse_duration(text)), text);
  }
  EXPECT_EQ(to_text(Lifetime{86400}), "1d");
}

}  // namespace
}  // namespace tandem6
