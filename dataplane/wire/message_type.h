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
  kBndUpd = 24,
  kBndReply = 25,
  kPoolReq = 26,
  kPoolResp = 27,
  kUpdReq = 28,
  kUpdReqAll = 29,
  kUpdDone = 30,
  kConnect = 31,
  kConnectReply = 32,
  kDisconnect = 33,
  kState = 34,
  kContact = 35,
};

/// Messages between failover partners: TCP only, with a header of their own (RFC 8156 section 5.2).
[[nodiscard]] constexpr bool is_failover(MessageType type) noexcept {
  return type >= MessageType::kBndUpd && type <= MessageType::kContact;
}

/// The RFC's spelling, "SOLICIT" and so on; "UNKNOWN" for a number without a name.
[[nodiscard]] const char* name_of(MessageType type) noexcept;

}  // namespace tandem6
