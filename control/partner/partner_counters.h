// What the connections to partners have seen, under the names of the documents. Control thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tandem6 {

/// The order is that of the names.
enum class PartnerEvent : std::uint8_t {
  kAccept,     // TCP connections taken
  kUnlisted,   // from an address that is no partner's
  kConnCap,    // one is starting already
  kDeadline,   // too slow: to start, to say something whole, to read what we write
  kFrame,      // shorter than its header, options past its end
  kGarbage,    // a first octet that begins no message of failover
  kTls,        // STARTTLS, handshake, certificates
  kUnknown,    // messages and values that were skipped
  kSequence,   // a message that may not come here or now
  kWindow,     // reading was paused
  kReconnect,  // a live connection was lost, and not by us
};
inline constexpr std::size_t kPartnerEventCount = 11;

/// "fo.accept" and so on.
[[nodiscard]] const char* name_of(PartnerEvent event) noexcept;

/// Octets are those of TCP; messages those of failover, whole ones.
struct PartnerCounters {
  std::array<std::uint64_t, kPartnerEventCount> events{};
  std::uint64_t octets_received = 0;
  std::uint64_t octets_sent = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t messages_sent = 0;

  void count(PartnerEvent event) noexcept { ++events[static_cast<std::size_t>(event)]; }
  [[nodiscard]] std::uint64_t of(PartnerEvent event) const noexcept {
    return events[static_cast<std::size_t>(event)];
  }
};

}  // namespace tandem6
