// From an Ethernet frame to the DHCPv6 datagram in it, and back. Pure functions over octets; no
// DPDK in the interface. No allocation, no exception; any thread.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/net/port_identity.h"
#include "dataplane/wire/counters.h"
#include "dataplane/wire/ipv6.h"

namespace tandem6 {

inline constexpr std::uint16_t kDhcpClientPort = 546;
inline constexpr std::uint16_t kDhcpServerPort = 547;
inline constexpr std::uint16_t kIpv6HeaderSize = 40;
inline constexpr std::uint16_t kUdpHeaderSize = 8;
/// Extension headers walked before a frame is left to the kernel (bad-input: 8*).
inline constexpr unsigned kExtensionHeaderCountMax = 8;
/// What a reply may hold, so that it fits the minimum MTU of IPv6 (RFC 8200 section 5). We never
/// fragment, and no ICMPv6 Packet Too Big reaches us, so this is the policy of S-008.
inline constexpr std::uint16_t kReplyPayloadSizeMax = 1280 - kIpv6HeaderSize - kUdpHeaderSize;
/// RFC 8415 says nothing about the hop limit of a reply. Relays may be some hops away and nobody
/// checks for 255 (as neighbour discovery does), so this is the usual default of hosts.
inline constexpr std::uint8_t kReplyHopLimit = 64;

/// All_DHCP_Relay_Agents_and_Servers and All_DHCP_Servers (RFC 8415 section 7.1).
[[nodiscard]] const Ipv6Address& all_dhcp_relay_agents_and_servers() noexcept;  // ff02::1:2
[[nodiscard]] const Ipv6Address& all_dhcp_servers() noexcept;                   // ff05::1:3

enum class FrameVerdict : std::uint8_t {
  kDhcp,       // a datagram for the server, checksum verified
  kKernel,     // everything that is the kernel's: neighbour discovery, MLD, ping, TCP, …
  kDrop,       // for the server but bad: see FrameFacts::drop
  kOtherHost,  // unicast to a MAC address that is not ours
};

/// What classify_frame found. Offsets count from the first octet of the frame; those of the
/// payload are set for kDhcp only.
struct FrameFacts {
  FrameVerdict verdict = FrameVerdict::kKernel;
  DropReason drop = DropReason::kNone;
  bool odd_extension_headers = false;  // odd.ext_hdr: served behind some, or too many of them
  std::uint16_t network_offset = 0;  // of the IPv6 header: Ethernet header and VLAN tags before it
  std::uint16_t payload_offset = 0;
  std::uint16_t payload_size = 0;
  std::uint16_t source_port = 0;
  Ipv6Address source;
  Ipv6Address destination;
};

/// Decides what a received frame is. `checksum_verified`: the NIC has found the UDP checksum good.
[[nodiscard]] FrameFacts classify_frame(std::span<const std::uint8_t> frame,
                                        const PortIdentity& port, bool checksum_verified) noexcept;

/// The source address of an answer (S-011): our link-local for a direct client; for a relay the
/// unicast address that it wrote to, else (it wrote to a group) our address of its source's scope.
[[nodiscard]] Ipv6Address answer_source(const PortIdentity& port, const Ipv6Address& source,
                                        const Ipv6Address& destination, bool relayed) noexcept;

/// Octets before the payload in the reply to this request: the same tags, no extension headers.
[[nodiscard]] inline std::uint16_t reply_payload_offset(const FrameFacts& request) noexcept {
  return static_cast<std::uint16_t>(request.network_offset + kIpv6HeaderSize + kUdpHeaderSize);
}

struct ReplyAddresses {
  Ipv6Address source;
  Ipv6Address destination;
  std::uint16_t destination_port = 0;
};

enum class ChecksumBy : std::uint8_t {
  kSoftware,  // the whole sum is written
  kHardware,  // the sum of the pseudo header is written, the NIC does the rest
};

/// Writes everything before the payload, which stands already at reply_payload_offset(): Ethernet
/// with the request's tags, IPv6, UDP. `reply` is the whole frame, `request` the whole request.
void write_reply_headers(std::span<std::uint8_t> reply, std::span<const std::uint8_t> request,
                         const FrameFacts& facts, const PortIdentity& port,
                         const ReplyAddresses& addresses, ChecksumBy checksum) noexcept;

}  // namespace tandem6
