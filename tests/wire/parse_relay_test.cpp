// Relay headers: nesting, hop-counts, Relay Message, and what relays say about the client.
#include <gtest/gtest.h>

#include "dataplane/wire/parse.h"
#include "tests/wire/parsed.h"

namespace tandem6 {
namespace {

using Odd = std::vector<OddReason>;

PacketBuilder nested(int levels) {
  PacketBuilder packet = solicit();
  for (int level = 0; level < levels; ++level) {
    packet.relay(static_cast<std::uint8_t>(level), {}, {});
  }
  return packet;
}

// S-007: a relay header of 34 octets.
TEST(ParseRelay, ReadsTheHeaderByteByByte) {
  Octets datagram = {12, 0};
  put_octets(datagram, address_of("2001:db8:1::1").octets);
  put_octets(datagram, address_of("fe80::2").octets);
  put_octets(datagram, Octets{0, 18, 0, 2, 'i', 'f'});
  put_octets(datagram, Octets{0, 9, 0, 4, 11, 0, 0, 9});
  const Parsed parsed(datagram);
  ASSERT_EQ(parsed.drop, DropReason::kNone);
  ASSERT_EQ(parsed.message.relay_level_count, 1);
  const RelayLevel& level = parsed.message.relay_levels[0];
  EXPECT_EQ(level.hop_count, 0);
  EXPECT_EQ(level.link_address, address_of("2001:db8:1::1"));
  EXPECT_EQ(level.peer_address, address_of("fe80::2"));
  EXPECT_EQ(octets_of(level.interface_id), (Octets{'i', 'f'}));
  EXPECT_EQ(parsed.message.type, MessageType::kInformationRequest);
  EXPECT_EQ(parsed.message.transaction_id, 9U);
  EXPECT_EQ(parsed.odd(), Odd{});
}

// S-128: any length, zeros, matched whole. S-138: Remote-Id is one opaque string.
TEST(ParseRelay, ReadsWhatTheRelaySays) {
  const Octets interface_id = {0, 'e', 0, 0xff, 0};
  const Parsed parsed(solicit()
                          .relay(0, {}, {})
                          .interface_id(interface_id)
                          .remote_id(0x00001234, "line 7")
                          .subscriber_id("anna")
                          .link_layer_address(1, {2, 0, 0, 0, 0, 0xaa})
                          .relay_source_port(4711)
                          .option(66, encoded_option(65, {1, 'r', 0}))
                          .relay(1, address_of("2001:db8::1"), {}));
  ASSERT_EQ(parsed.drop, DropReason::kNone);
  EXPECT_EQ(parsed.odd(), Odd{});
  ASSERT_EQ(parsed.message.relay_level_count, 2);
  const RelayLevel& outer = parsed.message.relay_levels[0];
  EXPECT_EQ(outer.link_address, address_of("2001:db8::1"));
  EXPECT_FALSE(outer.has_interface_id || outer.has_relay_source_port);
  const RelayLevel& inner = parsed.message.relay_levels[1];
  EXPECT_TRUE(inner.has_interface_id && inner.has_relay_source_port);
  EXPECT_EQ(octets_of(inner.interface_id), interface_id);
  EXPECT_EQ(octets_of(inner.remote_id), (Octets{0, 0, 0x12, 0x34, 'l', 'i', 'n', 'e', ' ', '7'}));
  EXPECT_EQ(octets_of(inner.subscriber_id), (Octets{'a', 'n', 'n', 'a'}));
  EXPECT_EQ(octets_of(inner.client_link_layer_address), (Octets{0, 1, 2, 0, 0, 0, 0, 0xaa}));
  EXPECT_EQ(inner.relay_source_port, 4711);
  EXPECT_EQ(octets_of(inner.relay_supplied_options), encoded_option(65, {1, 'r', 0}));
}

TEST(ParseRelay, AnEmptyInterfaceIdIsOne) {  // S-128
  const Parsed parsed(solicit().relay(0, {}, {}).interface_id({}));
  ASSERT_EQ(parsed.drop, DropReason::kNone);
  EXPECT_TRUE(parsed.message.relay_levels[0].has_interface_id);
  EXPECT_TRUE(parsed.message.relay_levels[0].interface_id.empty());
}

TEST(ParseRelay, TruncatedHeaderIsDropped) {  // drop.truncated
  const Octets whole = solicit().relay(0, {}, {}).bytes();
  for (std::ptrdiff_t size = 1; size < 34; ++size) {
    const Octets cut(whole.begin(), whole.begin() + size);
    EXPECT_EQ(Parsed(cut).drop, DropReason::kTruncated) << size;
    // The same inside another relay's message.
    Octets outer = {12, 1};
    outer.resize(34);
    EXPECT_EQ(Parsed(outer + encoded_option(9, cut)).drop, DropReason::kTruncated) << size;
  }
}

TEST(ParseRelay, NineLevelsWork) {  // S-134
  const Parsed parsed(nested(9));
  EXPECT_EQ(parsed.drop, DropReason::kNone);
  EXPECT_EQ(parsed.message.relay_level_count, 9);
  EXPECT_EQ(parsed.message.relay_levels[0].hop_count, 8);
  EXPECT_EQ(parsed.message.relay_levels[8].hop_count, 0);
  EXPECT_EQ(parsed.odd(), Odd{});
}

TEST(ParseRelay, TenLevelsAreDropped) {  // drop.relay_depth, S-134
  PacketBuilder packet = nested(9);
  // The outermost says 8 again, so that it is the nesting that is one too many.
  EXPECT_EQ(Parsed(packet.relay(8, {}, {})).drop, DropReason::kRelayDepth);
  PacketBuilder endless = solicit();
  for (int i = 0; i < 1500; ++i) endless.relay(0, {}, {});
  EXPECT_EQ(Parsed(endless).drop, DropReason::kRelayDepth);
}

TEST(ParseRelay, HopCountAboveEightIsDropped) {  // drop.relay_depth
  EXPECT_EQ(Parsed(solicit().relay(9, {}, {})).drop, DropReason::kRelayDepth);
  EXPECT_EQ(Parsed(solicit().relay(255, {}, {})).drop, DropReason::kRelayDepth);
  // Before the message inside is read: what it holds does not matter.
  EXPECT_EQ(Parsed(PacketBuilder(99, 1).raw({1}).relay(9, {}, {})).drop, DropReason::kRelayDepth);
}

TEST(ParseRelay, HopCountThatDisagreesIsServed) {  // odd.hop_count
  const Parsed parsed(solicit().relay(3, {}, {}).relay(3, {}, {}));
  EXPECT_EQ(parsed.drop, DropReason::kNone);
  EXPECT_EQ(parsed.odd(), Odd{OddReason::kHopCount});
  EXPECT_EQ(parsed.message.relay_levels[0].hop_count, 3);
  EXPECT_EQ(parsed.message.relay_levels[1].hop_count, 3);
}

TEST(ParseRelay, RelayMessageMissingEmptyTwiceOrCutIsDropped) {  // drop.relay_msg, S-124
  Octets header = {12, 0};
  header.resize(34);
  const Octets message = encoded_option(9, solicit().bytes());
  EXPECT_EQ(Parsed(header).drop, DropReason::kRelayMsg);
  EXPECT_EQ(Parsed(header + encoded_option(18, {1})).drop, DropReason::kRelayMsg);
  EXPECT_EQ(Parsed(header + encoded_option(9, {})).drop, DropReason::kRelayMsg);
  EXPECT_EQ(Parsed(header + message + message).drop, DropReason::kRelayMsg);
  const Octets whole = header + message;
  const Octets cut(whole.begin(), whole.end() - 1);
  EXPECT_EQ(Parsed(cut).drop, DropReason::kRelayMsg);
  EXPECT_EQ(Parsed(whole).drop, DropReason::kNone);
}

TEST(ParseRelay, OptionPastTheEndOfALevelIsDropped) {  // drop.opt_overrun, S-026
  EXPECT_EQ(Parsed(solicit().relay(0, {}, {}).raw({0, 18, 0, 200})).drop, DropReason::kOptOverrun);
  // Inside Relay-Supplied Options.
  EXPECT_EQ(Parsed(solicit().relay(0, {}, {}).option(66, {0, 65, 0, 9, 1})).drop,
            DropReason::kOptOverrun);
  // In the message inside: its end is the end of its option, not that of the datagram.
  PacketBuilder inner = solicit();
  inner.raw({0, 8, 0, 2}).relay(0, {}, {}).relay_message_first().interface_id({1, 2, 3});
  EXPECT_EQ(Parsed(inner).drop, DropReason::kOptOverrun);
}

TEST(ParseRelay, WrongLengthsAreDropped) {  // drop.opt_len
  for (const auto& [code, size] : std::vector<std::pair<std::uint16_t, std::size_t>>{
           {37, 4}, {38, 0}, {79, 1}, {135, 1}, {135, 3}}) {
    EXPECT_EQ(Parsed(solicit().relay(0, {}, {}).option(code, Octets(size))).drop,
              DropReason::kOptLen)
        << code;
  }
}

TEST(ParseRelay, OfARepeatedOptionTheFirstCounts) {  // odd.dup_opt, S-025
  const Parsed parsed(solicit().relay(0, {}, {}).interface_id({1}).interface_id({2}));
  EXPECT_EQ(parsed.drop, DropReason::kNone);
  EXPECT_EQ(parsed.odd(), Odd{OddReason::kDupOpt});
  EXPECT_EQ(octets_of(parsed.message.relay_levels[0].interface_id), Octets{1});
}

TEST(ParseRelay, AClientsOptionInARelayHeaderIsIgnored) {  // odd.misplaced
  const Parsed parsed(
      PacketBuilder(MessageType::kSolicit, 1).relay(0, {}, {}).client_id(test_duid()));
  EXPECT_EQ(parsed.drop, DropReason::kNone);
  EXPECT_EQ(parsed.odd(), Odd{OddReason::kMisplaced});
  EXPECT_TRUE(parsed.message.client_id.empty());
}

TEST(ParseRelay, OptionsMayFollowTheRelayMessage) {
  const Parsed parsed(solicit().relay(0, {}, {}).relay_message_first().interface_id({5}));
  ASSERT_EQ(parsed.drop, DropReason::kNone);
  EXPECT_EQ(octets_of(parsed.message.relay_levels[0].interface_id), Octets{5});
  EXPECT_EQ(octets_of(parsed.message.client_id), test_duid());
}

}  // namespace
}  // namespace tandem6
