// What the parser makes of one received DHCPv6 datagram: views into its bytes, checked.
//
// Budget: one pass, no copy, no allocation. Everything here borrows from the datagram and is valid
// while the datagram is. All lengths, nesting and places have been checked by `parse`, so that a
// reader of these views never meets an overrun.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <span>

#include "dataplane/wire/identity_association.h"
#include "dataplane/wire/ipv6.h"
#include "dataplane/wire/message_type.h"

namespace tandem6 {

using Bytes = std::span<const std::uint8_t>;

/// One RELAY-FORW header with its options. Level 0 is the outermost (the relay that wrote to us).
struct RelayLevel {
  std::uint8_t hop_count = 0;
  Ipv6Address link_address;
  Ipv6Address peer_address;
  bool has_interface_id = false;  // RFC 8415 21.18; an empty one is echoed too
  Bytes interface_id;
  bool has_relay_source_port = false;   // RFC 8357
  std::uint16_t relay_source_port = 0;  // as received, copied back
  Bytes remote_id;                      // RFC 4649: enterprise number and value, one opaque string
  Bytes subscriber_id;                  // RFC 4580
  Bytes client_link_layer_address;      // RFC 6939: link-layer type (2) and address
  Bytes relay_supplied_options;         // RFC 6422: options inside OPTION_RSOO
};

/// One IA_NA or IA_PD. T1 and T2 of clients are ignored by rule (S-177).
struct IaView {
  IaType type = IaType::kNonTemporaryAddress;
  Iaid iaid;
  Bytes options;  // checked; walk them with `LeaseHints`
};

/// One IAADDR or IAPREFIX inside an IA; lifetimes of clients are ignored by rule (S-178).
struct LeaseHint {
  Ipv6Address address;               // of a prefix: host bits masked
  std::uint8_t prefix_length = 128;  // 128 for addresses
  Bytes pd_exclude;                  // value of option 67, empty when absent
  friend bool operator==(const LeaseHint&, const LeaseHint&) = delete;
};

inline constexpr std::size_t kRelayLevelCountMax = 9;
inline constexpr std::size_t kIaCountMax = 128;
inline constexpr std::size_t kHintCountMax = 16;
/// Codes from here on are not counted as requested: nothing of ours has one.
inline constexpr std::size_t kRequestableCodeEnd = 256;

struct ParsedMessage {
  // The relays, outermost first.
  std::uint8_t relay_level_count = 0;
  std::array<RelayLevel, kRelayLevelCountMax> relay_levels;

  // The client's message.
  MessageType type = MessageType::kSolicit;
  std::uint32_t transaction_id = 0;  // 24 bits
  Bytes client_id;                   // empty when absent; else a DUID of legal size
  Bytes server_id;                   // empty when absent
  bool rapid_commit = false;
  bool reconfigure_accept = false;
  bool has_option_request = false;
  std::bitset<kRequestableCodeEnd> requested;  // Option Request as a set
  std::uint16_t elapsed_time = 0;              // hundredths of a second
  Bytes client_fqdn;   // value of option 39, RFC 4704; empty when absent/odd
  Bytes user_class;    // value of option 15
  Bytes vendor_class;  // value of the first option 16
  std::uint16_t ia_count = 0;
  std::array<IaView, kIaCountMax> ias;  // IA_NA and IA_PD in the order of the message

  [[nodiscard]] std::span<const RelayLevel> relays() const noexcept {
    return {relay_levels.data(), relay_level_count};
  }
  [[nodiscard]] std::span<const IaView> identity_associations() const noexcept {
    return {ias.data(), ia_count};
  }
  [[nodiscard]] bool is_relayed() const noexcept { return relay_level_count != 0; }
  [[nodiscard]] bool requests(std::uint16_t code) const noexcept {
    return code < kRequestableCodeEnd && requested[code];
  }
};

/// Walks the leases that a client listed in an IA: at most kHintCountMax, misplaced ones skipped
/// (IAADDR in IA_PD, IAPREFIX in IA_NA, S-030).
class LeaseHints {
 public:
  explicit LeaseHints(const IaView& ia) noexcept;
  /// False when there is no further one.
  bool next(LeaseHint& hint) noexcept;

 private:
  IaType type_;
  Bytes rest_;
  std::uint8_t count_ = 0;
};

}  // namespace tandem6
