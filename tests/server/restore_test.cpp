// Leases that come back after a restart with the configuration of before (S-259): served as if
// nothing had been.
#include "dataplane/server/restore.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "dataplane/lease/lease_rules.h"
#include "tests/server/restart.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();
const Duid kOther = ServerBench::client_duid(2);

PacketBuilder request(const Duid& client = kClient) { return to_server(kRequest, client); }
PacketBuilder renew(const Duid& client = kClient) { return to_server(kRenew, client); }

/// Clients that take leases, give them back and find them in use.
void live_a_while(ServerBench& bench) {
  std::mt19937 random(1);
  for (int step = 0; step < 400; ++step) {
    const Duid client = ServerBench::client_duid(static_cast<std::uint32_t>(random() % 50));
    constexpr MessageType kTypes[] = {kRequest, kRequest, kRequest, kRelease, kDecline};
    const MessageType type = kTypes[random() % std::size(kTypes)];
    PacketBuilder packet = to_server(type, client).client_fqdn(1, {2, 'h', 'i'});
    std::vector<Ipv6Address> addresses;
    std::vector<Ipv6Prefix> prefixes;
    if (type != kRequest) {
      for (const auto& [key, record] : memory_of(bench)) {
        if (!(record.duid == client) || record.binding.status != BindingStatus::kActive) continue;
        if (record.binding.ia_type == IaType::kNonTemporaryAddress) {
          addresses.push_back(record.binding.address);
        } else {
          prefixes.push_back(record.binding.lease());
        }
      }
    }
    packet.ia_na(Iaid{1}, addresses).ia_pd(Iaid{1}, prefixes);
    (void)bench.send(packet);
    if (step % 50 == 0) bench.pass(500);
  }
}

void expect_same(const Disk& a, const Disk& b) {
  ASSERT_EQ(a.size(), b.size());
  for (auto left = a.begin(), right = b.begin(); left != a.end(); ++left, ++right) {
    ASSERT_EQ(left->first, right->first);
    const Binding& x = left->second.binding;
    const Binding& y = right->second.binding;
    EXPECT_EQ(x.status, y.status);
    EXPECT_EQ(x.start_time_of_state.raw(), y.start_time_of_state.raw());
    EXPECT_EQ(x.state_expiration_time.raw(), y.state_expiration_time.raw());
    EXPECT_EQ(x.client_last_transaction_time.raw(), y.client_last_transaction_time.raw());
    EXPECT_EQ(x.preferred_lifetime, y.preferred_lifetime);
    EXPECT_EQ(x.valid_lifetime, y.valid_lifetime);
    EXPECT_EQ(x.needs_update, y.needs_update);
    EXPECT_EQ(x.update_sent, y.update_sent);
    EXPECT_EQ(x.dirty_indexed, y.dirty_indexed);
    EXPECT_EQ(x.claimed, y.claimed);
    EXPECT_EQ(x.list_kind, y.list_kind);
    EXPECT_EQ(x.pool, y.pool);
    EXPECT_EQ(x.link, y.link);
    const BindingAttributes kept = left->second.attributes();
    EXPECT_TRUE(std::ranges::equal(kept.client_fqdn, right->second.attributes().client_fqdn));
  }
}

class RestoreToShards : public testing::TestWithParam<unsigned> {};

TEST_P(RestoreToShards, everything_is_as_it_was) {
  ServerBench before;
  live_a_while(before);
  ASSERT_GT(before.live_bindings(BindingStatus::kActive), 10u);
  ASSERT_GT(before.live_bindings(BindingStatus::kAbandoned), 3u);
  ASSERT_GT(before.live_bindings(BindingStatus::kFree), 3u);
  Restarted after(before, before.settings, 0, GetParam());
  EXPECT_EQ(after.outcomes, (Outcomes{{Restored::kServed, memory_of(before).size()}}));
  expect_same(memory_of(before), memory_of(after.bench));
  AddressPool& old_pool = before.pools->address_pool(0);
  AddressPool& pool = after.bench.pools->address_pool(0);
  EXPECT_EQ(pool.used(), old_pool.used());
  EXPECT_EQ(pool.quarantined(), old_pool.quarantined());
  EXPECT_EQ(after.bench.pools->prefix_pool(0).used(), before.pools->prefix_pool(0).used());
  // And it ends as it would have.
  before.pass(100'000);
  after.bench.pass(100'000);
  EXPECT_EQ(pool.used(), 0u);
  EXPECT_EQ(pool.quarantined(), 0u);
  EXPECT_EQ(after.bench.live_bindings(BindingStatus::kFree),
            before.live_bindings(BindingStatus::kFree));
}

INSTANTIATE_TEST_SUITE_P(Shards, RestoreToShards, testing::Values(1u, 3u));

TEST(Restore, renews_the_same_leases) {
  ServerBench before;
  const Reply given = before.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  Restarted after(before, 1000);
  const Reply renewed = after.bench.send(renew().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  ASSERT_EQ(renewed.na().leases.size(), 1u);
  ASSERT_EQ(renewed.pd().leases.size(), 1u);
  EXPECT_EQ(renewed.na().leases[0].lease, given.na().leases.at(0).lease);
  EXPECT_EQ(renewed.pd().leases[0].lease, given.pd().leases.at(0).lease);
  EXPECT_EQ(renewed.na().leases[0].valid, 6000u);
  EXPECT_EQ(after.bench.changes.size(), 2u);
}

TEST(Restore, what_expired_meanwhile_ends_by_the_rules) {
  ServerBench before;
  const Ipv6Prefix lease = before.send(request().ia_na(Iaid{1})).na().leases.at(0).lease;
  Restarted after(before, 7000);
  // Until the worker's first turn nobody else has it.
  EXPECT_NE(
      after.bench.send(request(kOther).ia_na(Iaid{1}, {lease.address})).na().leases.at(0).lease,
      lease);
  after.bench.pass(1);
  EXPECT_FALSE(after.bench.binding_of(lease).claimed);
  EXPECT_EQ(after.bench.changes.back().binding.lease(), lease);
  EXPECT_EQ(after.bench.changes.back().binding.status, free_status(half_of(lease.address)));
  EXPECT_EQ(
      after.bench.send(request(kOther).ia_na(Iaid{2}, {lease.address})).na(2).leases.at(0).lease,
      lease);
}

TEST(Restore, a_client_finds_its_former_leases_again) {
  ServerBench before;
  const Reply given = before.send(request()
                                      .ia_na(Iaid{1}, {address_of("2001:db8:7::77")})
                                      .ia_pd(Iaid{1}, {prefix_of("2001:db8:8012:3400::/56")}));
  (void)before.send(to_server(kRelease, kClient)
                        .ia_na(Iaid{1}, {given.na().leases.at(0).lease.address})
                        .ia_pd(Iaid{1}, {given.pd().leases.at(0).lease}));
  Restarted after(before);
  EXPECT_EQ(after.bench.pools->address_pool(0).used(), 0u);
  const Reply again = after.bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_EQ(again.na().leases.at(0).lease, lease_of("2001:db8:7::77"));
  EXPECT_EQ(again.pd().leases.at(0).lease, prefix_of("2001:db8:8012:3400::/56"));
  EXPECT_EQ(memory_of(after.bench).size(), 2u);
}

TEST(Restore, a_former_lease_may_be_anothers_now) {
  ServerBench before;
  const Ipv6Prefix lease = before.send(request().ia_na(Iaid{1})).na().leases.at(0).lease;
  (void)before.send(to_server(kRelease, kClient).ia_na(Iaid{1}, {lease.address}));
  ASSERT_EQ(before.send(request(kOther).ia_na(Iaid{1}, {lease.address})).na().leases.at(0).lease,
            lease);
  Restarted after(before);
  EXPECT_EQ(after.outcomes, (Outcomes{{Restored::kServed, 2}}));
  EXPECT_EQ(after.bench.send(renew(kOther).ia_na(Iaid{1})).na().leases.at(0).lease, lease);
  EXPECT_NE(after.bench.send(request().ia_na(Iaid{1}, {lease.address})).na().leases.at(0).lease,
            lease);
}

TEST(Restore, an_abandoned_address_stays_in_quarantine_to_the_end_of_its_hold) {
  ServerSettings settings = ServerBench::default_settings();
  settings.decline_hold = Lifetime{10000};
  settings.links[0].address_pools = {prefix_of("2001:db8:7::/125")};
  ServerBench before(settings);
  const Ipv6Prefix bad = before.send(request().ia_na(Iaid{1})).na().leases.at(0).lease;
  (void)before.send(to_server(kDecline, kClient).ia_na(Iaid{1}, {bad.address}));
  Restarted after(before, 4000);
  EXPECT_EQ(after.bench.pools->address_pool(0).quarantined(), 1u);
  EXPECT_EQ(after.bench.pools->address_pool(0).used(), 1u);
  for (std::uint32_t n = 1; n < 10; ++n) {
    const Reply reply = after.bench.send(request(ServerBench::client_duid(n)).ia_na(Iaid{1}));
    for (const ReplyLease& lease : reply.na().leases) EXPECT_NE(lease.lease, bad);
  }
  after.bench.pass(5999);
  EXPECT_EQ(after.bench.pools->address_pool(0).quarantined(), 1u);
  after.bench.pass(1);
  EXPECT_EQ(after.bench.pools->address_pool(0).quarantined(), 0u);
  EXPECT_EQ(after.bench.live_bindings(BindingStatus::kAbandoned), 0u);
}

// What a partner might have abandoned; no quarantine counts prefixes.
TEST(Restore, an_abandoned_prefix_is_kept_from_all_as_well) {
  ServerBench before;
  const Ipv6Prefix prefix = before.send(request().ia_pd(Iaid{1})).pd().leases.at(0).lease;
  Disk disk = disk_of(before);
  disk.begin()->second.binding.status = BindingStatus::kAbandoned;
  ServerBench after;
  after.pools->address_pool(0).enter_quarantine(0);  // an address that has nothing to do with it
  EXPECT_EQ(restore_all(after, disk), (Outcomes{{Restored::kServed, 1}}));
  EXPECT_EQ(after.pools->address_pool(0).quarantined(), 1u);
  EXPECT_NE(after.send(request(kOther).ia_pd(Iaid{1}, {prefix})).pd().leases.at(0).lease, prefix);
  after.pass(6000);
  EXPECT_EQ(after.pools->address_pool(0).quarantined(), 1u);
  EXPECT_EQ(after.send(request(kOther).ia_pd(Iaid{2}, {prefix})).pd(2).leases.at(0).lease, prefix);
}

TEST(Restore, attributes_come_back_and_the_servers_own_outlive_a_renewal) {
  ServerBench before;
  const Octets fqdn = {0, 3, 'o', 'l', 'd'};
  const Octets removal = {1, 2, 3};
  const Octets key(16, 0x5a);
  const Ipv6Prefix lease = before.send(request().ia_na(Iaid{1})).na().leases.at(0).lease;
  const BindingIndex index = before.shard().find_lease(lease.address, 128);
  ASSERT_TRUE(before.shard().set_attributes(
      index, {.client_fqdn = fqdn, .dns_removal_info = removal, .reconfigure_key = key}));
  before.shard().emit(index);
  before.pass(0);  // the disk has it
  Restarted after(before);
  const auto attributes = [&] {
    return after.bench.shard().attributes_of(after.bench.binding_of(lease));
  };
  EXPECT_EQ(copied(attributes().client_fqdn), fqdn);
  EXPECT_EQ(copied(attributes().dns_removal_info), removal);
  EXPECT_EQ(copied(attributes().reconfigure_key), key);
  (void)after.bench.send(renew().ia_na(Iaid{1}).client_fqdn(1, {3, 'n', 'e', 'w'}));
  EXPECT_EQ(copied(attributes().client_fqdn), (Octets{1, 3, 'n', 'e', 'w'}));
  EXPECT_EQ(copied(attributes().dns_removal_info), removal);
  EXPECT_EQ(copied(attributes().reconfigure_key), key);
  const Change& written = after.bench.changes.back();
  EXPECT_EQ(copied(written.attributes().reconfigure_key), key);
}

TEST(Restore, what_stands_in_the_dirty_index_is_not_added_again) {
  ServerBench before;
  const Reply given = before.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  Disk disk = disk_of(before);
  disk.rbegin()->second.binding.needs_update = true;  // the prefix: unknown to the partner
  ServerBench after;
  (void)restore_all(after, disk);
  for (const Ipv6Prefix& lease : {given.na().leases.at(0).lease, given.pd().leases.at(0).lease}) {
    const BindingIndex index = after.shard().find_lease(lease.address, lease.length);
    after.shard().at(index).needs_update = true;
    after.shard().emit(index);
  }
  after.pass(0);  // the disk has it
  ASSERT_EQ(after.changes.size(), 2u);
  EXPECT_EQ(after.changes[0].dirty_index, DirtyIndex::kAdd);
  EXPECT_EQ(after.changes[1].dirty_index, DirtyIndex::kKeep);
}

TEST(Restore, a_lease_is_the_partners_word_still) {
  ServerBench before;
  (void)before.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  Disk disk = disk_of(before);
  disk.begin()->second.binding.from_partner = true;
  ServerBench after;
  (void)restore_all(after, disk);
  const Disk memory = memory_of(after);
  EXPECT_TRUE(memory.begin()->second.binding.from_partner);
  EXPECT_FALSE(memory.rbegin()->second.binding.from_partner);
}

// --- Records that cannot all be true.

/// The records of two clients, made by two servers that know nothing of each other, of one lease.
Disk two_claims(const Ipv6Prefix& lease) {
  Disk disk;
  for (const Duid& client : {kClient, kOther}) {
    ServerBench bench;
    PacketBuilder packet = request(client);
    if (lease.length == 128) {
      packet.ia_na(Iaid{1}, {lease.address});
    } else {
      packet.ia_pd(Iaid{1}, {lease});
    }
    (void)bench.send(packet);
    disk.merge(disk_of(bench));
  }
  return disk;
}

TEST(Restore, of_two_records_that_claim_one_lease_the_second_is_left_out) {
  for (const Ipv6Prefix& lease :
       {lease_of("2001:db8:7::77"), prefix_of("2001:db8:8012:3400::/56")}) {
    const Disk disk = two_claims(lease);
    ASSERT_EQ(disk.size(), 2u);
    for (const unsigned shard_count : {1U, 3U}) {
      ServerBench after(ServerBench::default_settings(), shard_count);
      EXPECT_EQ(restore_one(after, disk.begin()->second), Restored::kServed);
      EXPECT_EQ(restore_one(after, disk.rbegin()->second), Restored::kConflict);
      EXPECT_EQ(memory_of(after).size(), 1u);
      EXPECT_TRUE(after.binding_of(lease).claimed);
    }
  }
}

TEST(Restore, of_two_shards_that_claim_one_lease_at_a_time_one_gets_it) {
  constexpr std::uint32_t kLeaseCount = 3000;
  ServerBench bench(ServerBench::default_settings(), 2, 2 * kLeaseCount);
  const auto restore_to = [&](unsigned shard, std::vector<Restored>& results) {
    std::uint32_t number = 1;
    while (bench.service->home_of(
               bench.service->client_key(ServerBench::client_duid(number).bytes())) != shard) {
      ++number;
    }
    for (std::uint32_t n = 1; n <= kLeaseCount; ++n) {
      LeaseRecord record;
      // No more of one client than a shard keeps.
      Octets duid = copied(ServerBench::client_duid(number).bytes());
      record.duid = Duid(duid);
      record.binding.iaid = Iaid{n};
      record.binding.address = Ipv6Address::from_halves(0x20010db800070000, 0x1000 + n);
      record.binding.status = BindingStatus::kActive;
      record.binding.state_expiration_time = bench.now + Lifetime{1000};
      const ClientKey client = bench.service->client_key(record.duid.bytes());
      results.push_back(
          restore(*bench.service, *bench.shards[shard], record.binding, client, {}, bench.now));
      // Away again, but for its claim, as the client may have so many only.
      const BindingIndex index = bench.shards[shard]->find_lease(record.binding.address, 128);
      if (index != kNoBinding) {
        bench.shards[shard]->at(index).claimed = false;
        bench.shards[shard]->erase(index);
      }
    }
  };
  std::vector<Restored> first;
  std::vector<Restored> second;
  std::thread one([&] { restore_to(0, first); });
  std::thread two([&] { restore_to(1, second); });
  one.join();
  two.join();
  for (std::uint32_t n = 0; n < kLeaseCount; ++n) {
    const bool first_served = first[n] == Restored::kServed;
    EXPECT_EQ(second[n], first_served ? Restored::kConflict : Restored::kServed) << n;
    EXPECT_EQ(first[n], first_served ? Restored::kServed : Restored::kConflict) << n;
  }
}

TEST(Restore, a_full_shard_leaves_no_claim_behind) {
  ServerBench before;
  (void)before.send(request(kOther).ia_na(Iaid{1}));
  const Reply given = before.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  const Disk disk = disk_of(before);
  ServerBench after(ServerBench::default_settings(), 1, 1);
  const Outcomes outcomes = restore_all(after, disk);
  EXPECT_EQ(outcomes, (Outcomes{{Restored::kServed, 1}, {Restored::kNoMemory, 2}}));
  EXPECT_EQ(after.pools->address_pool(0).used(), 1u);
  EXPECT_EQ(after.pools->prefix_pool(0).used(), 0u);
  EXPECT_EQ(after.pools->prefix_pool(0).holder(given.pd().leases.at(0).lease), kNoShard);
  int held = 0;
  for (const auto& [key, record] : disk) {
    held += record.binding.ia_type == IaType::kNonTemporaryAddress &&
            after.pools->claims().holder(record.binding.address) != kNoShard;
  }
  EXPECT_EQ(held, 1);
}

// On disk a client, an IA and a lease name one record.
TEST(RestoreDeathTest, the_same_record_never_comes_twice) {
  ServerBench before;
  const Ipv6Prefix lease = before.send(request().ia_na(Iaid{1})).na().leases.at(0).lease;
  (void)before.send(to_server(kRelease, kClient).ia_na(Iaid{1}, {lease.address}));
  ServerBench after;
  (void)restore_all(after, disk_of(before));
  EXPECT_DEATH((void)restore_all(after, disk_of(before)), "is_same");
}

}  // namespace
}  // namespace tandem6
