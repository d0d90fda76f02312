// What happens to a binding, its claim, its timer and its record when its lease ends (RFC 8156
// section 7.2). Alone a lease is free at once. With a partner it is EXPIRED, RELEASED or RESET and
// kept from all others until the partner has acked it, or until its time of reuse in PARTNER-DOWN
// . Only the shard's worker.
#pragma once

#include "dataplane/lease/shard.h"
#include "dataplane/server/service.h"
#include "dataplane/server/serving_rules.h"

namespace tandem6 {

/// Where a binding ends, and by which rules: those of its link.
struct EndContext {
  const Service& service;
  const ServingRules& rules;
  Shard& shard;
  WallTime now;
};

/// Its client gave the ACTIVE lease back. (All of these emit one change. REQUIRES: room for it.)
void end_released(const EndContext& context, BindingIndex index) noexcept;

/// The client found the address in use by somebody else: ABANDONED, kept from all for a while.
void end_declined(const EndContext& context, BindingIndex index) noexcept;

/// The same, past what one client may keep from the others: not held for long. Nobody is to come
/// back to it by right; it only waits behind fresh ones.
void end_discarded(const EndContext& context, BindingIndex index) noexcept;

/// The partner asks for everything, so it may have forgotten what it promised: the client of a
/// lease that has ended here, or was declined, may have gone on with it there since, to MCLT
/// beyond all that we acked. True, and an emitted change: until then it is ABANDONED, so that
/// neither server gives it to anybody.
[[nodiscard]] bool hold_what_partner_forgot(const EndContext& context, BindingIndex index) noexcept;

/// The timer of a binding has fired: ACTIVE runs out, ABANDONED has been held long enough, or one
/// that has ended already may be free without the partner's ack.
void end_by_time(const Service& service, Shard& shard, BindingIndex index, WallTime now) noexcept;

}  // namespace tandem6
