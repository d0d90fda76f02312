#include "dataplane/lease/address_pool.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <vector>

namespace tandem6 {
namespace {

const AllocationKey kKey({9, 1, 9, 2, 9, 3, 9, 4, 9, 5, 9, 6, 9, 7, 9, 8});
constexpr std::uint64_t kHigh = 0x20010db800000000;
constexpr Half kHalves[] = {Half::kFree, Half::kFreeBackup};

Ipv6Address address(std::uint64_t low) { return Ipv6Address::from_halves(kHigh, low); }

AllocationKey::Draw draw_of(std::uint64_t client) {
  return kKey.draw(client, IaType::kNonTemporaryAddress, Iaid{1}, 2, 0);
}

// S-056: none of the identifiers that are set aside, up to their very edges.
TEST(AddressPool, KnowsTheReservedInterfaceIdentifiers) {
  for (const std::uint64_t reserved :
       {0x0ULL, 0x02005efffe000000ULL, 0x02005efffe005212ULL, 0x02005efffe005213ULL,
        0x02005efffeffffffULL, 0xfdffffffffffff80ULL, 0xfdffffffffffffffULL}) {
    EXPECT_TRUE(is_reserved_interface_identifier(address(reserved))) << std::hex << reserved;
  }
  for (const std::uint64_t usable : {0x1ULL, 0x02005efffdffffffULL, 0x02005effff000000ULL,
                                     0xfdffffffffffff7fULL, 0xfe00000000000000ULL, ~0ULL}) {
    EXPECT_FALSE(is_reserved_interface_identifier(address(usable))) << std::hex << usable;
  }
}

// F-139, F-140, the pool's side: the half FREE (the primary's) has the odd addresses only,
// FREE-BACKUP (the secondary's) the even ones.
RC_GTEST_PROP(AddressPool, CandidatesLieInTheRangeAndInTheirHalf, (std::uint64_t client)) {
  ClaimTable table(100, kKey);
  const auto length = *rc::gen::inRange<std::uint8_t>(0, 128);
  const AddressPool pool({address(0xabcdef), length}, table, 1);
  for (const Half half : kHalves) {
    const Ipv6Address candidate = pool.candidate(draw_of(client), half);
    RC_ASSERT(pool.contains(candidate));
    RC_ASSERT(half_of(candidate) == half);
    RC_ASSERT(pool.may_lease(candidate) == !is_reserved_interface_identifier(candidate));
    RC_ASSERT(candidate == pool.candidate(draw_of(client), half));
  }
}

// S-253: with 64 free bits, a thousand clients' addresses share no pattern that a neighbour could
// step along: all are different, in both halves of the range, without two next to each other.
TEST(AddressPool, CandidatesAreScattered) {
  ClaimTable table(100, kKey);
  const AddressPool pool({address(0), 64}, table, 1);
  std::set<std::uint64_t> lows;
  for (std::uint64_t client = 0; client < 1000; ++client) {
    lows.insert(pool.candidate(draw_of(client), Half::kFree).low());
  }
  ASSERT_EQ(lows.size(), 1000U);
  EXPECT_LT(*lows.begin(), ~0ULL / 50);
  EXPECT_GT(*lows.rbegin(), ~0ULL - ~0ULL / 50);
  std::uint64_t previous = 0;
  for (const std::uint64_t low : lows) {
    EXPECT_GT(low - previous, 1U << 20);
    previous = low;
  }
}

// a range with no even address gives the secondary nothing.
TEST(AddressPool, ALoneAddressBelongsToOneHalf) {
  ClaimTable table(100, kKey);
  AddressPool odd({address(5), 128}, table, 1);
  EXPECT_EQ(odd.candidate(draw_of(1), Half::kFree), address(5));
  EXPECT_FALSE(odd.may_lease(odd.candidate(draw_of(1), Half::kFreeBackup)));
  EXPECT_EQ(odd.find_free(draw_of(1), Half::kFreeBackup), std::nullopt);
  EXPECT_EQ(odd.find_free(draw_of(1), Half::kFree), address(5));
  EXPECT_EQ(odd.claim(address(5), 0), ClaimResult::kClaimed);
  EXPECT_EQ(odd.find_free(draw_of(1), Half::kFree), std::nullopt);

  const AddressPool even({address(6), 128}, table, 1);
  EXPECT_EQ(even.find_free(draw_of(1), Half::kFree), std::nullopt);
  EXPECT_EQ(even.find_free(draw_of(1), Half::kFreeBackup), address(6));
}

// S-056 at a pool that has all kinds of addresses: exactly the unreserved ones can be leased, the
// last as surely as the first.
TEST(AddressPool, ASmallRangeIsUsedUpToItsLastAddress) {
  for (const std::uint64_t first : {0ULL, 0x100ULL, 0xfdffffffffffff00ULL}) {
    ClaimTable table(256, kKey);
    AddressPool pool({address(first), 120}, table, 1);
    std::set<Ipv6Address> expected;
    for (std::uint64_t i = first; i < first + 256; ++i) {
      if (!is_reserved_interface_identifier(address(i))) expected.insert(address(i));
    }
    std::set<Ipv6Address> leased;
    for (const Half half : kHalves) {
      for (std::uint64_t client = 0;; ++client) {
        const auto found = pool.find_free(draw_of(client), half);
        if (!found) break;
        EXPECT_EQ(half_of(*found), half);
        ASSERT_EQ(pool.claim(*found, 0), ClaimResult::kClaimed);
        EXPECT_TRUE(leased.insert(*found).second);
      }
    }
    EXPECT_EQ(leased, expected);
    EXPECT_EQ(pool.used(), expected.size());
    const Ipv6Address last = address(first + 0x42);
    pool.release(last, 0);
    EXPECT_EQ(pool.find_free(draw_of(77), half_of(last)), last);
  }
}

TEST(AddressPool, FindsTheCandidateItselfWhileItIsFree) {
  ClaimTable table(256, kKey);
  const AddressPool pool({address(0x1000), 116}, table, 1);
  for (std::uint64_t client = 0; client < 200; ++client) {
    for (const Half half : kHalves) {
      EXPECT_EQ(pool.find_free(draw_of(client), half), pool.candidate(draw_of(client), half));
    }
  }
}

TEST(AddressPool, ARangeInsideAReservedBlockLeasesNothing) {
  ClaimTable table(256, kKey);
  const AddressPool pool({address(0x02005efffe000000), 104}, table, 1);
  const AddressPool anycast({address(0), 128}, table, 1);
  EXPECT_FALSE(pool.may_lease(pool.candidate(draw_of(1), Half::kFree)));
  EXPECT_EQ(pool.find_free(draw_of(1), Half::kFree), std::nullopt);
  EXPECT_EQ(anycast.find_free(draw_of(1), Half::kFreeBackup), std::nullopt);
}

// an address that is reserved for one client is in no pool, yet can be claimed for it.
TEST(AddressPool, AReservedAddressIsNeverFound) {
  ClaimTable table(256, kKey);
  AddressPool pool({address(0x8), 125}, table, 1);
  pool.set_reserved(address(0xb));
  std::set<Ipv6Address> leased;
  while (const auto found = pool.find_free(draw_of(leased.size()), Half::kFree)) {
    ASSERT_EQ(pool.claim(*found, 0), ClaimResult::kClaimed);
    leased.insert(*found);
  }
  EXPECT_EQ(leased, (std::set{address(0x9), address(0xd), address(0xf)}));
  EXPECT_EQ(pool.claim(address(0xb), 0), ClaimResult::kClaimed);
  pool.release(address(0xb), 0);
  EXPECT_EQ(pool.find_free(draw_of(1), Half::kFree), std::nullopt);
}

// The ClaimTable decides: what was claimed past the pool is not offered.
TEST(AddressPool, PassesOverWhatTheTableSaysIsHeld) {
  ClaimTable table(256, kKey);
  AddressPool pool({address(0x8), 126}, table, 1);
  ASSERT_EQ(table.claim(address(0x9), 0), ClaimResult::kClaimed);
  for (std::uint64_t client = 0; client < 8; ++client) {
    EXPECT_EQ(pool.find_free(draw_of(client), Half::kFree), address(0xb));
  }
}

TEST(AddressPool, CountsItsAddresses) {
  ClaimTable table(256, kKey);
  EXPECT_EQ(AddressPool({address(0), 128}, table, 1).size(), 1U);
  EXPECT_EQ(AddressPool({address(0), 120}, table, 1).size(), 256U);
  EXPECT_EQ(AddressPool({address(0), 65}, table, 1).size(), 1ULL << 63);
  EXPECT_EQ(AddressPool({address(0), 64}, table, 1).size(), ~0ULL);
  EXPECT_EQ(AddressPool({address(0), 32}, table, 1).size(), ~0ULL);
}

TEST(ShardCounters, SumOverShards) {
  ShardCounters used(3);
  used.add(0, 5);
  used.add(2, 1);
  used.add(0, -2);
  EXPECT_EQ(used.sum(), 4U);
  used.add(1, -7);
  EXPECT_EQ(used.sum(), 0U) << "never a huge number for a moment";
}

// Twin: sets of the free addresses, fresh and former, searched by hand.
RC_GTEST_PROP(AddressPool, FindsLikeATwin, ()) {
  ClaimTable table(512, kKey);
  const auto length = *rc::gen::inRange<std::uint8_t>(118, 128);
  AddressPool pool({address(0x4000), length}, table, 4);
  const auto size = pool.size();
  std::set<std::uint64_t> fresh;
  std::set<std::uint64_t> former;
  std::vector<std::pair<std::uint64_t, ShardId>> held;
  for (std::uint64_t i = 0; i < size; ++i) fresh.insert(i);

  const auto steps = *rc::gen::container<std::vector<std::tuple<bool, bool, std::uint64_t>>>(
      1000, rc::gen::arbitrary<std::tuple<bool, bool, std::uint64_t>>());
  const int release_one_of = *rc::gen::inRange(1, 5);
  int step_number = 0;
  for (const auto& [odd, first_half, number] : steps) {
    if (++step_number % (release_one_of + 1) == 0 && !held.empty()) {
      const std::size_t at = number % held.size();
      pool.release(address(0x4000 + held[at].first), held[at].second);
      former.insert(held[at].first);
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(at));
      continue;
    }
    const Half half = odd ? Half::kFree : Half::kFreeBackup;
    const auto start = pool.candidate({0, number}, half).low() & (size - 1);
    const auto search = [&](const std::set<std::uint64_t>& free) -> std::optional<std::uint64_t> {
      for (std::uint64_t i = 0; i < size; ++i) {
        const std::uint64_t at = (start + i) % size;
        if (at % 2 == (odd ? 1U : 0U) && free.contains(at)) return at;
      }
      return std::nullopt;
    };
    const auto expected = search(fresh) ? search(fresh) : search(former);
    const auto found = pool.find_free({0, number}, half);
    RC_ASSERT(found.has_value() == expected.has_value());
    if (!found) continue;
    RC_ASSERT(*found == address(0x4000 + *expected));
    const auto shard = static_cast<ShardId>(number % 4);
    RC_ASSERT(pool.claim(*found, shard) == ClaimResult::kClaimed);
    fresh.erase(*expected);
    former.erase(*expected);
    held.emplace_back(*expected, shard);
    RC_ASSERT(pool.used() == held.size());
  }
}

}  // namespace
}  // namespace tandem6
