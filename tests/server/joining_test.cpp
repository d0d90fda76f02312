// A server that served alone, or with another partner, joins a relationship: all that it holds is
// to be told (RFC 8156 section 8.2; ).
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

}  // namespace
}  // namespace tandem6
