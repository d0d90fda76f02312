// How prefixes are shared out: RFC 8156 section 4.2.2, R-06. F-167, F-175 to F-177.
#include "control/failover/pool_balance.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace tandem6 {

void PrintTo(const BalanceStep& step, std::ostream* out) {
  *out << (step.move == Move::kGive ? "give " : "take back ") << step.count;
}
bool operator==(const BalanceStep& a, const BalanceStep& b) {
  return a.move == b.move && a.count == b.count;
}

namespace {

std::optional<BalanceStep> step(std::uint64_t primary, std::uint64_t secondary,
                                unsigned percent = 50) {
  return next_step({.pool = 0, .free_primary = primary, .free_secondary = secondary}, percent);
}
BalanceStep give(std::uint64_t count) { return {Move::kGive, count}; }
BalanceStep take_back(std::uint64_t count) { return {Move::kTakeBack, count}; }

// F-167: the configured proportion of what is free.
TEST(PoolBalance, Proportion) {
  EXPECT_EQ(step(1000, 0, 50), give(500));
  EXPECT_EQ(step(1000, 0, 30), give(300));
  EXPECT_EQ(step(1000, 0, 100), give(1000));
  EXPECT_EQ(step(1000, 0, 0), std::nullopt);
  EXPECT_EQ(step(0, 1000, 50), take_back(500));
  EXPECT_EQ(step(0, 1000, 0), take_back(1000));
  EXPECT_EQ(step(0, 1000, 100), std::nullopt);
  EXPECT_EQ(step(0, 1000, 250), std::nullopt) << "more than all is all";
}

// rounded down, so that one lone prefix stays with the primary.
TEST(PoolBalance, RoundedDown) {
  EXPECT_EQ(step(1, 0), std::nullopt);
  EXPECT_EQ(step(0, 1), take_back(1));
  EXPECT_EQ(step(3, 0), give(1));
  EXPECT_EQ(step(2, 1), std::nullopt);
  EXPECT_EQ(step(2, 0), give(1));
  EXPECT_EQ(step(0, 0), std::nullopt);
  EXPECT_EQ(step(3, 0, 33), std::nullopt);
  EXPECT_EQ(step(4, 0, 33), give(1));
}

// F-176: an eighth of the smaller side's due is left.
TEST(PoolBalance, Threshold) {
  EXPECT_EQ(step(500, 500), std::nullopt);
  EXPECT_EQ(step(561, 439), std::nullopt);
  EXPECT_EQ(step(562, 438), give(62));
  EXPECT_EQ(step(438, 562), std::nullopt);
  EXPECT_EQ(step(437, 563), take_back(63));
  EXPECT_EQ(step(905, 95, 10), std::nullopt);
  EXPECT_EQ(step(913, 87, 10), give(13));
}

// A server that has nothing at all does not wait for the threshold.
TEST(PoolBalance, NothingLeft) {
  EXPECT_EQ(step(1000, 0, 1), give(10));
  EXPECT_EQ(step(0, 100, 99), take_back(1));
}

std::uint64_t threshold_of(std::uint64_t free, std::uint64_t due) {
  return std::max<std::uint64_t>(std::min(due, free - due) / 8, 1);
}

// F-175, F-176: steps carried out, in pieces as the executor finds blocks, come to an end near the
// share, and never go back and forth.
RC_GTEST_PROP(PoolBalanceProperty, StepsEnd, ()) {
  event::Shares::Pool pool{.pool = 0,
                           .free_primary = *rc::gen::inRange<std::uint64_t>(0, 1 << 24),
                           .free_secondary = *rc::gen::inRange<std::uint64_t>(0, 1 << 24)};
  const auto percent = *rc::gen::inRange(0U, 101U);
  const std::uint64_t free = pool.free_primary + pool.free_secondary;
  std::optional<Move> first;
  int steps = 0;
  while (const auto next = next_step(pool, percent)) {
    RC_ASSERT(++steps <= 100);
    if (!first) first = next->move;
    RC_ASSERT(next->move == *first);
    RC_ASSERT(next->count != 0U);
    // At least half of it is found, as the largest power of two would be.
    const std::uint64_t found =
        next->count - *rc::gen::inRange<std::uint64_t>(0, next->count / 2 + 1);
    if (next->move == Move::kGive) {
      RC_ASSERT(found <= pool.free_primary);
      pool.free_primary -= found;
      pool.free_secondary += found;
    } else {
      RC_ASSERT(found <= pool.free_secondary);
      pool.free_secondary -= found;
      pool.free_primary += found;
    }
  }
  const std::uint64_t due = free * percent / 100;
  const std::uint64_t off =
      pool.free_secondary > due ? pool.free_secondary - due : due - pool.free_secondary;
  RC_ASSERT(off <= threshold_of(free, due));
  if (due == 0) RC_ASSERT(first != Move::kGive);
}

}  // namespace
}  // namespace tandem6
