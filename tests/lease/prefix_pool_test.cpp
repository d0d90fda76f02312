#include "dataplane/lease/prefix_pool.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <set>
#include <vector>

namespace tandem6 {
namespace {

constexpr Half kHalves[] = {Half::kFree, Half::kFreeBackup};

Ipv6Prefix prefix(const char* text) { return *Ipv6Prefix::parse(text); }

// Prefixes of pool 2001:db8::/48 cut into /64s, by number.
Ipv6Prefix nth(std::uint64_t number) {
  return {Ipv6Address::from_halves(0x20010db800000000 | number, 0), 64};
}

// S-147, the pool's side: whatever the two lengths, all prefixes of the pool can be delegated, each
// once, none overlapping another, no bit set past the length.
TEST(PrefixPool, DelegatesDisjointPrefixes) {
  struct Case {
    const char* range;
    std::uint8_t length;
    std::uint64_t count;
  };
  for (const Case& pool_case :
       {Case{"2001:db8::/56", 64, 256}, Case{"2001:db8::/60", 68, 256},
        Case{"2001:db8:0:ff00::/64", 72, 256}, Case{"2001:db8::aa00/120", 128, 256},
        Case{"2001:db8::/56", 56, 1}, Case{"2001:db8::/55", 56, 2}, Case{"::/0", 8, 256},
        Case{"::/0", 0, 1}}) {
    PrefixPool pool(prefix(pool_case.range), pool_case.length, 1);
    EXPECT_EQ(pool.size(), pool_case.count);
    std::set<Ipv6Prefix> delegated;
    while (const auto found = pool.find_free({0, delegated.size() * 37}, Half::kFree)) {
      ASSERT_TRUE(pool.contains(*found)) << found->to_string();
      EXPECT_EQ(found->length, pool_case.length);
      EXPECT_EQ(*found, found->masked());
      EXPECT_TRUE(pool.range().contains(*found));
      ASSERT_EQ(pool.claim(*found, 0), ClaimResult::kClaimed);
      ASSERT_TRUE(delegated.insert(*found).second);
    }
    // Of one length and masked, so two that differ do not overlap.
    EXPECT_EQ(delegated.size(), pool_case.count) << pool_case.range;
    EXPECT_EQ(pool.used(), pool_case.count);
  }
}

// S-071, the pool's side.
TEST(PrefixPool, GivesALeaseToOneShardOnly) {
  PrefixPool pool(prefix("2001:db8::/48"), 64, 254);
  EXPECT_EQ(pool.holder(nth(5)), kNoShard);
  EXPECT_EQ(pool.claim(nth(5), kShardIdMax), ClaimResult::kClaimed);
  EXPECT_EQ(pool.claim(nth(5), 0), ClaimResult::kTaken);
  EXPECT_EQ(pool.claim(nth(5), kShardIdMax), ClaimResult::kTaken);
  EXPECT_EQ(pool.holder(nth(5)), kShardIdMax);
  EXPECT_EQ(pool.used(), 1U);
  pool.release(nth(5), kShardIdMax);
  EXPECT_EQ(pool.holder(nth(5)), kNoShard);
  EXPECT_EQ(pool.claim(nth(5), 0), ClaimResult::kClaimed);
}

TEST(PrefixPool, ContainsPrefixesOfItsLengthOnly) {
  const PrefixPool pool(prefix("2001:db8::/48"), 64, 1);
  EXPECT_TRUE(pool.contains(prefix("2001:db8::/64")));
  EXPECT_TRUE(pool.contains(prefix("2001:db8:0:ffff::/64")));
  EXPECT_FALSE(pool.contains(prefix("2001:db8:0:ff00::/56")));
  EXPECT_FALSE(pool.contains(prefix("2001:db8:1::/64")));
  EXPECT_FALSE(pool.contains(Ipv6Prefix{prefix("2001:db8::1/128").address, 64}));
}

TEST(PrefixPool, FindsFreshOnesBeforeThoseOfFormerClients) {
  PrefixPool pool(prefix("2001:db8::/48"), 64, 1);
  ASSERT_EQ(pool.claim(nth(7), 0), ClaimResult::kClaimed);
  pool.release(nth(7), 0);
  EXPECT_EQ(pool.find_free({0, 7}, Half::kFree), nth(8));
  for (std::uint64_t i = 0; i < pool.size(); ++i) {
    if (i != 7) {
      ASSERT_EQ(pool.claim(nth(i), 0), ClaimResult::kClaimed);
    }
  }
  EXPECT_EQ(pool.find_free({0, 9}, Half::kFree), nth(7));
}

TEST(PrefixPool, MovesBlocksBetweenTheHalves) {
  PrefixPool pool(prefix("2001:db8::/48"), 64, 1);
  EXPECT_EQ(pool.find_free({0, 0}, Half::kFreeBackup), std::nullopt);
  pool.set_half(nth(0x4000), 14, Half::kFreeBackup);
  EXPECT_EQ(pool.find_free({0, 0}, Half::kFreeBackup), nth(0x4000));
  EXPECT_EQ(pool.find_free({0, 0x7fff}, Half::kFreeBackup), nth(0x7fff));
  EXPECT_EQ(pool.find_free({0, 0x8000}, Half::kFreeBackup), nth(0x4000));
  EXPECT_EQ(pool.find_free({0, 0x4000}, Half::kFree), nth(0x8000));
  EXPECT_EQ(pool.half(nth(0x3fff)), Half::kFree);
  EXPECT_EQ(pool.half(nth(0x4000)), Half::kFreeBackup);
  pool.set_half(nth(0x4000), 0, Half::kFree);
  EXPECT_EQ(pool.half(nth(0x4000)), Half::kFree);
  EXPECT_EQ(pool.half(nth(0x4001)), Half::kFreeBackup);
}

TEST(PrefixPool, AHeldPrefixChangesItsHalfButStaysHeld) {
  PrefixPool pool(prefix("2001:db8::/63"), 64, 1);
  ASSERT_EQ(pool.claim(nth(0), 0), ClaimResult::kClaimed);
  pool.set_half(nth(0), 1, Half::kFreeBackup);
  EXPECT_EQ(pool.holder(nth(0)), 0);
  EXPECT_EQ(pool.find_free({0, 0}, Half::kFreeBackup), nth(1));
  pool.release(nth(0), 0);
  ASSERT_EQ(pool.claim(nth(1), 0), ClaimResult::kClaimed);
  EXPECT_EQ(pool.find_free({0, 1}, Half::kFreeBackup), nth(0));
  EXPECT_EQ(pool.find_free({0, 1}, Half::kFree), std::nullopt);
}

// a prefix that is reserved for one client is in no pool, yet can be claimed for it.
TEST(PrefixPool, AReservedPrefixIsNeverFound) {
  PrefixPool pool(prefix("2001:db8::/62"), 64, 1);
  pool.set_reserved(nth(2));
  std::set<Ipv6Prefix> delegated;
  while (const auto found = pool.find_free({0, 2}, Half::kFree)) {
    ASSERT_EQ(pool.claim(*found, 0), ClaimResult::kClaimed);
    delegated.insert(*found);
  }
  EXPECT_EQ(delegated, (std::set{nth(0), nth(1), nth(3)}));
  EXPECT_EQ(pool.claim(nth(2), 0), ClaimResult::kClaimed);
  pool.release(nth(2), 0);
  pool.set_half(nth(0), 2, Half::kFreeBackup);
  EXPECT_EQ(pool.find_free({0, 2}, Half::kFreeBackup), std::nullopt);
}

TEST(PrefixPool, TheLargestIsUsedUpToItsLastPrefix) {
  PrefixPool pool(prefix("2001:db8::/32"), 56, 1);
  ASSERT_EQ(pool.size(), 1U << 24);
  pool.set_half({prefix("2001:db8::/56").address, 56}, 24, Half::kFreeBackup);
  EXPECT_EQ(pool.find_free({0, 1}, Half::kFree), std::nullopt);
  const Ipv6Prefix last = prefix("2001:db8:ffff:ff00::/56");
  pool.set_half(last, 0, Half::kFree);
  EXPECT_EQ(pool.find_free({0, 1}, Half::kFree), last);
  ASSERT_EQ(pool.claim(last, 0), ClaimResult::kClaimed);
  EXPECT_EQ(pool.find_free({0, 1}, Half::kFree), std::nullopt);
}

// Twin: a plain array of facts, searched by hand.
class Twin {
 public:
  explicit Twin(std::uint64_t size) : facts_(size) {}

  struct Facts {
    ShardId holder = kNoShard;
    Half half = Half::kFree;
    bool former = false;
    bool reserved = false;
  };
  Facts& operator[](std::uint64_t index) { return facts_[index]; }

  std::optional<std::uint64_t> find(std::uint64_t start, Half half) const {
    for (const bool former : {false, true}) {
      for (std::uint64_t i = 0; i < facts_.size(); ++i) {
        const std::uint64_t at = (start + i) % facts_.size();
        const Facts& fact = facts_[at];
        if (fact.holder == kNoShard && !fact.reserved && fact.half == half &&
            fact.former == former) {
          return at;
        }
      }
    }
    return std::nullopt;
  }

 private:
  std::vector<Facts> facts_;
};

void claim_or_release(PrefixPool& pool, Twin& twin, std::uint64_t at, ShardId shard) {
  const auto before = twin[at].holder;
  if (before == kNoShard) {
    RC_ASSERT(pool.claim(nth(at), shard) == ClaimResult::kClaimed);
    twin[at].holder = shard;
  } else {
    RC_ASSERT(pool.claim(nth(at), shard) == ClaimResult::kTaken);
    pool.release(nth(at), before);
    twin[at].holder = kNoShard;
    twin[at].former = true;
  }
}

RC_GTEST_PROP(PrefixPool, AnswersLikeATwin, ()) {
  const auto size_log2 = *rc::gen::inRange<std::uint8_t>(0, 13);
  PrefixPool pool(Ipv6Prefix{nth(0).address, static_cast<std::uint8_t>(64 - size_log2)}, 64, 3);
  const std::uint64_t size = pool.size();
  Twin twin(size);
  const auto steps =
      *rc::gen::container<std::vector<std::tuple<int, std::uint64_t, std::uint8_t, bool>>>(
          rc::gen::tuple(rc::gen::inRange(0, 12), rc::gen::inRange<std::uint64_t>(0, size),
                         rc::gen::inRange<std::uint8_t>(0, 13), rc::gen::arbitrary<bool>()));
  for (const auto& [kind, number, small, flag] : steps) {
    const Half half = flag ? Half::kFree : Half::kFreeBackup;
    const auto shard = static_cast<ShardId>(small % 3);
    if (kind == 0) {
      const unsigned count_log2 = std::min<unsigned>(small, size_log2);
      const std::uint64_t first = number >> count_log2 << count_log2;
      pool.set_half(nth(first), count_log2, half);
      for (std::uint64_t i = first; i < first + (1ULL << count_log2); ++i) twin[i].half = half;
    } else if (kind == 1) {
      pool.set_reserved(nth(number));
      twin[number].reserved = true;
    } else if (kind < 5) {
      claim_or_release(pool, twin, number, shard);
    } else if (kind == 5) {  // a run, so that whole words fill up
      for (std::uint64_t i = number; i < size && i < number + 100; ++i) {
        claim_or_release(pool, twin, i, shard);
      }
    }
    const auto expected = twin.find(number, half);
    const auto found = pool.find_free({0, number}, half);
    RC_ASSERT(found.has_value() == expected.has_value());
    if (found) RC_ASSERT(*found == nth(*expected));
    RC_ASSERT(pool.holder(nth(number)) == twin[number].holder);
    RC_ASSERT(pool.half(nth(number)) == twin[number].half);
  }
}

}  // namespace
}  // namespace tandem6
