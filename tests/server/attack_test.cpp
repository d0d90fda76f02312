// What a hostile client could try: each of these once broke something, or was thought to.
#include <gtest/gtest.h>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();
const Duid kOther = ServerBench::client_duid(2);

PacketBuilder request(const Duid& client = kClient) { return to_server(kRequest, client); }

std::vector<Ipv6Address> addresses_from(const char* first, std::uint64_t count) {
  std::vector<Ipv6Address> addresses;
  const Ipv6Address base = address_of(first);
  for (std::uint64_t i = 0; i < count; ++i) {
    addresses.push_back(Ipv6Address::from_halves(base.high(), base.low() + i));
  }
  return addresses;
}

// Lists of strange leases once filled the plan, and the next lease tripped the internal check.
TEST(Attack, leases_listed_in_heaps_leave_room_for_the_clients_own) {  // S-257
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].reservations.push_back({.duid = kClient,
                                            .iaid = Iaid{200},
                                            .address = address_of("2001:db8:7::beef"),
                                            .prefix = std::nullopt});
  ServerBench bench(settings);
  bench.buffer_size = 65535;
  (void)bench.send(request().ia_na(Iaid{100}).ia_pd(Iaid{100}));
  PacketBuilder packet = to_server(kRenew, kClient);
  for (std::uint32_t n = 0; n < 25; ++n) {
    const std::string first = "2001:db8:" + std::to_string(100 + n) + "::1";
    packet.ia_na(Iaid{n}, addresses_from(first.c_str(), 16));
  }
  packet.ia_pd(Iaid{1}, {prefix_of("2001:db8:8000:100::/56")});
  packet.ia_na(Iaid{100}).ia_pd(Iaid{100}).ia_na(Iaid{200});
  const Reply reply = bench.send(packet);
  ASSERT_TRUE(reply.sent());
  EXPECT_EQ(reply.na(100).leases.at(0).valid, 6000u);
  EXPECT_EQ(reply.pd(100).leases.at(0).valid, 6000u);
}

TEST(Attack, leases_told_to_give_up_do_not_count_for_the_cap) {
  ServerBench bench;
  const Reply reply = bench.send(to_server(kRenew, kClient)
                                     .ia_na(Iaid{1}, addresses_from("2001:db8:99::1", 16))
                                     .ia_pd(Iaid{1}));
  EXPECT_EQ(reply.pd().leases.size(), 1u);
  EXPECT_EQ(bench.counters[0]->lease_cap.read(), 0u);
}

TEST(Attack, as_many_ias_as_fit_with_as_many_hints_as_count_odd_hint_cap) {
  ServerBench bench;
  bench.buffer_size = 65535;
  for (const MessageType type : {kSolicit, kRequest, kRenew, kRebind, kRelease, kDecline}) {
    PacketBuilder packet(type, 1);
    packet.client_id(kClient);
    if (type != kSolicit && type != kRebind) packet.server_id(ServerBench::server_duid());
    for (std::uint32_t n = 0; n < 24; n += 2) {
      packet.ia_na(Iaid{n}, addresses_from("2001:db8:7::1", 18));
      packet.ia_pd(Iaid{n}, std::vector<Ipv6Prefix>(18, prefix_of("2001:db8:8000::/56")));
    }
    for (std::uint32_t n = 24; n < 52; ++n) packet.ia_na(Iaid{n});
    EXPECT_TRUE(bench.send(packet).sent()) << name_of(type);
    EXPECT_LE(bench.live_bindings(BindingStatus::kActive), 8u);
  }
  EXPECT_GT(bench.odd(OddReason::kHintCap), 0u);
  PacketBuilder flood = solicit(kClient);
  for (std::uint32_t n = 0; n < 129; ++n) flood.ia_na(Iaid{n});
  EXPECT_EQ(bench.send(flood).drop, DropReason::kIaFlood);
}

TEST(Attack, ever_new_iaids_leave_a_bounded_history) {
  ServerBench bench(ServerBench::default_settings(), 1, 256);
  const Ipv6Prefix theirs = bench.send(request(kOther).ia_na(Iaid{1})).na().leases[0].lease;
  (void)bench.send(to_server(kRelease, kOther).ia_na(Iaid{1}, {theirs.address}));
  for (std::uint32_t iaid = 0; iaid < 2000; ++iaid) {
    const Reply given = bench.send(request().ia_na(Iaid{iaid}).ia_pd(Iaid{iaid}));
    ASSERT_EQ(given.na(iaid).leases.size(), 1u);
    (void)bench.send(to_server(kRelease, kClient)
                         .ia_na(Iaid{iaid}, {given.na(iaid).leases[0].lease.address})
                         .ia_pd(Iaid{iaid}, {given.pd(iaid).leases.at(0).lease}));
  }
  EXPECT_LE(bench.shard().binding_count(), 1 + Shard::kClientHistoryMax);
  EXPECT_EQ(bench.pools->address_pool(0).used(), 0u);
  // Its own history went, not that of the other.
  EXPECT_EQ(bench.send(request(kOther).ia_na(Iaid{1})).na().leases.at(0).lease, theirs);
}

// The bound of bindings of one client once dropped its whole message as "out of memory".
TEST(Attack, client_with_all_the_bindings_it_may_have_is_still_served) {
  ServerSettings settings = ServerBench::default_settings();
  settings.lease_count_max_per_client = 200;
  ServerBench bench(settings);
  bench.buffer_size = 65535;
  PacketBuilder packet = request();
  for (std::uint32_t iaid = 0; iaid < 100; ++iaid) packet.ia_na(Iaid{iaid});
  const Reply reply = bench.send(packet);
  ASSERT_TRUE(reply.sent());
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), Shard::kClientBindingCountMax);
  EXPECT_EQ(reply.na(99).status, StatusCode::kNoAddrsAvail);
  bench.pass(100);
  EXPECT_EQ(
      bench.send(to_server(kRenew, kClient).ia_na(Iaid{5}).ia_na(Iaid{150})).na(5).leases.size(),
      1u);
}

TEST(Attack, moving_back_and_forth_between_links_takes_no_more_each_time) {
  ServerBench bench(ServerBench::two_links());
  for (int round = 0; round < 50; ++round) {
    bench.now.seconds += 10;
    const auto port = static_cast<std::uint16_t>(round % 2);
    const Reply reply = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}).bytes(),
                                   ServerBench::direct_from(address_of("fe80::c1"), port));
    ASSERT_EQ(reply.na().leases.size(), 1u);
  }
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 4u);
}

// A RENEW that asks for a further IA once lost the client the lease it had, when memory was full.
TEST(Attack, full_shard_keeps_serving_known_clients_drop_no_memory) {
  ServerBench bench(ServerBench::default_settings(), 1, 8);
  for (std::uint32_t n = 0; n < 8; ++n) {
    ASSERT_TRUE(bench.send(request(ServerBench::client_duid(n)).ia_na(Iaid{1})).sent());
  }
  const std::string before = bench.digest();
  EXPECT_EQ(bench.send(request(ServerBench::client_duid(99)).ia_na(Iaid{1})).drop,
            DropReason::kNoMemory);
  EXPECT_EQ(bench.digest(), before);
  const Reply reply =
      bench.send(to_server(kRenew, ServerBench::client_duid(3)).ia_pd(Iaid{1}).ia_na(Iaid{1}));
  ASSERT_TRUE(reply.sent());
  EXPECT_EQ(reply.pd().status, StatusCode::kNoPrefixAvail);
  EXPECT_EQ(reply.na().leases.at(0).valid, 6000u);
  EXPECT_EQ(bench.pools->prefix_pool(0).used(), 0u);
  // Ended bindings make room.
  (void)bench.send(to_server(kRelease, ServerBench::client_duid(3))
                       .ia_na(Iaid{1}, {reply.na().leases[0].lease.address}));
  EXPECT_EQ(bench.send(request(ServerBench::client_duid(99)).ia_na(Iaid{1})).na().leases.size(),
            1u);
}

TEST(Attack, one_lease_is_given_once_whatever_the_clients_list) {  // S-071
  ServerBench bench(ServerBench::default_settings(), 3);
  const Ipv6Address wish = address_of("2001:db8:7::1234");
  std::size_t holders = 0;
  for (std::uint32_t n = 0; n < 30; ++n) {
    for (const MessageType type : {kRequest, kRenew}) {
      const Reply reply =
          bench.send(to_server(type, ServerBench::client_duid(n)).ia_na(Iaid{1}, {wish}));
      for (const ReplyLease& lease : reply.na().leases) {
        holders += type == kRequest && lease.lease.address == wish && lease.valid != 0;
      }
    }
  }
  EXPECT_EQ(holders, 1u);
}

// Addresses of one pool lie inside the prefixes of another link's pool here, which the
// configuration check refuses; still nothing breaks.
TEST(Attack, hints_into_the_pools_of_another_link_bring_nothing) {
  ServerSettings settings = ServerBench::two_links();
  ServerBench bench(settings);
  const Reply reply = bench.send(
      solicit(kClient)
          .ia_na(Iaid{1}, {address_of("2001:db8:9::1")})
          .ia_pd(Iaid{1}, {prefix_of("2001:db8:9000::/56"), prefix_of("2001:db8:8000::/57")}));
  EXPECT_TRUE(prefix_of("2001:db8:7::/64").contains(reply.na().leases.at(0).lease));
  EXPECT_TRUE(prefix_of("2001:db8:8000::/40").contains(reply.pd().leases.at(0).lease));
  EXPECT_EQ(reply.pd().leases[0].lease.length, 56);
}

TEST(Attack, huge_options_everywhere_are_served_or_dropped_whole) {
  ServerBench bench;
  const Octets much(20000, 0x41);
  EXPECT_TRUE(bench
                  .send(request()
                            .ia_na(Iaid{1})
                            .option(60000, much)
                            .client_fqdn(0, Octets{60} + Octets(60, 'a')))
                  .sent());
  const auto relayed = request()
                           .ia_na(Iaid{1})
                           .relay(0, address_of("2001:db8:7::1"), address_of("fe80::c1"))
                           .interface_id(much)
                           .option(OptionCode::kRemoteId, much);
  const std::string before = bench.digest();
  EXPECT_EQ(bench.send_relayed(relayed).drop, DropReason::kAnsSize);
  EXPECT_EQ(bench.digest(), before);
}

}  // namespace
}  // namespace tandem6
