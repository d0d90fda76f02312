// What is taken for the partner: RFC 8156 sections 5.3.5, 5.3.6, 7.4; rulings,
//
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "dataplane/lease/lead_time.h"
#include "tests/server/partner_bench.h"
#include "tests/server/restart.h"

namespace tandem6 {
namespace {

using enum BindingStatus;

const Duid kClient = ServerBench::client_duid(1);
const Duid kOther = ServerBench::client_duid(2);

void release(PartnerBench& bench, const Duid& client, const Ipv6Prefix& lease) {
  bench.send(to_server(MessageType::kRelease, client).ia_na(Iaid{1}, {lease.address}));
}

// F-181, F-185, F-186, F-187, F-188, F-189: what an ACTIVE lease is told with.
TEST(TakeUpdates, F181F185F186F187F188F189SaysAllThatIsKnownOfAnActiveLease) {
  PartnerBench bench;
  const Reply reply = bench.send(to_server(MessageType::kRequest, kClient).ia_na(Iaid{1}));
  const Ipv6Prefix lease = reply.na().leases.at(0).lease;
  const WallTime granted = bench.now;
  bench.now.seconds += 10;
  const LeaseUpdate update = bench.taken_for(lease);
  EXPECT_EQ(update.duid, kClient);
  EXPECT_EQ(update.ia_type, IaType::kNonTemporaryAddress);
  EXPECT_EQ(update.iaid, Iaid{1});
  EXPECT_EQ(update.status, kActive);
  EXPECT_EQ(update.t1.seconds, reply.na().t1);
  EXPECT_EQ(update.t2.seconds, reply.na().t2);
  EXPECT_EQ(update.preferred_lifetime.seconds, reply.na().leases[0].preferred);
  EXPECT_EQ(update.valid_lifetime.seconds, reply.na().leases[0].valid);
  EXPECT_EQ(update.client_time, granted);
  EXPECT_EQ(update.start_time_of_state, granted);
  EXPECT_EQ(update.state_expiration_time, granted + update.valid_lifetime);
  EXPECT_EQ(update.partner_lifetime,
            partner_lifetime_after(granted, update.t1, update.valid_lifetime, Lifetime{6000}));
  EXPECT_TRUE(update.expiration_time.is_none()) << "R-17: nothing was acked to the partner";
  EXPECT_TRUE(update.partner_raw_clt_time.is_none());
}

// F-184, F-190: what comes with the client goes with it.
TEST(TakeUpdates, F184F190SaysWhatIsKeptWithTheClientAndWhatThePartnerSaidBefore) {
  PartnerBench bench;
  LeaseUpdate told = bench.update(kClient, even_lease(), kActive, 100);
  told.client_fqdn.assign(Octets{1, 1, 'x'});
  told.remote_id.assign(Octets{0, 0, 0, 1, 2});
  told.reconfigure_key.assign(Octets{9, 9});
  bench.apply(told);
  const LeaseUpdate update = bench.taken_for(even_lease(), UpdateKind::kAll);
  EXPECT_EQ(copied_octets(update.client_fqdn.bytes()), (Octets{1, 1, 'x'}));
  EXPECT_EQ(copied_octets(update.remote_id.bytes()), (Octets{0, 0, 0, 1, 2}));
  EXPECT_EQ(copied_octets(update.reconfigure_key.bytes()), (Octets{9, 9}));
  EXPECT_EQ(update.interface_id.size, 0);
  EXPECT_EQ(update.partner_raw_clt_time, told.client_time) << "F-195";
  EXPECT_EQ(update.expiration_time, told.partner_lifetime);
  EXPECT_TRUE(update.client_time.is_none()) << "F-189: the client was never heard here";
}

// F-188: an ended lease has no timeout.
TEST(TakeUpdates, F188AnEndedLeaseIsToldWithoutTimesToCome) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  bench.tell();
  release(bench, kClient, lease);
  const LeaseUpdate update = bench.taken_for(lease);
  EXPECT_EQ(update.status, kReleased);
  EXPECT_EQ(update.start_time_of_state, bench.now);
  EXPECT_TRUE(update.state_expiration_time.is_none());
  EXPECT_TRUE(update.partner_lifetime.is_none());
  EXPECT_TRUE(update.expiration_time.is_none());
}

// R-11, F-153: that an end was sent is on disk before it is sent.
TEST(TakeUpdates, R11F153ThatAnEndWasSentOutlivesARestart) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  bench.tell();
  release(bench, kClient, lease);
  const std::size_t before = bench.changes.size();
  bench.taken_for(lease);
  ASSERT_EQ(bench.changes.size(), before + 1);
  EXPECT_EQ(bench.changes.back().urgency, Urgency::kTold);
  EXPECT_TRUE(bench.changes.back().binding.update_sent);
  forget_sent(bench.context());
  bench.taken_for(lease);
  EXPECT_EQ(bench.changes.size(), before + 1) << "once is enough";

  Restarted after(bench);
  EXPECT_TRUE(after.bench.binding_of(lease).update_sent);
  EXPECT_NE(after.bench.shard().first_unsent_from(0), kNoBinding);
}

// The partner never knows more than the disk here does.
TEST(TakeUpdates, WhatIsTakenWaitsForTheDisk) {
  PartnerBench bench;
  bench.lease_address(kClient);
  const auto ignore = [](void*, const LeaseUpdate&, bool) {};
  const TakenUpdates taken =
      take_updates(bench.context(), UpdateKind::kUnsent, 0, 10, ignore, nullptr);
  EXPECT_EQ(taken.count, 1U);
  EXPECT_EQ(taken.change_number, bench.shard().last_change());
  EXPECT_EQ(taken.next, kNoBinding);
  EXPECT_EQ(take_updates(bench.context(), UpdateKind::kUnsent, 0, 10, ignore, nullptr).count, 0U);
}

// of an IA, what goes goes together; several IAs may go apart.
TEST(TakeUpdates, R37TheLeasesOfAnIaGoTogether) {
  ServerSettings settings = ServerBench::pair_settings();
  settings.links[0].address_pools.push_back(prefix_of("2001:db8:6::/64"));
  PartnerBench bench(settings, Role::kPrimary);
  // Another client's binding lies between the two of the first IA.
  bench.apply(bench.update(kClient, even_lease()));
  bench.lease_address(kOther);
  bench.apply(bench.update(kClient, lease_of("2001:db8:6::1002")));
  bench.obey(interrupted(Role::kPrimary));
  bench.send(PacketBuilder(MessageType::kRebind, 5)
                 .client_id(kClient)
                 .ia_na(Iaid{1}, {even_lease().address, address_of("2001:db8:6::1002")}));
  bench.lease_address(kClient, 2);
  for (const std::uint32_t count_max : {1U, 100U}) {
    forget_sent(bench.context());
    std::set<std::pair<std::uint32_t, std::size_t>> sizes;
    for (const auto& group : bench.take(UpdateKind::kUnsent, count_max)) {
      for (const LeaseUpdate& each : group) {
        EXPECT_EQ(each.duid, group.front().duid);
        EXPECT_EQ(each.iaid, group.front().iaid);
      }
      if (group.front().duid == kClient) sizes.emplace(group.front().iaid.value, group.size());
    }
    EXPECT_EQ(sizes, (std::set<std::pair<std::uint32_t, std::size_t>>{{1, 2}, {2, 2}}));
  }
}

// F-265, R-52: what is unconfirmed, refused ones included, each once.
TEST(TakeUpdates, F265R52EverythingUnackedComesOnANewConnection) {
  PartnerBench bench;
  std::set<Ipv6Prefix> unacked;
  for (std::uint32_t number = 1; number <= 700; ++number) {
    const Duid client = ServerBench::client_duid(number);
    const Ipv6Prefix lease = bench.lease_address(client);
    if (number % 3 != 0) unacked.insert(lease);
  }
  for (const LeaseUpdate& each : bench.take_each()) {
    if (!unacked.contains(each.lease)) bench.acknowledge_update(each);
  }
  EXPECT_TRUE(bench.take_each().empty());
  forget_sent(bench.context());
  std::multiset<Ipv6Prefix> told;
  for (const auto& group : bench.take(UpdateKind::kUnsent, 7)) {
    for (const LeaseUpdate& each : group) told.insert(each.lease);
  }
  EXPECT_EQ(std::set<Ipv6Prefix>(told.begin(), told.end()), unacked);
  EXPECT_EQ(told.size(), unacked.size());
}

// F-266: everything that is held, confirmed or not.
TEST(TakeUpdates, F266EverythingHeldComesOnDemand) {
  PartnerBench bench;
  std::set<Ipv6Prefix> held;
  for (std::uint32_t number = 1; number <= 700; ++number) {
    held.insert(bench.lease_address(ServerBench::client_duid(number)));
  }
  held.insert(even_lease());
  bench.apply(bench.update(ServerBench::client_duid(5000), even_lease()));
  bench.tell();
  const Ipv6Prefix gone = bench.lease_address(ServerBench::client_duid(5001));
  release(bench, ServerBench::client_duid(5001), gone);
  bench.tell();
  ASSERT_EQ(bench.holder(gone), kNoShard);
  for (const std::uint32_t count_max : {1U, 7U, 1000U}) {
    std::multiset<Ipv6Prefix> told;
    for (const auto& group : bench.take(UpdateKind::kAll, count_max)) {
      for (const LeaseUpdate& each : group) told.insert(each.lease);
    }
    EXPECT_EQ(std::set<Ipv6Prefix>(told.begin(), told.end()), held);
    EXPECT_EQ(told.size(), held.size());
  }
  EXPECT_TRUE(bench.take_each().empty()) << "asking for all makes nothing dirty";
}

// F-266: a sweep over a slab with holes comes to its end in bounded steps.
TEST(TakeUpdates, F266ASweepStepsOverHoles) {
  PartnerBench bench(Role::kPrimary, 1, 20'000);
  constexpr std::uint32_t kCount = 6000;
  std::vector<BindingIndex> places;
  for (std::uint32_t number = 1; number <= kCount; ++number) {
    const Duid client = ServerBench::client_duid(number);
    const BindingIndex index =
        bench.shard().insert(bench.service->client_key(client.bytes()),
                             IaType::kNonTemporaryAddress, Iaid{1}, odd_lease(number));
    ASSERT_NE(index, kNoBinding);
    places.push_back(index);
  }
  for (std::uint32_t number = 1; number + 1 < kCount; ++number) {
    bench.shard().erase(places[number]);
  }
  const auto ignore = [](void*, const LeaseUpdate&, bool) {};
  BindingIndex from = 0;
  int calls = 0;
  while (from != kNoBinding && calls < 100) {
    from = take_updates(bench.context(), UpdateKind::kAll, from, 10, ignore, nullptr).next;
    ++calls;
  }
  EXPECT_EQ(from, kNoBinding);
  EXPECT_GE(calls, 6) << "a thousand places at a time, about";
}

// A binding of another relationship, or of none, is nobody's business here.
TEST(TakeUpdates, OnlyTheRelationshipsOwnLeasesAreTold) {
  ServerSettings settings = ServerBench::two_links();
  settings.links[0].relationship = 0;
  PartnerBench bench(settings, Role::kPrimary);
  const Ipv6Prefix told = bench.lease_address(kClient);
  bench.send_relayed(to_server(MessageType::kRequest, kOther)
                         .ia_na(Iaid{1})
                         .relay(0, address_of("2001:db8:9::1"), address_of("fe80::9")));
  ASSERT_EQ(bench.live_bindings(kActive), 2U);
  for (const UpdateKind kind : {UpdateKind::kUnsent, UpdateKind::kAll}) {
    forget_sent(bench.context());
    const std::vector<LeaseUpdate> all = bench.take_each(kind);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].lease, told);
  }
  // What has no partner is not looked at again and again.
  forget_sent(bench.context());
  bench.take_each();
  EXPECT_EQ(bench.shard().first_unsent_from(0), kNoBinding);
}

/// joining a relationship makes everything dirty.
Disk joined(const ServerBench& alone) {
  Disk disk = disk_of(alone);
  for (auto& [key, record] : disk) record.binding.needs_update = true;
  return disk;
}

// a lease from the time when there was no partner, infinite at that.
TEST(TakeUpdates, R13AnInfiniteLeaseOfBeforeIsToldWithTimesThatCanBeSaid) {
  ServerSettings alone = ServerBench::default_settings();
  alone.links[0].lifetimes.preferred = alone.links[0].lifetimes.valid = kInfiniteLifetime;
  ServerBench before(alone);
  const Reply reply = before.send(to_server(MessageType::kRequest, kClient).ia_na(Iaid{1}));
  const Ipv6Prefix lease = reply.na().leases.at(0).lease;

  PartnerBench bench;
  bench.now = before.now;
  ASSERT_EQ(restore_all(bench, joined(before))[Restored::kServed], 1);
  const LeaseUpdate update = bench.taken_for(lease);
  EXPECT_EQ(update.valid_lifetime, kFailoverLifetimeMax);
  EXPECT_FALSE(update.state_expiration_time.is_infinite());
  EXPECT_GE(update.partner_lifetime, update.state_expiration_time);
  EXPECT_LT(update.partner_lifetime.seconds - bench.now.seconds, 1LL << 31);
  bench.acknowledge_update(update);
  EXPECT_FALSE(bench.binding_of(lease).needs_update);
}

// leases of before the partnership are dirty, and told with a partner-lifetime.
TEST(TakeUpdates, R43LeasesOfBeforeThePartnershipAreTold) {
  ServerBench before(ServerBench::default_settings());
  const Reply reply = before.send(to_server(MessageType::kRequest, kClient).ia_na(Iaid{1}));
  const Ipv6Prefix lease = reply.na().leases.at(0).lease;
  PartnerBench bench;
  bench.now = before.now;
  restore_all(bench, joined(before));
  const LeaseUpdate update = bench.taken_for(lease);
  EXPECT_EQ(update.partner_lifetime, update.state_expiration_time);
  EXPECT_EQ(WallTime(bench.binding_of(lease).partner_lifetime), update.partner_lifetime)
      << "R-10: it was sent, so it counts";
  bench.acknowledge_update(update);
  EXPECT_FALSE(bench.binding_of(lease).needs_update);
}

// That A's lease is free is moot once B has it, and would be refused for ever.
TEST(TakeUpdates, ThatALeaseIsFreeIsNotToldOnceSomebodyElseHasIt) {
  PartnerBench bench;
  const Ipv6Prefix lease = bench.lease_address(kClient);
  release(bench, kClient, lease);
  bench.obey(partner_down(Role::kPrimary, bench.now));
  ASSERT_EQ(arm_reuse_timers(bench.context(), 0), kNoBinding);
  bench.pass(20'000);
  ASSERT_EQ(bench.find(kClient, lease)->status, kFree);
  ASSERT_TRUE(bench.find(kClient, lease)->needs_update);
  const Reply reply =
      bench.send(to_server(MessageType::kRequest, kOther).ia_na(Iaid{1}, {lease.address}));
  ASSERT_EQ(reply.na().leases.at(0).lease, lease);
  const std::vector<LeaseUpdate> told = bench.take_each();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].duid, kOther);
  EXPECT_FALSE(bench.find(kClient, lease)->needs_update);
}

// Without room in the change ring nothing is handed over that could not be noted.
TEST(TakeUpdates, WithoutRoomForTheNoteItStopsAndGoesOnLater) {
  PartnerBench bench;
  Shard small(0, {.binding_count_max = 8, .change_ring_size = 4}, bench.service->key());
  const PartnerContext context{.service = *bench.service,
                               .shard = small,
                               .relationship = 0,
                               .rules = bench.rules,
                               .now = bench.now};
  ASSERT_EQ(apply_update(context, bench.update(kClient, even_lease())).verdict.status,
            StatusCode::kSuccess);
  small.at(0).needs_update = true;
  static_cast<void>(small.emit(0));
  static_cast<void>(small.emit(0));
  ASSERT_EQ(small.change_room(), 0U);
  const auto ignore = [](void*, const LeaseUpdate&, bool) {};
  TakenUpdates taken = take_updates(context, UpdateKind::kUnsent, 0, 10, ignore, nullptr);
  EXPECT_EQ(taken.count, 0U);
  EXPECT_EQ(taken.next, 0U);
  Change change;
  while (small.changes().pop({&change, 1}) == 1) {
  }
  taken = take_updates(context, UpdateKind::kUnsent, taken.next, 10, ignore, nullptr);
  EXPECT_EQ(taken.count, 1U);
  EXPECT_EQ(taken.next, kNoBinding);
}

}  // namespace
}  // namespace tandem6
