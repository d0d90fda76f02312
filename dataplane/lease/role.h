// The two parts of a failover relationship (RFC 8156 section 3), and the half of the free leases
// that each allocates from (section 4.2).
#pragma once

#include <cstdint>

#include "dataplane/lease/binding.h"

namespace tandem6 {

/// Stored on disk: do not renumber.
enum class Role : std::uint8_t { kPrimary = 1, kSecondary = 2 };

/// Names a relationship of the configuration; kNoRelationship: no partner.
using RelationshipIndex = std::uint8_t;
inline constexpr RelationshipIndex kNoRelationship = 0xff;

/// FREE is the primary's, FREE-BACKUP the secondary's.
[[nodiscard]] constexpr Half own_half(Role role) noexcept {
  return role == Role::kPrimary ? Half::kFree : Half::kFreeBackup;
}
[[nodiscard]] constexpr Half other_half(Role role) noexcept {
  return role == Role::kPrimary ? Half::kFreeBackup : Half::kFree;
}
[[nodiscard]] constexpr Role partner_of(Role role) noexcept {
  return role == Role::kPrimary ? Role::kSecondary : Role::kPrimary;
}

}  // namespace tandem6
