// An update of the partner on its way into a shard: RFC 8156 sections 7.5.3 to 7.5.5; rulings R-03,
//
#include <gtest/gtest.h>

#include "dataplane/lease/partner_rules.h"
#include "tests/server/partner_bench.h"

namespace tandem6 {
namespace {

using enum BindingStatus;

const Duid kClient = ServerBench::client_duid(1);
const Duid kOther = ServerBench::client_duid(2);
const Ipv6Prefix kPrefix = prefix_of("2001:db8:8000:100::/56");

// F-203 to F-209, F-194: what is stored, field by field.
TEST(PartnerUpdate, F203F204F205F206F207F208F209StoresWhatItIsTold) {
  PartnerBench bench;
  LeaseUpdate update = bench.update(kClient, even_lease(), kActive, 20);
  update.start_time_of_state = bench.after(-500);
  update.partner_raw_clt_time = bench.after(-900);
  update.expiration_time = bench.after(1000);
  EXPECT_EQ(bench.verdict_of(update), StatusCode::kSuccess);
  const Binding& binding = bench.binding_of(even_lease());
  EXPECT_EQ(binding.status, kActive);
  EXPECT_EQ(WallTime(binding.expiration_time), update.partner_lifetime);
  EXPECT_EQ(WallTime(binding.state_expiration_time), update.state_expiration_time);
  EXPECT_EQ(WallTime(binding.partner_raw_clt_time), bench.after(-20));
  EXPECT_EQ(WallTime(binding.start_time_of_state), bench.after(-500));
  EXPECT_EQ(WallTime(binding.client_last_transaction_time), bench.after(-900));
  EXPECT_EQ(WallTime(binding.partner_lifetime), bench.after(1000));
  EXPECT_EQ(binding.valid_lifetime, Lifetime{6000});
  EXPECT_TRUE(binding.from_partner);
  EXPECT_TRUE(binding.claimed);
  EXPECT_EQ(binding.link, 0);
  EXPECT_EQ(bench.holder(even_lease()), 0);
  EXPECT_TRUE(bench.take_each().empty()) << "the partner knows it";
}

// F-200: the reply waits for the record.
TEST(PartnerUpdate, F200TheReplyWaitsForTheRecord) {
  PartnerBench bench;
  const UpdateOutcome outcome = bench.apply(bench.update(kClient, even_lease()));
  ASSERT_EQ(bench.changes.size(), 1U);
  EXPECT_EQ(outcome.change_number, bench.changes[0].number);
  EXPECT_EQ(bench.changes[0].urgency, Urgency::kTold);
  EXPECT_EQ(bench.changes[0].binding.address, even_lease().address);
  EXPECT_EQ(bench.changes[0].dirty_index, DirtyIndex::kKeep);
}

// F-202: what comes with the client is kept with it.
TEST(PartnerUpdate, F202KeepsWhatComesWithTheClient) {
  PartnerBench bench;
  LeaseUpdate update = bench.update(kClient, even_lease());
  update.client_fqdn.assign(Octets{1, 3, 'a', 'b', 'c'});
  update.remote_id.assign(Octets{0, 0, 0, 9, 7});
  update.interface_id.assign(Octets{4, 4});
  update.dns_removal_info.assign(Octets{5});
  update.reconfigure_key.assign(Octets{6, 6, 6});
  bench.apply(update);
  const BindingAttributes kept = bench.shard().attributes_of(bench.binding_of(even_lease()));
  EXPECT_EQ(copied_octets(kept.client_fqdn), (Octets{1, 3, 'a', 'b', 'c'}));
  EXPECT_EQ(copied_octets(kept.remote_id), (Octets{0, 0, 0, 9, 7}));
  EXPECT_EQ(copied_octets(kept.interface_id), (Octets{4, 4}));
  EXPECT_EQ(copied_octets(kept.dns_removal_info), Octets{5});
  EXPECT_EQ(copied_octets(kept.reconfigure_key), (Octets{6, 6, 6}));
}

// F-199, R-08, R-60
TEST(PartnerUpdate, F199R08R60ALeaseOfAnotherConfigurationIsRefused) {
  PartnerBench bench;
  const auto refused = [&](const char* lease) {
    const UpdateOutcome outcome = bench.apply(bench.update(kClient, prefix_of(lease)));
    EXPECT_EQ(outcome.change_number, 0U);
    EXPECT_STRNE(outcome.verdict.reason, "");
    return outcome.verdict.status == StatusCode::kConfigurationConflict;
  };
  EXPECT_TRUE(refused("2001:db8:ffff::1/128"));
  EXPECT_TRUE(refused("2001:db8:4000:100::/56"));
  EXPECT_TRUE(refused("2001:db8:8000:100::/57")) << "inside of one that could be leased";
  EXPECT_TRUE(refused("2001:db8:8000::/48")) << "around some";
  EXPECT_TRUE(bench.changes.empty());
  EXPECT_EQ(bench.shard().binding_count(), 0U);
}

// F-199: a link of another relationship, or of none.
TEST(PartnerUpdate, F199ALeaseOfAnotherRelationshipIsRefused) {
  ServerSettings settings = ServerBench::two_links();
  settings.links[0].relationship = 0;
  PartnerBench bench(settings, Role::kPrimary);
  EXPECT_EQ(bench.verdict_of(bench.update(kClient, lease_of("2001:db8:9::2"))),
            StatusCode::kConfigurationConflict);
  EXPECT_EQ(bench.verdict_of(bench.update(kClient, even_lease())), StatusCode::kSuccess);
}

// a lease of another size that still runs from a configuration of before.
TEST(PartnerUpdate, R60WhatOverlapsAnOlderLeaseOfAnotherSizeIsRefused) {
  PartnerBench bench;
  const Candidate around{IaType::kPrefixDelegation, kPrefix, 0};
  ASSERT_EQ(claim(*bench.service, around, 0), ClaimResult::kClaimed);  // as `restore` does for it
  EXPECT_EQ(bench.verdict_of(bench.update(kClient, kPrefix)), StatusCode::kConfigurationConflict);
  EXPECT_EQ(yield_lease(bench.context(), bench.update(kOther, kPrefix)).verdict.status,
            StatusCode::kConfigurationConflict);
}

//
TEST(PartnerUpdate, R04AReservedLeaseIsItsClientsOnly) {
  ServerSettings settings = ServerBench::pair_settings();
  settings.links[0].reservations.push_back(
      {.duid = kClient, .iaid = std::nullopt, .address = even_lease().address, .prefix = kPrefix});
  PartnerBench bench(settings, Role::kPrimary);
  EXPECT_EQ(bench.verdict_of(bench.update(kOther, even_lease())),
            StatusCode::kConfigurationConflict);
  EXPECT_EQ(bench.verdict_of(bench.update(kOther, kPrefix)), StatusCode::kConfigurationConflict);
  EXPECT_EQ(bench.verdict_of(bench.update(kOther, even_lease(), kReleased)), StatusCode::kSuccess)
      << "that it is over is good news";
  EXPECT_EQ(bench.verdict_of(bench.update(kClient, even_lease())), StatusCode::kSuccess);
  EXPECT_EQ(bench.verdict_of(bench.update(kClient, kPrefix)), StatusCode::kSuccess);
  EXPECT_EQ(bench.binding_of(even_lease()).pool, kNoPool);
  EXPECT_EQ(bench.holder(even_lease()), 0);
}

// F-201: each lease of one client on its own.
TEST(PartnerUpdate, F201EachLeaseIsJudgedOnItsOwn) {
  PartnerBench bench;
  const Ipv6Prefix mine = bench.lease_address(kClient);
  EXPECT_EQ(bench.verdict_of(bench.update(kClient, mine, kExpired)),
            StatusCode::kOutdatedBindingInformation);
  EXPECT_EQ(bench.verdict_of(bench.update(kClient, even_lease())), StatusCode::kSuccess);
}

// R-30, F-141, R-03: ended there and acked here, hence free here in one record.
TEST(PartnerUpdate, R30F141WhatEndedThereIsFreeHereAtOnce) {
  for (const BindingStatus status : {kExpired, kReleased}) {
    for (const Role role : {Role::kPrimary, Role::kSecondary}) {
      for (const Ipv6Prefix& lease : {even_lease(), odd_lease(), kPrefix}) {
        PartnerBench bench(role);
        bench.apply(bench.update(kClient, lease));
        bench.now.seconds += 6100;
        const UpdateOutcome outcome = bench.apply(bench.update(kClient, lease, status));
        EXPECT_EQ(outcome.verdict.status, StatusCode::kSuccess);
        ASSERT_EQ(bench.changes.size(), 2U);
        EXPECT_EQ(outcome.change_number, 2U);
        const Binding& binding = *bench.find(kClient, lease);
        EXPECT_EQ(binding.status, lease == even_lease() ? kFreeBackup : kFree);
        EXPECT_EQ(bench.changes[1].binding.status, binding.status);
        EXPECT_FALSE(binding.claimed);
        EXPECT_EQ(bench.holder(lease), kNoShard);
        EXPECT_TRUE(WallTime(binding.expiration_time).is_none()) << "R-16";
        EXPECT_TRUE(bench.take_each().empty());
      }
    }
  }
}

// the other one's RESET is nobody's claim to come back.
TEST(PartnerUpdate, R30AResetLeaseIsForgotten) {
  PartnerBench bench;
  bench.apply(bench.update(kClient, even_lease(), kAbandoned));
  EXPECT_EQ(bench.verdict_of(bench.update(kClient, even_lease(), kReset)), StatusCode::kSuccess);
  EXPECT_EQ(bench.find(kClient, even_lease()), nullptr);
  EXPECT_EQ(bench.holder(even_lease()), kNoShard);
  EXPECT_EQ(bench.changes.back().kind, ChangeKind::kErase);
}

// An end that comes for a lease of which nothing is known here.
TEST(PartnerUpdate, R30AnEndWithoutABeginningIsRemembered) {
  PartnerBench bench;
  EXPECT_EQ(bench.verdict_of(bench.update(kClient, even_lease(), kReleased)), StatusCode::kSuccess);
  EXPECT_EQ(bench.find(kClient, even_lease())->status, kFreeBackup);
  EXPECT_EQ(bench.holder(even_lease()), kNoShard);
}

// kept from all; its hold ends on the server of its half only.
TEST(PartnerUpdate, R34AnAbandonedLeaseIsHeldAndOnlyItsOwnServerEndsThat) {
  for (const Ipv6Prefix& lease : {odd_lease(), even_lease()}) {
    PartnerBench bench(Role::kPrimary);
    LeaseUpdate update = bench.update(kClient, lease, kAbandoned);
    update.state_expiration_time = bench.after(100);
    EXPECT_EQ(bench.verdict_of(update), StatusCode::kSuccess);
    EXPECT_EQ(bench.holder(lease), 0);
    EXPECT_EQ(bench.pools->address_pool(0).quarantined(), 1U);
    EXPECT_EQ(WallTime(bench.binding_of(lease).state_expiration_time), bench.after(100)) << "F-205";
    EXPECT_EQ(bench.shard().has_due(bench.after(100)), lease == odd_lease());
    EXPECT_EQ(bench.verdict_of(bench.update(kClient, lease, kReset)), StatusCode::kSuccess);
    EXPECT_EQ(bench.pools->address_pool(0).quarantined(), 0U);
    EXPECT_FALSE(bench.shard().has_due(bench.after(100)));
  }
}

// whichever free status the partner says, it is the owner's.
TEST(PartnerUpdate, R33R03AFreeStatusIsTheOneOfTheLeasesHalf) {
  for (const BindingStatus status : {kPendingFree, kFree, kFreeBackup}) {
    PartnerBench bench;
    for (const Ipv6Prefix& lease : {odd_lease(), even_lease(), kPrefix}) {
      EXPECT_EQ(bench.verdict_of(bench.update(kClient, lease, status)), StatusCode::kSuccess);
      EXPECT_EQ(bench.find(kClient, lease)->status, lease == even_lease() ? kFreeBackup : kFree);
      EXPECT_EQ(bench.holder(lease), kNoShard);
    }
  }
}

// here the lease ends a grace period after all that the partner may have promised.
TEST(PartnerUpdate, R30ALeaseThatThePartnerRunsEndsHereLater) {
  PartnerBench bench;
  const LeaseUpdate update = bench.update(kClient, even_lease());
  bench.apply(update);
  const WallTime end = update.partner_lifetime + bench.rules.mclt_max + kPartnerExpiryGrace;
  bench.pass(static_cast<std::uint32_t>(end.seconds - bench.now.seconds - 1));
  EXPECT_EQ(bench.binding_of(even_lease()).status, kActive);
  bench.pass(1);
  EXPECT_EQ(bench.binding_of(even_lease()).status, kExpired);
  EXPECT_EQ(bench.taken_for(even_lease()).status, kExpired);
}

// F-146, R-03: a prefix is in neither half while it is leased, and comes back as the primary's.
TEST(PartnerUpdate, F146R03APrefixLeavesTheHalfOfWhoGaveIt) {
  for (const Role role : {Role::kPrimary, Role::kSecondary}) {
    PartnerBench bench(role);
    PrefixPool& pool = bench.pools->prefix_pool(0);
    pool.set_half(kPrefix, 0, Half::kFreeBackup);
    bench.apply(bench.update(kClient, kPrefix));
    EXPECT_EQ(pool.half(kPrefix), Half::kFree);
    pool.set_half(prefix_of("2001:db8:8000:200::/56"), 0, Half::kFreeBackup);
    bench.apply(bench.update(kOther, prefix_of("2001:db8:8000:200::/56"), kReleased));
    EXPECT_EQ(pool.half(prefix_of("2001:db8:8000:200::/56")), Half::kFree) << "unheard of so far";
    EXPECT_EQ(bench.find(kOther, prefix_of("2001:db8:8000:200::/56"))->status, kFree);
  }
}

// an end that was acked before says nothing of what has been given away since.
TEST(PartnerUpdate, R07AnEndToldAgainDoesNotTakeBackWhatWasGivenSince) {
  PartnerBench bench;
  PrefixPool& pool = bench.pools->prefix_pool(0);
  bench.apply(bench.update(kClient, kPrefix));
  const LeaseUpdate released = bench.update(kClient, kPrefix, kReleased);
  bench.apply(released);
  ASSERT_TRUE(pool.move_block(kPrefix, 0, Half::kFreeBackup));
  EXPECT_EQ(bench.verdict_of(released), StatusCode::kSuccess) << "the ack was lost";
  EXPECT_EQ(pool.half(kPrefix), Half::kFreeBackup);
  // The next client of it, who came and went unheard of.
  bench.now.seconds += 1000;
  bench.apply(bench.update(kClient, kPrefix, kReleased));
  EXPECT_EQ(pool.half(kPrefix), Half::kFree);
}

// an update that comes twice is acked twice.
TEST(PartnerUpdate, R27TheSameUpdateAgainIsAcceptedAgain) {
  PartnerBench bench;
  const LeaseUpdate update = bench.update(kClient, even_lease());
  bench.apply(update);
  const std::string before = bench.digest();
  bench.now.seconds += 2;
  EXPECT_EQ(bench.verdict_of(update), StatusCode::kSuccess);
  EXPECT_EQ(bench.digest(), before);
  EXPECT_TRUE(bench.take_each().empty());
}

// older, of the same client: accepted, and nothing ends earlier.
TEST(PartnerUpdate, R28AnOlderUpdateOfTheSameClientNeverShortensItsLease) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  bench.tell();
  const WallTime end = bench.binding_of(lease).state_expiration_time;
  const LeaseUpdate older = bench.update(kClient, lease, kActive, 1000);
  EXPECT_EQ(bench.verdict_of(older), StatusCode::kSuccess);
  EXPECT_GE(WallTime(bench.binding_of(lease).state_expiration_time), end);
  EXPECT_TRUE(bench.is_unsent(kClient)) << "ours was newer";
}

// Two servers that have heard the client in the same seconds come to agree, and to rest.
TEST(PartnerUpdate, R28TwoServersOfOneMindStopTalking) {
  PartnerBench primary(Role::kPrimary);
  PartnerBench secondary(Role::kSecondary);
  const Ipv6Prefix lease = odd_lease();
  primary.apply(primary.update(kClient, lease));
  secondary.apply(secondary.update(kClient, lease));
  for (PartnerBench* each : {&primary, &secondary}) {
    each->now.seconds += each == &primary ? 100 : 101;
    Binding& binding = each->binding_at(lease);
    grant_with_partner(binding, each->now,
                       {.preferred = Lifetime{3000},
                        .valid = Lifetime{6000},
                        .desired = Lifetime{6000},
                        .t1 = Lifetime{1500}});
    each->shard().emit(each->shard().find_lease(lease.address, 128));
    each->drain_changes();
  }
  int told = 0;
  for (int round = 0; round < 10; ++round) {
    for (const bool from_primary : {true, false}) {
      PartnerBench& sender = from_primary ? primary : secondary;
      PartnerBench& receiver = from_primary ? secondary : primary;
      for (const LeaseUpdate& each : sender.take_each()) {
        ++told;
        ASSERT_EQ(receiver.verdict_of(each), StatusCode::kSuccess);
        sender.acknowledge_update(each);
      }
    }
  }
  EXPECT_LE(told, 4);
  EXPECT_FALSE(primary.is_unsent(kClient));
  EXPECT_FALSE(secondary.is_unsent(kClient));
  EXPECT_EQ(WallTime(primary.binding_of(lease).state_expiration_time),
            WallTime(secondary.binding_of(lease).state_expiration_time));
}

// F-247, F-248, F-249
TEST(PartnerUpdate, F247F248F249ARefusalAsOutdatedIsAnsweredOnceWithWhatIsKnown) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  const LeaseUpdate stale = bench.update(kClient, lease, kReleased, 1000);
  // Our own word is still to be said: no second one.
  UpdateOutcome outcome = bench.apply(stale);
  EXPECT_EQ(outcome.verdict.status, StatusCode::kOutdatedBindingInformation);
  EXPECT_FALSE(outcome.answer_with_ours);
  bench.tell();
  ASSERT_FALSE(bench.binding_of(lease).needs_update);
  outcome = bench.apply(stale);
  EXPECT_EQ(outcome.verdict.status, StatusCode::kOutdatedBindingInformation);
  EXPECT_EQ(outcome.change_number, 0U) << "a refusal waits for nothing";
  EXPECT_TRUE(outcome.answer_with_ours);
  EXPECT_TRUE(bench.binding_of(lease).needs_update);
  EXPECT_EQ(bench.changes.back().dirty_index, DirtyIndex::kAdd);
  EXPECT_EQ(bench.taken_for(lease).status, kActive);
  outcome = bench.apply(stale);
  EXPECT_FALSE(outcome.answer_with_ours);
  EXPECT_FALSE(bench.is_unsent(kClient)) << "it waits for the scan";
}

// F-247: another refusal leaves the flag as it is.
TEST(PartnerUpdate, F247AnotherRefusalChangesNothing) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  bench.tell();
  const std::string before = bench.digest();
  EXPECT_EQ(bench.verdict_of(bench.update(kOther, lease, kActive, 1000)),
            StatusCode::kAddressInUse);
  EXPECT_EQ(bench.digest(), before);
}

// Without room nothing is taken from anybody, and what needs no room is accepted.
TEST(PartnerUpdate, WithoutRoomAnUpdateThatNeedsABindingIsRefusedWhole) {
  PartnerBench bench(Role::kSecondary, 1, 2);
  bench.apply(bench.update(kClient, even_lease(1)));
  bench.apply(bench.update(kOther, even_lease(2)));
  const std::string before = bench.digest();
  const Duid third = ServerBench::client_duid(3);
  EXPECT_EQ(bench.verdict_of(bench.update(third, even_lease(3))), StatusCode::kUnspecFail);
  EXPECT_EQ(bench.verdict_of(bench.update(third, even_lease(1))), StatusCode::kUnspecFail);
  EXPECT_EQ(bench.digest(), before);
  EXPECT_EQ(bench.verdict_of(bench.update(third, even_lease(3), kReleased)), StatusCode::kSuccess);
  EXPECT_EQ(bench.verdict_of(bench.update(kClient, even_lease(1), kReleased)),
            StatusCode::kSuccess);
  EXPECT_EQ(bench.verdict_of(bench.update(third, even_lease(3))), StatusCode::kSuccess);
}

// The client finds here, by itself, what it got there (F-154).
TEST(PartnerUpdate, TheClientIsServedHereOnWhatThePartnerGave) {
  PartnerBench bench(Role::kPrimary);
  bench.apply(bench.update(kClient, even_lease()));
  bench.obey(interrupted(Role::kPrimary));
  const Reply reply = bench.send(PacketBuilder(MessageType::kRebind, 5)
                                     .client_id(kClient)
                                     .ia_na(Iaid{1}, {even_lease().address}));
  ASSERT_EQ(reply.na().leases.size(), 1U);
  EXPECT_EQ(reply.na().leases[0].lease, even_lease());
  EXPECT_GE(reply.na().leases[0].valid, 3600U);
  EXPECT_FALSE(bench.binding_of(even_lease()).from_partner);
}

}  // namespace
}  // namespace tandem6
