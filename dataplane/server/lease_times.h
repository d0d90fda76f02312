// How long clients have what they get, and when they come back: valid and preferred lifetime, T1
// and T2, by configuration (RFC 8415 sections 7.7, 14.2, 21.4) and, for a server of a pair, within
// the maximum client lead time (RFC 8156 section 4.4, rulings ). Pure; any thread.
#pragma once

#include <span>

#include "dataplane/server/plan.h"
#include "dataplane/server/serving_rules.h"
#include "dataplane/server/settings.h"

namespace tandem6 {

struct LeaseTimes {
  Lifetime preferred;  // never above valid
  Lifetime valid;      // what the client is told
  Lifetime desired;    // what it would be told without a partner
};
/// `acked`: the partner-lifetime of this lease that the partner acked last; kNoTime for a new one.
[[nodiscard]] LeaseTimes lease_times(const LifetimeSettings& settings, const ServingRules& rules,
                                     WallTime acked, WallTime now) noexcept;

/// T1 and T2 over all leases of the plan that are extended (S-063, S-182, S-183); when none is,
/// both are the shortest remaining valid lifetime (S-084). Of a pair no configured time outlasts
/// the lease: where MCLT has cut the preferred lifetime they are shares of what is left of it.
struct RenewalTimes {
  Lifetime t1;
  Lifetime t2;
};
[[nodiscard]] RenewalTimes renewal_times(
    const LifetimeSettings& settings, std::span<const Decision> decisions,
    const ServingRules& rules = ServingRules::alone()) noexcept;

}  // namespace tandem6
