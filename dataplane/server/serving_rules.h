// What the state of a failover endpoint means for the clients of its links (RFC 8156 section 8):
// who is answered, from which half, for how long. Made by the endpoint (control/failover), obeyed
// by the packet path.
#pragma once

#include <cstdint>

#include "dataplane/lease/role.h"
#include "dataplane/lease/wall_time.h"

namespace tandem6 {

enum class Responsiveness : std::uint8_t {
  kUnresponsive,     // nobody
  kRenewResponsive,  // only messages that carry this server's DUID
  kResponsive,       // everybody
};

/// A value: small, copied by each message.
struct ServingRules {
  Responsiveness responsiveness = Responsiveness::kResponsive;
  Role role = Role::kPrimary;
  bool has_partner = false;    // false: alone; everything below is of no account
  bool may_allocate = true;    // false in RECOVER-DONE: only leases on record (F-337)
  bool is_bounded = true;      // lifetimes are bounded by MCLT; false in PARTNER-DOWN (F-166, R-19)
  bool is_in_contact = false;  // communications are OK
  /// The leases here are an old copy: what the partner says of one counts, whoever it is.
  bool has_old_leases = false;
  Lifetime mclt{};      // the smaller one known: bounds lifetimes
  Lifetime mclt_max{};  // the larger one known: every waiting time uses it
  /// PARTNER-DOWN: since when; kNoTime outside of it.
  WallTime partner_down_since{};

  [[nodiscard]] static ServingRules alone() noexcept { return {}; }
  /// Of two clients with one lease the secondary yields, and so does an old copy.
  [[nodiscard]] Role role_as_judge() const noexcept {
    return has_old_leases ? Role::kSecondary : role;
  }
  [[nodiscard]] bool is_partner_down() const noexcept { return !partner_down_since.is_none(); }
  /// From when on prefixes of the partner's half may be delegated (8.4.1); kNever outside of
  /// PARTNER-DOWN, and in it once the partner is back: it may come to serve before it has
  /// heard of them.
  [[nodiscard]] WallTime other_half_opens() const noexcept {
    return is_partner_down() && !is_bounded ? partner_down_since + mclt_max : kNever;
  }

  friend bool operator==(const ServingRules&, const ServingRules&) = default;
};

}  // namespace tandem6
