// Octets of the partner to messages (RFC 8156 sections 5 to 7). Takes any octets, never throws but
// for memory, never asserts.
#pragma once

#include <cstdint>
#include <expected>
#include <span>

#include "control/failover/message.h"

namespace tandem6 {

/// Why a frame is no message.
enum class ReadFault : std::uint8_t {
  kTooShort,        // less than a header: the connection is closed (F-014)
  kOptionOverrun,   // an option runs past its container: likewise
  kUnknownType,     // skipped and logged, the connection goes on (F-035)
  kMalformedValue,  // an option of fixed form has another one: likewise, of STATE and BNDREPLY
};
[[nodiscard]] const char* text_of(ReadFault fault) noexcept;
/// True for faults after which the stream cannot be trusted.
[[nodiscard]] bool ends_connection(ReadFault fault) noexcept;

/// One frame without its two octets of size. `now` resolves times of 32 bits to the wall times
/// nearest to it. Options that are not understood or stand in a wrong place are skipped
/// (F-035); of a singleton the first one counts. A BNDUPD without exactly one container, and leases
/// that lack what section 7.4 requires or say it in a wrong form, come out with a verdict (R-32,
/// R-33), not as a fault, since each BNDUPD is answered (F-250); a malformed option of CONNECT and
/// CONNECTREPLY counts as not there. Budget: a frame has room for some 2,300 leases, of
/// which one takes at most two kilobytes here.
[[nodiscard]] std::expected<FailoverMessage, ReadFault> read_message(
    std::span<const std::uint8_t> frame, WallTime now);

}  // namespace tandem6
