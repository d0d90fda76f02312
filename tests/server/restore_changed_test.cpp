// Leases that come back after a restart into a configuration that is another one: pools gone or cut
// otherwise (ruling R-08), reservations added or dropped. Two clients never hold one lease.
#include <gtest/gtest.h>

#include "tests/server/restart.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();
const Duid kOther = ServerBench::client_duid(2);
const Ipv6Prefix kAddress = lease_of("2001:db8:7::77");
const Ipv6Prefix kPrefix = prefix_of("2001:db8:8000:4200::/56");
const Ipv6Prefix kOutside = prefix_of("2001:db8:abcd::/48");

PacketBuilder request(const Duid& client = kClient) { return to_server(kRequest, client); }
PacketBuilder renew(const Duid& client = kClient) { return to_server(kRenew, client); }

ServerSettings with_addresses(const char* pool) {
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].address_pools = {prefix_of(pool)};
  return settings;
}
ServerSettings with_prefixes(const char* pool, std::uint8_t length) {
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].prefix_pools = {{prefix_of(pool), length, std::nullopt}};
  return settings;
}
ServerSettings with_reservation(const Duid& client, const std::optional<Ipv6Prefix>& address,
                                const std::optional<Ipv6Prefix>& prefix) {
  ServerSettings settings = ServerBench::default_settings();
  Reservation reservation{
      .duid = client, .iaid = std::nullopt, .address = std::nullopt, .prefix = prefix};
  if (address) reservation.address = address->address;
  settings.links[0].reservations = {reservation};
  return settings;
}

/// A server on which kClient holds kAddress and kPrefix.
struct Before {
  explicit Before(ServerSettings settings = ServerBench::default_settings())
      : bench(std::move(settings)) {
    const Reply given =
        bench.send(request().ia_na(Iaid{1}, {kAddress.address}).ia_pd(Iaid{1}, {kPrefix}));
    EXPECT_EQ(given.na().leases.at(0).lease, kAddress);
    EXPECT_EQ(given.pd().leases.at(0).lease, kPrefix);
  }
  ServerBench bench;
};

void expect_withdrawn(const ReplyIa& ia, const Ipv6Prefix& lease) {
  ASSERT_EQ(ia.leases.size(), 1u);
  EXPECT_EQ(ia.leases[0].lease, lease);
  EXPECT_EQ(ia.leases[0].valid, 0u);
  EXPECT_EQ(ia.leases[0].preferred, 0u);
}

/// Many clients ask for prefixes, some for this one: none gets one that overlaps it.
std::size_t expect_kept_from_others(ServerBench& bench, const Ipv6Prefix& held,
                                    std::uint32_t client_count) {
  std::size_t given = 0;
  for (std::uint32_t n = 100; n < 100 + client_count; ++n) {
    const Reply reply = bench.send(request(ServerBench::client_duid(n)).ia_pd(Iaid{1}, {held}));
    for (const ReplyLease& lease : reply.pd().leases) {
      EXPECT_FALSE(lease.lease.overlaps(held)) << lease.lease.to_string();
      ++given;
    }
  }
  return given;
}

//
TEST(RestoreChanged, leases_of_pools_that_are_gone_are_kept_to_their_end_and_not_renewed) {
  Before before;
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].address_pools = {prefix_of("2001:db8:7:1::/64")};
  settings.links[0].prefix_pools.clear();
  Restarted after(before.bench, settings, 100);
  EXPECT_EQ(after.outcomes, (Outcomes{{Restored::kUnplaced, 2}}));
  const Reply reply = after.bench.send(renew().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  expect_withdrawn(reply.na(), kAddress);
  expect_withdrawn(reply.pd(), kPrefix);
  EXPECT_TRUE(after.bench.binding_of(kAddress).claimed);
  EXPECT_EQ(after.bench.live_bindings(BindingStatus::kActive), 2u);
  after.bench.pass(5899);
  EXPECT_EQ(after.bench.live_bindings(BindingStatus::kActive), 2u);
  after.bench.pass(1);
  EXPECT_EQ(after.bench.live_bindings(BindingStatus::kActive), 0u);
  EXPECT_EQ(after.bench.pools->claims().holder(kAddress.address), kNoShard);
}

//
TEST(RestoreChanged, a_client_gets_a_lease_of_today_beside_one_that_runs_out) {
  Before before;
  Restarted after(before.bench, with_addresses("2001:db8:7:1::/64"));
  const Reply reply = after.bench.send(request().ia_na(Iaid{1}));
  ASSERT_EQ(reply.na().leases.size(), 1u);
  EXPECT_TRUE(prefix_of("2001:db8:7:1::/64").contains(reply.na().leases[0].lease));
  EXPECT_TRUE(after.bench.binding_of(kAddress).claimed);
}

TEST(RestoreChanged, a_former_lease_of_a_pool_that_is_gone_harms_nobody) {
  Before before;
  (void)before.bench.send(
      to_server(kRelease, kClient).ia_na(Iaid{1}, {kAddress.address}).ia_pd(Iaid{1}, {kPrefix}));
  // A prefix's former place has addresses now; only what is held would overlap them.
  ServerSettings settings = with_addresses("2001:db8:8000:4200::/64");
  settings.links[0].prefix_pools.clear();
  Restarted after(before.bench, settings);
  EXPECT_EQ(after.outcomes, (Outcomes{{Restored::kUnplaced, 2}}));
  EXPECT_EQ(after.bench.pools->claims().holder(kAddress.address), kNoShard);
  const Reply reply = after.bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_NE(reply.na().leases.at(0).lease, kAddress);
  EXPECT_TRUE(reply.pd().leases.empty());
}

TEST(RestoreChanged, a_lease_moves_with_its_pool_to_another_link) {
  Before before;
  ServerSettings settings = ServerBench::two_links();
  std::swap(settings.links[0].address_pools, settings.links[1].address_pools);
  std::swap(settings.links[0].prefix_pools, settings.links[1].prefix_pools);
  Restarted after(before.bench, settings);
  EXPECT_EQ(after.outcomes, (Outcomes{{Restored::kServed, 2}}));
  EXPECT_EQ(after.bench.binding_of(kAddress).link, 1u);
  EXPECT_EQ(after.bench.binding_of(kAddress).pool, 1u);
  EXPECT_EQ(after.bench.pools->address_pool(1).used(), 1u);
  const Envelope there = ServerBench::direct_from(address_of("fe80::c1"), 1);
  const Reply reply = after.bench.send(renew().ia_na(Iaid{1}).ia_pd(Iaid{1}).bytes(), there);
  EXPECT_EQ(reply.na().leases.at(0).valid, 6000u);
  EXPECT_EQ(reply.pd().leases.at(0).valid, 6000u);
}

// --- Delegated lengths. A prefix lease of another length is kept from all, whole.

TEST(RestoreChanged, of_a_prefix_that_is_longer_than_those_of_today_the_one_around_it_is_kept) {
  ServerBench before(with_prefixes("2001:db8:8000::/52", 60));
  // Two in one /56 of today.
  const Ipv6Prefix first = prefix_of("2001:db8:8000:300::/60");
  const Ipv6Prefix second = prefix_of("2001:db8:8000:370::/60");
  (void)before.send(request().ia_pd(Iaid{1}, {first}));
  (void)before.send(request(kOther).ia_pd(Iaid{1}, {second}));
  Restarted after(before, with_prefixes("2001:db8:8000::/52", 56), 100);
  EXPECT_EQ(after.outcomes, (Outcomes{{Restored::kUnplaced, 2}}));
  EXPECT_EQ(after.bench.pools->prefix_pool(0).used(), 1u);
  expect_withdrawn(after.bench.send(renew().ia_pd(Iaid{1})).pd(), first);
  expect_withdrawn(after.bench.send(renew(kOther).ia_pd(Iaid{1})).pd(), second);
  EXPECT_EQ(expect_kept_from_others(after.bench, first, 30), 15u);
  // To the next start, as another lease in it may run longer.
  after.bench.pass(6000);
  EXPECT_EQ(after.bench.live_bindings(BindingStatus::kActive), 0u);
  EXPECT_EQ(after.bench.pools->prefix_pool(0).holder(prefix_of("2001:db8:8000:300::/56")), 0u);
  Restarted later(after.bench, after.bench.settings);
  EXPECT_EQ(later.bench.pools->prefix_pool(0).used(), 0u);
}

TEST(RestoreChanged, of_a_prefix_that_is_shorter_than_those_of_today_all_inside_it_are_kept) {
  ServerBench before(with_prefixes("2001:db8:8000::/52", 56));
  const Ipv6Prefix held = prefix_of("2001:db8:8000:300::/56");
  (void)before.send(request().ia_pd(Iaid{1}, {held}));
  Restarted after(before, with_prefixes("2001:db8:8000::/52", 60), 100);
  EXPECT_EQ(after.outcomes, (Outcomes{{Restored::kUnplaced, 1}}));
  EXPECT_EQ(after.bench.pools->prefix_pool(0).used(), 16u);
  expect_withdrawn(after.bench.send(renew().ia_pd(Iaid{1})).pd(), held);
  EXPECT_EQ(expect_kept_from_others(after.bench, held, 300), 240u);
}

TEST(RestoreChanged, lengths_around_the_middle_of_an_address_are_kept_as_well) {
  for (const auto& [pool, old_length, length] :
       {std::tuple("2001:db8:8000::/52", 62, 66), std::tuple("2001:db8:8000::/52", 64, 65),
        std::tuple("2001:db8:8000:400::/60", 63, 64),
        std::tuple("2001:db8:8000:400::/120", 122, 128), std::tuple("2001:db8:8000::/52", 66, 62),
        std::tuple("2001:db8:8000:400::/120", 128, 122)}) {
    ServerBench before(with_prefixes(pool, static_cast<std::uint8_t>(old_length)));
    const Ipv6Prefix held = before.send(request().ia_pd(Iaid{1})).pd().leases.at(0).lease;
    Restarted after(before, with_prefixes(pool, static_cast<std::uint8_t>(length)));
    EXPECT_EQ(after.outcomes, (Outcomes{{Restored::kUnplaced, 1}})) << old_length;
    EXPECT_GT(expect_kept_from_others(after.bench, held, 100), 2u) << old_length;
  }
}

TEST(RestoreChanged, a_former_prefix_of_another_length_keeps_nothing) {
  ServerBench before(with_prefixes("2001:db8:8000::/52", 56));
  const Ipv6Prefix held = before.send(request().ia_pd(Iaid{1})).pd().leases.at(0).lease;
  (void)before.send(to_server(kRelease, kClient).ia_pd(Iaid{1}, {held}));
  Restarted after(before, with_prefixes("2001:db8:8000::/52", 60));
  EXPECT_EQ(after.outcomes, (Outcomes{{Restored::kUnplaced, 1}}));
  EXPECT_EQ(after.bench.pools->prefix_pool(0).used(), 0u);
  const Reply reply = after.bench.send(request().ia_pd(Iaid{1}, {held}));
  EXPECT_EQ(reply.pd().leases.at(0).lease.length, 60);
}

TEST(RestoreChanged, what_covers_too_much_is_left_to_the_operator) {
  ServerBench before(with_prefixes("2001:db8:8000::/40", 44));
  (void)before.send(request().ia_pd(Iaid{1}));
  Restarted after(before, with_prefixes("2001:db8:8000::/40", 64));
  EXPECT_EQ(after.outcomes, (Outcomes{{Restored::kOverlap, 1}}));
  EXPECT_TRUE(memory_of(after.bench).empty());
}

TEST(RestoreChanged, what_overlaps_a_lease_of_another_client_is_left_out) {
  ServerBench one(with_prefixes("2001:db8:8000::/52", 60));
  (void)one.send(request().ia_pd(Iaid{1}, {prefix_of("2001:db8:8000:370::/60")}));
  ServerBench other(with_prefixes("2001:db8:8000::/52", 56));
  (void)other.send(request(kOther).ia_pd(Iaid{1}, {prefix_of("2001:db8:8000:300::/56")}));
  ServerBench after(with_prefixes("2001:db8:8000::/52", 60));
  EXPECT_EQ(restore_all(after, disk_of(one)), (Outcomes{{Restored::kServed, 1}}));
  EXPECT_EQ(restore_all(after, disk_of(other)), (Outcomes{{Restored::kOverlap, 1}}));
  EXPECT_EQ(after.live_bindings(BindingStatus::kActive), 1u);
}

TEST(RestoreChanged, what_overlaps_leases_of_the_other_type_is_left_out) {
  Before before;
  ServerSettings settings = with_addresses("2001:db8:8000:4200::/64");
  settings.links[0].prefix_pools = {{prefix_of("2001:db8:7::/48"), 56, std::nullopt}};
  Restarted after(before.bench, settings);
  EXPECT_EQ(after.outcomes, (Outcomes{{Restored::kOverlap, 2}}));
  EXPECT_TRUE(memory_of(after.bench).empty());
}

// --- Reservations.

//
TEST(RestoreChanged, a_reservation_over_a_held_lease_waits_for_its_end) {
  Before before;
  Restarted after(before.bench, with_reservation(kOther, kAddress, kPrefix), 1000);
  EXPECT_EQ(after.outcomes, (Outcomes{{Restored::kServed, 2}}));
  const auto expect_not_reserved_ones = [&](std::uint32_t iaid) {
    const Reply early = after.bench.send(request(kOther).ia_na(Iaid{iaid}).ia_pd(Iaid{iaid}));
    EXPECT_NE(early.na(iaid).leases.at(0).lease, kAddress);
    EXPECT_NE(early.pd(iaid).leases.at(0).lease, kPrefix);
  };
  expect_not_reserved_ones(1);
  const Reply old = after.bench.send(renew().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  for (const ReplyIa& ia : old.ias) {
    ASSERT_EQ(ia.leases.size(), 1u);
    EXPECT_EQ(ia.leases[0].preferred, 0u);
    EXPECT_EQ(ia.leases[0].valid, 5000u);
  }
  after.bench.pass(4999);
  expect_not_reserved_ones(2);
  after.bench.pass(1);
  const Reply late = after.bench.send(request(kOther).ia_na(Iaid{3}).ia_pd(Iaid{3}));
  EXPECT_EQ(late.na(3).leases.at(0).lease, kAddress);
  EXPECT_EQ(late.pd(3).leases.at(0).lease, kPrefix);
  const Reply instead = after.bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_NE(instead.na().leases.at(0).lease, kAddress);
  EXPECT_NE(instead.pd().leases.at(0).lease, kPrefix);
}

//
TEST(RestoreChanged, reserved_leases_come_back_to_their_client) {
  for (const Ipv6Prefix& prefix : {kPrefix, kOutside}) {
    const ServerSettings settings = with_reservation(kClient, kAddress, prefix);
    ServerBench before(settings);
    (void)before.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
    Restarted after(before, settings);
    EXPECT_EQ(after.outcomes, (Outcomes{{Restored::kServed, 2}}));
    EXPECT_EQ(after.bench.digest(), before.digest());
    const Reply reply = after.bench.send(renew().ia_na(Iaid{1}).ia_pd(Iaid{1}));
    EXPECT_EQ(reply.na().leases.at(0).lease, kAddress);
    EXPECT_EQ(reply.na().leases.at(0).valid, 6000u);
    EXPECT_EQ(reply.pd().leases.at(0).lease, prefix);
    EXPECT_EQ(reply.pd().leases.at(0).valid, 6000u);
    after.bench.pass(6000);
    EXPECT_EQ(after.bench.live_bindings(BindingStatus::kActive), 0u);
  }
}

//
TEST(RestoreChanged, a_reservation_that_is_gone_leaves_what_it_gave_to_its_end) {
  ServerBench before(with_reservation(kClient, kAddress, kOutside));
  (void)before.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  Restarted after(before, ServerBench::default_settings(), 100);
  // The address lies in a pool and is its client's by right from now on.
  EXPECT_EQ(after.outcomes, (Outcomes{{Restored::kServed, 1}, {Restored::kUnplaced, 1}}));
  EXPECT_EQ(after.bench.pools->address_pool(0).used(), 1u);
  const Reply reply = after.bench.send(renew().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_EQ(reply.na().leases.at(0).valid, 6000u);
  expect_withdrawn(reply.pd(), kOutside);
}

//
TEST(RestoreChanged, a_reservation_that_passed_to_another_client_waits_as_well) {
  ServerBench before(with_reservation(kClient, kAddress, kOutside));
  (void)before.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  Restarted after(before, with_reservation(kOther, kAddress, kOutside), 100);
  const Reply early = after.bench.send(request(kOther).ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_NE(early.na().leases.at(0).lease, kAddress);
  EXPECT_NE(early.pd().leases.at(0).lease, kOutside);
  after.bench.pass(5900);
  const Reply late = after.bench.send(request(kOther).ia_na(Iaid{2}).ia_pd(Iaid{2}));
  EXPECT_EQ(late.na(2).leases.at(0).lease, kAddress);
  EXPECT_EQ(late.pd(2).leases.at(0).lease, kOutside);
}

TEST(RestoreChanged, an_abandoned_address_that_is_reserved_now_ends_without_a_pool) {
  Before before;
  (void)before.bench.send(to_server(kDecline, kClient).ia_na(Iaid{1}, {kAddress.address}));
  Restarted after(before.bench, with_reservation(kOther, kAddress, std::nullopt));
  EXPECT_EQ(after.bench.pools->address_pool(0).quarantined(), 0u);
  EXPECT_NE(after.bench.send(request(kOther).ia_na(Iaid{1})).na().leases.at(0).lease, kAddress);
  after.bench.pass(24 * 3600);
  EXPECT_EQ(after.bench.pools->address_pool(0).quarantined(), 0u);
  EXPECT_EQ(after.bench.send(request(kOther).ia_na(Iaid{2})).na(2).leases.at(0).lease, kAddress);
}

}  // namespace
}  // namespace tandem6
