// Status codes (RFC 8415 section 21.13, RFC 5007, RFC 8156 section 5.5.1). Wire numbers.
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
};

[[nodiscard]] const char* name_of(StatusCode code) noexcept;

}  // namespace tandem6
