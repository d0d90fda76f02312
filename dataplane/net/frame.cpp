#include "dataplane/net/frame.h"

#include <rte_ip.h>

#include <algorithm>
#include <cstring>

#include "dataplane/wire/check.h"

namespace tandem6 {
namespace {

using Octets = std::span<const std::uint8_t>;

constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;
constexpr std::uint16_t kEtherTypeVlan = 0x8100;         // IEEE 802.1Q
constexpr std::uint16_t kEtherTypeServiceVlan = 0x88a8;  // IEEE 802.1ad
constexpr std::size_t kEtherTypeOffset = 12;
constexpr std::size_t kVlanTagSize = 4;
constexpr unsigned kVlanTagCountMax = 2;

constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kRouting = 43;
constexpr std::uint8_t kFragment = 44;
constexpr std::uint8_t kDestinationOptions = 60;

std::uint16_t load16(Octets bytes, std::size_t at) noexcept {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

void store16(std::span<std::uint8_t> bytes, std::size_t at, std::uint16_t value) noexcept {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

bool is_vlan(std::uint16_t ether_type) noexcept {
  return ether_type == kEtherTypeVlan || ether_type == kEtherTypeServiceVlan;
}

/// The sum over UDP header, payload and pseudo header, in the order of memory; 0xffff when the
/// checksum in it is right, its complement is the checksum when the field holds zero.
std::uint16_t udp_sum(Octets ipv6_header, Octets udp) noexcept {
  const std::uint8_t tail[8] = {0,
                                0,
                                static_cast<std::uint8_t>(udp.size() >> 8),
                                static_cast<std::uint8_t>(udp.size()),
                                0,
                                0,
                                0,
                                kUdp};
  std::uint32_t sum = rte_raw_cksum(ipv6_header.data() + 8, 32);
  sum += rte_raw_cksum(tail, sizeof tail);
  sum += rte_raw_cksum(udp.data(), udp.size());
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16));
}

struct LinkLayer {
  bool is_ipv6 = false;
  std::uint16_t network_offset = 0;
  std::uint16_t vlan = 0;  // id of the outer tag; 0: untagged, or a priority tag
};

LinkLayer parse_link_layer(Octets frame) noexcept {
  LinkLayer link;
  std::size_t at = kEtherTypeOffset;
  for (unsigned tags = 0; frame.size() >= at + 2; ++tags) {
    const std::uint16_t ether_type = load16(frame, at);
    if (!is_vlan(ether_type)) {
      link.is_ipv6 = ether_type == kEtherTypeIpv6;
      link.network_offset = static_cast<std::uint16_t>(at + 2);
      return link;
    }
    if (tags == kVlanTagCountMax || frame.size() < at + 2 + kVlanTagSize) return link;
    if (tags == 0) link.vlan = load16(frame, at + 2) & 0x0fff;
    at += kVlanTagSize;
  }
  return link;
}

bool serves_vlan(const PortIdentity& port, std::uint16_t vlan) noexcept {
  return port.vlans.empty() || std::ranges::find(port.vlans, vlan) != port.vlans.end();
}

/// False when an option asks that a node which does not know it discards the packet (RFC 8200
/// section 4.2: the two high bits of the type): the kernel then sends the ICMPv6 error due. We know
/// padding and, since it changes nothing for the destination, Router Alert.
bool options_can_be_skipped(Octets options) noexcept {
  for (std::size_t at = 0; at < options.size();) {
    const std::uint8_t type = options[at];
    if (type == 0) {  // Pad1
      ++at;
      continue;
    }
    if ((type & 0xc0) != 0 || at + 2 > options.size()) return false;
    at += 2 + std::size_t{options[at + 1]};
    if (at > options.size()) return false;
  }
  return true;
}

/// Where the walk along the extension headers ended.
struct Transport {
  enum class Kind : std::uint8_t {
    kUdp,
    kLaterFragment,  // a piece of a UDP datagram without its header
    kOther,          // for the kernel
  };
  Kind kind = Kind::kOther;
  Octets bytes;             // from the UDP header on, to the end of the IPv6 payload
  bool fragmented = false;  // the first piece of a datagram in several
  bool too_many = false;
  unsigned header_count = 0;
};

/// RFC 8200 section 4. `next` is the Next Header of the IPv6 header, `rest` its payload.
Transport walk_extension_headers(std::uint8_t next, Octets rest) noexcept {
  Transport transport;
  for (;; ++transport.header_count) {
    if (next == kUdp) {
      transport.kind = Transport::Kind::kUdp;
      transport.bytes = rest;
      return transport;
    }
    const bool known = (next == kHopByHop && transport.header_count == 0) || next == kRouting ||
                       next == kDestinationOptions || next == kFragment;
    if (!known || rest.size() < 8) return transport;
    if (transport.header_count == kExtensionHeaderCountMax) {
      transport.too_many = true;
      return transport;
    }
    std::size_t size = 8;
    if (next == kFragment) {
      const std::uint16_t place = load16(rest, 2);
      if ((place & 0xfff8) != 0) {
        if (rest[0] == kUdp) transport.kind = Transport::Kind::kLaterFragment;
        return transport;
      }
      if ((place & 1) != 0) transport.fragmented = true;  // else atomic (RFC 6946): served
    } else {
      size += std::size_t{rest[1]} * 8;
      if (size > rest.size()) return transport;
      // Segments left: we are not the final destination.
      if (next == kRouting ? rest[3] != 0 : !options_can_be_skipped(rest.subspan(2, size - 2))) {
        return transport;
      }
    }
    next = rest[0];
    rest = rest.subspan(size);
  }
}

bool is_for_server(const PortIdentity& port, const Ipv6Address& destination) noexcept {
  return destination == all_dhcp_relay_agents_and_servers() || destination == all_dhcp_servers() ||
         std::ranges::find(port.addresses, destination) != port.addresses.end();
}

/// A source that cannot be answered, or that we are ourselves.
bool is_bad_source(const PortIdentity& port, const Ipv6Address& source) noexcept {
  return source.is_unspecified() || source.is_multicast() || source.is_loopback() ||
         std::ranges::find(port.addresses, source) != port.addresses.end();
}

FrameFacts dropped(FrameFacts facts, DropReason reason) noexcept {
  facts.verdict = FrameVerdict::kDrop;
  facts.drop = reason;
  return facts;
}

/// The datagram is UDP, behind whatever headers, to one of our addresses.
FrameFacts check_udp(FrameFacts facts, Octets frame, const Transport& transport,
                     const PortIdentity& port, std::uint16_t vlan,
                     bool checksum_verified) noexcept {
  const Octets udp = transport.bytes;
  if (udp.size() < 4 || load16(udp, 2) != kDhcpServerPort) return facts;  // the kernel's
  if (!serves_vlan(port, vlan)) return dropped(facts, DropReason::kVlan);
  if (transport.fragmented) return dropped(facts, DropReason::kFragment);
  if (udp.size() < kUdpHeaderSize || load16(udp, 4) != udp.size()) {
    return dropped(facts, DropReason::kUdp);
  }
  if (load16(udp, 6) == 0) return dropped(facts, DropReason::kUdp);  // RFC 8200 section 8.1
  const Octets ipv6_header = frame.subspan(facts.network_offset, kIpv6HeaderSize);
  if (!checksum_verified && udp_sum(ipv6_header, udp) != 0xffff) {
    return dropped(facts, DropReason::kUdp);
  }
  if (is_bad_source(port, facts.source)) return dropped(facts, DropReason::kBadSource);
  facts.verdict = FrameVerdict::kDhcp;
  facts.source_port = load16(udp, 0);
  facts.payload_offset =
      static_cast<std::uint16_t>(udp.data() - frame.data() + std::ptrdiff_t{kUdpHeaderSize});
  facts.payload_size = static_cast<std::uint16_t>(udp.size() - kUdpHeaderSize);
  return facts;
}

}  // namespace

const Ipv6Address& all_dhcp_relay_agents_and_servers() noexcept {
  static constexpr Ipv6Address kAddress{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2}};
  return kAddress;
}

const Ipv6Address& all_dhcp_servers() noexcept {
  static constexpr Ipv6Address kAddress{{0xff, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3}};
  return kAddress;
}

PortIdentity identity_of(const PortSettings& settings, const MacAddress& mac) {
  PortIdentity port{.mac = mac,
                    .addresses = settings.addresses,
                    .link_local = {},
                    .wider_scope = {},
                    .vlans = settings.vlans,
                    .next_hop = settings.next_hop};
  const auto is_link_local = [](const Ipv6Address& address) { return address.is_link_local(); };
  const auto link_local = std::ranges::find_if(port.addresses, is_link_local);
  T6_CHECK(link_local != port.addresses.end());
  port.link_local = *link_local;
  const auto wider = std::ranges::find_if_not(port.addresses, is_link_local);
  if (wider != port.addresses.end()) port.wider_scope = *wider;
  return port;
}

FrameFacts classify_frame(std::span<const std::uint8_t> frame, const PortIdentity& port,
                          bool checksum_verified) noexcept {
  FrameFacts facts;
  if (frame.size() < kEtherTypeOffset + 2) return facts;
  const bool is_group = (frame[0] & 1) != 0;
  if (!is_group && !std::equal(port.mac.begin(), port.mac.end(), frame.begin())) {
    facts.verdict = FrameVerdict::kOtherHost;
    return facts;
  }
  const LinkLayer link = parse_link_layer(frame);
  if (!link.is_ipv6 || frame.size() < std::size_t{link.network_offset} + kIpv6HeaderSize) {
    return facts;
  }
  facts.network_offset = link.network_offset;
  const Octets ipv6 = frame.subspan(link.network_offset);
  if (ipv6[0] >> 4 != 6) return facts;
  facts.source = Ipv6Address::from_bytes(ipv6.subspan(8));
  facts.destination = Ipv6Address::from_bytes(ipv6.subspan(24));
  if (!is_for_server(port, facts.destination)) return facts;

  // The frame may be longer than the packet: Ethernet pads to 60 octets. A packet longer than its
  // frame is cut.
  const std::size_t payload_size = load16(ipv6, 4);
  const Octets rest = ipv6.subspan(kIpv6HeaderSize);
  const Transport transport =
      walk_extension_headers(ipv6[6], rest.first(std::min(payload_size, rest.size())));
  if (transport.kind == Transport::Kind::kLaterFragment && facts.destination.is_multicast()) {
    return dropped(facts, DropReason::kFragment);
  }
  facts.odd_extension_headers = transport.too_many;
  if (transport.kind != Transport::Kind::kUdp) return facts;
  facts = check_udp(facts, frame, transport, port, link.vlan, checksum_verified);
  if (facts.verdict != FrameVerdict::kDhcp) return facts;
  if (payload_size > rest.size()) return dropped(facts, DropReason::kUdp);
  facts.odd_extension_headers = transport.header_count != 0;
  return facts;
}

Ipv6Address answer_source(const PortIdentity& port, const Ipv6Address& source,
                          const Ipv6Address& destination, bool relayed) noexcept {
  if (!relayed) return port.link_local;
  if (!destination.is_multicast()) return destination;
  if (source.is_link_local()) return port.link_local;
  return port.wider_scope.value_or(port.link_local);
}

void write_reply_headers(std::span<std::uint8_t> reply, std::span<const std::uint8_t> request,
                         const FrameFacts& facts, const PortIdentity& port,
                         const ReplyAddresses& addresses, ChecksumBy checksum) noexcept {
  // Ethernet: MAC addresses swapped, tags and EtherType as they came.
  const MacAddress* next_hop = port.next_hop ? &*port.next_hop : nullptr;
  std::memcpy(reply.data(), next_hop != nullptr ? next_hop->data() : request.data() + 6, 6);
  std::memcpy(reply.data() + 6, port.mac.data(), 6);
  std::memcpy(reply.data() + kEtherTypeOffset, request.data() + kEtherTypeOffset,
              facts.network_offset - kEtherTypeOffset);

  const std::span<std::uint8_t> ipv6 = reply.subspan(facts.network_offset);
  const std::span<std::uint8_t> udp = ipv6.subspan(kIpv6HeaderSize);
  const auto udp_size = static_cast<std::uint16_t>(udp.size());
  constexpr std::uint8_t kVersionClassAndFlow[4] = {0x60, 0, 0, 0};
  std::memcpy(ipv6.data(), kVersionClassAndFlow, 4);
  store16(ipv6, 4, udp_size);
  ipv6[6] = kUdp;
  ipv6[7] = kReplyHopLimit;
  std::memcpy(ipv6.data() + 8, addresses.source.octets.data(), 16);
  std::memcpy(ipv6.data() + 24, addresses.destination.octets.data(), 16);

  store16(udp, 0, kDhcpServerPort);
  store16(udp, 2, addresses.destination_port);
  store16(udp, 4, udp_size);
  store16(udp, 6, 0);
  std::uint16_t field = 0;
  if (checksum == ChecksumBy::kHardware) {
    rte_ipv6_hdr header;
    std::memcpy(&header, ipv6.data(), sizeof header);
    field = rte_ipv6_phdr_cksum(&header, 0);
  } else {
    field = static_cast<std::uint16_t>(~udp_sum(ipv6.first(kIpv6HeaderSize), udp));
    if (field == 0) field = 0xffff;  // zero would mean "none"
  }
  std::memcpy(udp.data() + 6, &field, 2);  // the sum is in the order of memory already
}

}  // namespace tandem6
