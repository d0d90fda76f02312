#include "tools/tandem6ctl/units.h"

#include <gtest/gtest.h>

namespace tandem6 {
namespace {

TEST(Units, Counts) {
  EXPECT_EQ(human_count(0), "0");
  EXPECT_EQ(human_count(99999), "99999");
  EXPECT_EQ(human_count(100000), "100k");
  EXPECT_EQ(human_count(999499), "999k");
  EXPECT_EQ(human_count(999500), "1.0M");
  EXPECT_EQ(human_count(1048576), "1.0M");
  EXPECT_EQ(human_count(18446744073709551615.0), "18.4E");
}

TEST(Units, Rates) {
  EXPECT_EQ(human_rate(0), "0");
  EXPECT_EQ(human_rate(0.001), "0");
  EXPECT_EQ(human_rate(0.25), "0.25");
  EXPECT_EQ(human_rate(-3.04), "-3.0");
  EXPECT_EQ(human_rate(99.94), "99.9");
  EXPECT_EQ(human_rate(1234.5), "1234");
  EXPECT_EQ(human_rate(2.5e6), "2.5M");
}

TEST(Units, Durations) {
  EXPECT_EQ(human_seconds(0), "0 s");
  EXPECT_EQ(human_seconds(59.4), "59 s");
  EXPECT_EQ(human_seconds(60), "1 min");
  EXPECT_EQ(human_seconds(3725), "1 h 2 min");
  EXPECT_EQ(human_seconds(86400 * 2 + 3600 * 3), "2 d 3 h");
  EXPECT_EQ(human_seconds(86400 + 5), "1 d");  // the two greatest only where they are neighbours
  EXPECT_EQ(human_seconds(-90), "-1 min 30 s");
  EXPECT_EQ(human_seconds(1e15), "over 30000 years");
}

TEST(Units, Moments) {
  EXPECT_EQ(human_moment(0), "0.0 us");
  EXPECT_EQ(human_moment(85.4e-6), "85 us");
  EXPECT_EQ(human_moment(0.99951e-3), "1.0 ms");
  EXPECT_EQ(human_moment(0.0123), "12 ms");
  EXPECT_EQ(human_moment(3.44), "3.4 s");
  EXPECT_EQ(human_moment(125), "2 min 5 s");
}

TEST(Units, Octets) {
  EXPECT_EQ(human_octets(0), "0 B");
  EXPECT_EQ(human_octets(999), "999 B");
  EXPECT_EQ(human_octets(1240), "1.2 kB");
  EXPECT_EQ(human_octets(64e6), "64 MB");
  EXPECT_EQ(human_octets(4.5e12), "4.5 TB");
}

}  // namespace
}  // namespace tandem6
