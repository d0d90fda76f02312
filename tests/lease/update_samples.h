// Bindings and updates for the tests of what partners tell each other.
#pragma once

#include <gtest/gtest.h>

#include <ostream>

#include "dataplane/lease/lease_update.h"
#include "dataplane/lease/partner_rules.h"

namespace tandem6 {

/// A lease that this server gave at 1000 for 600 s, and that the partner knows of.
inline Binding active_lease() {
  Binding binding;
  binding.address = Ipv6Address::parse("2001:db8::1").value();
  binding.status = BindingStatus::kActive;
  binding.start_time_of_state = WallTime{1000};
  binding.state_expiration_time = WallTime{1600};
  binding.client_last_transaction_time = WallTime{1000};
  binding.partner_lifetime = WallTime{2000};
  binding.acked_partner_lifetime = WallTime{2000};
  binding.acked_partner_lifetime_max = WallTime{2000};
  binding.preferred_lifetime = Lifetime{300};
  binding.valid_lifetime = Lifetime{600};
  return binding;
}

/// The partner gave it at 5000 for 900 s.
inline LeaseUpdate active_update() {
  LeaseUpdate update;
  update.lease = {Ipv6Address::parse("2001:db8::1").value(), 128};
  update.preferred_lifetime = Lifetime{450};
  update.valid_lifetime = Lifetime{900};
  update.client_time = WallTime{5000};
  update.start_time_of_state = WallTime{4990};
  update.state_expiration_time = WallTime{5900};
  update.partner_lifetime = WallTime{7000};
  update.partner_raw_clt_time = WallTime{1000};
  update.expiration_time = WallTime{2000};
  return update;
}

/// The lease has ended there: nothing in it has a timeout (F-188).
inline LeaseUpdate ended_update(BindingStatus how) {
  LeaseUpdate update = active_update();
  update.status = how;
  update.start_time_of_state = WallTime{5900};
  update.state_expiration_time = update.partner_lifetime = update.expiration_time = kNoTime;
  return update;
}

inline std::int64_t seconds(PackedTime time) { return WallTime(time).seconds; }

inline void PrintTo(BindingStatus status, std::ostream* out) { *out << name_of(status); }

}  // namespace tandem6
