// Blocks of delegable prefixes: counted, found, and moved from half to half (RFC 8156
// section 4.2.2).
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "dataplane/lease/free_lease_map.h"
#include "dataplane/lease/prefix_pool.h"

namespace tandem6 {
namespace {

Ipv6Prefix prefix(const char* text) { return *Ipv6Prefix::parse(text); }

// Prefixes of 2001:db8::/48 cut into /64s, by number.
Ipv6Prefix nth(std::uint64_t number) {
  return {Ipv6Address::from_halves(0x20010db800000000 | number, 0), 64};
}

// A pool for a million prefixes is shared out in a handful of blocks (F-167).
TEST(PrefixBlock, F167HalfOfAMillionIsAHandfulOfBlocks) {
  PrefixPool pool(prefix("2001:d00::/36"), 56, 1);
  std::uint64_t left = pool.size() / 2;
  int blocks = 0;
  while (left != 0) {
    const auto block = pool.find_block(Half::kFree, left);
    ASSERT_TRUE(block);
    const auto log2 = static_cast<unsigned>(56 - block->length);
    ASSERT_TRUE(pool.move_block({block->address, 56}, log2, Half::kFreeBackup));
    left -= 1U << log2;
    ++blocks;
  }
  EXPECT_LE(blocks, 8);
  EXPECT_EQ(pool.free_count(Half::kFree), pool.size() / 2);
  EXPECT_EQ(pool.free_count(Half::kFreeBackup), pool.size() / 2);
}

// F-177: what could be delegated is counted, not what stands in records.
TEST(PrefixBlock, F177CountsWhatNobodyHoldsWithoutReservedOnes) {
  PrefixPool pool(prefix("2001:db8::/48"), 64, 2);
  ASSERT_EQ(pool.claim(nth(3), 1), ClaimResult::kClaimed);
  pool.set_reserved(nth(4));
  pool.set_half(nth(8), 3, Half::kFreeBackup);
  EXPECT_EQ(pool.free_count(Half::kFree), 65536U - 2 - 8);
  EXPECT_EQ(pool.free_count(Half::kFreeBackup), 8U);
  pool.release(nth(3), 1);
  EXPECT_EQ(pool.free_count(Half::kFree), 65536U - 1 - 8);
}

TEST(PrefixBlock, FindsTheLargestThatFitsAndIsFree) {
  PrefixPool pool(prefix("2001:db8::/48"), 64, 1);
  EXPECT_EQ(pool.find_block(Half::kFree, 65536), prefix("2001:db8::/48"));
  EXPECT_EQ(pool.find_block(Half::kFree, 65535), prefix("2001:db8::/49"));
  EXPECT_EQ(pool.find_block(Half::kFree, 1), prefix("2001:db8::/64"));
  EXPECT_EQ(pool.find_block(Half::kFreeBackup, 65536), std::nullopt);
  ASSERT_EQ(pool.claim(nth(0), 0), ClaimResult::kClaimed);
  EXPECT_EQ(pool.find_block(Half::kFree, 65536), prefix("2001:db8:0:8000::/49"));
  ASSERT_EQ(pool.claim(nth(0xc000), 0), ClaimResult::kClaimed);
  EXPECT_EQ(pool.find_block(Half::kFree, 65536), prefix("2001:db8:0:4000::/50"));
  EXPECT_EQ(pool.find_block(Half::kFree, 2), prefix("2001:db8:0:2::/63"));
}

TEST(PrefixBlock, ASmallPoolHasBlocksToo) {
  for (const char* range : {"2001:db8::/64", "2001:db8::/63", "2001:db8::/60"}) {
    PrefixPool pool(prefix(range), 64, 1);
    EXPECT_EQ(pool.find_block(Half::kFree, 1000), prefix(range));
    EXPECT_TRUE(pool.move_block(nth(0), 64U - prefix(range).length, Half::kFreeBackup));
    EXPECT_EQ(pool.find_block(Half::kFree, 1000), std::nullopt);
    EXPECT_EQ(pool.find_block(Half::kFreeBackup, 1000), prefix(range));
  }
}

// F-174, R-07: a block in which somebody holds a prefix stays whole where it is.
TEST(PrefixBlock, F174ABlockWithAHeldPrefixDoesNotMove) {
  PrefixPool pool(prefix("2001:db8::/48"), 64, 1);
  ASSERT_EQ(pool.claim(nth(130), 0), ClaimResult::kClaimed);
  EXPECT_FALSE(pool.move_block(nth(0), 8, Half::kFreeBackup));
  EXPECT_EQ(pool.free_count(Half::kFreeBackup), 0U);
  EXPECT_EQ(pool.half(nth(0)), Half::kFree);
  EXPECT_EQ(pool.claim(nth(0), 0), ClaimResult::kClaimed) << "it is held no more";
  EXPECT_EQ(pool.claim(nth(129), 0), ClaimResult::kClaimed);
  EXPECT_TRUE(pool.move_block(nth(256), 8, Half::kFreeBackup));
  EXPECT_EQ(pool.half(nth(256)), Half::kFreeBackup);
  EXPECT_EQ(pool.holder(nth(256)), kNoShard);
  EXPECT_EQ(pool.claim(nth(256), 0), ClaimResult::kClaimed);
}

// A dumb search is the twin.
RC_GTEST_PROP(PrefixBlock, FindsWhatASlowSearchFinds, ()) {
  const unsigned size_log2 = *rc::gen::inRange(0U, 11U);
  PrefixPool pool({prefix("2001:db8::/48").address, static_cast<std::uint8_t>(64 - size_log2)}, 64,
                  1);
  const std::uint32_t size = 1U << size_log2;
  std::vector<bool> is_free(size, true);
  for (const std::uint32_t each :
       *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange(0U, size))) {
    if (!is_free[each]) continue;
    is_free[each] = false;
    if (each % 3 == 0) {
      pool.set_half(nth(each), 0, Half::kFreeBackup);
    } else {
      RC_ASSERT(pool.claim(nth(each), 0) == ClaimResult::kClaimed);
    }
  }
  const std::uint32_t count_max = *rc::gen::inRange(1U, 2 * size + 1);
  std::optional<Ipv6Prefix> expected;
  for (unsigned log2 = 0; log2 <= size_log2 && 1U << log2 <= count_max; ++log2) {
    for (std::uint32_t first = 0; first < size; first += 1U << log2) {
      const auto begin = is_free.begin() + first;
      if (std::all_of(begin, begin + (1U << log2), [](bool free) { return free; })) {
        expected = Ipv6Prefix{nth(first).address, static_cast<std::uint8_t>(64 - log2)};
        break;
      }
    }
  }
  RC_ASSERT(pool.find_block(Half::kFree, count_max) == expected);
  RC_ASSERT(pool.free_count(Half::kFree) ==
            static_cast<std::uint64_t>(std::count(is_free.begin(), is_free.end(), true)));
}

}  // namespace
}  // namespace tandem6
