// What happens to a binding when its lease is granted or ends: the transitions of RFC 8156 section
// 7.2 as they stand for a server without a partner. Pure: a binding and the time go in, the binding
// changes; claims, timers and records are the caller's. Alone there is nobody to tell, so
// needs_update stays as it is; partner_rules.h has the same transitions for a server with a
// partner.
#pragma once

#include "dataplane/lease/binding.h"
#include "dataplane/lease/wall_time.h"

namespace tandem6 {

/// The client was heard and gets (or keeps) the lease for these lifetimes. An answer may be lost:
/// what it was told before ends no earlier; but for a lease without end, or that would never have
/// one. REQUIRES: preferred <= valid, valid > 0.
void grant(Binding& binding, WallTime now, Lifetime preferred, Lifetime valid) noexcept;

/// The lease of an ACTIVE binding ends: EXPIRED by time, RELEASED by its client. Alone there is no
/// partner to ask, so it goes on to FREE (or FREE-BACKUP, by its half, R-03) at once.
/// REQUIRES: how is kExpired or kReleased.
void end_alone(Binding& binding, BindingStatus how, WallTime now, Half half) noexcept;

/// The client found the address in use by somebody else (RFC 8415 section 18.3.8): ABANDONED, kept
/// from all clients for `hold`.
void abandon(Binding& binding, WallTime now, Lifetime hold) noexcept;

/// Sets the status, and with another one start-time-of-state. The version that the partner may have
/// been sent is no longer the present one.
void enter_status(Binding& binding, BindingStatus status, WallTime now) noexcept;

/// a lease that is FREE or FREE-BACKUP has no times left that a partner was told or told us,
/// and no end.
void clear_promised_times(Binding& binding) noexcept;

/// another client may still believe that it has the lease. Until it cannot, nobody's word
/// ends it.
[[nodiscard]] inline bool is_promised_twice(const Binding& binding, WallTime now) noexcept {
  return binding.promised_twice && WallTime(binding.expiration_time) > now;
}

/// The status that a lease of this half has while no client holds it.
[[nodiscard]] constexpr BindingStatus free_status(Half half) noexcept {
  return half == Half::kFree ? BindingStatus::kFree : BindingStatus::kFreeBackup;
}

/// True while the lease is kept from all others: in every status but FREE and FREE-BACKUP, which
/// only remember a former client.
[[nodiscard]] constexpr bool holds_its_lease(BindingStatus status) noexcept {
  return status != BindingStatus::kFree && status != BindingStatus::kFreeBackup;
}

/// Over for its client, whoever knows of it by now: neither ACTIVE nor ABANDONED.
[[nodiscard]] constexpr bool is_end(BindingStatus status) noexcept {
  return status != BindingStatus::kActive && status != BindingStatus::kAbandoned;
}

/// True while the client may use the lease: ACTIVE and not past its end.
[[nodiscard]] inline bool is_running(const Binding& binding, WallTime now) noexcept {
  return binding.status == BindingStatus::kActive && WallTime(binding.state_expiration_time) > now;
}

}  // namespace tandem6
