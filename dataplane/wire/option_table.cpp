#include "dataplane/wire/option_table.h"

#include <algorithm>
#include <array>

namespace tandem6 {
namespace {

constexpr auto kC = static_cast<std::uint16_t>(Place::kClientMessage);
constexpr auto kS = static_cast<std::uint16_t>(Place::kServerMessage);
constexpr auto kR = static_cast<std::uint16_t>(Place::kRelayMessage);
constexpr auto kI = static_cast<std::uint16_t>(Place::kIa);
constexpr auto kL = static_cast<std::uint16_t>(Place::kLease);
constexpr auto kF = static_cast<std::uint16_t>(Place::kFailoverMessage);
constexpr auto kFD = static_cast<std::uint16_t>(Place::kClientData);
constexpr auto kFI = static_cast<std::uint16_t>(Place::kFailoverIa);
constexpr auto kFL = static_cast<std::uint16_t>(Place::kFailoverLease);
constexpr auto kFN = static_cast<std::uint16_t>(Place::kDnsRemovalInfo);

constexpr std::uint16_t kAny = 65535;  // no upper limit but that of the length field

constexpr ValueFormat kHex = ValueFormat::kHex;
constexpr ValueFormat kText = ValueFormat::kText;

// Rows that look alike.
constexpr OptionRow protocol(std::uint16_t code, const char* name, std::uint16_t length_min,
                             std::uint16_t length_max, std::uint16_t places,
                             ValueFormat format = kHex) {
  return {code, name, length_min, length_max, 1, places, format, true, false, false};
}
/// Several of them may stand at one place.
constexpr OptionRow repeatable(OptionRow row) {
  row.singleton = false;
  return row;
}
constexpr OptionRow requestable(OptionRow row) {
  row.requestable = true;
  return row;
}
constexpr OptionRow in_units_of(std::uint16_t unit, OptionRow row) {
  row.length_unit = unit;
  return row;
}
/// What an operator configures and a client asks for.
constexpr OptionRow configured(std::uint16_t code, const char* name, ValueFormat format,
                               std::uint16_t length_min = 1, std::uint16_t length_max = kAny) {
  return {code, name, length_min, length_max, 1, kS, format, true, true, true};
}
constexpr OptionRow addresses(std::uint16_t code, const char* name, std::uint16_t length_min = 16) {
  return in_units_of(16, configured(code, name, ValueFormat::kAddresses, length_min));
}
/// The shortest name is a label of one octet and the root: three octets.
constexpr OptionRow domains(std::uint16_t code, const char* name) {
  return configured(code, name, ValueFormat::kDomains, 3);
}
constexpr OptionRow domain(std::uint16_t code, const char* name) {
  return configured(code, name, ValueFormat::kDomain, 3, 255);
}
constexpr OptionRow duration(std::uint16_t code, const char* name) {
  return configured(code, name, ValueFormat::kDuration, 4, 4);
}

/// Seconds since 2000 (RFC 8156 section 5.2).
constexpr OptionRow time(std::uint16_t code, const char* name, std::uint16_t places) {
  return protocol(code, name, 4, 4, places, ValueFormat::kTime);
}
constexpr OptionRow container(std::uint16_t code, const char* name, std::uint16_t length_min,
                              std::uint16_t places) {
  return protocol(code, name, length_min, kAny, places, ValueFormat::kContainer);
}

// IA_TA (4) is obsolete (RFC 9915): it has a row so that it can be read and printed, but
// `OptionReader` skips a client's like any code without one. 10 and 35 IANA never assigned.
constexpr std::array kRows = {
    protocol(1, "client-id", 3, 130, kC | kS | kFD),
    protocol(2, "server-id", 3, 130, kC | kS),
    repeatable(container(3, "ia-na", 12, kC | kS | kFD)),
    repeatable(container(4, "ia-ta", 4, kC | kS | kFD)),
    repeatable(container(5, "ia-address", 24, kI | kFI)),
    in_units_of(2, protocol(6, "option-request", 0, kAny, kC)),
    protocol(7, "preference", 1, 1, kS, ValueFormat::kUint8),
    protocol(8, "elapsed-time", 2, 2, kC, ValueFormat::kUint16),
    container(9, "relay-message", 1, kR),
    protocol(11, "authentication", 11, kAny, kC | kS),
    protocol(12, "server-unicast", 16, 16, kS, ValueFormat::kAddresses),
    protocol(13, "status-code", 2, kAny, kC | kS | kI | kL | kF | kFD | kFI | kFL),
    protocol(14, "rapid-commit", 0, 0, kC | kS, ValueFormat::kEmpty),
    protocol(15, "user-class", 2, kAny, kC | kS),
    repeatable(protocol(16, "vendor-class", 4, kAny, kC | kS)),
    OptionRow{17, "vendor-options", 4, kAny, 1, kC | kS | kR | kF, kHex, false, true, true},
    protocol(18, "interface-id", 0, kAny, kR),
    protocol(19, "reconfigure-message", 1, 1, kS, ValueFormat::kUint8),
    protocol(20, "reconfigure-accept", 0, 0, kC | kS, ValueFormat::kEmpty),
    domains(21, "sip-server-names"),  // RFC 3319
    addresses(22, "sip-servers"),     // RFC 3319
    addresses(23, "dns-servers"),     // RFC 3646
    domains(24, "domain-search"),     // RFC 3646
    repeatable(container(25, "ia-pd", 12, kC | kS | kFD)),
    repeatable(container(26, "ia-prefix", 25, kI | kF | kFI)),
    addresses(27, "nis-servers"),   // RFC 3898
    addresses(28, "nisp-servers"),  // RFC 3898
    domain(29, "nis-domain"),       // RFC 3898
    domain(30, "nisp-domain"),      // RFC 3898
    addresses(31, "sntp-servers"),  // RFC 4075
    duration(32, "information-refresh-time"),
    domains(33, "bcmcs-server-names"),                                 // RFC 4280
    addresses(34, "bcmcs-servers"),                                    // RFC 4280
    configured(36, "geoconf-civic", kHex, 3),                          // RFC 4776
    protocol(37, "remote-id", 5, kAny, kR),                            // RFC 4649
    protocol(38, "subscriber-id", 1, kAny, kR),                        // RFC 4580
    requestable(protocol(39, "client-fqdn", 1, kAny, kC | kS | kFL)),  // RFC 4704
    addresses(40, "pana-agents"),                                      // RFC 5192
    configured(41, "posix-timezone", kText),                           // RFC 4833
    configured(42, "tzdb-timezone", kText),                            // RFC 4833
    in_units_of(2, protocol(43, "echo-request", 2, kAny, kR)),         // RFC 4994
    domain(51, "lost-server"),                                         // RFC 5223
    addresses(52, "capwap-access-controllers"),                        // RFC 5417
    protocol(53, "relay-id", 3, 130, kR),                              // RFC 5460
    configured(54, "mos-addresses", kHex),                             // RFC 5678
    configured(55, "mos-names", kHex),                                 // RFC 5678
    configured(56, "ntp-servers", kHex, 4),           // RFC 5908: made of sub-options
    domain(57, "access-domain"),                      // RFC 5986
    domains(58, "sip-user-agent-domains"),            // RFC 6011
    configured(59, "boot-file-url", kText),           // RFC 5970
    configured(60, "boot-file-parameters", kHex, 2),  // RFC 5970: counted strings
    in_units_of(2, protocol(61, "client-architecture", 2, kAny, kC)),             // RFC 5970
    requestable(protocol(62, "network-interface-id", 3, 3, kC)),                  // RFC 5970
    configured(63, "geolocation", kHex),                                          // RFC 6225
    domain(64, "aftr-name"),                                                      // RFC 6334
    domain(65, "erp-domain"),                                                     // RFC 6440
    container(66, "relay-supplied-options", 0, kR),                               // RFC 6422
    requestable(protocol(67, "pd-exclude", 2, 17, kL)),                           // RFC 6603
    protocol(68, "virtual-subnet-selection", 1, kAny, kC | kS | kR | kFD | kFL),  // RFC 6607
    repeatable(configured(74, "rdnss-selection", kHex, 17)),                      // RFC 6731
    configured(75, "kerberos-principal", kHex),                                   // RFC 6784
    configured(76, "kerberos-realm", kText),                                      // RFC 6784
    configured(77, "kerberos-default-realm", kText),                              // RFC 6784
    configured(78, "kerberos-kdc", kHex),                                         // RFC 6784
    protocol(79, "client-link-layer-address", 2, kAny, kR),                       // RFC 6939
    protocol(81, "radius", 0, kAny, kR),                                          // RFC 7037
    duration(82, "sol-max-rt"),
    duration(83, "inf-max-rt"),
    configured(84, "address-selection", kHex),            // RFC 7078
    repeatable(addresses(86, "pcp-servers")),             // RFC 7291
    addresses(88, "dhcp4o6-servers", 0),                  // RFC 7341: none means "by multicast"
    repeatable(configured(94, "s46-map-e", kHex)),        // RFC 7598
    configured(95, "s46-map-t", kHex),                    // RFC 7598
    configured(96, "s46-lightweight-4over6", kHex),       // RFC 7598
    configured(97, "4rd", kHex),                          // RFC 7600
    configured(103, "captive-portal", kText),             // RFC 8910
    repeatable(configured(104, "mpl-parameters", kHex)),  // RFC 7774
    protocol(105, "access-technology", 1, kAny, kR),      // RFC 7839
    protocol(106, "access-network-name", 1, kAny, kR),    // RFC 7839
    protocol(107, "access-point-name", 1, kAny, kR),      // RFC 7839
    protocol(108, "access-point-bssid", 1, kAny, kR),     // RFC 7839
    protocol(109, "operator-id", 1, kAny, kR),            // RFC 7839
    protocol(110, "operator-realm", 1, kAny, kR),         // RFC 7839
    in_units_of(2, configured(111, "s46-priority", kHex, 2)),            // RFC 8026
    protocol(112, "mud-url", 1, kAny, kC, kText),                        // RFC 8520
    repeatable(configured(113, "prefix64", kHex)),                       // RFC 8115
    protocol(135, "relay-source-port", 2, 2, kR, ValueFormat::kUint16),  // RFC 8357
    configured(136, "sztp-redirect", kHex),                              // RFC 8572
    domain(141, "dots-agent-name"),                                      // RFC 8973
    addresses(142, "dots-agents"),                                       // RFC 8973
    addresses(143, "andsf-servers"),                                     // RFC 6153
    repeatable(configured(144, "encrypted-dns", kHex, 4)),               // RFC 9463
};

// What failover partners say of clients and of themselves (RFC 8156 section 5.5, and what it takes
// from leasequery). No client ever sees one of these.
constexpr std::array kPartnerRows = {
    repeatable(container(45, "client-data", 0, kF)),              // RFC 5007
    protocol(46, "clt-time", 4, 4, kFL, ValueFormat::kDuration),  // RFC 5007; here by R-21
    container(47, "lq-relay-data", 16, kFD),                      // RFC 5007
    time(100, "lq-base-time", kFD | kFL),                         // RFC 7653
    protocol(114, "binding-status", 1, 1, kFL, ValueFormat::kUint8),
    protocol(115, "connect-flags", 2, 2, kF, ValueFormat::kUint16),
    container(116, "dns-removal-info", 0, kFD | kFL),
    protocol(117, "dns-host-name", 1, 255, kFN, ValueFormat::kDomain),
    protocol(118, "dns-zone-name", 1, 255, kFN, ValueFormat::kDomain),
    protocol(119, "dns-flags", 2, 2, kFN, ValueFormat::kUint16),
    time(120, "expiration-time", kFL),
    protocol(121, "max-unacked-bndupd", 4, 4, kF, ValueFormat::kUint32),
    protocol(122, "mclt", 4, 4, kF, ValueFormat::kDuration),
    time(123, "partner-lifetime", kFL),
    time(124, "partner-lifetime-sent", kFL),
    time(125, "partner-down-time", kF),
    time(126, "partner-raw-clt-time", kFL),
    protocol(127, "protocol-version", 4, 4, kF),
    protocol(128, "keepalive-time", 4, 4, kF, ValueFormat::kDuration),
    protocol(129, "reconfigure-data", 4, kAny, kFD),
    protocol(130, "relationship-name", 0, kAny, kF, kText),
    protocol(131, "server-flags", 1, 1, kF, ValueFormat::kUint8),
    protocol(132, "server-state", 1, 1, kF, ValueFormat::kUint8),
    time(133, "start-time-of-state", kF | kFI | kFL),
    time(134, "state-expiration-time", kFL),
};

/// All rows, sorted by code.
constexpr auto kTable = [] {
  std::array<OptionRow, kRows.size() + kPartnerRows.size()> table{};
  std::ranges::merge(kRows, kPartnerRows, table.begin(), {}, &OptionRow::code, &OptionRow::code);
  return table;
}();

constexpr std::size_t kCodeEnd = 256;
static_assert(kTable.size() < 255 && kTable.back().code < kCodeEnd);

/// By code: the row's place in the table plus one; zero for none.
constexpr auto kRowOfCode = [] {
  std::array<std::uint8_t, kCodeEnd> index{};
  for (std::size_t row = 0; row < kTable.size(); ++row) {
    index[kTable[row].code] = static_cast<std::uint8_t>(row + 1);
  }
  return index;
}();

constexpr bool sorted_by_code() {
  for (std::size_t row = 1; row < kTable.size(); ++row) {
    if (kTable[row - 1].code >= kTable[row].code) return false;
  }
  return true;
}
static_assert(sorted_by_code());

}  // namespace

const OptionRow* find_option(std::uint16_t code) noexcept {
  if (code >= kCodeEnd || kRowOfCode[code] == 0) return nullptr;
  return &kTable[kRowOfCode[code] - 1U];
}

const OptionRow* find_option_by_name(std::string_view name) noexcept {
  for (const OptionRow& row : kTable) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

std::span<const OptionRow> option_table() noexcept { return kTable; }

}  // namespace tandem6
