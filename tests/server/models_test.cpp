// The three models of RFC 6853 section 6: two servers on one link that do not talk to each other.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

constexpr std::uint32_t kClientCount = 200;
constexpr std::uint32_t kNewcomer = 10000;

ServerSettings server(const Duid& duid, const char* addresses, const char* prefixes) {
  ServerSettings settings = ServerBench::default_settings();
  settings.server_duid = duid;
  settings.links[0].address_pools = {prefix_of(addresses)};
  settings.links[0].prefix_pools = {{prefix_of(prefixes), 56, std::nullopt}};
  return settings;
}

const Duid kFirst(Octets{0, 3, 0, 1, 2, 0, 0, 0, 0, 0x0a});
const Duid kSecond(Octets{0, 3, 0, 1, 2, 0, 0, 0, 0, 0x0b});

Reply ask(ServerBench& bench, std::uint32_t client) {
  PacketBuilder packet(kRequest, client);
  packet.client_id(ServerBench::client_duid(client)).server_id(bench.settings.server_duid);
  return bench.send(packet.ia_na(Iaid{1}).ia_pd(Iaid{1}));
}

/// Clients of both, at random; no lease may be given twice.
void expect_disjoint(ServerBench& first, ServerBench& second) {
  std::set<Ipv6Prefix> given;
  std::mt19937 random(1);
  for (std::uint32_t client = 0; client < kClientCount; ++client) {
    const Reply reply = ask(random() % 2 == 0 ? first : second, client);
    ASSERT_EQ(reply.na().leases.size(), 1u);
    ASSERT_EQ(reply.pd().leases.size(), 1u);
    EXPECT_TRUE(given.insert(reply.na().leases[0].lease).second);
    EXPECT_TRUE(given.insert(reply.pd().leases[0].lease).second);
  }
}

// RFC 6853 section 6.1
TEST(Rfc6853, split_prefixes) {
  ServerBench first(server(kFirst, "2001:db8:7::/65", "2001:db8:8000::/41"));
  ServerBench second(server(kSecond, "2001:db8:7:0:8000::/65", "2001:db8:8080::/41"));
  expect_disjoint(first, second);
  // One prefix on the link: an address of the other half is no fault to either.
  const Reply theirs = ask(first, kNewcomer);
  const Ipv6Address address = theirs.na().leases.at(0).lease.address;
  EXPECT_EQ(second
                .send(PacketBuilder(kConfirm, 1)
                          .client_id(ServerBench::client_duid(kNewcomer))
                          .ia_na(Iaid{1}, {address}))
                .status,
            StatusCode::kSuccess);
  // When the first dies, the second does not end what it cannot extend.
  EXPECT_EQ(second
                .send(PacketBuilder(kRebind, 1)
                          .client_id(ServerBench::client_duid(kNewcomer))
                          .ia_na(Iaid{1}, {address})
                          .ia_pd(Iaid{1}, {theirs.pd().leases.at(0).lease}))
                .drop,
            DropReason::kNotForUs);
}

// RFC 6853 section 6.2
TEST(Rfc6853, multiple_unique_prefixes) {
  ServerBench first(server(kFirst, "2001:db8:7::/64", "2001:db8:8000::/41"));
  ServerBench second(server(kSecond, "2001:db8:70::/64", "2001:db8:8080::/41"));
  expect_disjoint(first, second);
  const Reply theirs = ask(first, kNewcomer);
  EXPECT_EQ(second
                .send(PacketBuilder(kRebind, 1)
                          .client_id(ServerBench::client_duid(kNewcomer))
                          .ia_na(Iaid{1}, {theirs.na().leases.at(0).lease.address})
                          .ia_pd(Iaid{1}, {theirs.pd().leases.at(0).lease}))
                .drop,
            DropReason::kNotForUs);
}

// RFC 6853 section 6.3, with one allocation key
TEST(Rfc6853, identical_prefixes) {
  ServerBench first(server(kFirst, "2001:db8:7::/64", "2001:db8:8000::/34"));
  ServerBench second(server(kSecond, "2001:db8:7::/64", "2001:db8:8000::/34"));
  std::vector<std::uint32_t> order(kClientCount);
  for (std::uint32_t client = 0; client < kClientCount; ++client) order[client] = client;
  const auto serve_all = [](ServerBench& bench, const std::vector<std::uint32_t>& clients) {
    std::vector<std::pair<Ipv6Prefix, Ipv6Prefix>> given(clients.size());
    for (const std::uint32_t client : clients) {
      const Reply reply = ask(bench, client);
      given[client] = {reply.na().leases.at(0).lease, reply.pd().leases.at(0).lease};
    }
    return given;
  };
  const auto by_first = serve_all(first, order);
  std::mt19937 random(7);
  std::ranges::shuffle(order, random);
  const auto by_second = serve_all(second, order);
  EXPECT_EQ(by_first, by_second);
  // So the second extends what the first gave, for a client that both know.
  const Reply rebound = second.send(PacketBuilder(kRebind, 1)
                                        .client_id(ServerBench::client_duid(5))
                                        .ia_na(Iaid{1}, {by_first[5].first.address}));
  EXPECT_EQ(rebound.na().leases.at(0).lease, by_first[5].first);
  EXPECT_EQ(rebound.na().leases.at(0).valid, 6000u);
}

TEST(Rfc6853, identical_prefixes_need_the_same_key) {
  ServerSettings other_key = server(kSecond, "2001:db8:7::/64", "2001:db8:8000::/34");
  other_key.allocation_key[3] ^= 1;
  ServerBench first(server(kFirst, "2001:db8:7::/64", "2001:db8:8000::/34"));
  ServerBench second(other_key);
  EXPECT_NE(ask(first, 1).na().leases.at(0).lease, ask(second, 1).na().leases.at(0).lease);
}

}  // namespace
}  // namespace tandem6
