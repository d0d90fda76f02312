// Which timer a binding that holds its lease has, with and without a partner, and what happens when
// that of an ended one fires (RFC 8156 sections 7.2, 8.4.1; rulings ). Only the
// shard's worker.
#pragma once

#include "dataplane/lease/shard.h"
#include "dataplane/server/service.h"
#include "dataplane/server/serving_rules.h"

namespace tandem6 {

/// EXPIRED, RELEASED or RESET: over for its client, and kept from all others until the partner has
/// acked it, or until in PARTNER-DOWN its time of reuse has come.
[[nodiscard]] constexpr bool has_ended(BindingStatus status) noexcept {
  return status == BindingStatus::kExpired || status == BindingStatus::kReleased ||
         status == BindingStatus::kReset;
}

/// Sets the timer by status, half and rules; call it when a claimed binding has changed or has come
/// from disk. `rules` are those of the binding's link.
///   ACTIVE     its end;
///   ABANDONED  the end of its hold, on the server of its half only; else none;
///   ended      in PARTNER-DOWN the time of reuse, else none.
void set_timer(const Service& service, const ServingRules& rules, Shard& shard, BindingIndex index,
               WallTime now) noexcept;

/// The timer of an ended binding has fired. In PARTNER-DOWN, when its time of reuse has come, it
/// becomes free without an ack, and the partner is to be told (emitted, and kept in the history;
/// one that was RESET is forgotten). Else its timer is set anew. REQUIRES: has_ended, claimed, and
/// change_room() >= 1.
void end_wait(const Service& service, const ServingRules& rules, Shard& shard, BindingIndex index,
              WallTime now) noexcept;

}  // namespace tandem6
