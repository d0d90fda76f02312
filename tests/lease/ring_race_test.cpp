// One producer and one consumer at full speed, with values that check themselves: a torn, lost,
// repeated or early one shows. Under ThreadSanitizer a missing edge shows too.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include "dataplane/lease/spsc_ring.h"

namespace tandem6 {
namespace {

/// Every octet follows from the number.
struct Value {
  std::array<std::uint64_t, 8> words;

  static Value of(std::uint64_t number) {
    Value value;
    for (std::size_t i = 0; i < value.words.size(); ++i) value.words[i] = number * (i + 1) + i;
    return value;
  }
  [[nodiscard]] bool is(std::uint64_t number) const { return words == of(number).words; }
};

constexpr std::uint64_t kCount = 400'000;

void produce(SpscRing<Value>& ring) {
  std::mt19937 random(1);
  std::vector<Value> burst;
  for (std::uint64_t next = 0; next < kCount;) {
    switch (random() % 3) {
      case 0:
        if (ring.push(Value::of(next))) ++next;
        break;
      case 1:
        if (Value* slot = ring.slot()) {
          *slot = Value::of(next++);
          ring.publish();
        }
        break;
      default:
        burst.clear();
        for (std::uint64_t i = next; i < std::min(kCount, next + random() % 9); ++i) {
          burst.push_back(Value::of(i));
        }
        next += ring.push(std::span<const Value>(burst));
    }
    if (ring.room() == 0) std::this_thread::yield();
  }
}

/// Takes kCount values; returns how many were not the one that was next.
std::uint64_t consume(SpscRing<Value>& ring) {
  std::mt19937 random(2);
  std::array<Value, 7> out;
  std::uint64_t next = 0;
  std::uint64_t wrong = 0;
  while (next < kCount) {
    const std::size_t waiting = ring.size();
    if (waiting == 0) {
      std::this_thread::yield();
    } else if (random() % 2 == 0) {
      for (std::size_t i = 0; i < waiting; ++i) wrong += ring.front(i).is(next++) ? 0 : 1;
      ring.drop(waiting);
    } else {
      const std::size_t count = ring.pop(out);
      for (std::size_t i = 0; i < count; ++i) wrong += out[i].is(next++) ? 0 : 1;
    }
  }
  return wrong;
}

class RingRace : public testing::TestWithParam<std::size_t> {};

TEST_P(RingRace, EveryValueArrivesOnceWholeAndInOrder) {
  SpscRing<Value> ring(GetParam());
  std::thread producer([&] { produce(ring); });
  EXPECT_EQ(consume(ring), 0U);
  producer.join();
  EXPECT_EQ(ring.size(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Capacities, RingRace, testing::Values(1, 2, 8, 1024));

}  // namespace
}  // namespace tandem6
