// Message types of DHCPv6 (RFC 8415 section 7.3), leasequery (RFC 5007, 5460, 7653) and failover
// (RFC 8156 section 5.3). The numbers are the wire's.
#pragma once

#include <cstdint>

namespace tandem6 {

enum class MessageType : std::uint8_t {
  kSolicit = 1,
  kAdvertise = 2,
  kRequest = 3,
  kConfirm = 4,
  kRenew = 5,
  kRebind = 6,
  kReply = 7,
  kRelease = 8,
  kDecline = 9,
  kReconfigure = 10,
  kInformationRequest = 11,
  kRelayForward = 12,
  kRelayReply = 13,
  kLeasequery = 14,
  kLeasequeryReply = 15,
  kLeasequeryDone = 16,
  kLeasequeryData = 17,
  kActiveLeasequery = 22,
  kStartTls = 23,
};

/// The RFC's spelling, "SOLICIT" and so on; "UNKNOWN" for a number without a name.
[[nodiscard]] const char* name_of(MessageType type) noexcept;

}  // namespace tandem6
