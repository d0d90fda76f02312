// The rules for a single lease without a partner: RFC 8156 section 7.2, rulings.
#include "dataplane/lease/lease_rules.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tandem6 {
namespace {

constexpr WallTime kStart{1000};
constexpr WallTime kLater{5000};

Binding active_binding() {
  Binding binding;
  grant(binding, kStart, Lifetime{300}, Lifetime{600});
  return binding;
}

/// As after an exchange with a partner.
void set_partner_times(Binding& binding) {
  binding.partner_lifetime = WallTime{7000};
  binding.acked_partner_lifetime = WallTime{7000};
  binding.acked_partner_lifetime_max = WallTime{8000};
  binding.expiration_time = WallTime{9000};
}

TEST(LeaseRules, there_are_eight_statuses_with_fixed_numbers) {  // F-036 (the numbers)
  const BindingStatus all[] = {BindingStatus::kActive,    BindingStatus::kExpired,
                               BindingStatus::kReleased,  BindingStatus::kPendingFree,
                               BindingStatus::kFree,      BindingStatus::kFreeBackup,
                               BindingStatus::kAbandoned, BindingStatus::kReset};
  std::set<std::string> names;
  for (std::size_t i = 0; i < std::size(all); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(all[i]), i + 1);
    names.insert(name_of(all[i]));
  }
  EXPECT_EQ(names.size(), 8u);
}

TEST(LeaseRules, half_of_an_address_is_its_low_bit) {
  EXPECT_EQ(half_of(Ipv6Address::parse("2001:db8::1").value()), Half::kFree);
  EXPECT_EQ(half_of(Ipv6Address::parse("2001:db8::2").value()), Half::kFreeBackup);
}

TEST(LeaseRules, ended_lease_is_free_or_free_backup_by_its_half) {  // F-279, F-280, R-03
  for (const BindingStatus how : {BindingStatus::kExpired, BindingStatus::kReleased}) {
    Binding odd = active_binding();
    end_alone(odd, how, kLater, Half::kFree);
    EXPECT_EQ(odd.status, BindingStatus::kFree);
    Binding even = active_binding();
    end_alone(even, how, kLater, Half::kFreeBackup);
    EXPECT_EQ(even.status, BindingStatus::kFreeBackup);
  }
}

TEST(LeaseRules, grant_sets_all_that_the_client_was_told) {
  const Binding binding = active_binding();
  EXPECT_EQ(binding.status, BindingStatus::kActive);
  EXPECT_EQ(WallTime(binding.start_time_of_state), kStart);
  EXPECT_EQ(WallTime(binding.client_last_transaction_time), kStart);
  EXPECT_EQ(WallTime(binding.state_expiration_time), WallTime{1600});
  EXPECT_EQ(binding.preferred_lifetime, Lifetime{300});
  EXPECT_EQ(binding.valid_lifetime, Lifetime{600});
  EXPECT_TRUE(is_running(binding, WallTime{1599}));
  EXPECT_FALSE(is_running(binding, WallTime{1600}));
}

TEST(LeaseRules, start_time_of_state_changes_only_with_the_status) {
  Binding binding = active_binding();
  grant(binding, kLater, Lifetime{300}, Lifetime{600});
  EXPECT_EQ(WallTime(binding.start_time_of_state), kStart);
  EXPECT_EQ(WallTime(binding.client_last_transaction_time), kLater);
  abandon(binding, WallTime{6000}, Lifetime{100});
  EXPECT_EQ(WallTime(binding.start_time_of_state), WallTime{6000});
  end_alone(binding, BindingStatus::kExpired, WallTime{6100}, Half::kFree);
  EXPECT_EQ(WallTime(binding.start_time_of_state), WallTime{6100});
  grant(binding, WallTime{6200}, Lifetime{1}, Lifetime{1});
  EXPECT_EQ(WallTime(binding.start_time_of_state), WallTime{6200});
}

TEST(LeaseRules, free_lease_has_no_partner_times_left) {
  Binding binding = active_binding();
  set_partner_times(binding);
  end_alone(binding, BindingStatus::kReleased, kLater, Half::kFree);
  for (const PackedTime time : {binding.partner_lifetime, binding.acked_partner_lifetime,
                                binding.acked_partner_lifetime_max, binding.expiration_time,
                                binding.state_expiration_time}) {
    EXPECT_TRUE(WallTime(time).is_none());
  }
}

TEST(LeaseRules, extension_keeps_the_partner_times) {
  Binding binding = active_binding();
  set_partner_times(binding);
  grant(binding, kLater, Lifetime{300}, Lifetime{600});
  EXPECT_EQ(WallTime(binding.acked_partner_lifetime), WallTime{7000});
  EXPECT_EQ(WallTime(binding.partner_lifetime), WallTime{7000});
}

TEST(LeaseRules, only_the_client_moves_its_last_transaction_time) {
  Binding expired = active_binding();
  end_alone(expired, BindingStatus::kExpired, kLater, Half::kFree);
  EXPECT_EQ(WallTime(expired.client_last_transaction_time), kStart);
  Binding released = active_binding();
  end_alone(released, BindingStatus::kReleased, kLater, Half::kFree);
  EXPECT_EQ(WallTime(released.client_last_transaction_time), kLater);
}

TEST(LeaseRules, abandoned_lease_is_held) {  // F-273
  Binding binding = active_binding();
  abandon(binding, kLater, Lifetime{86400});
  EXPECT_EQ(binding.status, BindingStatus::kAbandoned);
  EXPECT_EQ(WallTime(binding.state_expiration_time), kLater + Lifetime{86400});
  EXPECT_FALSE(is_running(binding, kLater));
}

/// Every change that a server without a partner makes.
constexpr void (*kChanges[])(Binding&) = {
    [](Binding& binding) { grant(binding, kLater, Lifetime{1}, Lifetime{1}); },
    [](Binding& binding) { abandon(binding, kLater, Lifetime{1}); },
    [](Binding& binding) { end_alone(binding, BindingStatus::kExpired, kLater, Half::kFree); },
    [](Binding& binding) { end_alone(binding, BindingStatus::kReleased, kLater, Half::kFree); },
};

TEST(LeaseRules, alone_there_is_nobody_to_tell) {
  for (const auto change : kChanges) {
    for (const bool needs_update : {false, true}) {
      Binding binding = active_binding();
      binding.needs_update = needs_update;
      change(binding);
      EXPECT_EQ(binding.needs_update, needs_update);
    }
  }
}

TEST(LeaseRules, no_change_is_the_version_that_was_sent_or_came_from_the_partner) {
  for (const auto change : kChanges) {
    Binding binding = active_binding();
    binding.update_sent = true;
    binding.from_partner = true;
    change(binding);
    EXPECT_FALSE(binding.update_sent);
    EXPECT_FALSE(binding.from_partner);
  }
}

TEST(LeaseRules, infinite_lease_never_ends) {  // S-179
  Binding binding;
  grant(binding, kStart, kInfiniteLifetime, kInfiniteLifetime);
  EXPECT_TRUE(WallTime(binding.state_expiration_time).is_infinite());
  EXPECT_TRUE(is_running(binding, WallTime{0xfffffffe}));
}

}  // namespace
}  // namespace tandem6
