// Status codes (RFC 8415 section 21.13, RFC 5007, RFC 5460, RFC 7653, RFC 8156 section 5.6). Wire
// numbers. From 7 on none goes to a client.
#pragma once

#include <cstdint>

namespace tandem6 {

enum class StatusCode : std::uint16_t {
  kSuccess = 0,
  kUnspecFail = 1,
  kNoAddrsAvail = 2,
  kNoBinding = 3,
  kNotOnLink = 4,
  kUseMulticast = 5,  // obsolete (RFC 9915): read and printed, never sent
  kNoPrefixAvail = 6,
  kUnknownQueryType = 7,
  kMalformedQuery = 8,
  kNotConfigured = 9,
  kNotAllowed = 10,
  kQueryTerminated = 11,
  kDataMissing = 12,
  kCatchUpComplete = 13,
  kNotSupported = 14,
  kTlsConnectionRefused = 15,
  kAddressInUse = 16,
  kConfigurationConflict = 17,
  kMissingBindingInformation = 18,
  kOutdatedBindingInformation = 19,
  kServerShuttingDown = 20,
  kDnsUpdateNotSupported = 21,
  kExcessiveTimeSkew = 22,
};

[[nodiscard]] const char* name_of(StatusCode code) noexcept;

}  // namespace tandem6
