#include "dataplane/lease/claim_table.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <vector>

namespace tandem6 {
namespace {

const AllocationKey kKey({7, 1, 7, 2, 7, 3, 7, 4, 7, 5, 7, 6, 7, 7, 7, 8});

Ipv6Address address(std::uint64_t number) {
  return Ipv6Address::from_halves(0x20010db800000000, number);
}

// S-071, the pool's side: whoever asks second does not get it.
TEST(ClaimTable, GivesALeaseToOneShardOnly) {
  ClaimTable table(100, kKey);
  EXPECT_EQ(table.holder(address(1)), kNoShard);
  EXPECT_EQ(table.claim(address(1), 3), ClaimResult::kClaimed);
  EXPECT_EQ(table.claim(address(1), 4), ClaimResult::kTaken);
  EXPECT_EQ(table.claim(address(1), 3), ClaimResult::kTaken);
  EXPECT_EQ(table.holder(address(1)), 3);
  table.release(address(1), 3);
  EXPECT_EQ(table.holder(address(1)), kNoShard);
  EXPECT_EQ(table.claim(address(1), 4), ClaimResult::kClaimed);
  EXPECT_EQ(table.holder(address(1)), 4);
}

TEST(ClaimTable, KnowsTheFirstAndTheLastShardId) {
  ClaimTable table(100, kKey);
  EXPECT_EQ(table.claim(address(1), 0), ClaimResult::kClaimed);
  EXPECT_EQ(table.claim(address(2), kShardIdMax), ClaimResult::kClaimed);
  EXPECT_EQ(table.holder(address(1)), 0);
  EXPECT_EQ(table.holder(address(2)), kShardIdMax);
}

TEST(ClaimTable, IsFullWhenTheWindowIs) {
  ClaimTable table(1, kKey);  // sixteen homes: every window holds nearly the whole table
  std::vector<Ipv6Address> claimed;
  std::vector<Ipv6Address> refused;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const ClaimResult result = table.claim(address(i), 1);
    ASSERT_TRUE(result == ClaimResult::kClaimed || result == ClaimResult::kFull);
    (result == ClaimResult::kClaimed ? claimed : refused).push_back(address(i));
  }
  EXPECT_EQ(claimed.size(), table.slot_count());
  for (const Ipv6Address& lease : refused) EXPECT_EQ(table.holder(lease), kNoShard);
  for (const Ipv6Address& lease : claimed) {
    EXPECT_EQ(table.holder(lease), 1);
    table.release(lease, 1);
  }
  // Slots are free again, though the windows' reaches stay at their greatest.
  for (std::uint64_t i = 2000; i < 2100; ++i) {
    EXPECT_EQ(table.claim(address(i), 2), ClaimResult::kClaimed);
  }
}

TEST(ClaimTable, HoldsWhatItWasMadeFor) {
  constexpr std::uint64_t kLeases = 200'000;
  ClaimTable table(kLeases, kKey);
  for (std::uint64_t i = 0; i < kLeases; ++i) {
    table.prefetch(address(i));
    ASSERT_EQ(table.claim(address(i), static_cast<ShardId>(i % 5)), ClaimResult::kClaimed);
  }
  for (std::uint64_t i = 0; i < kLeases; ++i) ASSERT_EQ(table.holder(address(i)), i % 5);
  for (std::uint64_t i = kLeases; i < 2 * kLeases; ++i) {
    ASSERT_EQ(table.holder(address(i)), kNoShard);
  }
}

std::size_t resident_octets() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

TEST(ClaimTable, TakesMemoryOnlyWhenTouched) {
  const std::size_t before = resident_octets();
  ClaimTable table(100'000'000, kKey);
  EXPECT_GE(table.slot_count(), 200'000'000U);
  EXPECT_EQ(table.claim(address(1), 0), ClaimResult::kClaimed);
  EXPECT_LT(resident_octets() - before, 16U << 20);  // of 1.6 GB; a huge page or two
}

// A std::map is the twin: one thread's claims, releases and questions are answered alike.
RC_GTEST_PROP(ClaimTable, AnswersLikeAMap, ()) {
  ClaimTable table(*rc::gen::inRange<std::uint64_t>(1, 40), kKey);
  std::map<std::uint64_t, ShardId> twin;
  const auto steps = *rc::gen::container<std::vector<std::tuple<int, std::uint8_t, ShardId>>>(
      rc::gen::tuple(rc::gen::inRange(0, 3), rc::gen::inRange<std::uint8_t>(0, 100),
                     rc::gen::inRange<ShardId>(0, 4)));
  for (const auto& [kind, number, shard] : steps) {
    const auto held = twin.find(number);
    if (kind == 0) {
      const auto expected = held == twin.end() ? ClaimResult::kClaimed : ClaimResult::kTaken;
      RC_ASSERT(table.claim(address(number), shard) == expected);
      twin.emplace(number, shard);
    } else if (kind == 1 && held != twin.end()) {
      table.release(address(number), held->second);
      twin.erase(held);
    }
    const auto now = twin.find(number);
    RC_ASSERT(table.holder(address(number)) == (now == twin.end() ? kNoShard : now->second));
  }
}

using ClaimTableDeathTest = testing::Test;
TEST(ClaimTableDeathTest, EndsTheProcessWhenAShardReleasesWhatItDoesNotHold) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  ClaimTable table(10, kKey);
  ASSERT_EQ(table.claim(address(1), 1), ClaimResult::kClaimed);
  EXPECT_DEATH(table.release(address(1), 2), "held|holds");
}

}  // namespace
}  // namespace tandem6
