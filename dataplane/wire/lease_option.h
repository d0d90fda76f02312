// IAADDR and IAPREFIX as they stand on the wire (RFC 8415 sections 21.6 and 21.22). Part of the
// parser; readers of messages use `LeaseHints`.
#pragma once

#include "dataplane/wire/cursor.h"
#include "dataplane/wire/option_table.h"
#include "dataplane/wire/parsed_message.h"

namespace tandem6 {

[[nodiscard]] constexpr bool is_lease_option(std::uint16_t code) noexcept {
  return code == static_cast<std::uint16_t>(OptionCode::kIaAddr) ||
         code == static_cast<std::uint16_t>(OptionCode::kIaPrefix);
}

/// IAADDR belongs in IA_NA, IAPREFIX in IA_PD, and nowhere else (S-030).
[[nodiscard]] constexpr bool is_lease_option_of(IaType type, std::uint16_t code) noexcept {
  return code == static_cast<std::uint16_t>(type == IaType::kNonTemporaryAddress
                                                ? OptionCode::kIaAddr
                                                : OptionCode::kIaPrefix);
}

struct LeaseOption {
  LeaseHint hint;  // as it stands: host bits not masked, length not checked
  Bytes options;
};

/// REQUIRES: the value has the minimum length of its option, which the table gives. Lifetimes of a
/// client mean nothing (S-178).
[[nodiscard]] inline LeaseOption read_lease_option(IaType type, Bytes value) noexcept {
  LeaseOption lease;
  Cursor cursor(value);
  if (type == IaType::kPrefixDelegation) {
    cursor.bytes(8);
    lease.hint.prefix_length = cursor.u8();
    lease.hint.address = Ipv6Address::from_bytes(cursor.bytes(16));
  } else {
    lease.hint.address = Ipv6Address::from_bytes(cursor.bytes(16));
    cursor.bytes(8);
  }
  lease.options = cursor.rest();
  return lease;
}

}  // namespace tandem6
