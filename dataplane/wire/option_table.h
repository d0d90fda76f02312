// One table of all DHCPv6 options: name, code, size rules, where each may appear, and how its
// value is written in the configuration. Parser, printer and configuration all read this table.
// (RFC 8415 section 21 and 24; IANA dhcpv6-parameters; RFC 8156 section 5.5.)
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tandem6 {

/// Option codes that the code names. Any other code is still a valid number of the wire.
enum class OptionCode : std::uint16_t {
  kClientId = 1,
  kServerId = 2,
  kIaNa = 3,
  kIaTa = 4,
  kIaAddr = 5,
  kOptionRequest = 6,
  kPreference = 7,
  kElapsedTime = 8,
  kRelayMessage = 9,
  kAuthentication = 11,
  kServerUnicast = 12,
  kStatusCode = 13,
  kRapidCommit = 14,
  kUserClass = 15,
  kVendorClass = 16,
  kVendorOptions = 17,
  kInterfaceId = 18,
  kReconfigureMessage = 19,
  kReconfigureAccept = 20,
  kDnsServers = 23,
  kDomainSearch = 24,
  kIaPd = 25,
  kIaPrefix = 26,
  kInformationRefreshTime = 32,
  kRemoteId = 37,
  kSubscriberId = 38,
  kClientFqdn = 39,
  kClientData = 45,
  kCltTime = 46,
  kLqRelayData = 47,
  kRelayId = 53,
  kRelaySuppliedOptions = 66,
  kPdExclude = 67,
  kVirtualSubnetSelection = 68,
  kClientLinkLayerAddress = 79,
  kSolMaxRt = 82,
  kInfMaxRt = 83,
  kLqBaseTime = 100,
  kBindingStatus = 114,
  kConnectFlags = 115,
  kDnsRemovalInfo = 116,
  kDnsHostName = 117,
  kDnsZoneName = 118,
  kDnsFlags = 119,
  kExpirationTime = 120,
  kMaxUnackedBndUpd = 121,
  kMclt = 122,
  kPartnerLifetime = 123,
  kPartnerLifetimeSent = 124,
  kPartnerDownTime = 125,
  kPartnerRawCltTime = 126,
  kProtocolVersion = 127,
  kKeepaliveTime = 128,
  kReconfigureData = 129,
  kRelationshipName = 130,
  kServerFlags = 131,
  kServerState = 132,
  kStartTimeOfState = 133,
  kStateExpirationTime = 134,
  kRelaySourcePort = 135,
};

/// Where an option stands. A bit each, so that a table row can allow several.
enum class Place : std::uint16_t {
  kClientMessage = 1,  // top level of a client's message
  kServerMessage = 2,  // top level of an ADVERTISE, REPLY or RECONFIGURE
  kRelayMessage = 4,   // inside a RELAY-FORW or RELAY-REPL header
  kIa = 8,             // inside IA_NA or IA_PD
  kLease = 16,         // inside IAADDR or IAPREFIX

  // Of the messages between failover partners (RFC 8156).
  kFailoverMessage = 32,  // top level
  kClientData = 64,       // inside CLIENT_DATA
  kFailoverIa = 128,      // inside IA_NA, IA_TA or IA_PD
  kFailoverLease = 256,   // inside IAADDR or IAPREFIX
  kDnsRemovalInfo = 512,
};

/// How an operator writes the value, and how the printer shows it.
enum class ValueFormat : std::uint8_t {
  kHex,    // opaque octets
  kEmpty,  // presence is the value
  kUint8,
  kUint16,
  kUint32,
  kDuration,   // uint32 seconds on the wire; "12h" in the configuration
  kAddresses,  // one or more IPv6 addresses
  kDomains,    // one or more RFC 1035 names, uncompressed
  kDomain,     // exactly one
  kText,       // UTF-8
  kContainer,  // made of other options
  kTime,       // uint32 seconds since 2000-01-01 modulo 2^32; of partners only
};

struct OptionRow {
  std::uint16_t code;
  const char* name;          // as in the configuration: "dns-servers"
  std::uint16_t length_min;  // octets of the value
  std::uint16_t length_max;
  std::uint16_t length_unit;  // the length is a multiple of this; 1: any
  std::uint16_t places;       // bits of Place
  ValueFormat format;
  bool singleton;     // a second one at the same place is ignored (or drops: client and server id)
  bool requestable;   // may stand in an Option Request (IANA's "Client ORO" column)
  bool configurable;  // an operator may set it under `options`
};

/// Null when the code has no row: skip it by its length and serve (RFC 8415 section 16).
[[nodiscard]] const OptionRow* find_option(std::uint16_t code) noexcept;
[[nodiscard]] const OptionRow* find_option_by_name(std::string_view name) noexcept;
[[nodiscard]] std::span<const OptionRow> option_table() noexcept;

[[nodiscard]] inline bool length_fits(const OptionRow& row, std::size_t length) noexcept {
  return length >= row.length_min && length <= row.length_max &&
         (row.length_unit == 1 || length % row.length_unit == 0);
}
[[nodiscard]] inline bool may_stand_in(const OptionRow& row, Place place) noexcept {
  return (row.places & static_cast<std::uint16_t>(place)) != 0;
}
/// False for what only failover partners say to each other.
[[nodiscard]] inline bool is_of_clients(const OptionRow& row) noexcept {
  return (row.places & (static_cast<unsigned>(Place::kFailoverMessage) - 1)) != 0;
}

}  // namespace tandem6
