#include "dataplane/lease/wall_time.h"

#include <gtest/gtest.h>

namespace tandem6 {
namespace {

// S-179: 0xffffffff is infinity and arithmetic on it does not wrap.
TEST(WallTime, S179InfinityStaysInfinity) {
  EXPECT_EQ(WallTime{1000} + kInfiniteLifetime, kNever);
  EXPECT_EQ(kNever + Lifetime{1}, kNever);
  EXPECT_EQ(kNever + kInfiniteLifetime, kNever);
  EXPECT_TRUE(time_left(kNever, WallTime{1000}).is_infinite());
  EXPECT_FALSE((WallTime{1000} + Lifetime{0xfffffffe}).is_infinite());
}

TEST(WallTime, SumsPast32BitsDoNotWrap) {
  const WallTime end = WallTime{0xfffffff0} + Lifetime{0xfffffffe};
  EXPECT_EQ(end.seconds, 0xfffffff0 + 0xfffffffeLL);
  // A time left too long for a lifetime is told as long as can be, yet finite.
  EXPECT_EQ(time_left(WallTime{0x200000000}, WallTime{0}).seconds, 0xfffffffeU);
}

// S-184: what is told is the number of seconds left.
TEST(WallTime, S184TimeLeftCountsDownToZero) {
  const WallTime end = WallTime{1000} + Lifetime{100};
  EXPECT_EQ(time_left(end, WallTime{1000}).seconds, 100U);
  EXPECT_EQ(time_left(end, WallTime{1099}).seconds, 1U);
  EXPECT_EQ(time_left(end, WallTime{1100}).seconds, 0U);
  EXPECT_EQ(time_left(end, WallTime{5000}).seconds, 0U);
}

TEST(PackedTime, KeepsSecondsNoneAndNever) {
  for (const std::int64_t seconds : {1LL, 820'000'000LL, 0xfffffffeLL}) {
    EXPECT_EQ(WallTime(PackedTime(WallTime{seconds})).seconds, seconds);
  }
  EXPECT_TRUE(WallTime(PackedTime()).is_none());
  EXPECT_TRUE(WallTime(PackedTime(kNoTime)).is_none());
  EXPECT_TRUE(WallTime(PackedTime(kNever)).is_infinite());
}

TEST(PackedTime, WhatDoesNotFitIsNeverOrNone) {
  // A lease that ends after 2136 does not end early: it does not end.
  EXPECT_TRUE(WallTime(PackedTime(WallTime{0xffffffff})).is_infinite());
  EXPECT_TRUE(WallTime(PackedTime(WallTime{0x123456789a})).is_infinite());
  EXPECT_TRUE(WallTime(PackedTime(WallTime{-5})).is_none());
}

}  // namespace
}  // namespace tandem6
