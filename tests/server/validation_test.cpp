// Which messages are answered at all: RFC 8415 section 16, and the table of hostile input. Each
// dropped one leaves a counter and no other trace.
#include <gtest/gtest.h>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();
const Duid kOtherServer(Octets{0, 3, 0, 1, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee});

PacketBuilder with_client(MessageType type) {
  return PacketBuilder(type, 0x123456).client_id(kClient);
}

void expect_dropped(ServerBench& bench, const PacketBuilder& packet, DropReason reason,
                    const Envelope& envelope = ServerBench::direct_envelope()) {
  const std::string before = bench.digest();
  const std::uint64_t counted = bench.dropped(reason);
  EXPECT_EQ(bench.send(packet.bytes(), envelope).drop, reason);
  EXPECT_EQ(bench.dropped(reason), counted + 1);
  EXPECT_EQ(bench.digest(), before);
  EXPECT_TRUE(bench.changes.empty());
}

TEST(Validation, solicit_confirm_rebind_need_a_client_identifier_drop_rules) {  // S-015, S-176
  ServerBench bench;
  for (const MessageType type : {kSolicit, kConfirm, kRebind}) {
    expect_dropped(bench, PacketBuilder(type, 1).ia_na(Iaid{1}), DropReason::kRules);
  }
}

TEST(Validation, solicit_confirm_rebind_must_not_name_a_server_drop_rules) {  // S-016
  ServerBench bench;
  for (const MessageType type : {kSolicit, kConfirm, kRebind}) {
    for (const Duid& server : {ServerBench::server_duid(), kOtherServer}) {
      expect_dropped(bench, with_client(type).server_id(server).ia_na(Iaid{1}), DropReason::kRules);
    }
  }
}

TEST(Validation, request_renew_release_decline_must_name_a_server_drop_rules) {  // S-017
  ServerBench bench;
  for (const MessageType type : {kRequest, kRenew, kRelease, kDecline}) {
    expect_dropped(bench, with_client(type).ia_na(Iaid{1}), DropReason::kRules);
  }
}

TEST(Validation, another_servers_messages_are_passed_over_drop_other_server) {  // S-018
  ServerBench bench;
  const Reply given = bench.send(to_server(kRequest, kClient).ia_na(Iaid{1}));
  bench.changes.clear();
  const Ipv6Address held = given.na().leases[0].lease.address;
  for (const MessageType type : {kRequest, kRenew, kRelease, kDecline}) {
    expect_dropped(bench, with_client(type).server_id(kOtherServer).ia_na(Iaid{1}, {held}),
                   DropReason::kOtherServer);
  }
}

TEST(Validation, request_renew_release_decline_need_a_client_identifier_drop_rules) {  // S-019
  ServerBench bench;
  for (const MessageType type : {kRequest, kRenew, kRelease, kDecline}) {
    expect_dropped(bench,
                   PacketBuilder(type, 1).server_id(ServerBench::server_duid()).ia_na(Iaid{1}),
                   DropReason::kRules);
  }
}

TEST(Validation, messages_of_servers_are_dropped_drop_direction) {  // S-020
  ServerBench bench;
  for (const MessageType type : {kAdvertise, kReply, kReconfigure}) {
    expect_dropped(bench, to_server(type, kClient).ia_na(Iaid{1}), DropReason::kDirection);
  }
}

// IA_TA (4) is skipped like every option that this server does not know (RFC 9915), so it is no IA.
TEST(Validation, information_request_with_an_ia_drop_rules) {  // S-021
  ServerBench bench;
  expect_dropped(bench, with_client(kInformationRequest).ia_na(Iaid{1}), DropReason::kRules);
  expect_dropped(bench, with_client(kInformationRequest).ia_pd(Iaid{1}), DropReason::kRules);
}

TEST(Validation, information_request_may_name_us_or_nobody) {  // S-022
  ServerBench bench;
  expect_dropped(bench, PacketBuilder(kInformationRequest, 1).server_id(kOtherServer),
                 DropReason::kOtherServer);
  EXPECT_TRUE(bench.send(PacketBuilder(kInformationRequest, 1)).sent());
  EXPECT_TRUE(
      bench.send(PacketBuilder(kInformationRequest, 1).server_id(ServerBench::server_duid()))
          .sent());
}

// S-012, S-014, S-174, S-175: RFC 9915 knows no unicast between client and server.
TEST(Validation, unicast_without_a_relay_drop_unicast) {
  ServerBench bench;
  Envelope unicast = ServerBench::direct_envelope();
  unicast.destination = address_of("2001:db8:ffff::1");
  for (const MessageType type : {kSolicit, kConfirm, kRebind}) {
    expect_dropped(bench, with_client(type).ia_na(Iaid{1}), DropReason::kUnicast, unicast);
  }
  for (const MessageType type : {kRequest, kRenew, kRelease, kDecline}) {
    expect_dropped(bench, to_server(type, kClient).ia_na(Iaid{1}), DropReason::kUnicast, unicast);
  }
  expect_dropped(bench, with_client(kInformationRequest), DropReason::kUnicast, unicast);
  EXPECT_EQ(
      bench.counters[0]->status_sent[static_cast<std::size_t>(StatusCode::kUseMulticast)].read(),
      0u);
}

TEST(Validation, a_relay_may_write_to_our_unicast_address) {  // S-013
  ServerBench bench;
  Envelope unicast = ServerBench::relay_envelope();
  unicast.destination = address_of("2001:db8:ffff::1");
  const auto packet =
      solicit(kClient).ia_na(Iaid{1}).relay(0, address_of("2001:db8:7::1"), address_of("fe80::c1"));
  EXPECT_TRUE(bench.send(packet.bytes(), unicast).sent());
}

TEST(Validation, sources_that_cannot_be_answered_drop_bad_source) {
  ServerBench bench;
  for (const char* source : {"::", "::1", "ff02::1", "ff05::1:3"}) {
    expect_dropped(bench, solicit(kClient).ia_na(Iaid{1}), DropReason::kBadSource,
                   ServerBench::direct_from(address_of(source)));
  }
}

TEST(Validation, relays_that_are_not_listed_drop_relay_unlisted) {  // S-255
  ServerSettings settings = ServerBench::default_settings();
  settings.relays = {address_of("2001:db8:aaaa::1")};
  ServerBench bench(settings);
  const auto packet =
      solicit(kClient).ia_na(Iaid{1}).relay(0, address_of("2001:db8:7::1"), address_of("fe80::c1"));
  EXPECT_TRUE(bench.send_relayed(packet).sent());
  Envelope stranger = ServerBench::relay_envelope();
  stranger.source = address_of("2001:db8:aaaa::2");
  expect_dropped(bench, packet, DropReason::kRelayUnlisted, stranger);
  EXPECT_TRUE(bench.send(solicit(kClient).ia_na(Iaid{1})).sent());  // direct ones need no listing
}

TEST(Validation, relay_on_a_port_for_clients_only_drop_relay_unlisted) {
  ServerSettings settings = ServerBench::two_links();
  settings.links[0].client_only = true;
  ServerBench bench(settings);
  const auto packet =
      solicit(kClient).ia_na(Iaid{1}).relay(0, address_of("2001:db8:9::1"), address_of("fe80::c1"));
  expect_dropped(bench, packet, DropReason::kRelayUnlisted, ServerBench::relay_envelope());
  Envelope other_port = ServerBench::relay_envelope();
  other_port.port = 1;
  EXPECT_TRUE(bench.send(packet.bytes(), other_port).sent());
  EXPECT_TRUE(bench.send(solicit(kClient).ia_na(Iaid{1})).sent());
}

TEST(Validation, second_client_or_server_identifier_drop_dup_id) {  // S-025
  ServerBench bench;
  expect_dropped(bench, solicit(kClient).client_id(ServerBench::client_duid(2)).ia_na(Iaid{1}),
                 DropReason::kDupId);
  expect_dropped(bench, to_server(kRequest, kClient).server_id(kOtherServer).ia_na(Iaid{1}),
                 DropReason::kDupId);
}

TEST(Validation, second_ia_of_one_type_and_iaid_makes_no_second_binding_odd_dup_ia) {  // S-032
  ServerBench bench;
  const Reply reply = bench.send(to_server(kRequest, kClient).ia_na(Iaid{1}).ia_na(Iaid{1}));
  EXPECT_EQ(reply.ias.size(), 1u);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 1u);
  EXPECT_EQ(bench.odd(OddReason::kDupIa), 1u);
}

TEST(Validation, overrun_deep_inside_drops_all_of_it_drop_opt_overrun) {  // S-026
  ServerBench bench;
  const Octets cut_lease = {0, 5, 0, 200, 1, 2, 3};
  expect_dropped(bench,
                 to_server(kRequest, kClient)
                     .ia_na(Iaid{1})
                     .ia(IaType::kNonTemporaryAddress, Iaid{2}, cut_lease),
                 DropReason::kOptOverrun);
}

TEST(Validation, unknown_options_are_skipped_odd_unknown_opt) {  // S-033, S-034
  ServerBench bench;
  const Octets unknown = encoded_option(60000, {1, 2, 3});
  const auto packet =
      solicit(kClient)
          .option(60000, {9, 9})
          .ia(IaType::kNonTemporaryAddress, Iaid{1},
              unknown + encoded_address(address_of("2001:db8:7::77"), 0, 0, unknown))
          .relay(0, address_of("2001:db8:7::1"), address_of("fe80::c1"))
          .option(60001, {1});
  const Reply reply = bench.send_relayed(packet);
  ASSERT_TRUE(reply.sent());
  EXPECT_EQ(reply.na().leases.at(0).lease, lease_of("2001:db8:7::77"));
  EXPECT_GT(bench.odd(OddReason::kUnknownOpt), 0u);
}

TEST(Validation, unknown_message_types_get_no_answer_drop_unknown_type) {  // S-035
  ServerBench bench;
  PacketBuilder direct(200, 1);
  direct.client_id(kClient);
  expect_dropped(bench, direct, DropReason::kUnknownType);
  PacketBuilder relayed(200, 1);
  relayed.client_id(kClient).relay(0, address_of("2001:db8:7::1"), address_of("fe80::c1"));
  expect_dropped(bench, relayed, DropReason::kUnknownType, ServerBench::relay_envelope());
}

TEST(Validation, duid_of_any_type_is_served_and_echoed_odd_duid_type) {  // S-036, S-038, S-043
  for (const Octets& duid : {Octets{0xab, 0xcd, 0, 1, 0, 2}, Octets(130, 0), Octets{0, 1, 7}}) {
    ServerBench bench;
    const Duid client(duid);
    const Reply reply = bench.send(to_server(kRequest, client).ia_na(Iaid{1}));
    ASSERT_TRUE(reply.sent());
    EXPECT_EQ(reply.option(OptionCode::kClientId), duid);
    EXPECT_EQ(bench.shard().duid_of(bench.binding_of(reply.na().leases.at(0).lease)), client);
  }
  ServerBench bench;
  (void)bench.send(solicit(Duid(Octets{0xab, 0xcd, 1})).ia_na(Iaid{1}));
  EXPECT_EQ(bench.odd(OddReason::kDuidType), 1u);
}

TEST(Validation, duids_are_compared_over_their_full_length) {  // S-037
  ServerBench bench;
  const Octets stem{0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
  std::vector<Ipv6Prefix> leases;
  for (const Octets& duid : {stem, stem + Octets{0}, Octets(stem.begin(), stem.end() - 1),
                             Octets{0, 1} + Octets(stem.begin() + 2, stem.end())}) {
    const Reply reply = bench.send(to_server(kRequest, Duid(duid)).ia_na(Iaid{1}));
    const Ipv6Prefix lease = reply.na().leases.at(0).lease;
    EXPECT_EQ(std::ranges::count(leases, lease), 0);
    leases.push_back(lease);
  }
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 4u);
}

TEST(Validation, option_request_of_codes_that_may_not_be_requested_is_served) {  // S-039, S-040
  ServerBench bench;
  const Reply plain = bench.send(solicit(kClient).ia_na(Iaid{1}).oro({23}));
  const Reply odd = bench.send(solicit(kClient).ia_na(Iaid{1}).oro(
      {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 18, 19, 20, 25, 26, 23, 24, 31, 999}));
  ASSERT_TRUE(odd.sent());
  EXPECT_EQ(odd.octets,
            plain.octets);  // codes without a value of ours bring nothing, not even empty
}

TEST(Validation, ia_ta_is_skipped_like_an_unknown_option) {  // S-072
  ServerBench bench;
  const Reply reply =
      bench.send(to_server(kRequest, kClient).option(4, {0, 0, 0, 9}).ia_na(Iaid{1}));
  ASSERT_TRUE(reply.sent());
  EXPECT_EQ(reply.count(static_cast<OptionCode>(4)), 0u);
  EXPECT_EQ(reply.ias.size(), 1u);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 1u);
}

// The choice for every option that is known and out of place: it is passed over, the rest served.
TEST(Validation, known_options_out_of_place_are_passed_over) {  // S-023, S-030
  ServerBench bench;
  const auto plain = [] { return to_server(kRequest, kClient).ia_na(Iaid{1}); };
  const Reply expected = bench.send(plain());
  const Octets lease = encoded_address(address_of("2001:db8:7::99"));
  const Octets prefix = encoded_prefix(prefix_of("2001:db8:8000::/56"));
  const Reply reply = bench.send(plain()
                                     .option(OptionCode::kPreference, {9})
                                     .option(OptionCode::kStatusCode, {0, 4})
                                     .option(OptionCode::kInformationRefreshTime, {0, 0, 1, 1})
                                     .rapid_commit()
                                     .raw(lease)
                                     .raw(prefix));
  EXPECT_EQ(reply.octets, expected.octets);
  const Reply misplaced =
      bench.send(to_server(kRequest, kClient).ia(IaType::kNonTemporaryAddress, Iaid{1}, prefix));
  EXPECT_EQ(misplaced.octets, expected.octets);
  EXPECT_EQ(bench.odd(OddReason::kMisplaced), 2u);  // once for each message
}

TEST(Validation, source_port_and_transaction_id_mean_nothing) {  // S-002
  ServerBench bench;
  Envelope odd_port = ServerBench::direct_envelope();
  odd_port.source_port = 40000;
  const Reply reply = bench.send(solicit(kClient, 0).ia_na(Iaid{1}).bytes(), odd_port);
  ASSERT_TRUE(reply.sent());
  EXPECT_EQ(reply.destination_port, 546);
  EXPECT_EQ(reply.destination, odd_port.source);  // S-004
  EXPECT_EQ(reply.transaction_id, 0u);
}

}  // namespace
}  // namespace tandem6
