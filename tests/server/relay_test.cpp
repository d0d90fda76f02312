// Relayed messages: RFC 8415 sections 9, 18.3.10 and 19.3, RFC 6221, 6422, 6939, 8357.
#include <gtest/gtest.h>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();
const Ipv6Address kLink = address_of("2001:db8:7::fe");
const Ipv6Address kPeer = address_of("fe80::c1");
const Ipv6Address kZero{};

std::size_t count_of(const std::vector<ReplyOption>& options, OptionCode code) {
  return static_cast<std::size_t>(std::ranges::count_if(options, [&](const ReplyOption& each) {
    return each.code == static_cast<std::uint16_t>(code);
  }));
}

Octets value_of(const std::vector<ReplyOption>& options, OptionCode code) {
  for (const ReplyOption& each : options) {
    if (each.code == static_cast<std::uint16_t>(code)) return each.value;
  }
  ADD_FAILURE() << "no option " << static_cast<int>(code);
  return {};
}

Octets encoded(std::initializer_list<Octets> options) {
  Octets all;
  for (const Octets& each : options) put_octets(all, each);
  return all;
}

// S-121, S-122, S-123, S-126: the same relays in reverse order, each with what is its own.
TEST(Relay, reply_goes_back_through_all_of_them) {
  ServerBench bench;
  const Ipv6Address inner_relay = address_of("2001:db8:bb::2");
  const auto packet = solicit(kClient)
                          .ia_na(Iaid{1})
                          .relay(0, kLink, kPeer)
                          .interface_id({0, 'a', 0, 0xff})
                          .relay(1, address_of("2001:db8:cc::1"), inner_relay)
                          .interface_id({'o', 'u', 't'});
  const Reply reply = bench.send_relayed(packet);
  ASSERT_TRUE(reply.sent());
  ASSERT_EQ(reply.relays.size(), 2u);
  EXPECT_EQ(reply.relays[0].hop_count, 1);
  EXPECT_EQ(reply.relays[0].link_address, address_of("2001:db8:cc::1"));
  EXPECT_EQ(reply.relays[0].peer_address, inner_relay);
  EXPECT_EQ(value_of(reply.relays[0].options, OptionCode::kInterfaceId), (Octets{'o', 'u', 't'}));
  EXPECT_EQ(reply.relays[1].hop_count, 0);
  EXPECT_EQ(reply.relays[1].link_address, kLink);
  EXPECT_EQ(reply.relays[1].peer_address, kPeer);
  EXPECT_EQ(value_of(reply.relays[1].options, OptionCode::kInterfaceId), (Octets{0, 'a', 0, 0xff}));
  EXPECT_EQ(reply.type, kAdvertise);
  EXPECT_EQ(reply.na().leases.size(), 1u);
}

TEST(Relay, answer_goes_to_the_source_of_the_datagram_port_547) {  // S-125
  ServerBench bench;
  const Reply reply = bench.send_relayed(solicit(kClient).ia_na(Iaid{1}).relay(0, kLink, kPeer));
  EXPECT_EQ(reply.destination, ServerBench::relay_envelope().source);
  EXPECT_EQ(reply.destination_port, 547);
}

TEST(Relay, options_of_relays_are_in_no_client_message) {  // S-127, S-137
  ServerBench bench;
  const Reply reply = bench.send_relayed(solicit(kClient)
                                             .ia_na(Iaid{1})
                                             .oro({18, 37, 38, 79, 135})
                                             .interface_id({9})
                                             .relay(0, kLink, kPeer)
                                             .interface_id({7})
                                             .relay_source_port(0));
  ASSERT_TRUE(reply.sent());
  EXPECT_EQ(reply.count(OptionCode::kInterfaceId), 0u);
  EXPECT_EQ(reply.count(OptionCode::kRelaySourcePort), 0u);
  EXPECT_EQ(bench.odd(OddReason::kRelayOpt), 1u);
}

TEST(Relay, source_port_option_is_copied_and_obeyed) {  // S-136
  ServerBench bench;
  Envelope envelope = ServerBench::relay_envelope();
  envelope.source_port = 5555;
  const Reply reply = bench.send(solicit(kClient)
                                     .ia_na(Iaid{1})
                                     .relay(0, kLink, kPeer)
                                     .relay(1, kLink, address_of("2001:db8:bb::2"))
                                     .relay_source_port(0)
                                     .bytes(),
                                 envelope);
  EXPECT_EQ(reply.destination_port, 5555);
  EXPECT_EQ(value_of(reply.relays.at(0).options, OptionCode::kRelaySourcePort), (Octets{0, 0}));
  EXPECT_EQ(count_of(reply.relays.at(1).options, OptionCode::kRelaySourcePort), 0u);
  // Said by an inner relay it tells nothing about the outer one.
  const Reply inner = bench.send(solicit(kClient)
                                     .ia_na(Iaid{1})
                                     .relay(0, kLink, kPeer)
                                     .relay_source_port(1234)
                                     .relay(1, kLink, address_of("2001:db8:bb::2"))
                                     .bytes(),
                                 envelope);
  EXPECT_EQ(inner.destination_port, 547);
  EXPECT_EQ(value_of(inner.relays.at(1).options, OptionCode::kRelaySourcePort), (Octets{4, 210}));
}

TEST(Relay, nine_levels_are_served_and_no_more_drop_relay_depth) {  // S-134
  ServerBench bench;
  PacketBuilder packet = solicit(kClient).ia_na(Iaid{1});
  for (std::uint8_t level = 0; level < 9; ++level) {
    packet.relay(level, level == 0 ? kLink : kZero, kPeer).interface_id({level});
  }
  const Reply reply = bench.send_relayed(packet);
  ASSERT_TRUE(reply.sent());
  ASSERT_EQ(reply.relays.size(), 9u);
  for (std::uint8_t level = 0; level < 9; ++level) {
    EXPECT_EQ(reply.relays[8u - level].hop_count, level);
    EXPECT_EQ(value_of(reply.relays[8u - level].options, OptionCode::kInterfaceId), Octets{level});
  }
  packet.relay(8, kZero, kPeer);
  EXPECT_EQ(bench.send_relayed(packet).drop, DropReason::kRelayDepth);
}

TEST(Relay, wrong_hop_count_is_copied_back_as_it_came) {  // S-122
  ServerBench bench;
  const Reply reply = bench.send_relayed(solicit(kClient).ia_na(Iaid{1}).relay(5, kLink, kPeer));
  EXPECT_EQ(reply.relays.at(0).hop_count, 5);
}

TEST(Relay, without_a_message_is_dropped_drop_relay_msg) {  // S-124
  ServerBench bench;
  Octets header{12, 0};
  put_octets(header, kLink.octets);
  put_octets(header, kPeer.octets);
  EXPECT_EQ(bench.send(header, ServerBench::relay_envelope()).drop, DropReason::kRelayMsg);
  EXPECT_EQ(bench.send(header + encoded_option(9, {}), ServerBench::relay_envelope()).drop,
            DropReason::kRelayMsg);
}

TEST(Relay, empty_interface_id_is_echoed_too) {  // S-126, S-128
  ServerBench bench;
  const Reply reply =
      bench.send_relayed(solicit(kClient).ia_na(Iaid{1}).relay(0, kLink, kPeer).interface_id({}));
  EXPECT_EQ(count_of(reply.relays.at(0).options, OptionCode::kInterfaceId), 1u);
}

TEST(Relay, what_relays_said_of_the_client_is_kept_with_the_binding) {  // S-138, S-135
  ServerBench bench;
  const Reply reply = bench.send_relayed(to_server(kRequest, kClient)
                                             .ia_na(Iaid{1})
                                             .relay(0, kLink, kPeer)
                                             .interface_id({'i', 0, 'f'})
                                             .remote_id(4491, "cpe")
                                             .relay(1, kZero, kPeer)
                                             .interface_id({'x'})
                                             .remote_id(1, "outer"));
  const BindingAttributes kept =
      bench.shard().attributes_of(bench.binding_of(reply.na().leases.at(0).lease));
  EXPECT_EQ(Octets(kept.interface_id.begin(), kept.interface_id.end()), (Octets{'i', 0, 'f'}));
  EXPECT_EQ(Octets(kept.remote_id.begin(), kept.remote_id.end()),
            (Octets{0, 0, 0x11, 0x8b, 'c', 'p', 'e'}));
}

// --- Relay-supplied options: RFC 6422.

ServerSettings with_relay_options() {
  ServerSettings settings = ServerBench::default_settings();
  settings.relay_supplied_options = {65, 23};
  return settings;
}

TEST(RelaySupplied, only_enabled_and_requested_ones_are_passed_on_odd_relay_opt) {  // S-142
  ServerBench bench(with_relay_options());
  const Octets supplied = encoded({encoded_option(65, {1, 2}), encoded_option(31, {3, 4})});
  const auto packet = [&](const std::vector<std::uint16_t>& codes) {
    return solicit(kClient)
        .ia_na(Iaid{1})
        .oro(codes)
        .relay(0, kLink, kPeer)
        .option(OptionCode::kRelaySuppliedOptions, supplied);
  };
  const Reply reply = bench.send_relayed(packet({65, 31}));
  EXPECT_EQ(reply.option(static_cast<OptionCode>(65)), (Octets{1, 2}));
  EXPECT_EQ(reply.count(static_cast<OptionCode>(31)), 0u);
  EXPECT_EQ(bench.odd(OddReason::kRelayOpt), 1u);
  EXPECT_EQ(bench.send_relayed(packet({31})).count(static_cast<OptionCode>(65)), 0u);
}

TEST(RelaySupplied, value_of_ours_wins) {  // S-143
  ServerBench bench(with_relay_options());
  const Reply reply = bench.send_relayed(
      solicit(kClient)
          .ia_na(Iaid{1})
          .oro({23})
          .relay(0, kLink, kPeer)
          .option(OptionCode::kRelaySuppliedOptions, encoded_option(23, Octets(16, 9))));
  ASSERT_EQ(reply.count(OptionCode::kDnsServers), 1u);
  EXPECT_NE(reply.option(OptionCode::kDnsServers), Octets(16, 9));
}

TEST(RelaySupplied, of_several_the_innermost_first_one_is_sent) {  // S-144
  ServerBench bench(with_relay_options());
  const Reply reply =
      bench.send_relayed(solicit(kClient)
                             .ia_na(Iaid{1})
                             .oro({65})
                             .relay(0, kLink, kPeer)
                             .option(OptionCode::kRelaySuppliedOptions,
                                     encoded({encoded_option(65, {1}), encoded_option(65, {2})}))
                             .relay(1, kZero, kPeer)
                             .option(OptionCode::kRelaySuppliedOptions, encoded_option(65, {3})));
  ASSERT_EQ(reply.count(static_cast<OptionCode>(65)), 1u);
  EXPECT_EQ(reply.option(static_cast<OptionCode>(65)), Octets{1});
}

TEST(RelaySupplied, link_layer_address_in_a_client_message_is_ignored_odd_relay_opt) {  // S-141
  ServerBench bench;
  EXPECT_TRUE(
      bench.send(solicit(kClient).ia_na(Iaid{1}).link_layer_address(1, {1, 2, 3, 4, 5, 6})).sent());
  EXPECT_EQ(bench.odd(OddReason::kRelayOpt), 1u);
}

}  // namespace
}  // namespace tandem6
