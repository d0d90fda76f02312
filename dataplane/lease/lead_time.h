// The arithmetic of the maximum client lead time (RFC 8156 section 4.4): how long a client may have
// its lease when its partner may not know of it, what the partner is told, and when a lease may
// pass to another client while the partner is down. Pure; any thread.
#pragma once

#include <algorithm>

#include "dataplane/lease/binding.h"
#include "dataplane/lease/wall_time.h"

namespace tandem6 {

/// Under failover no lease is granted for less (RFC 8156 section 1, R-12), nor asked for more
/// absolute times of 32 bits cannot say infinity).
inline constexpr Lifetime kFailoverLifetimeMin{30};
inline constexpr Lifetime kFailoverLifetimeMax{1U << 30};

/// `desired` as it may be granted at all under failover, in every state of the endpoint. Not for a
/// lifetime of 0, which grants nothing.
[[nodiscard]] constexpr Lifetime within_failover_limits(Lifetime desired) noexcept {
  return std::clamp(desired, kFailoverLifetimeMin, kFailoverLifetimeMax);
}

/// What a client may be given of `desired` (within the limits above) at most: until MCLT past the
/// later of now and the partner-lifetime that the partner acked last. `acked` may be
/// kNoTime. Never under 30 s, as no MCLT is.
[[nodiscard]] Lifetime bounded_lifetime(Lifetime desired, WallTime acked, WallTime now,
                                        Lifetime mclt) noexcept;

/// What the partner is told after a grant: now + the T1 told to the client (half the actual
/// lifetime when that is 0, R-14) + desired (within the limits above), so that the next renewal can
/// have all of `desired`. Less than 2^31 seconds from now.
[[nodiscard]] WallTime partner_lifetime_after(WallTime now, Lifetime t1, Lifetime actual,
                                              Lifetime desired) noexcept;

/// The earliest time at which another client may have the lease of an ended binding without the
/// partner's ack, in PARTNER-DOWN entered at `partner_down_since`: MCLT past the latest of
/// everything that either server may have promised. kNever when that is kNoTime: outside of
/// PARTNER-DOWN only an ack frees a lease.
[[nodiscard]] WallTime reusable_from(const Binding& binding, WallTime partner_down_since,
                                     Lifetime mclt) noexcept;

}  // namespace tandem6
