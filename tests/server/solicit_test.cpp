// SOLICIT and ADVERTISE: RFC 8415 sections 18.3.1 and 18.3.9.
#include <gtest/gtest.h>

#include "dataplane/lease/address_pool.h"
#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();

ServerSettings with_pools(std::vector<Ipv6Prefix> addresses,
                          std::vector<PrefixPoolSettings> prefixes = {}) {
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].address_pools = std::move(addresses);
  settings.links[0].prefix_pools = std::move(prefixes);
  return settings;
}

TEST(Solicit, gets_an_advertise_with_both_identifiers) {  // S-041, S-043
  ServerBench bench;
  const Reply reply = bench.send(solicit(kClient, 0xabcdef).ia_na(Iaid{1}));
  EXPECT_EQ(reply.type, kAdvertise);
  EXPECT_EQ(reply.transaction_id, 0xabcdefu);
  const auto server = ServerBench::server_duid();
  EXPECT_EQ(reply.option(OptionCode::kServerId),
            Octets(server.bytes().begin(), server.bytes().end()));
  EXPECT_EQ(reply.option(OptionCode::kClientId),
            Octets(kClient.bytes().begin(), kClient.bytes().end()));
  EXPECT_EQ(reply.status, std::nullopt);
}

TEST(Solicit, preference_is_sent_when_the_operator_set_one) {  // S-044, S-045
  ServerBench plain;
  EXPECT_EQ(plain.send(solicit(kClient).ia_na(Iaid{1})).count(OptionCode::kPreference), 0u);
  ServerSettings settings = ServerBench::default_settings();
  settings.preference = 200;
  ServerBench bench(settings);
  EXPECT_EQ(bench.send(solicit(kClient).ia_na(Iaid{1})).option(OptionCode::kPreference),
            Octets{200});
  EXPECT_EQ(bench.send(to_server(kRequest, kClient).ia_na(Iaid{1})).count(OptionCode::kPreference),
            0u);
}

TEST(Solicit, advertise_has_what_is_requested_and_configured) {  // S-047
  ServerBench bench;
  EXPECT_EQ(bench.send(solicit(kClient).ia_na(Iaid{1}).oro({23})).count(OptionCode::kDnsServers),
            1u);
  EXPECT_EQ(bench.send(solicit(kClient).ia_na(Iaid{1})).count(OptionCode::kDnsServers), 0u);
}

TEST(Solicit, advertise_shows_what_a_request_then_gets) {  // S-048
  ServerSettings settings = ServerBench::default_settings();
  settings.lease_count_max_per_client = 6;
  settings.links[0].address_pools.push_back(prefix_of("2001:db8:70::/64"));
  settings.links[0].prefix_pools.push_back({prefix_of("2001:db8:4000::/52"), 60, std::nullopt});
  for (std::uint32_t n = 0; n < 50; ++n) {
    ServerBench bench(settings);
    const Duid client = ServerBench::client_duid(n);
    const auto ask = [](PacketBuilder packet) {
      return packet.ia_na(Iaid{1})
          .ia_pd(Iaid{1})
          .ia_na(Iaid{7}, {address_of("2001:db8:7::7")})
          .ia_pd(Iaid{2}, {Ipv6Prefix{{}, 60}});
    };
    const Reply offered = bench.send(ask(solicit(client)));
    const Reply given = bench.send(ask(to_server(kRequest, client)));
    ASSERT_EQ(offered.ias.size(), given.ias.size());
    for (std::size_t i = 0; i < offered.ias.size(); ++i) {
      ASSERT_FALSE(given.ias[i].leases.empty());
      ASSERT_EQ(offered.ias[i].leases.size(), given.ias[i].leases.size());
      for (std::size_t k = 0; k < given.ias[i].leases.size(); ++k) {
        EXPECT_EQ(offered.ias[i].leases[k].lease, given.ias[i].leases[k].lease);
      }
    }
  }
}

TEST(Solicit, hint_is_taken_while_it_is_free) {  // S-049, S-050
  ServerBench bench;
  const Ipv6Address wish = address_of("2001:db8:7::1234");
  EXPECT_EQ(bench.send(solicit(kClient).ia_na(Iaid{1}, {wish})).na().leases.at(0).lease.address,
            wish);
  (void)bench.send(to_server(kRequest, ServerBench::client_duid(2)).ia_na(Iaid{1}, {wish}));
  const Reply late = bench.send(solicit(kClient).ia_na(Iaid{1}, {wish}));
  ASSERT_EQ(late.na().leases.size(), 1u);
  EXPECT_NE(late.na().leases[0].lease.address, wish);
  EXPECT_EQ(bench.odd(OddReason::kHintBad), 1u);
}

TEST(Solicit, hints_that_cannot_be_met_are_not_in_the_advertise_odd_hint_bad) {  // S-050
  ServerBench bench;
  for (const char* hint : {"ff02::1", "::1", "fe80::1", "2001:db8:99::1",
                           "2001:db8:7::", "2001:db8:7:0:fdff:ffff:ffff:ff80"}) {
    const std::uint64_t before = bench.odd(OddReason::kHintBad);
    const Reply reply = bench.send(solicit(kClient).ia_na(Iaid{1}, {address_of(hint)}));
    ASSERT_EQ(reply.na().leases.size(), 1u);
    EXPECT_NE(reply.na().leases[0].lease.address, address_of(hint));
    EXPECT_EQ(bench.odd(OddReason::kHintBad), before + 1) << hint;
  }
  (void)bench.send(solicit(kClient).ia_na(Iaid{1}, {address_of("::")}));  // `::` is no hint
  EXPECT_EQ(bench.odd(OddReason::kHintBad), 6u);
}

// S-051, S-052, S-145: the status stands in its IA, the rest of the message is served.
TEST(Solicit, ia_that_gets_nothing_comes_back_with_its_status) {
  ServerBench bench(with_pools({}, {{prefix_of("2001:db8:8000::/40"), 56, std::nullopt}}));
  const Reply reply = bench.send(solicit(kClient).ia_na(Iaid{1}).ia_pd(Iaid{1}).oro({23}));
  EXPECT_EQ(reply.na().status, StatusCode::kNoAddrsAvail);
  EXPECT_TRUE(reply.na().leases.empty());
  EXPECT_EQ(reply.na().t1, 0u);
  EXPECT_EQ(reply.pd().leases.size(), 1u);
  EXPECT_EQ(reply.pd().status, std::nullopt);
  EXPECT_EQ(reply.status, std::nullopt);
  EXPECT_EQ(reply.count(OptionCode::kDnsServers), 1u);

  ServerBench no_prefixes(with_pools({prefix_of("2001:db8:7::/64")}));
  const Reply other = no_prefixes.send(solicit(kClient).ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_EQ(other.pd().status, StatusCode::kNoPrefixAvail);
  EXPECT_TRUE(other.pd().leases.empty());
  EXPECT_EQ(other.na().leases.size(), 1u);
}

TEST(Solicit, commits_nothing) {  // S-053
  ServerBench bench;
  (void)bench.send(to_server(kRequest, kClient).ia_na(Iaid{1}));
  bench.changes.clear();
  const std::string before = bench.digest();
  for (std::uint32_t n = 0; n < 100; ++n) {
    const Reply reply = bench.send(
        solicit(ServerBench::client_duid(n)).ia_na(Iaid{1}).ia_pd(Iaid{1}).rapid_commit());
    EXPECT_EQ(reply.type, kAdvertise);
    EXPECT_EQ(reply.change_number, 0u);
  }
  EXPECT_TRUE(bench.changes.empty());
  EXPECT_EQ(bench.digest(), before);
}

TEST(Solicit, without_an_ia_is_valid) {  // S-054
  ServerBench bench;
  const Reply reply = bench.send(solicit(kClient).oro({23}));
  EXPECT_EQ(reply.type, kAdvertise);
  EXPECT_TRUE(reply.ias.empty());
  EXPECT_EQ(reply.count(OptionCode::kDnsServers), 1u);
}

TEST(Solicit, every_ia_gets_an_address_of_every_subnet_of_the_link) {  // S-055
  ServerBench bench(with_pools({prefix_of("2001:db8:7::/65"), prefix_of("2001:db8:7:0:8000::/65"),
                                prefix_of("2001:db8:70::/64")}));
  const Reply reply = bench.send(solicit(kClient).ia_na(Iaid{1}).ia_na(Iaid{2}));
  for (const std::uint32_t iaid : {1u, 2u}) {
    ASSERT_EQ(reply.na(iaid).leases.size(), 2u);
    EXPECT_TRUE(prefix_of("2001:db8:7::/64").contains(reply.na(iaid).leases[0].lease));
    EXPECT_TRUE(prefix_of("2001:db8:70::/64").contains(reply.na(iaid).leases[1].lease));
  }
  EXPECT_NE(reply.na(1).leases[0].lease, reply.na(2).leases[0].lease);
}

TEST(Solicit, never_offers_reserved_interface_identifiers) {  // S-056
  // 32 addresses: ::0 is the subnet-router's; the other pool lies inside the anycast block.
  ServerBench bench(with_pools({prefix_of("2001:db8:7::/123")}));
  std::vector<Ipv6Prefix> given;
  for (std::uint32_t n = 0; n < 40; ++n) {
    const Reply reply = bench.send(to_server(kRequest, ServerBench::client_duid(n)).ia_na(Iaid{1}));
    if (reply.na().leases.empty()) continue;
    given.push_back(reply.na().leases[0].lease);
    EXPECT_FALSE(is_reserved_interface_identifier(given.back().address));
  }
  EXPECT_EQ(given.size(), 31u);
  ServerBench anycast(with_pools({prefix_of("2001:db8:7:0:fdff:ffff:ffff:ff80/121")}));
  EXPECT_EQ(anycast.send(solicit(kClient).ia_na(Iaid{1})).na().status, StatusCode::kNoAddrsAvail);
}

TEST(Solicit, elapsed_time_of_any_value_is_served) {  // S-057
  ServerBench bench;
  for (const std::uint16_t hundredths : {0, 1, 0xffff}) {
    EXPECT_TRUE(bench.send(solicit(kClient).elapsed_time(hundredths).ia_na(Iaid{1})).sent());
  }
}

TEST(Solicit, addresses_do_not_follow_from_each_other) {  // S-253
  ServerBench bench;
  std::vector<std::uint64_t> identifiers;
  for (std::uint32_t n = 0; n < 200; ++n) {
    const Reply reply = bench.send(solicit(ServerBench::client_duid(n)).ia_na(Iaid{1}));
    identifiers.push_back(reply.na().leases.at(0).lease.address.low());
  }
  std::ranges::sort(identifiers);
  for (std::size_t i = 1; i < identifiers.size(); ++i) {
    EXPECT_GT(identifiers[i] - identifiers[i - 1], 1u << 20);  // 200 of 2^64
  }
  ServerSettings other_key = ServerBench::default_settings();
  other_key.allocation_key[0] ^= 1;
  ServerBench other(other_key);
  EXPECT_NE(other.send(solicit(ServerBench::client_duid(1)).ia_na(Iaid{1})).na().leases[0].lease,
            bench.send(solicit(ServerBench::client_duid(1)).ia_na(Iaid{1})).na().leases[0].lease);
}

}  // namespace
}  // namespace tandem6
