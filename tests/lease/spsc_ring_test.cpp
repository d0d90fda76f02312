#include "dataplane/lease/spsc_ring.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <random>
#include <vector>

namespace tandem6 {
namespace {

TEST(SpscRing, GivesBackInOrderAndRefusesWhenFull) {
  SpscRing<int> ring(4);
  EXPECT_EQ(ring.room(), 4U);
  EXPECT_EQ(ring.size(), 0U);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(ring.push(i));
  EXPECT_FALSE(ring.push(4));
  EXPECT_EQ(ring.slot(), nullptr);
  EXPECT_EQ(ring.room(), 0U);
  std::array<int, 3> out{};
  EXPECT_EQ(ring.pop(out), 3U);
  EXPECT_EQ(out, (std::array{0, 1, 2}));
  EXPECT_TRUE(ring.push(5));
  EXPECT_EQ(ring.size(), 2U);
  EXPECT_EQ(ring.pop(out), 2U);
  EXPECT_EQ(out[0], 3);
  EXPECT_EQ(out[1], 5);
  EXPECT_EQ(ring.pop(out), 0U);
}

TEST(SpscRing, ASlotIsSeenOnlyOncePublished) {
  SpscRing<int> ring(2);
  int* const slot = ring.slot();
  ASSERT_NE(slot, nullptr);
  *slot = 7;
  EXPECT_EQ(ring.size(), 0U);
  EXPECT_EQ(ring.slot(), slot) << "asking again gives the same one";
  ring.publish();
  ASSERT_EQ(ring.size(), 1U);
  EXPECT_EQ(ring.front(), 7);
  ring.drop(1);
  EXPECT_EQ(ring.size(), 0U);
  EXPECT_EQ(ring.room(), 2U);
}

TEST(SpscRing, ABurstGoesInAsFarAsThereIsRoom) {
  SpscRing<int> ring(4);
  const std::array burst = {1, 2, 3};
  EXPECT_EQ(ring.push(burst), 3U);
  EXPECT_EQ(ring.push(burst), 1U);
  EXPECT_EQ(ring.push(burst), 0U);
  EXPECT_EQ(ring.front(3), 1);
  ring.drop(2);
  EXPECT_EQ(ring.push(burst), 2U);
  std::array<int, 4> out{};
  EXPECT_EQ(ring.pop(out), 4U);
  EXPECT_EQ(out, (std::array{3, 1, 1, 2}));
}

TEST(SpscRing, WrongUseEndsTheProgram) {
  EXPECT_DEATH(SpscRing<int>(3), "single_bit");
  SpscRing<int> ring(2);
  ring.push(1);
  EXPECT_DEATH(ring.drop(2), "count <=");
}

TEST(SpscRing, AgreesWithADeque) {
  std::mt19937 random(7);
  SpscRing<unsigned> ring(8);
  std::deque<unsigned> twin;
  unsigned next = 0;
  for (int step = 0; step < 50'000; ++step) {
    std::vector<unsigned> values(random() % 6);
    switch (random() % 4) {
      case 0:
        ASSERT_EQ(ring.push(next), twin.size() < 8);
        if (twin.size() < 8) twin.push_back(next++);
        break;
      case 1: {
        for (unsigned& value : values) value = next++;
        const std::size_t count = ring.push(std::span<const unsigned>(values));
        ASSERT_EQ(count, std::min(values.size(), 8 - twin.size()));
        twin.insert(twin.end(), values.begin(),
                    values.begin() + static_cast<std::ptrdiff_t>(count));
        break;
      }
      default:
        const std::size_t count = ring.pop(values);
        ASSERT_EQ(count, std::min(values.size(), twin.size()));
        for (std::size_t i = 0; i < count; ++i) {
          ASSERT_EQ(values[i], twin.front());
          twin.pop_front();
        }
    }
    ASSERT_EQ(ring.size(), twin.size());
    ASSERT_EQ(ring.room(), 8 - twin.size());
  }
}

}  // namespace
}  // namespace tandem6
