#include "dataplane/server/lease_times.h"

#include <algorithm>

#include "dataplane/lease/lead_time.h"

namespace tandem6 {

namespace {

Lifetime tenths_of(Lifetime lifetime, std::uint64_t tenths) noexcept {
  if (lifetime.is_infinite()) return kInfiniteLifetime;
  return Lifetime{static_cast<std::uint32_t>(lifetime.seconds * tenths / 10)};
}

}  // namespace

LeaseTimes lease_times(const LifetimeSettings& settings, const ServingRules& rules, WallTime acked,
                       WallTime now) noexcept {
  if (!rules.has_partner) return {settings.preferred, settings.valid, settings.valid};
  const Lifetime desired = within_failover_limits(settings.valid);
  const Lifetime valid =
      rules.is_bounded ? bounded_lifetime(desired, acked, now, rules.mclt) : desired;
  return {.preferred = std::min(settings.preferred, valid), .valid = valid, .desired = desired};
}

RenewalTimes renewal_times(const LifetimeSettings& settings, std::span<const Decision> decisions,
                           const ServingRules& rules) noexcept {
  Lifetime preferred = kInfiniteLifetime;
  Lifetime remaining = kInfiniteLifetime;
  bool any_extended = false;
  for (const Decision& decision : decisions) {
    if (!decision.told || decision.valid.seconds == 0) continue;
    if (decision.extended) {
      any_extended = true;
      preferred = std::min(preferred, decision.preferred);
    } else {
      remaining = std::min(remaining, decision.valid);
    }
  }
  if (!any_extended) return {remaining, remaining};
  const Lifetime half = tenths_of(preferred, 5);
  const Lifetime most = tenths_of(preferred, 8);
  RenewalTimes times{settings.t1.value_or(half), settings.t2.value_or(most)};
  if (rules.has_partner) {
    const bool is_cut = preferred < settings.preferred;
    times.t1 = std::min(times.t1, is_cut ? half : preferred);
    times.t2 = std::min(times.t2, is_cut ? most : preferred);
  }
  // One of them may be configured and the other derived: clients discard T1 > T2 (S-181).
  if (times.t2.seconds != 0) times.t1 = std::min(times.t1, times.t2);
  return times;
}

}  // namespace tandem6
