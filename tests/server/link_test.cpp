// Which link a message belongs to: RFC 8415 section 13.1, RFC 6221.
#include <gtest/gtest.h>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();
const Ipv6Address kPeer = address_of("fe80::c1");
const Ipv6Address kZero{};

LinkMatch by_address(const char* prefix) {
  LinkMatch match;
  match.link_address = prefix_of(prefix);
  return match;
}
LinkMatch by_port(const char* port) {
  LinkMatch match;
  match.port = port;
  return match;
}
LinkMatch by_interface(const Octets& id) {
  LinkMatch match;
  match.interface_id = id;
  return match;
}
LinkMatch by_relay(const char* relay) {
  LinkMatch match;
  match.relay = address_of(relay);
  return match;
}

/// Link n has the addresses 2001:db8:1n::/64.
ServerSettings links(const std::vector<std::vector<LinkMatch>>& matches) {
  ServerSettings settings = ServerBench::default_settings();
  settings.links.clear();
  for (std::size_t n = 0; n < matches.size(); ++n) {
    LinkSettings link = ServerBench::default_link();
    link.matches = matches[n];
    link.address_pools = {prefix_of(("2001:db8:1" + std::to_string(n) + "::/64").c_str())};
    link.prefix_pools.clear();
    settings.links.push_back(link);
  }
  return settings;
}

/// The number of the link that the answer's address is of, or -1 for no answer.
int link_of(const Reply& reply) {
  if (!reply.sent()) {
    EXPECT_EQ(reply.drop, DropReason::kNoLink);
    return -1;
  }
  const Ipv6Address address = reply.na().leases.at(0).lease.address;
  for (int n = 0; n < 10; ++n) {
    if (prefix_of(("2001:db8:1" + std::to_string(n) + "::/64").c_str()).contains(address)) return n;
  }
  return -2;
}

PacketBuilder relayed(const Ipv6Address& link_address) {
  return solicit(kClient).ia_na(Iaid{1}).relay(0, link_address, kPeer);
}

int through_relay(ServerBench& bench, const PacketBuilder& packet, std::uint16_t port = 0) {
  Envelope envelope = ServerBench::relay_envelope();
  envelope.port = port;
  return link_of(bench.send(packet.bytes(), envelope));
}

int direct(ServerBench& bench, const char* source, std::uint16_t port) {
  return link_of(bench.send(solicit(kClient).ia_na(Iaid{1}).bytes(),
                            ServerBench::direct_from(address_of(source), port)));
}

TEST(LinkFinder, direct_link_local_source_means_the_link_of_the_port) {  // S-006
  ServerBench bench(links({{by_port("access")}, {by_port("other")}}));
  EXPECT_EQ(direct(bench, "fe80::1", 0), 0);
  EXPECT_EQ(direct(bench, "fe80::1", 1), 1);
  EXPECT_EQ(direct(bench, "fe80::1", 2), -1);
}

TEST(LinkFinder, direct_wider_scope_source_means_the_link_of_that_address) {  // S-006
  ServerBench bench(links({{by_port("access"), by_address("2001:db8:10::/64")},
                           {by_port("other"), by_address("2001:db8:11::/64")}}));
  EXPECT_EQ(direct(bench, "2001:db8:10::5", 0), 0);
  EXPECT_EQ(direct(bench, "2001:db8:11::5", 0), 1);
  EXPECT_EQ(direct(bench, "2001:db8:99::5", 0), -1);
}

TEST(LinkFinder, wider_scope_source_is_no_fault_where_no_subnet_is_known) {  // S-006
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].matches = {by_port("access")};
  settings.links[0].address_pools.clear();
  ServerBench bench(settings);
  const Reply reply = bench.send(solicit(kClient).ia_pd(Iaid{1}).bytes(),
                                 ServerBench::direct_from(address_of("2001:db8:99::5")));
  EXPECT_EQ(reply.pd().leases.size(), 1u);
}

TEST(LinkFinder, zero_link_addresses_at_any_level_are_passed_over) {  // S-129, S-130
  ServerBench bench(links({{by_address("2001:db8:10::/64")}, {by_address("2001:db8:11::/64")}}));
  const Ipv6Address first = address_of("2001:db8:10::1");
  const Ipv6Address second = address_of("2001:db8:11::1");
  EXPECT_EQ(through_relay(bench, relayed(first)), 0);
  EXPECT_EQ(through_relay(bench, relayed(kZero).relay(1, second, kPeer)), 1);
  EXPECT_EQ(through_relay(bench, relayed(first).relay(1, second, kPeer)), 0);
  EXPECT_EQ(through_relay(bench, relayed(kZero).relay(1, kZero, kPeer).relay(2, first, kPeer)), 0);
  EXPECT_EQ(through_relay(bench, relayed(address_of("2001:db8:99::1")).relay(1, first, kPeer)), -1);
}

TEST(LinkFinder, all_zero_means_the_port_or_the_interface_id) {  // S-131, S-132
  ServerBench bench(links({{by_port("access")}, {by_port("other")}, {by_interface({0, 1, 2})}}));
  EXPECT_EQ(through_relay(bench, relayed(kZero), 0), 0);
  EXPECT_EQ(through_relay(bench, relayed(kZero), 1), 1);
  EXPECT_EQ(through_relay(bench, relayed(kZero).interface_id({0, 1, 2}), 0), 2);
  EXPECT_EQ(through_relay(bench, relayed(kZero).interface_id({0, 1, 2, 0}), 0), 0);  // S-128
  Envelope lightweight = ServerBench::direct_envelope();  // from a link-local relay to ff02::1:2
  lightweight.source_port = 547;
  const Reply reply = bench.send(relayed(kZero).bytes(), lightweight);
  EXPECT_EQ(link_of(reply), 0);
  EXPECT_EQ(reply.destination, lightweight.source);
  EXPECT_EQ(reply.destination_port, 547);
}

TEST(LinkFinder, link_local_link_address_needs_a_mapping_drop_no_link) {  // S-133
  ServerBench bench(
      links({{by_port("access")}, {by_interface({7})}, {by_relay("2001:db8:aaaa::1")}}));
  EXPECT_EQ(through_relay(bench, relayed(address_of("fe80::9")).interface_id({7})), 1);
  EXPECT_EQ(through_relay(bench, relayed(address_of("fe80::9"))), 2);
  Envelope stranger = ServerBench::relay_envelope();
  stranger.source = address_of("2001:db8:aaaa::9");
  EXPECT_EQ(link_of(bench.send(relayed(address_of("fe80::9")).bytes(), stranger)), -1);
  EXPECT_EQ(link_of(bench.send(relayed(address_of("ff02::9")).bytes(), stranger)), -1);
  EXPECT_EQ(bench.dropped(DropReason::kNoLink), 2u);
}

TEST(LinkFinder, relay_is_the_one_nearest_the_client) {
  ServerBench bench(links({{by_relay("2001:db8:bb::2")}, {by_relay("2001:db8:aaaa::1")}}));
  EXPECT_EQ(through_relay(bench, relayed(kZero)), 1);
  EXPECT_EQ(through_relay(bench, relayed(kZero).relay(1, kZero, address_of("2001:db8:bb::2"))), 0);
  // A direct client is no relay, whatever its address.
  EXPECT_EQ(link_of(bench.send(solicit(kClient).ia_na(Iaid{1}).bytes(),
                               ServerBench::direct_from(address_of("2001:db8:aaaa::1")))),
            -1);
}

TEST(LinkFinder, longest_link_address_wins_then_most_conditions) {
  LinkMatch both = by_address("2001:db8:10:1::/64");
  both.port = "other";
  LinkMatch refined = by_address("2001:db8:10::/48");
  refined.interface_id = Octets{5};
  ServerBench bench(links(
      {{by_address("2001:db8:10::/48")}, {by_address("2001:db8:10:1::/64")}, {both}, {refined}}));
  EXPECT_EQ(through_relay(bench, relayed(address_of("2001:db8:10:2::1"))), 0);
  EXPECT_EQ(through_relay(bench, relayed(address_of("2001:db8:10:1::1"))), 1);
  EXPECT_EQ(through_relay(bench, relayed(address_of("2001:db8:10:1::1")), 1), 2);
  EXPECT_EQ(through_relay(bench, relayed(address_of("2001:db8:10:2::1")).interface_id({5})), 3);
  EXPECT_EQ(through_relay(bench, relayed(address_of("2001:db8:11::1")).interface_id({5})), -1);
}

TEST(LinkFinder, interface_id_of_an_outer_relay_does_not_count) {
  ServerBench bench(links({{by_interface({1})}, {by_port("access")}}));
  EXPECT_EQ(through_relay(bench, relayed(kZero).relay(1, kZero, kPeer).interface_id({1})), 1);
}

}  // namespace
}  // namespace tandem6
