// Leases kept for one client each (ruling R-04).
#include <gtest/gtest.h>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid(1);
const Duid kOther = ServerBench::client_duid(2);
const Ipv6Prefix kAddress = lease_of("2001:db8:7::beef");
const Ipv6Prefix kInside = prefix_of("2001:db8:8000:4200::/56");
const Ipv6Prefix kOutside = prefix_of("2001:db8:abcd::/48");

PacketBuilder request(const Duid& client = kClient) { return to_server(kRequest, client); }

Reservation kept_address(const Duid& client, std::optional<Iaid> iaid = std::nullopt) {
  return {.duid = client, .iaid = iaid, .address = kAddress.address, .prefix = std::nullopt};
}
Reservation kept_prefix(const Duid& client, const Ipv6Prefix& prefix,
                        std::optional<Iaid> iaid = std::nullopt) {
  return {.duid = client, .iaid = iaid, .address = std::nullopt, .prefix = prefix};
}
ServerSettings with(std::vector<Reservation> reservations) {
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].reservations = std::move(reservations);
  return settings;
}

TEST(Reservation, goes_to_its_client_and_is_in_no_pool) {
  ServerBench bench(with({kept_address(kClient), kept_prefix(kClient, kOutside)}));
  const Reply offered = bench.send(solicit(kClient).ia_na(Iaid{5}).ia_pd(Iaid{6}));
  EXPECT_EQ(offered.na(5).leases.at(0).lease, kAddress);
  EXPECT_EQ(offered.pd(6).leases.at(0).lease, kOutside);
  const Reply given = bench.send(request().ia_na(Iaid{5}).ia_pd(Iaid{6}));
  ASSERT_EQ(given.na(5).leases.size(), 1u);
  EXPECT_EQ(given.na(5).leases[0].lease, kAddress);
  EXPECT_EQ(given.pd(6).leases.at(0).lease, kOutside);
  EXPECT_EQ(bench.pools->address_pool(0).used(), 0u);
  EXPECT_EQ(bench.pools->prefix_pool(0).used(), 0u);
  EXPECT_EQ(bench.binding_of(kAddress).pool, kNoPool);
}

TEST(Reservation, others_never_get_it) {
  ServerSettings settings =
      with({kept_address(kClient), kept_prefix(kClient, prefix_of("2001:db8:8000:100::/56"))});
  settings.links[0].reservations[0].address = address_of("2001:db8:7::5");
  settings.links[0].address_pools = {prefix_of("2001:db8:7::/124")};
  settings.links[0].prefix_pools = {{prefix_of("2001:db8:8000::/52"), 56, std::nullopt}};
  ServerBench bench(settings);
  std::size_t addresses = 0;
  std::size_t prefixes = 0;
  for (std::uint32_t n = 10; n < 40; ++n) {
    for (const bool hinted : {true, false}) {
      PacketBuilder packet = request(ServerBench::client_duid(n + (hinted ? 100 : 0)));
      packet.ia_na(Iaid{1},
                   hinted ? std::vector{address_of("2001:db8:7::5")} : std::vector<Ipv6Address>{});
      packet.ia_pd(Iaid{1}, hinted ? std::vector{prefix_of("2001:db8:8000:100::/56")}
                                   : std::vector<Ipv6Prefix>{});
      const Reply reply = bench.send(packet);
      for (const ReplyIa& ia : reply.ias) {
        for (const ReplyLease& lease : ia.leases) {
          EXPECT_NE(lease.lease, lease_of("2001:db8:7::5"));
          EXPECT_NE(lease.lease, prefix_of("2001:db8:8000:100::/56"));
          ++(ia.type == IaType::kNonTemporaryAddress ? addresses : prefixes);
        }
      }
    }
  }
  EXPECT_EQ(addresses, 14u);  // 16 without ::0 and the reserved one
  EXPECT_EQ(prefixes, 15u);
  const Reply mine = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_EQ(mine.na().leases.at(0).lease, lease_of("2001:db8:7::5"));
  EXPECT_EQ(mine.pd().leases.at(0).lease, prefix_of("2001:db8:8000:100::/56"));
}

TEST(Reservation, with_an_iaid_is_for_that_ia_only) {
  ServerBench bench(with({kept_address(kClient, Iaid{7}), kept_prefix(kClient, kInside, Iaid{7})}));
  const Reply reply = bench.send(request()
                                     .ia_na(Iaid{1}, {kAddress.address})
                                     .ia_na(Iaid{7})
                                     .ia_pd(Iaid{1}, {kInside})
                                     .ia_pd(Iaid{7}));
  EXPECT_NE(reply.na(1).leases.at(0).lease, kAddress);
  EXPECT_EQ(reply.na(7).leases.at(0).lease, kAddress);
  EXPECT_NE(reply.pd(1).leases.at(0).lease, kInside);
  EXPECT_EQ(reply.pd(7).leases.at(0).lease, kInside);
}

TEST(Reservation, with_an_iaid_wins_over_one_without) {
  Reservation any = kept_address(kClient);
  any.address = address_of("2001:db8:7::cafe");
  ServerBench bench(with({any, kept_address(kClient, Iaid{7})}));
  const Reply reply = bench.send(request().ia_na(Iaid{1}).ia_na(Iaid{7}));
  EXPECT_EQ(reply.na(1).leases.at(0).lease, lease_of("2001:db8:7::cafe"));
  EXPECT_EQ(reply.na(7).leases.at(0).lease, kAddress);
}

TEST(Reservation, without_an_iaid_goes_to_the_ia_that_asks_first) {
  ServerBench bench(with({kept_address(kClient), kept_prefix(kClient, kOutside)}));
  const Reply first = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  const Reply both =
      bench.send(request().ia_na(Iaid{2}).ia_pd(Iaid{2}).ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_EQ(first.na(1).leases.at(0).lease, kAddress);
  EXPECT_EQ(both.na(1).leases.at(0).lease, kAddress);
  EXPECT_NE(both.na(2).leases.at(0).lease, kAddress);
  EXPECT_EQ(both.pd(1).leases.at(0).lease, kOutside);
  EXPECT_NE(both.pd(2).leases.at(0).lease, kOutside);
}

TEST(Reservation, of_a_prefix_inside_a_pool_counts_there) {
  ServerBench bench(with({kept_prefix(kClient, kInside)}));
  EXPECT_EQ(bench.send(request().ia_pd(Iaid{1})).pd().leases.at(0).lease, kInside);
  EXPECT_EQ(bench.pools->prefix_pool(0).used(), 1u);
}

TEST(Reservation, is_of_its_link) {
  ServerSettings settings = ServerBench::two_links();
  settings.links[0].reservations = {kept_address(kClient)};
  ServerBench bench(settings);
  const Reply there = bench.send(request().ia_na(Iaid{1}).bytes(),
                                 ServerBench::direct_from(address_of("fe80::c1"), 1));
  EXPECT_TRUE(prefix_of("2001:db8:9::/64").contains(there.na().leases.at(0).lease));
}

// R-04, S-084: it takes effect once the lease of before has ended.
TEST(Reservation, over_a_running_lease_lets_it_run_out) {
  ServerBench bench;
  for (const Ipv6Prefix& prefix : {kInside}) {
    const Reply given =
        bench.send(request(kOther).ia_na(Iaid{1}, {kAddress.address}).ia_pd(Iaid{1}, {prefix}));
    ASSERT_EQ(given.na().leases.at(0).lease, kAddress);
    ASSERT_EQ(given.pd().leases.at(0).lease, kInside);
  }
  bench.reconfigure(with({kept_address(kClient), kept_prefix(kClient, kInside)}));
  bench.pass(1000);
  for (const MessageType type : {kRenew, kRebind}) {
    PacketBuilder packet =
        type == kRenew ? to_server(type, kOther) : PacketBuilder(type, 1).client_id(kOther);
    const Reply reply =
        bench.send(packet.ia_na(Iaid{1}, {kAddress.address}).ia_pd(Iaid{1}, {kInside}));
    for (const ReplyIa& ia : reply.ias) {
      ASSERT_EQ(ia.leases.size(), 1u);
      EXPECT_EQ(ia.leases[0].valid, 5000u);
      EXPECT_EQ(ia.leases[0].preferred, 0u);
      EXPECT_EQ(ia.t1, 5000u);
      EXPECT_EQ(ia.t2, 5000u);
    }
  }
  // Its client waits with another lease, as two must not have one.
  EXPECT_NE(bench.send(request().ia_na(Iaid{1})).na().leases.at(0).lease, kAddress);
  // Neither a wish nor a REQUEST prolongs it for the old one.
  EXPECT_NE(bench.send(request(kOther).ia_na(Iaid{1}, {kAddress.address})).na().leases.at(0).lease,
            kAddress);
  EXPECT_EQ(WallTime(bench.binding_of(kAddress).state_expiration_time), bench.now + Lifetime{5000});
  bench.pass(5000);
  // The old client does not get it back, though nobody has it and it was the last to have it.
  EXPECT_NE(bench.send(request(kOther).ia_na(Iaid{1}, {kAddress.address})).na().leases.at(0).lease,
            kAddress);
  EXPECT_NE(bench.send(request(kOther).ia_pd(Iaid{1}, {kInside})).pd().leases.at(0).lease, kInside);
  const Reply mine = bench.send(request().ia_na(Iaid{9}).ia_pd(Iaid{9}));
  EXPECT_EQ(mine.na(9).leases.at(0).lease, kAddress);
  EXPECT_EQ(mine.pd(9).leases.at(0).lease, kInside);
}

// A prefix outside of every pool had no claim word once: both would have had it.
TEST(Reservation, that_passes_to_another_client_waits_for_the_first_ones_lease_to_end) {
  ServerBench bench(with({kept_address(kClient), kept_prefix(kClient, kOutside)}));
  (void)bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  bench.reconfigure(with({kept_address(kOther), kept_prefix(kOther, kOutside)}));
  bench.pass(100);
  const Reply early = bench.send(request(kOther).ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_NE(early.na().leases.at(0).lease, kAddress);
  EXPECT_NE(early.pd().leases.at(0).lease, kOutside);
  const Reply old = bench.send(to_server(kRenew, kClient).ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_EQ(old.na().leases.at(0).valid, 5900u);
  EXPECT_EQ(old.pd().leases.at(0).valid, 5900u);
  bench.pass(5900);
  const Reply late = bench.send(request(kOther).ia_na(Iaid{2}).ia_pd(Iaid{2}));
  EXPECT_EQ(late.na(2).leases.at(0).lease, kAddress);
  EXPECT_EQ(late.pd(2).leases.at(0).lease, kOutside);
}

TEST(Reservation, that_is_dropped_from_the_configuration_runs_out) {
  ServerBench bench(with({kept_prefix(kClient, kOutside)}));
  (void)bench.send(request().ia_pd(Iaid{1}));
  bench.reconfigure(with({}));
  bench.pass(100);
  EXPECT_EQ(bench.send(to_server(kRenew, kClient).ia_pd(Iaid{1})).pd().leases.at(0).valid, 5900u);
  bench.pass(5900);
  EXPECT_TRUE(prefix_of("2001:db8:8000::/40")
                  .contains(bench.send(request().ia_pd(Iaid{1})).pd().leases.at(0).lease));
}

TEST(Reservation, can_be_released_and_declined) {
  ServerBench bench(with({kept_address(kClient), kept_prefix(kClient, kOutside)}));
  (void)bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  (void)bench.send(
      to_server(kRelease, kClient).ia_na(Iaid{1}, {kAddress.address}).ia_pd(Iaid{1}, {kOutside}));
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 0u);
  const Reply again = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_EQ(again.na().leases.at(0).lease, kAddress);
  EXPECT_EQ(again.pd().leases.at(0).lease, kOutside);
  (void)bench.send(to_server(kDecline, kClient).ia_na(Iaid{1}, {kAddress.address}));
  const Reply instead = bench.send(request().ia_na(Iaid{1}));
  EXPECT_NE(instead.na().leases.at(0).lease, kAddress);
}

}  // namespace
}  // namespace tandem6
