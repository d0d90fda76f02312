// Frames in, verdict out; and the frames of replies. Every frame lies in a heap buffer of its exact
// size, so that AddressSanitizer sees a read past its end.
#include "dataplane/net/frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "tests/net/frame_builder.h"

namespace tandem6 {
namespace {

PortSettings usual_settings() {
  PortSettings settings;
  settings.name = "access";
  settings.addresses = {address_of("2001:db8:ffff::1"), address_of("fe80::1")};
  return settings;
}

PortIdentity usual_port() { return identity_of(usual_settings(), kServerMac); }

FrameBuilder solicit() {
  return FrameBuilder(PacketBuilder(MessageType::kSolicit, 0x123456).elapsed_time(0).bytes());
}

struct Case {
  const char* line;
  FrameBuilder frame;
  FrameVerdict verdict;
  DropReason drop = DropReason::kNone;
  bool odd_extension_headers = false;
};

void check(const std::vector<Case>& cases, const PortIdentity& port = usual_port()) {
  for (const Case& one : cases) {
    const Octets frame = one.frame.bytes();
    const FrameFacts facts = classify_frame(frame, port, false);
    EXPECT_EQ(facts.verdict, one.verdict) << one.line;
    EXPECT_EQ(facts.drop, one.drop) << one.line;
    EXPECT_EQ(facts.odd_extension_headers, one.odd_extension_headers) << one.line;
  }
}

constexpr auto kDhcp = FrameVerdict::kDhcp;
constexpr auto kKernel = FrameVerdict::kKernel;
constexpr auto kDrop = FrameVerdict::kDrop;

// S-002: UDP 547 is received, whatever the source port.
TEST(FrameTest, S002_TakesUdp547FromAnySourcePort) {
  const Octets frame = solicit().ports(40000, 547).bytes();
  const FrameFacts facts = classify_frame(frame, usual_port(), false);
  ASSERT_EQ(facts.verdict, kDhcp);
  EXPECT_EQ(facts.source_port, 40000);
  EXPECT_EQ(facts.source, address_of("fe80::c1"));
  EXPECT_EQ(facts.destination, address_of("ff02::1:2"));
  EXPECT_EQ(facts.payload_offset, 14 + 40 + 8);
  EXPECT_EQ(facts.payload_size, 4 + 6);
  check({{"a client's port", solicit().ports(547, 546), kKernel},
         {"another port", solicit().ports(546, 53), kKernel},
         {"TCP", solicit().protocol(6), kKernel},
         {"ICMPv6", solicit().protocol(58), kKernel}});
}

TEST(FrameTest, TakesTheGroupsAndItsOwnAddressesOnly) {
  check({{"ff02::1:2", solicit().destination("ff02::1:2"), kDhcp},
         {"ff05::1:3", solicit().destination("ff05::1:3"), kDhcp},
         {"own link-local", solicit().to_mac(kServerMac).destination("fe80::1"), kDhcp},
         {"own wider-scope", solicit().to_mac(kServerMac).destination("2001:db8:ffff::1"), kDhcp},
         {"another group", solicit().destination("ff02::1"), kKernel},
         {"another address", solicit().to_mac(kServerMac).destination("fe80::2"), kKernel}});
}

// S-005: the group in a unicast layer-2 frame.
TEST(FrameTest, S005_TakesTheGroupInAUnicastFrame) {
  check({{"to our MAC address", solicit().to_mac(kServerMac), kDhcp},
         {"to another one", solicit().to_mac({2, 0, 0, 0, 0, 9}), FrameVerdict::kOtherHost}});
}

TEST(FrameTest, LooksBehindTags) {
  check({{"802.1Q", solicit().tag(0x8100, 7), kDhcp},
         {"QinQ", solicit().tag(0x88a8, 100).tag(0x8100, 7), kDhcp},
         {"two of 802.1Q", solicit().tag(0x8100, 100).tag(0x8100, 7), kDhcp},
         {"priority tag", solicit().tag(0x8100, 0x6000), kDhcp},
         {"three tags", solicit().tag(0x88a8, 1).tag(0x8100, 2).tag(0x8100, 3), kKernel}});
}

// bad-input: only configured VLANs are served; a priority tag counts as untagged.
TEST(FrameTest, ServesConfiguredVlansOnly) {
  PortSettings settings = usual_settings();
  settings.vlans = {7, 100};
  check({{"its VLAN", solicit().tag(0x8100, 7), kDhcp},
         {"with priority bits", solicit().tag(0x8100, 0xe007), kDhcp},
         {"the outer tag counts", solicit().tag(0x88a8, 100).tag(0x8100, 9), kDhcp},
         {"another VLAN", solicit().tag(0x8100, 8), kDrop, DropReason::kVlan},
         {"another outer tag", solicit().tag(0x88a8, 9).tag(0x8100, 7), kDrop, DropReason::kVlan},
         {"untagged", solicit(), kDrop, DropReason::kVlan},
         {"not DHCPv6", solicit().tag(0x8100, 8).ports(1, 2), kKernel}},
        identity_of(settings, kServerMac));
  settings.vlans = {0};
  check({{"untagged", solicit(), kDhcp},
         {"priority tag", solicit().tag(0x8100, 0x6000), kDhcp},
         {"tagged", solicit().tag(0x8100, 7), kDrop, DropReason::kVlan}},
        identity_of(settings, kServerMac));
}

const Octets kPadding = {1, 4, 0, 0, 0, 0};      // PadN
const Octets kLastSegment = {4, 0, 0, 0, 0, 0};  // routing header, no segments left

// S-009: served behind extension headers and in atomic fragments too.
TEST(FrameTest, S009_LooksBehindExtensionHeaders) {
  check({{"hop-by-hop", solicit().extension_header(0, kPadding), kDhcp, {}, true},
         {"destination options", solicit().extension_header(60, kPadding), kDhcp, {}, true},
         {"routing, at its end", solicit().extension_header(43, kLastSegment), kDhcp, {}, true},
         {"atomic fragment", solicit().fragment_header(0, false), kDhcp, {}, true},
         {"all of them",
          solicit()
              .extension_header(0, kPadding)
              .extension_header(60, kPadding)
              .extension_header(43, kLastSegment)
              .fragment_header(0, false)
              .extension_header(60, kPadding + Octets(8, 0)),
          kDhcp,
          {},
          true}});
}

TEST(FrameTest, LeavesToTheKernelWhatItDoesNotUnderstand) {
  FrameBuilder eight = solicit();
  for (int i = 0; i < 8; ++i) eight.extension_header(60, kPadding);
  FrameBuilder nine = eight;
  nine.extension_header(60, kPadding);
  const Octets discard_option = {0x41, 4, 0, 0, 0, 0};
  const Octets option_overrun = {1, 5, 0, 0, 0, 0};
  check({{"eight headers", eight, kDhcp, {}, true},
         {"nine headers", nine, kKernel, {}, true},
         {"unknown header", solicit().extension_header(51, kPadding), kKernel},
         {"hop-by-hop not first",
          solicit().extension_header(60, kPadding).extension_header(0, kPadding), kKernel},
         {"segments left", solicit().extension_header(43, {4, 1, 0, 0, 0, 0}), kKernel},
         {"option with order to discard", solicit().extension_header(0, discard_option), kKernel},
         {"option past its header", solicit().extension_header(0, option_overrun), kKernel}});
}

TEST(FrameTest, DropsRealFragmentsForTheServer) {
  check(
      {{"first", solicit().fragment_header(0, true), kDrop, DropReason::kFragment},
       {"later", solicit().fragment_header(64, false), kDrop, DropReason::kFragment},
       {"first, another port", solicit().ports(1, 2).fragment_header(0, true), kKernel},
       {"later, of no UDP", solicit().protocol(58).fragment_header(64, true), kKernel},
       {"later, to an address",
        solicit().to_mac(kServerMac).destination("fe80::1").fragment_header(64, false), kKernel}});
}

// S-010: UDP with a zero or wrong checksum is dropped.
TEST(FrameTest, S010_DropsZeroOrWrongChecksum) {
  check({{"wrong", solicit().flip_checksum_bit(), kDrop, DropReason::kUdp},
         {"zero", solicit().checksum(0), kDrop, DropReason::kUdp}});
  const Octets wrong = solicit().flip_checksum_bit().bytes();
  EXPECT_EQ(classify_frame(wrong, usual_port(), true).verdict, kDhcp) << "the NIC's word counts";
  const Octets zero = solicit().checksum(0).bytes();
  EXPECT_EQ(classify_frame(zero, usual_port(), true).drop, DropReason::kUdp);
}

// S-010: each single bit of header and payload is covered, at odd and even sizes.
TEST(FrameTest, S010_ChecksumCoversEveryBit) {
  for (std::size_t size = 10; size < 14; ++size) {
    const Octets good = FrameBuilder(Octets(size, 0x5a)).bytes();
    ASSERT_EQ(classify_frame(good, usual_port(), false).verdict, kDhcp) << size;
    for (std::size_t at = 14 + 40; at < good.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        Octets bad = good;
        bad[at] ^= static_cast<std::uint8_t>(1 << bit);
        EXPECT_NE(classify_frame(bad, usual_port(), false).verdict, kDhcp) << at << " " << bit;
      }
    }
  }
}

TEST(FrameTest, ChecksLengthsAgainstEachOther) {
  check({{"Ethernet padding", solicit().padding(20), kDhcp},
         {"UDP longer than IPv6", solicit().udp_length_off_by(1), kDrop, DropReason::kUdp},
         {"UDP shorter than IPv6", solicit().udp_length_off_by(-1), kDrop, DropReason::kUdp},
         {"UDP shorter than its header", solicit().udp_length_off_by(-11), kDrop, DropReason::kUdp},
         {"IPv6 longer than the frame", solicit().ipv6_length_off_by(1), kDrop, DropReason::kUdp},
         {"IPv6 shorter than UDP", solicit().ipv6_length_off_by(-2), kDrop, DropReason::kUdp}});
}

TEST(FrameTest, DropsSourcesThatCannotBeAnswered) {
  check({{"unspecified", solicit().source("::"), kDrop, DropReason::kBadSource},
         {"loopback", solicit().source("::1"), kDrop, DropReason::kBadSource},
         {"multicast", solicit().source("ff02::1"), kDrop, DropReason::kBadSource},
         {"our own", solicit().source("fe80::1"), kDrop, DropReason::kBadSource}});
}

// Nothing is read past the end, and nothing short is taken for a message.
TEST(FrameTest, SurvivesEveryCut) {
  const Octets frame = solicit()
                           .tag(0x88a8, 1)
                           .tag(0x8100, 2)
                           .extension_header(0, kPadding)
                           .fragment_header(0, false)
                           .bytes();
  for (std::size_t size = 0; size < frame.size(); ++size) {
    const Octets cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_NE(classify_frame(cut, usual_port(), false).verdict, kDhcp) << size;
  }
}

// S-011, and for relays on the link S-132's way back: the source of an answer.
TEST(FrameTest, S011_SourceOfAnAnswer) {
  const PortIdentity port = usual_port();
  const Ipv6Address link_local = address_of("fe80::1");
  const Ipv6Address wide = address_of("2001:db8:ffff::1");
  const Ipv6Address client = address_of("fe80::c1");
  const Ipv6Address far = address_of("2001:db8:9::1");
  const Ipv6Address agents = all_dhcp_relay_agents_and_servers();
  const Ipv6Address servers = all_dhcp_servers();
  EXPECT_EQ(answer_source(port, client, agents, false), link_local) << "direct client";
  EXPECT_EQ(answer_source(port, far, agents, false), link_local) << "direct, wider source";
  EXPECT_EQ(answer_source(port, far, wide, true), wide) << "relay that wrote to our address";
  EXPECT_EQ(answer_source(port, client, link_local, true), link_local);
  EXPECT_EQ(answer_source(port, client, agents, true), link_local) << "relay on the link";
  EXPECT_EQ(answer_source(port, far, servers, true), wide) << "relay elsewhere, to the group";

  PortSettings settings = usual_settings();
  settings.addresses = {link_local};
  EXPECT_EQ(answer_source(identity_of(settings, kServerMac), far, servers, true), link_local)
      << "there is no other";
}

/// The reply to `request` with `payload`, to its source and port 546.
Octets reply_to(const Octets& request, const Octets& payload, const PortIdentity& port,
                ChecksumBy checksum = ChecksumBy::kSoftware) {
  const FrameFacts facts = classify_frame(request, port, false);
  EXPECT_EQ(facts.verdict, kDhcp);
  Octets reply(reply_payload_offset(facts), 0xee);
  put_octets(reply, payload);
  write_reply_headers(
      reply, request, facts, port,
      {.source = port.link_local, .destination = facts.source, .destination_port = 546}, checksum);
  return reply;
}

FrameBuilder expected_reply(const Octets& payload) {
  return FrameBuilder(payload)
      .to_mac(kClientMac)
      .from_mac(kServerMac)
      .source("fe80::1")
      .destination("fe80::c1")
      .ports(547, 546);
}

Octets with_hop_limit(Octets frame, std::size_t network_offset) {
  frame[network_offset + 7] = kReplyHopLimit;
  return frame;
}

// S-010: our checksum is right (the builder of the tests computes its own).
TEST(FrameTest, S010_WritesTheReplyOctetByOctet) {
  for (std::size_t size = 4; size < 40; ++size) {
    const Octets payload(size, static_cast<std::uint8_t>(7 * size));
    EXPECT_EQ(reply_to(solicit().bytes(), payload, usual_port()),
              with_hop_limit(expected_reply(payload).bytes(), 14))
        << size;
  }
}

TEST(FrameTest, RepliesWithTheTagsOfTheRequest) {
  const Octets payload{7, 1, 2, 3};
  EXPECT_EQ(reply_to(solicit().tag(0x8100, 7).bytes(), payload, usual_port()),
            with_hop_limit(expected_reply(payload).tag(0x8100, 7).bytes(), 18));
  EXPECT_EQ(
      reply_to(solicit().tag(0x88a8, 100).tag(0x8100, 0xe007).bytes(), payload, usual_port()),
      with_hop_limit(expected_reply(payload).tag(0x88a8, 100).tag(0x8100, 0xe007).bytes(), 22));
}

TEST(FrameTest, RepliesWithoutTheExtensionHeadersOfTheRequest) {
  const Octets payload{7, 1, 2, 3};
  EXPECT_EQ(reply_to(solicit().extension_header(0, kPadding).bytes(), payload, usual_port()),
            with_hop_limit(expected_reply(payload).bytes(), 14));
}

TEST(FrameTest, RepliesToTheNextHopWhereOneIsSet) {
  PortSettings settings = usual_settings();
  settings.next_hop = MacAddress{2, 0, 0, 0, 0, 0x99};
  const Octets reply = reply_to(solicit().bytes(), {7, 1, 2, 3}, identity_of(settings, kServerMac));
  EXPECT_TRUE(std::equal(settings.next_hop->begin(), settings.next_hop->end(), reply.begin()));
}

// What a NIC expects in the checksum field: the sum of the pseudo header, not complemented.
TEST(FrameTest, LeavesTheRestOfTheSumToTheHardware) {
  const Octets payload{7, 1, 2, 3};
  const Octets reply = reply_to(solicit().bytes(), payload, usual_port(), ChecksumBy::kHardware);
  Octets pseudo;
  put_octets(pseudo, address_of("fe80::1").octets);
  put_octets(pseudo, address_of("fe80::c1").octets);
  put_number(pseudo, 8 + payload.size(), 4);
  put_number(pseudo, 17, 4);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < pseudo.size(); i += 2) sum += pseudo[i] * 256U + pseudo[i + 1];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  EXPECT_EQ(reply[14 + 40 + 6] * 256U + reply[14 + 40 + 7], sum);
}

}  // namespace
}  // namespace tandem6
