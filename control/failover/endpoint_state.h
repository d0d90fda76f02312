// The states of a failover endpoint (RFC 8156 section 8) and the flags beside them. Wire numbers,
// stored on disk as well: do not renumber.
#pragma once

#include <cstdint>

namespace tandem6 {

/// OPTION_F_SERVER_STATE (RFC 8156 section 5.5.16). kStartup never goes on the wire: the S flag
/// says it.
enum class EndpointState : std::uint8_t {
  kNone = 0,  // not known
  kStartup = 1,
  kNormal = 2,
  kCommunicationsInterrupted = 3,
  kPartnerDown = 4,
  kPotentialConflict = 5,
  kRecover = 6,
  kRecoverWait = 7,
  kRecoverDone = 8,
  kResolutionInterrupted = 9,
  kConflictDone = 10,
};
/// The RFC's spelling, "PARTNER-DOWN" and so on.
[[nodiscard]] const char* name_of(EndpointState state) noexcept;

/// OPTION_F_SERVER_FLAGS (RFC 8156 section 5.5.15).
struct ServerFlags {
  static constexpr std::uint8_t kCommunicated = 1;
  static constexpr std::uint8_t kStartup = 2;
  static constexpr std::uint8_t kAckStartup = 4;

  std::uint8_t octet = 0;

  [[nodiscard]] bool communicated() const noexcept { return (octet & kCommunicated) != 0; }
  [[nodiscard]] bool startup() const noexcept { return (octet & kStartup) != 0; }
  [[nodiscard]] bool ack_startup() const noexcept { return (octet & kAckStartup) != 0; }
  friend bool operator==(const ServerFlags&, const ServerFlags&) = default;
};

}  // namespace tandem6
