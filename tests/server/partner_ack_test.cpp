// What an accepting BNDREPLY changes: RFC 8156 section 7.7; rulings.
#include <gtest/gtest.h>

#include "dataplane/lease/partner_rules.h"
#include "tests/server/partner_bench.h"

namespace tandem6 {
namespace {

using enum BindingStatus;

const Duid kClient = ServerBench::client_duid(1);
const Duid kOther = ServerBench::client_duid(2);

void release(PartnerBench& bench, const Duid& client, const Ipv6Prefix& lease) {
  bench.send(to_server(MessageType::kRelease, client).ia_na(Iaid{1}, {lease.address}));
}

// F-164, F-261, F-262, F-263
TEST(PartnerAck, F164F261F262F263AnAckStoresThePartnerLifetimeAndSettlesTheFlag) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  const LeaseUpdate told = bench.taken_for(lease);
  const Binding& binding = bench.binding_of(lease);
  EXPECT_TRUE(WallTime(binding.acked_partner_lifetime).is_none()) << "sending changes nothing";
  EXPECT_TRUE(binding.needs_update);
  const WallTime end = binding.state_expiration_time;
  EXPECT_NE(bench.acknowledge_update(told), 0U);
  EXPECT_EQ(WallTime(binding.acked_partner_lifetime), told.partner_lifetime);
  EXPECT_EQ(WallTime(binding.acked_partner_lifetime_max), told.partner_lifetime);
  EXPECT_EQ(WallTime(binding.state_expiration_time), end);
  EXPECT_EQ(binding.status, kActive);
  EXPECT_FALSE(binding.needs_update);
  EXPECT_EQ(bench.changes.back().dirty_index, DirtyIndex::kRemove);
  EXPECT_EQ(bench.changes.back().urgency, Urgency::kLazy);
  forget_sent(bench.context());
  EXPECT_TRUE(bench.take_each().empty());
}

// F-275, F-276, F-277, F-279, F-280, F-286, F-154: an ack frees what has ended, by its half.
TEST(PartnerAck, F275F276F279F280F286WhatHasEndedIsFreeByItsHalfOnceAcked) {
  for (const Role role : {Role::kPrimary, Role::kSecondary}) {
    for (const bool expires : {true, false}) {
      PartnerBench bench(role);
      const Ipv6Prefix lease = bench.lease_address(kClient);
      bench.tell();
      if (expires) {
        bench.pass(7000);
      } else {
        release(bench, kClient, lease);
      }
      EXPECT_EQ(bench.binding_of(lease).status, expires ? kExpired : kReleased) << "F-271, F-272";
      EXPECT_EQ(bench.holder(lease), 0) << "F-151";
      const std::vector<LeaseUpdate> told = bench.tell();
      ASSERT_EQ(told.size(), 1U);
      EXPECT_EQ(told[0].status, expires ? kExpired : kReleased);
      EXPECT_EQ(bench.binding_of(lease).status, role == Role::kPrimary ? kFree : kFreeBackup);
      EXPECT_EQ(bench.holder(lease), kNoShard);
      EXPECT_TRUE(WallTime(bench.binding_of(lease).acked_partner_lifetime_max).is_none());
      forget_sent(bench.context());
      EXPECT_TRUE(bench.take_each().empty());
    }
  }
}

// who asks for all may have lost its disk, and with it that it gave the client its lease back
// since it ended here.
TEST(PartnerAck, R54WhatEndedHereIsKeptWhileAForgetfulPartnerMayHavePromisedIt) {
  PartnerBench bench;
  const Ipv6Prefix lease = lease_of("2001:db8:7::1");
  EXPECT_EQ(bench.verdict_of(bench.update(kClient, lease)), StatusCode::kSuccess);
  release(bench, kClient, lease);
  EXPECT_EQ(bench.taken_for(lease).status, kReleased);
  const WallTime promised = WallTime(bench.binding_of(lease).expiration_time) + kMclt;
  EXPECT_GT(promised, bench.now);

  const LeaseUpdate told = bench.taken_for(lease, UpdateKind::kAll);
  EXPECT_EQ(told.status, kAbandoned);
  EXPECT_EQ(told.state_expiration_time, promised);
  bench.acknowledge_update(told);
  EXPECT_EQ(bench.binding_of(lease).status, kAbandoned);
  EXPECT_NE(bench.holder(lease), kNoShard);
  EXPECT_EQ(bench.taken_for(lease, UpdateKind::kAll).status, kAbandoned) << "and asked again";
  bench.pass(promised.seconds - bench.now.seconds + 1);
  EXPECT_EQ(bench.binding_of(lease).status, kReset);
}

// Likewise a lease that was declined here: its client may have it again from the partner.
TEST(PartnerAck, R54WhatWasDeclinedHereIsKeptAsLong) {
  PartnerBench bench;
  const Ipv6Prefix lease = lease_of("2001:db8:7::1");
  LeaseUpdate promised = bench.update(kClient, lease);
  promised.partner_lifetime = bench.after(1'000'000);
  EXPECT_EQ(bench.verdict_of(promised), StatusCode::kSuccess);
  bench.send(to_server(MessageType::kDecline, kClient).ia_na(Iaid{1}, {lease.address}));
  const WallTime hold = bench.taken_for(lease).state_expiration_time;
  EXPECT_LT(hold, promised.partner_lifetime);
  EXPECT_EQ(bench.taken_for(lease, UpdateKind::kAll).state_expiration_time,
            promised.partner_lifetime + kMclt);
  EXPECT_EQ(bench.verdict_of(bench.update(kClient, lease, kReset)),
            StatusCode::kOutdatedBindingInformation)
      << "it has heard of the first end";
}

// The same, where nobody can have it any more.
TEST(PartnerAck, R54WhatNobodyCanHaveIsToldAsItEnded) {
  PartnerBench bench;
  const Ipv6Prefix lease = lease_of("2001:db8:7::1");
  EXPECT_EQ(bench.verdict_of(bench.update(kClient, lease)), StatusCode::kSuccess);
  release(bench, kClient, lease);
  const WallTime promised = WallTime(bench.binding_of(lease).expiration_time) + kMclt;
  bench.pass(promised.seconds - bench.now.seconds + 1);
  EXPECT_EQ(bench.taken_for(lease, UpdateKind::kAll).status, kReleased);
}

// F-277, R-34: a lease that was reset is nobody's to come back to.
TEST(PartnerAck, F277AResetLeaseIsForgottenOnceAcked) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  bench.send(to_server(MessageType::kDecline, kClient).ia_na(Iaid{1}, {lease.address}));
  bench.tell();
  EXPECT_EQ(bench.binding_of(lease).status, kAbandoned);
  bench.pass(24 * 3600 + 1);
  EXPECT_EQ(bench.binding_of(lease).status, kReset);
  bench.tell();
  EXPECT_EQ(bench.find(kClient, lease), nullptr);
  EXPECT_EQ(bench.holder(lease), kNoShard);
}

// F-281 does not touch it; F-283, R-03: a prefix falls to the primary on either server.
TEST(PartnerAck, F283R03APrefixFallsToThePrimary) {
  PartnerBench bench(Role::kSecondary);
  PrefixPool& pool = bench.pools->prefix_pool(0);
  const Ipv6Prefix block = prefix_of("2001:db8:8000::/48");
  ASSERT_TRUE(pool.move_block({block.address, 56}, 8, Half::kFreeBackup));
  const Ipv6Prefix lease = bench.lease_prefix(kClient);
  ASSERT_TRUE(block.contains(lease));
  EXPECT_EQ(pool.half(lease), Half::kFree) << "F-146";
  bench.pass(7000);
  bench.tell();
  EXPECT_EQ(bench.find(kClient, lease)->status, kFree);
  EXPECT_EQ(pool.half(lease), Half::kFree);
  EXPECT_EQ(bench.holder(lease), kNoShard);
}

// an ack of an older version updates the acked time, nothing else.
TEST(PartnerAck, R18R26AnAckOfAnOlderVersionOnlyMovesTheAckedTime) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  const LeaseUpdate first = bench.taken_for(lease);
  bench.now.seconds += 1000;
  bench.send(to_server(MessageType::kRenew, kClient).ia_na(Iaid{1}, {lease.address}));
  bench.acknowledge_update(first);
  const Binding& binding = bench.binding_of(lease);
  EXPECT_EQ(WallTime(binding.acked_partner_lifetime), first.partner_lifetime);
  EXPECT_TRUE(binding.needs_update);
  EXPECT_TRUE(bench.is_unsent(kClient));
}

// the same when the newer version waits already behind the older one.
TEST(PartnerAck, R18AnAckOfAnOlderVersionDoesNotSettleOneThatWaitsToBeSent) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  const LeaseUpdate first = bench.taken_for(lease);
  bench.now.seconds += 1000;
  bench.send(to_server(MessageType::kRenew, kClient).ia_na(Iaid{1}, {lease.address}));
  const LeaseUpdate second = bench.taken_for(lease);
  bench.acknowledge_update(first);
  EXPECT_TRUE(bench.binding_of(lease).needs_update);
  bench.acknowledge_update(second);
  EXPECT_FALSE(bench.binding_of(lease).needs_update);
  EXPECT_EQ(WallTime(bench.binding_of(lease).acked_partner_lifetime), second.partner_lifetime);
}

// the ack of the grant comes after the release.
TEST(PartnerAck, R26AnAckOfTheGrantDoesNotFreeWhatIsReleased) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  const LeaseUpdate granted = bench.taken_for(lease);
  release(bench, kClient, lease);
  bench.acknowledge_update(granted);
  EXPECT_EQ(bench.binding_of(lease).status, kReleased);
  EXPECT_EQ(bench.holder(lease), 0);
  EXPECT_EQ(bench.taken_for(lease).status, kReleased);
}

// F-260, R-31: without an accepting reply nothing moves; a scan tells it again.
TEST(PartnerAck, F260R31WhatIsRefusedStaysUnacked) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  bench.tell();
  release(bench, kClient, lease);
  EXPECT_EQ(bench.take_each().size(), 1U);
  EXPECT_TRUE(bench.take_each().empty()) << "not again and again";
  EXPECT_EQ(bench.holder(lease), 0);
  forget_sent(bench.context());
  EXPECT_EQ(bench.taken_for(lease).status, kReleased);
}

// a partner that has lost its disk asks for everything, and refuses what its pools do not
// have.
TEST(PartnerAck, R31WhatWasAckedOnceAndIsRefusedNowIsTriedAgain) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  bench.tell();
  ASSERT_FALSE(bench.find(kClient, lease)->needs_update);
  LeaseAck refused;
  refused.duid = kClient;
  refused.iaid = Iaid{1};
  refused.lease = lease;
  EXPECT_NE(note_refusal(bench.context(), refused), 0U);
  EXPECT_TRUE(bench.find(kClient, lease)->needs_update);
  EXPECT_TRUE(bench.take_each().empty()) << "not at once";
  forget_sent(bench.context());
  EXPECT_EQ(bench.taken_for(lease).status, kActive);
  EXPECT_EQ(note_refusal(bench.context(), refused), 0U) << "it is dirty already";
}

TEST(PartnerAck, WhatMatchesNothingChangesNothing) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  const LeaseUpdate told = bench.taken_for(lease);
  const std::string before = bench.digest();
  LeaseUpdate other = told;
  other.duid = kOther;
  EXPECT_EQ(bench.acknowledge_update(other), 0U);
  other = told;
  other.iaid = Iaid{7};
  EXPECT_EQ(bench.acknowledge_update(other), 0U);
  other = told;
  other.lease = even_lease();
  EXPECT_EQ(bench.acknowledge_update(other), 0U);
  LeaseAck bare;
  bare.lease = prefix_of("2001:db8:8000::/48");
  EXPECT_EQ(apply_ack(bench.context(), bare), 0U) << "F-264 is the pool's";
  EXPECT_EQ(bench.digest(), before);
}

// F-152, F-153, R-11: the same client may come back until its end was sent, and not after.
TEST(PartnerAck, F152F153TheSameClientComesBackUntilItsEndWasSent) {
  for (const bool is_sent : {false, true}) {
    PartnerBench bench;
    const Ipv6Prefix lease = bench.lease_address(kClient);
    bench.tell();
    release(bench, kClient, lease);
    if (is_sent) {
      EXPECT_EQ(bench.take_each().size(), 1U);
      forget_sent(bench.context());  // "sent" stays sent when the connection breaks
    }
    const Ipv6Prefix next = bench.lease_address(kClient);
    EXPECT_EQ(next == lease, !is_sent);
    if (!is_sent) {
      EXPECT_EQ(bench.binding_of(lease).status, kActive);
    }
  }
}

}  // namespace
}  // namespace tandem6
