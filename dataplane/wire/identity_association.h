// Identity associations: what a client asks leases for (RFC 8415 sections 4.2, 12, 21.4, 21.21).
// IA_TA is obsolete (RFC 9915) and has no place here.
#pragma once

#include <compare>
#include <cstdint>

namespace tandem6 {

/// Four octets that the client chose; a name, not a number.
struct Iaid {
  std::uint32_t value = 0;
  friend auto operator<=>(const Iaid&, const Iaid&) = default;
};

/// Stored on disk and in bindings: do not renumber.
enum class IaType : std::uint8_t { kNonTemporaryAddress = 1, kPrefixDelegation = 2 };

}  // namespace tandem6
