#include "dataplane/lease/timer_wheel.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace tandem6 {
namespace {

constexpr std::size_t kManySteps = 1'000'000;

/// A wheel over its own bindings.
struct Wheel {
  explicit Wheel(std::size_t count) : bindings(count), wheel(bindings.data()) {}

  void arm(BindingIndex index, std::int64_t deadline, std::int64_t now) {
    bindings[index].state_expiration_time = WallTime{deadline};
    wheel.insert(index, WallTime{now});
  }
  std::set<BindingIndex> pop_all(std::int64_t now) {
    std::set<BindingIndex> due;
    std::size_t steps = kManySteps;
    for (;;) {
      const BindingIndex index = wheel.pop_due(WallTime{now}, steps);
      if (index == kNoBinding) return due;
      EXPECT_TRUE(due.insert(index).second) << "popped twice";
    }
  }

  std::vector<Binding> bindings;
  TimerWheel wheel;
};

constexpr std::int64_t kNow = 830'000'000;  // in 2026

TEST(TimerWheel, ADeadlineIsMetToTheSecond) {
  // Around the edges of every level's slots.
  for (const std::int64_t delay : {1LL, 255LL, 256LL, 257LL, 65'535LL, 65'536LL, 65'537LL,
                                   16'777'215LL, 16'777'216LL, 16'777'217LL, 3'000'000'000LL}) {
    for (const std::int64_t start : {kNow, std::int64_t{0x31ffffff}, std::int64_t{0x32000000}}) {
      Wheel wheel(1);
      wheel.arm(0, start + delay, start);
      EXPECT_EQ(wheel.pop_all(start + delay - 1).size(), 0U) << "early: " << delay;
      EXPECT_FALSE(wheel.wheel.has_due(WallTime{start + delay - 1}));
      EXPECT_TRUE(wheel.wheel.has_due(WallTime{start + delay}));
      EXPECT_EQ(wheel.pop_all(start + delay).size(), 1U) << "late: " << delay;
      EXPECT_EQ(wheel.wheel.size(), 0U);
    }
  }
}

TEST(TimerWheel, ThePastIsDueAtOnce) {
  Wheel wheel(2);
  wheel.arm(0, kNow - 1000, kNow);
  wheel.arm(1, kNow, kNow);
  EXPECT_EQ(wheel.pop_all(kNow), (std::set<BindingIndex>{0, 1}));
}

TEST(TimerWheel, TheLastSecondOfTheRangeIsReached) {
  Wheel wheel(2);
  wheel.arm(0, 0xfffffffe, kNow);
  wheel.arm(1, 0xfffffffd, kNow);
  EXPECT_EQ(wheel.pop_all(0xfffffffd), (std::set<BindingIndex>{1}));
  // Time past the range counts as its end.
  EXPECT_EQ(wheel.pop_all(0x300000000), (std::set<BindingIndex>{0}));
}

TEST(TimerWheel, RemovedOnesNeverCome) {
  Wheel wheel(3);
  for (BindingIndex index = 0; index < 3; ++index) wheel.arm(index, kNow + 5000, kNow);
  wheel.wheel.remove(1);
  EXPECT_EQ(wheel.pop_all(kNow + 10'000), (std::set<BindingIndex>{0, 2}));
}

TEST(TimerWheel, ATimeMovedOnWithoutArmingIsNotEarly) {
  Wheel wheel(1);
  wheel.arm(0, kNow + 100, kNow);
  wheel.bindings[0].state_expiration_time = WallTime{kNow + 900};
  EXPECT_EQ(wheel.pop_all(kNow + 899).size(), 0U);
  EXPECT_EQ(wheel.pop_all(kNow + 900).size(), 1U);
}

TEST(TimerWheel, RemovalDoesNotDependOnTheTime) {
  // The caller changes the time first and re-arms afterwards.
  Wheel wheel(2);
  wheel.arm(0, kNow + 100, kNow);
  wheel.arm(1, kNow + 100, kNow);
  wheel.bindings[0].state_expiration_time = WallTime{kNow + 70'000};
  wheel.wheel.remove(0);
  wheel.wheel.insert(0, WallTime{kNow});
  EXPECT_EQ(wheel.pop_all(kNow + 69'999), (std::set<BindingIndex>{1}));
  EXPECT_EQ(wheel.pop_all(kNow + 70'000), (std::set<BindingIndex>{0}));
}

TEST(TimerWheel, AJumpOverYearsLooksAtNoEmptySecond) {
  Wheel wheel(1);
  const auto start = std::chrono::steady_clock::now();
  for (int round = 0; round < 1000; ++round) {
    const std::int64_t deadline = kNow + 3'000'000LL * (round + 1);
    wheel.arm(0, deadline, deadline - 3'000'000);
    EXPECT_EQ(wheel.pop_all(deadline).size(), 1U);
  }
  // Three thousand million seconds, one by one, take seconds at least.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST(TimerWheel, ABudgetOfStepsLosesNothingAndIsNotEarly) {
  constexpr std::size_t kCount = 5000;
  Wheel wheel(kCount);
  // All in one slot of level 1, so that it must be cascaded.
  for (BindingIndex index = 0; index < kCount; ++index) {
    wheel.arm(index, (kNow | 0xff) + 1 + index % 256, kNow);
  }
  std::size_t popped = 0;
  std::size_t calls = 0;
  const std::int64_t end = (kNow | 0xff) + 256;
  for (; popped < kCount && calls < 10'000; ++calls) {
    std::size_t steps = 10;
    const BindingIndex index = wheel.wheel.pop_due(WallTime{end}, steps);
    if (index != kNoBinding) {
      ++popped;
    } else {
      EXPECT_TRUE(wheel.wheel.has_due(WallTime{end})) << "not done, yet says so";
    }
  }
  EXPECT_EQ(popped, kCount);
  EXPECT_FALSE(wheel.wheel.has_due(WallTime{end}));
  EXPECT_LE(calls, kCount + kCount / 10 + 1) << "a call moves as many as it may";
}

/// The wheel's dumb twin: deadlines in order.
class Twin {
 public:
  void insert(BindingIndex index, std::int64_t deadline) {
    where_[index] = due_.emplace(deadline, index);
  }
  void remove(BindingIndex index) {
    due_.erase(where_.at(index));
    where_.erase(index);
  }
  [[nodiscard]] bool holds(BindingIndex index) const { return where_.contains(index); }
  std::set<BindingIndex> pop_all(std::int64_t now) {
    std::set<BindingIndex> popped;
    while (!due_.empty() && due_.begin()->first <= now) {
      popped.insert(due_.begin()->second);
      where_.erase(due_.begin()->second);
      due_.erase(due_.begin());
    }
    return popped;
  }

 private:
  std::multimap<std::int64_t, BindingIndex> due_;
  std::map<BindingIndex, std::multimap<std::int64_t, BindingIndex>::iterator> where_;
};

std::int64_t random_span(std::mt19937& random) {
  // Every magnitude from seconds to decades.
  return static_cast<std::int64_t>(random() >> (random() % 31));
}

class TimerWheelRandom : public testing::TestWithParam<unsigned> {};

TEST_P(TimerWheelRandom, AgreesWithASortedMap) {
  std::mt19937 random(GetParam());
  constexpr BindingIndex kCount = 300;
  Wheel wheel(kCount);
  Twin twin;
  std::int64_t now = static_cast<std::int64_t>(random() % 0x40000000);
  for (int step = 0; step < 3000; ++step) {
    const BindingIndex index = random() % kCount;
    if (twin.holds(index)) {
      wheel.wheel.remove(index);
      twin.remove(index);
    }
    if (random() % 8 != 0) {
      const std::int64_t deadline =
          std::min<std::int64_t>(now + random_span(random) / 4, 0xfffffffe);
      const std::int64_t past = random() % 16 == 0 ? random_span(random) : 0;
      const std::int64_t chosen = std::max<std::int64_t>(deadline - past, 1);
      wheel.arm(index, chosen, now);
      twin.insert(index, chosen);
    }
    if (random() % 4 == 0) {
      now += random_span(random) / (random() % 2 == 0 ? 4096 : 64);
    }
    // Time often passes, and bindings are armed, without anybody looking at what is due.
    if (random() % 16 == 0) {
      ASSERT_EQ(wheel.pop_all(now), twin.pop_all(now)) << "at " << now << ", step " << step;
    }
  }
}

// With few steps a call and a clock that does not wait: never early, nothing lost, and once the
// calls have caught up everything due is out.
TEST_P(TimerWheelRandom, FewStepsAgreeOnceCaughtUp) {
  std::mt19937 random(GetParam() + 1000);
  constexpr BindingIndex kCount = 500;
  Wheel wheel(kCount);
  Twin twin;
  std::int64_t now = kNow;
  for (BindingIndex index = 0; index < kCount; ++index) {
    const std::int64_t deadline = now + 1 + static_cast<std::int64_t>(random() % 2000);
    wheel.arm(index, deadline, now);
    twin.insert(index, deadline);
  }
  std::set<BindingIndex> popped;
  std::set<BindingIndex> due;
  while (now < kNow + 2001 || wheel.wheel.has_due(WallTime{now})) {
    now += random() % 3 == 0 ? 1 : 0;
    due.merge(twin.pop_all(now));
    std::size_t steps = 3;
    const BindingIndex index = wheel.wheel.pop_due(WallTime{now}, steps);
    if (index == kNoBinding) {
      if (!wheel.wheel.has_due(WallTime{now})) {
        ASSERT_EQ(popped, due) << "at " << now;
      }
      continue;
    }
    ASSERT_TRUE(due.contains(index)) << "early at " << now;
    ASSERT_TRUE(popped.insert(index).second);
  }
  EXPECT_EQ(popped.size(), kCount);
}

INSTANTIATE_TEST_SUITE_P(Seeds, TimerWheelRandom, testing::Range(1U, 13U));

}  // namespace
}  // namespace tandem6
