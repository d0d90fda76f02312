#include "dataplane/lease/lead_time.h"

namespace tandem6 {

Lifetime bounded_lifetime(Lifetime desired, WallTime acked, WallTime now, Lifetime mclt) noexcept {
  // A sum of two lifetimes may need 33 bits. No acked time lies before all others.
  const std::uint64_t acked_left = time_left(acked, now).seconds;
  const std::uint64_t bound = acked_left + mclt.seconds;
  const std::uint64_t wanted = within_failover_limits(desired).seconds;
  return Lifetime{static_cast<std::uint32_t>(std::min(wanted, bound))};
}

WallTime partner_lifetime_after(WallTime now, Lifetime t1, Lifetime actual,
                                Lifetime desired) noexcept {
  // 2^31 seconds ahead of now is no longer later than now.
  constexpr Lifetime kT1Max{kFailoverLifetimeMax.seconds - 1};
  const Lifetime t1_part = t1.seconds != 0 ? std::min(t1, actual) : Lifetime{actual.seconds / 2};
  return now + std::min(t1_part, kT1Max) + within_failover_limits(desired);
}

WallTime reusable_from(const Binding& binding, WallTime partner_down_since,
                       Lifetime mclt) noexcept {
  if (partner_down_since.is_none()) return kNever;
  // The end of the lease as the client knows it: of an ACTIVE binding its state-expiration-time. An
  // ended one has none any more; its client's time lies before the entry into that status, was
  // given up by the client itself, or lies before a partner-lifetime.
  const WallTime promises[] = {
      partner_down_since,       binding.start_time_of_state,    binding.state_expiration_time,
      binding.partner_lifetime, binding.acked_partner_lifetime, binding.acked_partner_lifetime_max,
      binding.expiration_time};
  return std::ranges::max(promises) + mclt;
}

}  // namespace tandem6
