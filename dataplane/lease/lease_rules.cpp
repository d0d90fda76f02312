#include "dataplane/lease/lease_rules.h"

#include "dataplane/wire/check.h"

namespace tandem6 {

namespace {

void enter(Binding& binding, BindingStatus status, WallTime now) noexcept {
  if (binding.status != status) binding.start_time_of_state = now;
  binding.status = status;
  binding.needs_update = true;
  binding.update_sent = false;
}

}  // namespace

void grant(Binding& binding, WallTime now, Lifetime preferred, Lifetime valid) noexcept {
  T6_CHECK(preferred <= valid && valid.seconds > 0);
  enter(binding, BindingStatus::kActive, now);
  binding.client_last_transaction_time = now;
  binding.preferred_lifetime = preferred;
  binding.valid_lifetime = valid;
  binding.state_expiration_time = now + valid;
}

void end_alone(Binding& binding, BindingStatus how, WallTime now, Half half) noexcept {
  T6_CHECK(how == BindingStatus::kExpired || how == BindingStatus::kReleased);
  if (how == BindingStatus::kReleased) binding.client_last_transaction_time = now;
  enter(binding, free_status(half), now);
  binding.state_expiration_time = kNoTime;
  // a lease that is FREE has no partner times left.
  binding.partner_lifetime = kNoTime;
  binding.acked_partner_lifetime = kNoTime;
  binding.acked_partner_lifetime_max = kNoTime;
  binding.expiration_time = kNoTime;
}

void abandon(Binding& binding, WallTime now, Lifetime hold) noexcept {
  enter(binding, BindingStatus::kAbandoned, now);
  binding.client_last_transaction_time = now;
  binding.state_expiration_time = now + hold;
}

}  // namespace tandem6
