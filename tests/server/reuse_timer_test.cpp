// When a lease that has ended may be free without the partner's ack: in PARTNER-DOWN, MCLT past
// everything that was promised (RFC 8156 sections 4.2.2.1, 7.2, 8.4.1; ).
#include <gtest/gtest.h>

#include <algorithm>

#include "dataplane/server/lease_timers.h"
#include "tests/server/partner_bench.h"
#include "tests/server/restart.h"

namespace tandem6 {
namespace {

using enum BindingStatus;

const Duid kClient = ServerBench::client_duid(1);

void release(PartnerBench& bench, const Duid& client, const Ipv6Prefix& lease) {
  bench.send(to_server(MessageType::kRelease, client).ia_na(Iaid{1}, {lease.address}));
}

/// Enters PARTNER-DOWN, as the endpoint's executor does.
int enter_partner_down(PartnerBench& bench) {
  bench.obey(partner_down(bench.rules.role, bench.now));
  int calls = 0;
  for (BindingIndex from = 0; from != kNoBinding; ++calls) {
    from = arm_reuse_timers(bench.context(), from);
  }
  return calls;
}

/// The first second in which the lease is held no more.
std::int64_t free_after(PartnerBench& bench, const Ipv6Prefix& lease) {
  const std::int64_t begin = bench.now.seconds;
  while (bench.holder(lease) != kNoShard && bench.now.seconds < begin + 100'000) bench.pass(10);
  return bench.now.seconds - begin;
}

// F-278, F-150, F-307: not before MCLT past the greatest promise.
TEST(ReuseTimer, F150F278F307AnEndedLeaseWaitsForMcltPastTheGreatestPromise) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  bench.tell();
  const WallTime promised = bench.binding_of(lease).partner_lifetime;
  release(bench, kClient, lease);
  bench.pass(100);
  EXPECT_EQ(enter_partner_down(bench), 1);
  const std::int64_t expected = promised.seconds + kMclt.seconds - bench.now.seconds;
  ASSERT_GT(expected, static_cast<std::int64_t>(kMclt.seconds));
  const std::int64_t waited = free_after(bench, lease);
  EXPECT_GE(waited, expected);
  EXPECT_LE(waited, expected + 10);
  EXPECT_EQ(bench.binding_of(lease).status, kFree);
}

// when all of that is past, MCLT from the entry into PARTNER-DOWN.
TEST(ReuseTimer, R10PromisesOfThePastStillCostMcltFromTheEntry) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  bench.pass(7000);
  ASSERT_EQ(bench.binding_of(lease).status, kExpired);
  bench.pass(100'000);
  ASSERT_EQ(bench.holder(lease), 0) << "outside of PARTNER-DOWN only an ack frees it (F-151)";
  enter_partner_down(bench);
  const std::int64_t waited = free_after(bench, lease);
  EXPECT_GE(waited, static_cast<std::int64_t>(kMclt.seconds));
  EXPECT_LE(waited, static_cast<std::int64_t>(kMclt.seconds) + 10);
}

// What ends while the partner is down gets its timer as it ends.
TEST(ReuseTimer, R10WhatEndsInPartnerDownWaitsAsWell) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  bench.tell();
  enter_partner_down(bench);
  bench.pass(500);
  release(bench, kClient, lease);
  const WallTime promised = bench.binding_of(lease).partner_lifetime;
  ASSERT_EQ(bench.holder(lease), 0);
  const std::int64_t expected = promised.seconds + kMclt.seconds - bench.now.seconds;
  const std::int64_t waited = free_after(bench, lease);
  EXPECT_GE(waited, expected);
  EXPECT_LE(waited, expected + 10);
}

// The partner is told once it is back, that the lease is free, and not when it might have been.
TEST(ReuseTimer, WhatBecameFreeIsToldAndTheTimeOfReuseIsNot) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  bench.tell();
  release(bench, kClient, lease);
  enter_partner_down(bench);
  EXPECT_FALSE(WallTime(bench.binding_of(lease).state_expiration_time).is_none());
  const LeaseUpdate waiting = bench.taken_for(lease);
  EXPECT_EQ(waiting.status, kReleased);
  EXPECT_TRUE(waiting.state_expiration_time.is_none());
  EXPECT_TRUE(waiting.partner_lifetime.is_none());
  EXPECT_TRUE(waiting.expiration_time.is_none());
  free_after(bench, lease);
  const LeaseUpdate freed = bench.taken_for(lease);
  EXPECT_EQ(freed.status, kFree);
  bench.acknowledge_update(freed);
  EXPECT_FALSE(bench.binding_of(lease).needs_update);
}

// Leaving PARTNER-DOWN needs no scan; entering it again begins anew.
TEST(ReuseTimer, ATimerThatFiresOutsideOfPartnerDownOnlyClearsItself) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  bench.tell();
  release(bench, kClient, lease);
  enter_partner_down(bench);
  bench.pass(100);
  bench.obey(normal(Role::kPrimary));
  bench.pass(20'000);
  EXPECT_EQ(bench.holder(lease), 0);
  EXPECT_EQ(bench.binding_of(lease).status, kReleased);
  EXPECT_TRUE(WallTime(bench.binding_of(lease).state_expiration_time).is_none());
  enter_partner_down(bench);
  EXPECT_GE(free_after(bench, lease), static_cast<std::int64_t>(kMclt.seconds));
}

// A timer of an earlier PARTNER-DOWN does not count in a later one.
TEST(ReuseTimer, R10ATimerOfAnEarlierPartnerDownIsTooEarlyInALaterOne) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  bench.pass(20'000);
  ASSERT_EQ(bench.binding_of(lease).status, kExpired);
  enter_partner_down(bench);
  bench.pass(kMclt.seconds - 100);
  // Out and in again; the scan has not come to this binding yet.
  bench.obey(partner_down(Role::kPrimary, bench.now));
  bench.pass(200);
  EXPECT_EQ(bench.holder(lease), 0);
  EXPECT_GE(free_after(bench, lease), static_cast<std::int64_t>(kMclt.seconds) - 200);
}

// An ack that comes all the same frees it at once.
TEST(ReuseTimer, AnAckFreesWhatWaitsForItsTime) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  bench.tell();
  release(bench, kClient, lease);
  enter_partner_down(bench);
  bench.tell();
  EXPECT_EQ(bench.holder(lease), kNoShard);
  bench.pass(50'000);
  EXPECT_EQ(bench.binding_of(lease).status, kFree);
}

// The time outlives a restart in PARTNER-DOWN, when it is armed again.
TEST(ReuseTimer, R10R45ARestartInPartnerDownWaitsNoShorter) {
  PartnerBench before;
  const Ipv6Prefix lease = before.lease_address(kClient);
  before.tell();
  release(before, kClient, lease);
  enter_partner_down(before);
  const WallTime reuse = before.binding_of(lease).state_expiration_time;
  Restarted after(before, before.settings, 60);
  after.bench.set_rules(before.rules);
  const PartnerContext context{.service = *after.bench.service,
                               .shard = after.bench.shard(),
                               .relationship = 0,
                               .rules = before.rules,
                               .now = after.bench.now};
  EXPECT_EQ(arm_reuse_timers(context, 0), kNoBinding);
  EXPECT_EQ(WallTime(after.bench.binding_of(lease).state_expiration_time), reuse);
  after.bench.pass(static_cast<std::uint32_t>(reuse.seconds - after.bench.now.seconds - 1));
  EXPECT_EQ(after.bench.binding_of(lease).status, kReleased);
  after.bench.pass(1);
  EXPECT_EQ(after.bench.binding_of(lease).status, kFree);
}

// Only what has ended, and of this relationship, and in bounded pieces.
TEST(ReuseTimer, TheScanGoesInPiecesAndTouchesWhatHasEndedOnly) {
  PartnerBench bench;
  std::vector<Ipv6Prefix> released;
  for (std::uint32_t number = 1; number <= 600; ++number) {
    const Duid client = ServerBench::client_duid(number);
    const Ipv6Prefix lease = bench.lease_address(client);
    if (number % 2 == 0) continue;
    release(bench, client, lease);
    released.push_back(lease);
  }
  const int calls = enter_partner_down(bench);
  EXPECT_GE(calls, 3);
  EXPECT_LE(calls, 4);
  for (const Ipv6Prefix& lease : released) {
    EXPECT_FALSE(WallTime(bench.binding_of(lease).state_expiration_time).is_none());
  }
  EXPECT_EQ(bench.live_bindings(kActive), 300U);
  bench.obey(normal(Role::kPrimary));
  EXPECT_EQ(arm_reuse_timers(bench.context(), 0), kNoBinding) << "the state has moved on";
}

// F-149: the other half opens by the rules, not by a timer.
TEST(ReuseTimer, TheRulesSayWhenThePartnersHalfOpens) {
  const ServingRules rules = partner_down(Role::kPrimary, WallTime{1000});
  EXPECT_EQ(rules.other_half_opens(), WallTime{1000} + kMclt);
  EXPECT_EQ(normal(Role::kPrimary).other_half_opens(), kNever);
}

}  // namespace
}  // namespace tandem6
