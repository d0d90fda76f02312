// A server that served alone, or with another partner, joins a relationship: all that it holds is
// to be told; or it comes with an old copy, and hardly anything is (RFC 8156 section 8.2; R-09,
//
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/server/partner_bench.h"
#include "tests/server/restart.h"

namespace tandem6 {
namespace {

using enum BindingStatus;

Duid client(std::uint32_t number) { return ServerBench::client_duid(number); }

/// As the endpoint's executor does; returns how many calls it took.
int join(PartnerBench& bench, ShardId shard = 0) {
  int calls = 0;
  for (BindingIndex from = 0; from != kNoBinding; ++calls) {
    from = mark_all_dirty(bench.context(shard), from);
    bench.drain_changes();
  }
  return calls;
}

ServingRules alone() { return {}; }

/// The same server after a restart, now with a partner and not joined yet.
struct Joining {
  explicit Joining(const ServerBench& before) : bench(before.settings, Role::kPrimary) {
    bench.obey(silent(Role::kPrimary));
    bench.now = before.now;
    for (const auto& [restored, count] : restore_all(bench, disk_of(before))) {
      EXPECT_EQ(restored, Restored::kServed) << count;
    }
    bench.drain_changes();
    bench.changes.clear();
  }
  PartnerBench bench;
};

TEST(Joining, R43WhatALoneServerHoldsBecomesDirtyOnDisk) {
  PartnerBench before;
  before.obey(alone());
  const Ipv6Prefix address = before.lease_address(client(1));
  const Ipv6Prefix prefix = before.lease_prefix(client(2));
  const Ipv6Prefix declined = before.lease_address(client(3));
  before.send(to_server(MessageType::kDecline, client(3)).ia_na(Iaid{1}, {declined.address}));
  const Ipv6Prefix released = before.lease_address(client(4));
  before.send(to_server(MessageType::kRelease, client(4)).ia_na(Iaid{1}, {released.address}));
  ASSERT_EQ(before.binding_of(declined).status, kAbandoned);
  ASSERT_FALSE(before.binding_of(address).needs_update);

  Joining joining(before);
  PartnerBench& bench = joining.bench;
  EXPECT_TRUE(bench.take().empty()) << "nothing would have been told";
  join(bench);
  const Disk disk = disk_of(bench);
  ASSERT_EQ(disk.size(), 3U) << "what is free is free for the partner as well";
  for (const auto& [key, record] : disk) {
    EXPECT_TRUE(record.binding.needs_update);
    EXPECT_TRUE(record.binding.dirty_indexed);
  }
  std::vector<Ipv6Prefix> told;
  for (const LeaseUpdate& each : bench.take_each()) told.push_back(each.lease);
  EXPECT_EQ(told.size(), 3U);
  for (const Ipv6Prefix& lease : {address, prefix, declined}) {
    EXPECT_NE(std::ranges::find(told, lease), told.end()) << lease.to_string();
  }
}

// the acks were another partner's, or given in another role.
TEST(Joining, R43WhatAPartnerOfBeforeAckedBoundsNothing) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(client(1));
  bench.tell();
  const WallTime acked = bench.binding_of(lease).acked_partner_lifetime;
  ASSERT_FALSE(acked.is_none());
  join(bench);
  const Binding& binding = bench.binding_of(lease);
  EXPECT_TRUE(binding.needs_update);
  EXPECT_TRUE(WallTime(binding.acked_partner_lifetime).is_none());
  EXPECT_EQ(WallTime(binding.acked_partner_lifetime_max), acked) << "R-16: waiting times keep it";
  EXPECT_EQ(bench.taken_for(lease).status, kActive);
}

// what was set aside, since there was no partner, is told as well.
TEST(Joining, R43WhatWasSetAsideIsDirtyAgain) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(client(1));
  Shard& shard = *bench.shards[0];
  ASSERT_TRUE(bench.is_unsent(client(1)));
  shard.set_aside(shard.find_lease(lease.address, lease.length));
  ASSERT_FALSE(bench.is_unsent(client(1)));
  join(bench);
  EXPECT_TRUE(bench.is_unsent(client(1)));
}

// told once stays told, and still goes on the new connection.
TEST(Joining, R11AnEndThatWasToldStaysTold) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(client(1));
  bench.tell();
  bench.send(to_server(MessageType::kRelease, client(1)).ia_na(Iaid{1}, {lease.address}));
  ASSERT_EQ(bench.taken_for(lease).status, kReleased);
  join(bench);
  EXPECT_TRUE(bench.binding_of(lease).update_sent);
  forget_sent(bench.context());
  EXPECT_EQ(bench.taken_for(lease).status, kReleased);
}

// bounded, and resumed where the ring had no room.
TEST(Joining, R43GoesOnWhereTheRingWasFull) {
  PartnerBench bench;
  constexpr std::uint32_t kCount = 2000;
  for (std::uint32_t i = 1; i <= kCount; ++i) bench.lease_address(client(i));
  bench.tell();
  Shard& shard = *bench.shards[0];
  ASSERT_EQ(shard.first_dirty_from(0), kNoBinding);
  const BindingIndex next = mark_all_dirty(bench.context(), 0);
  EXPECT_NE(next, kNoBinding);
  BindingIndex from = next;
  for (int i = 0; i < 10'000 && shard.change_room() != 0; ++i) {
    from = mark_all_dirty(bench.context(), from);
    if (from == kNoBinding) break;
  }
  if (from != kNoBinding) {
    EXPECT_EQ(mark_all_dirty(bench.context(), from), from) << "no room: nothing happens";
  }
  bench.drain_changes();
  while (from != kNoBinding) {
    from = mark_all_dirty(bench.context(), from);
    bench.drain_changes();
  }
  EXPECT_EQ(bench.take_each().size(), kCount);
}

void doubt(PartnerBench& bench) {
  for (BindingIndex from = 0; from != kNoBinding;) {
    from = doubt_old_copy(bench.context(), from);
    bench.drain_changes();
  }
}

// what was promised since the copy was taken is not in it, and what the partner acked then
// bounds nothing any more.
TEST(OldCopy, R43ALeaseIsNotOverBeforeItsClientCannotHaveItAnyMore) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(client(1));
  const LeaseUpdate told = bench.tell().at(0);
  doubt(bench);
  const Binding& binding = bench.binding_of(lease);
  const WallTime promised = told.partner_lifetime + kMclt;
  EXPECT_EQ(WallTime(binding.state_expiration_time), promised);
  EXPECT_TRUE(WallTime(binding.acked_partner_lifetime).is_none());
  EXPECT_TRUE(bench.take_each().empty()) << "nothing of a copy is news";
  bench.pass(promised.seconds - bench.now.seconds - 1);
  EXPECT_EQ(binding.status, kActive);
  bench.pass(2);
  EXPECT_EQ(bench.binding_of(lease).status, kExpired);
}

// The client may have come back a moment after the copy was taken; but not where the partner was
// told that it had left, before it had answered.
TEST(OldCopy, R43R11WhatWasGivenBackMayRunAgainUnlessThePartnerWasTold) {
  for (const bool is_told : {false, true}) {
    PartnerBench bench;
    const Ipv6Prefix lease = bench.lease_address(client(1));
    bench.tell();
    bench.send(to_server(MessageType::kRelease, client(1)).ia_na(Iaid{1}, {lease.address}));
    if (is_told) bench.take_each();
    doubt(bench);
    EXPECT_EQ(bench.binding_of(lease).status, is_told ? kReleased : kActive);
    if (is_told) continue;
    EXPECT_GE(WallTime(bench.binding_of(lease).state_expiration_time), bench.now + kMclt);
    EXPECT_TRUE(bench.take_each().empty());
  }
}

void settle(PartnerBench& bench, const BlockBook& book) {
  for (BindingIndex from = 0; from != kNoBinding;) {
    from = settle_old_copy(bench.context(), from, book);
    bench.drain_changes();
  }
}

// The partner has spoken of all that it holds. What it holds not is free there, and it may give it
// to anybody where it is of its half.
TEST(OldCopy, R43WhatThePartnerDoesNotSpeakOfIsItsOwnToGive) {
  PartnerBench bench(Role::kPrimary);
  const Ipv6Prefix ours = bench.lease_address(client(1));
  const Ipv6Prefix theirs = lease_of("2001:db8:7::2");
  const Ipv6Prefix told = lease_of("2001:db8:7::4");
  ASSERT_EQ(half_of(theirs.address), Half::kFreeBackup);
  ASSERT_EQ(bench.verdict_of(bench.update(client(2), theirs)), StatusCode::kSuccess);
  ASSERT_EQ(bench.verdict_of(bench.update(client(3), told)), StatusCode::kSuccess);
  bench.tell();
  bench.rules.has_old_leases = true;
  doubt(bench);
  bench.verdict_of(bench.update(client(3), told));
  settle(bench, BlockBook(*bench.service, 0));
  EXPECT_EQ(bench.binding_of(ours).status, kActive);
  for (const LeaseUpdate& each : bench.take_each()) EXPECT_NE(each.lease, ours);
  EXPECT_EQ(bench.binding_of(told).status, kActive);
  EXPECT_EQ(bench.binding_of(theirs).status, kFreeBackup);
  EXPECT_EQ(bench.holder(theirs), kNoShard);
}

// It was served from by force: what was given since may be none of what the partner knows.
TEST(OldCopy, R43R56AfterAForcedPartnerDownNothingIsFreed) {
  PartnerBench bench(Role::kPrimary);
  const Ipv6Prefix theirs = lease_of("2001:db8:7::2");
  ASSERT_EQ(bench.verdict_of(bench.update(client(2), theirs)), StatusCode::kSuccess);
  doubt(bench);
  settle(bench, BlockBook(*bench.service, 0));
  EXPECT_EQ(bench.binding_of(theirs).status, kActive);
  EXPECT_FALSE(bench.binding_of(theirs).in_doubt);
}

/// The old copy has a prefix of a client, in a block of sixteen.
struct CopiedPrefix {
  CopiedPrefix() {
    bench.tell();
    bench.rules.has_old_leases = true;
    doubt(bench);
  }
  PartnerBench bench{Role::kPrimary};
  Ipv6Prefix lease = bench.lease_prefix(client(1));
  Ipv6Prefix block = Ipv6Prefix{lease.address, 52}.masked();
  BlockBook book{*bench.service, 0};
};

// A block is refused while the copy has a lease in it: the partner's word of it counts all the
// same.
TEST(OldCopy, R43WhoseARefusedBlockIsIsRemembered) {
  CopiedPrefix copied;
  auto& [bench, lease, block, book] = copied;
  book.note_told_in_doubt(lease, kFree);
  EXPECT_EQ(book.half_told_in_doubt(lease), Half::kFree);
  EXPECT_TRUE(book.end_doubt().empty()) << "the copy's lease is in it";
  EXPECT_FALSE(book.half_told_in_doubt(lease));
  book.note_told_in_doubt(block, kFreeBackup);
  EXPECT_EQ(book.half_told_in_doubt(lease), Half::kFreeBackup);
  settle(bench, book);
  EXPECT_EQ(bench.holder(lease), kNoShard);
  const auto moved = book.end_doubt();
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].first, block);
  EXPECT_EQ(shares_of(*bench.service, 0).free_secondary, 16U);
}

// The partner gave a prefix of the block before it had told all: only the others are its half.
TEST(OldCopy, R03R43APrefixGivenSinceHasLeftItsHalf) {
  CopiedPrefix copied;
  auto& [bench, lease, block, book] = copied;
  book.note_told_in_doubt(block, kFreeBackup);
  book.note_lease_told_in_doubt(lease);
  EXPECT_FALSE(book.half_told_in_doubt(lease));
  const auto moved = book.end_doubt();
  EXPECT_EQ(moved.size(), 4U) << "a half, a quarter, an eighth and a sixteenth";
  EXPECT_EQ(shares_of(*bench.service, 0).free_secondary, 15U);
}

// A copy that knows less of its own grants than the partner: what the partner acked of them bounds
// what was promised since, though its own contact is none.
TEST(OldCopy, R43WhatThePartnerAckedSinceIsRecalled) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(client(1));
  bench.tell();
  bench.rules.has_old_leases = true;
  doubt(bench);
  LeaseUpdate known = bench.update(client(1), lease);
  known.client_time = kNoTime;
  known.partner_raw_clt_time = bench.after(100);
  known.expiration_time = bench.after(50'000);
  ASSERT_EQ(bench.verdict_of(known), StatusCode::kSuccess);
  EXPECT_EQ(WallTime(bench.binding_of(lease).state_expiration_time), bench.after(50'000) + kMclt);
}

// What the partner has forgotten would be kept for ever.
TEST(OldCopy, R43OnlyWhatIsAbandonedIsTold) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(client(1));
  bench.lease_address(client(2));
  bench.send(to_server(MessageType::kDecline, client(1)).ia_na(Iaid{1}, {lease.address}));
  bench.tell();
  doubt(bench);
  const auto told = bench.take_each();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].lease, lease);
  EXPECT_EQ(told[0].status, kAbandoned);
}

}  // namespace
}  // namespace tandem6
