#include "dataplane/lease/lease_rules.h"

#include <algorithm>

#include "dataplane/wire/check.h"

namespace tandem6 {

namespace {

/// What we do ourselves is no longer as the partner said.
void enter(Binding& binding, BindingStatus status, WallTime now) noexcept {
  enter_status(binding, status, now);
  binding.from_partner = false;
}

}  // namespace

void enter_status(Binding& binding, BindingStatus status, WallTime now) noexcept {
  if (binding.status != status) binding.start_time_of_state = now;
  binding.status = status;
  binding.update_sent = false;
}

void clear_promised_times(Binding& binding) noexcept {
  binding.state_expiration_time = kNoTime;
  binding.partner_lifetime = kNoTime;
  binding.acked_partner_lifetime = kNoTime;
  binding.acked_partner_lifetime_max = kNoTime;
  binding.expiration_time = kNoTime;
  binding.promised_twice = false;
}

void grant(Binding& binding, WallTime now, Lifetime preferred, Lifetime valid) noexcept {
  T6_CHECK(preferred <= valid && valid.seconds > 0);
  const WallTime promised =
      binding.status == BindingStatus::kActive ? WallTime(binding.state_expiration_time) : kNoTime;
  enter(binding, BindingStatus::kActive, now);
  binding.in_doubt = false;
  binding.client_last_transaction_time = now;
  binding.preferred_lifetime = preferred;
  binding.valid_lifetime = valid;
  binding.state_expiration_time =
      promised.is_infinite() ? now + valid : std::max(promised, now + valid);
}

void end_alone(Binding& binding, BindingStatus how, WallTime now, Half half) noexcept {
  T6_CHECK(how == BindingStatus::kExpired || how == BindingStatus::kReleased);
  if (how == BindingStatus::kReleased) binding.client_last_transaction_time = now;
  enter(binding, free_status(half), now);
  clear_promised_times(binding);
}

void abandon(Binding& binding, WallTime now, Lifetime hold) noexcept {
  enter(binding, BindingStatus::kAbandoned, now);
  binding.client_last_transaction_time = now;
  binding.state_expiration_time = now + hold;
}

}  // namespace tandem6
