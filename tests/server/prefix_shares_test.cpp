// Who may delegate which prefixes: blocks given, taken back and told of by the partner (RFC 8156
// section 4.2.2; ).
#include "dataplane/server/prefix_shares.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "dataplane/server/restore.h"
#include "tests/server/partner_bench.h"

namespace tandem6 {
namespace {

using enum BindingStatus;

const Duid kClient = ServerBench::client_duid(1);

LeaseUpdate bare(const Ipv6Prefix& block, BindingStatus status) {
  LeaseUpdate update;
  update.ia_type = IaType::kPrefixDelegation;
  update.lease = block;
  update.status = status;
  return update;
}
StatusCode verdict_of(const PartnerBench& bench, const char* block, BindingStatus status) {
  return apply_prefix_update(*bench.service, 0, bench.rules, bare(prefix_of(block), status)).status;
}

ServerSettings one_pool(const char* range) {
  ServerSettings settings = ServerBench::pair_settings();
  settings.links[0].prefix_pools = {{prefix_of(range), 56, std::nullopt}};
  return settings;
}

// F-145: all begin as the primary's.
TEST(PrefixShares, F145AllBeginAsThePrimarys) {
  PartnerBench bench;
  const PoolShares shares = shares_of(*bench.service, 0);
  EXPECT_EQ(shares.free_primary, 65536U);
  EXPECT_EQ(shares.free_secondary, 0U);
}

// F-167, F-171, F-172: a million prefixes are shared out in a handful of blocks, and the primary
// gives none of what is the secondary's.
TEST(PrefixShares, F167F171F172AMillionPrefixesAreSharedOutInAFewBlocks) {
  PartnerBench bench(one_pool("2001:d00::/36"), Role::kPrimary);
  std::uint64_t left = 1U << 19;
  int moves = 0;
  while (left != 0) {
    const auto block = find_block(*bench.service, 0, Half::kFree, left);
    ASSERT_TRUE(block);
    ASSERT_TRUE(move_block(*bench.service, *block, Half::kFreeBackup));
    left -= 1U << (56 - block->length);
    ++moves;
  }
  EXPECT_LE(moves, 8);
  EXPECT_EQ(shares_of(*bench.service, 0).free_secondary, 1U << 19);
  for (std::uint32_t number = 1; number <= 200; ++number) {
    const Ipv6Prefix lease = bench.lease_prefix(ServerBench::client_duid(number));
    EXPECT_FALSE(prefix_of("2001:d00::/37").contains(lease));
  }
  EXPECT_EQ(shares_of(*bench.service, 0).free_primary, (1U << 19) - 200);
}

// F-147, F-148: the secondary gives what it has been told is its own, and nothing else.
TEST(PrefixShares, F147F148TheSecondaryGivesFromItsBlocksOnly) {
  PartnerBench bench(Role::kSecondary);
  Reply reply = bench.send(to_server(MessageType::kRequest, kClient).ia_pd(Iaid{1}));
  EXPECT_EQ(reply.pd().status, StatusCode::kNoPrefixAvail);
  EXPECT_EQ(verdict_of(bench, "2001:db8:8004::/50", kFreeBackup), StatusCode::kSuccess);
  EXPECT_EQ(shares_of(*bench.service, 0).free_secondary, 64U);
  EXPECT_TRUE(prefix_of("2001:db8:8004::/50").contains(bench.lease_prefix(kClient)));
}

// F-173, F-174: what is free goes back, and no block with a prefix of a client in it.
TEST(PrefixShares, F173F174ABlockWithAClientInItIsNotGivenBack) {
  PartnerBench bench(Role::kSecondary);
  ASSERT_EQ(verdict_of(bench, "2001:db8:8004::/50", kFreeBackup), StatusCode::kSuccess);
  const Ipv6Prefix lease = bench.lease_prefix(kClient);
  EXPECT_EQ(verdict_of(bench, "2001:db8:8004::/50", kFree),
            StatusCode::kOutdatedBindingInformation);
  EXPECT_EQ(shares_of(*bench.service, 0).free_secondary, 63U) << "nothing has moved";
  const Ipv6Prefix without = lease.address < address_of("2001:db8:8004:2000::")
                                 ? prefix_of("2001:db8:8004:2000::/51")
                                 : prefix_of("2001:db8:8004::/51");
  EXPECT_EQ(apply_prefix_update(*bench.service, 0, bench.rules, bare(without, kFree)).status,
            StatusCode::kSuccess);
  EXPECT_EQ(shares_of(*bench.service, 0).free_secondary, 31U);
}

// a prefix that the secondary freed in PARTNER-DOWN, without an ack, is the primary's, who
// may not have heard of that yet.
TEST(PrefixShares, R03ASecondaryInPartnerDownTakesNoBlock) {
  for (const Role role : {Role::kPrimary, Role::kSecondary}) {
    PartnerBench bench(role);
    bench.obey(partner_down(role, bench.now));
    EXPECT_EQ(
        verdict_of(bench, "2001:db8:8004::/50", kFreeBackup),
        role == Role::kSecondary ? StatusCode::kOutdatedBindingInformation : StatusCode::kSuccess);
  }
}

// F-210, R-33
TEST(PrefixShares, F210R33ABarePrefixStoresTheHalfThatItIsTold) {
  PartnerBench bench(Role::kSecondary);
  const Ipv6Prefix single = prefix_of("2001:db8:8000:100::/56");
  PrefixPool& pool = bench.pools->prefix_pool(0);
  EXPECT_EQ(verdict_of(bench, "2001:db8:8000:100::/56", kFreeBackup), StatusCode::kSuccess);
  EXPECT_EQ(pool.half(single), Half::kFreeBackup);
  EXPECT_EQ(verdict_of(bench, "2001:db8:8000:100::/56", kFreeBackup), StatusCode::kSuccess);
  EXPECT_EQ(verdict_of(bench, "2001:db8:8000:100::/56", kPendingFree), StatusCode::kSuccess);
  EXPECT_EQ(pool.half(single), Half::kFree);
}

// F-199, R-08: not of a pool of this relationship. F-197: without a client nothing else can be.
TEST(PrefixShares, F199R08F197WhatIsNoBlockOfThisRelationshipIsRefused) {
  ServerSettings settings = ServerBench::two_links();
  settings.links[0].relationship = 0;
  PartnerBench bench(settings, Role::kSecondary);
  for (const char* block : {"2001:db8:4000::/56", "2001:db8::/32", "2001:db8:8000:100::/57",
                            "2001:db8:9000:100::/56"}) {
    EXPECT_EQ(verdict_of(bench, block, kFreeBackup), StatusCode::kConfigurationConflict) << block;
    EXPECT_EQ(pool_of_block(*bench.service, 0, prefix_of(block)), std::nullopt) << block;
  }
  EXPECT_EQ(pool_of_block(*bench.service, 0, prefix_of("2001:db8:8000::/48")), PoolIndex{0});
  EXPECT_EQ(pool_of_block(*bench.service, kNoRelationship, prefix_of("2001:db8:9000::/48")),
            PoolIndex{1});
  for (const BindingStatus status : {kActive, kExpired, kReleased, kAbandoned, kReset}) {
    EXPECT_EQ(verdict_of(bench, "2001:db8:8000::/48", status),
              StatusCode::kMissingBindingInformation);
  }
  EXPECT_EQ(shares_of(*bench.service, 0).free_secondary, 0U);
}

// a lone prefix is a block as well.
TEST(PrefixShares, R06ALonePrefixIsABlock) {
  PartnerBench bench(one_pool("2001:d00::/56"), Role::kPrimary);
  EXPECT_EQ(find_block(*bench.service, 0, Half::kFree, 10), prefix_of("2001:d00::/56"));
  EXPECT_TRUE(move_block(*bench.service, prefix_of("2001:d00::/56"), Half::kFreeBackup));
  EXPECT_EQ(shares_of(*bench.service, 0).free_primary, 0U);
}

// what is reserved is in no pool; a block around it can still move.
TEST(PrefixShares, R04AReservedPrefixCountsForNobody) {
  ServerSettings settings = one_pool("2001:d00::/52");
  settings.links[0].reservations.push_back({.duid = kClient,
                                            .iaid = std::nullopt,
                                            .address = std::nullopt,
                                            .prefix = prefix_of("2001:d00:0:500::/56")});
  PartnerBench bench(settings, Role::kPrimary);
  EXPECT_EQ(shares_of(*bench.service, 0).free_primary, 15U);
  EXPECT_EQ(find_block(*bench.service, 0, Half::kFree, 16), prefix_of("2001:d00:0:800::/53"));
}

// F-178: addresses are left alone.
TEST(PrefixShares, F178AddressesAreLeftAlone) {
  PartnerBench bench(Role::kSecondary);
  EXPECT_EQ(pool_of_block(*bench.service, 0, prefix_of("2001:db8:7::/80")), std::nullopt);
  EXPECT_EQ(verdict_of(bench, "2001:db8:7::/80", kFreeBackup), StatusCode::kConfigurationConflict);
}

// the change of the binding that got a prefix tells the disk that it has left its half, once.
TEST(PrefixShares, R03TheChangeOfABindingSaysThatItsPrefixHasLeftItsHalf) {
  PartnerBench bench(one_pool("2001:d00::/36"), Role::kSecondary);
  ASSERT_TRUE(restore_half(*bench.service, prefix_of("2001:d00::/37"), Half::kFreeBackup));
  const auto count_left = [&] {
    bench.drain_changes();
    const auto left = std::ranges::count_if(
        bench.changes, [](const Change& change) { return change.binding.half_left; });
    bench.changes.clear();
    return left;
  };
  const auto ask = [&] {
    return bench.send(to_server(MessageType::kRequest, kClient).ia_pd(Iaid{1}));
  };
  ASSERT_EQ(ask().pd().leases.size(), 1U);
  EXPECT_EQ(count_left(), 1);
  ASSERT_EQ(ask().pd().leases.size(), 1U);
  EXPECT_EQ(count_left(), 0);
}

// what fits no pool that is shared today moves nothing.
TEST(PrefixShares, R08HalvesThatFitNoPoolAreLeftOut) {
  PartnerBench bench(one_pool("2001:d00::/36"), Role::kSecondary);
  for (const char* block : {"2001:d00::/35", "2001:d00::/57", "2001:e00::/36"}) {
    EXPECT_FALSE(restore_half(*bench.service, prefix_of(block), Half::kFreeBackup)) << block;
  }
  EXPECT_EQ(shares_of(*bench.service, 0).free_secondary, 0U);
  EXPECT_TRUE(restore_half(*bench.service, prefix_of("2001:d00::/56"), Half::kFreeBackup));
  EXPECT_EQ(shares_of(*bench.service, 0).free_secondary, 1U);
  ServerSettings alone = one_pool("2001:d00::/36");
  alone.links[0].relationship = kNoRelationship;
  ServerBench without(alone);
  EXPECT_FALSE(restore_half(*without.service, prefix_of("2001:d00::/36"), Half::kFreeBackup));
}

}  // namespace
}  // namespace tandem6
