// What an accepted update stores: RFC 8156 sections 7.5.5 and 7.8, Figure 5, upper half.
#include <gtest/gtest.h>

#include "dataplane/lease/partner_rules.h"
#include "tests/lease/update_samples.h"

namespace tandem6 {
namespace {

using enum BindingStatus;

Binding after(const LeaseUpdate& update, Binding binding = active_lease(),
              bool same_client = true) {
  take_update(binding, update, Judgement::kTake, same_client);
  return binding;
}
Binding merged(const LeaseUpdate& update, Binding binding) {
  take_update(binding, update, Judgement::kMerge, true);
  return binding;
}

TEST(TakeUpdate, status_is_stored) {  // F-203
  for (const BindingStatus status :
       {kActive, kExpired, kReleased, kFree, kFreeBackup, kAbandoned, kReset}) {
    LeaseUpdate update = active_update();
    update.status = status;
    EXPECT_EQ(after(update).status, status);
  }
}

TEST(TakeUpdate, pending_free_is_stored_as_the_owners_end_state) {
  LeaseUpdate update = active_update();
  update.status = kPendingFree;
  EXPECT_EQ(after(update).status, kFree);
  update.lease.address = Ipv6Address::parse("2001:db8::2").value();
  EXPECT_EQ(after(update).status, kFreeBackup);
}

TEST(TakeUpdate, partner_lifetime_becomes_the_expiration_time) {  // F-204
  EXPECT_EQ(seconds(after(active_update()).expiration_time), 7000);
}

// The greatest that was ever acked to the partner: what waits by it must not wait less.
TEST(TakeUpdate, expiration_time_is_the_greatest_acked) {  // F-204, R-16
  Binding binding = active_lease();
  binding.expiration_time = WallTime{8000};
  EXPECT_EQ(seconds(after(active_update(), binding).expiration_time), 8000);
  EXPECT_EQ(seconds(after(ended_update(kExpired), binding).expiration_time), 8000);
}

TEST(TakeUpdate, state_expiration_time_is_stored) {  // F-205
  EXPECT_EQ(seconds(after(active_update()).state_expiration_time), 5900);
  // Of two answers to one REBIND the client may have ours, which was longer (4.4).
  Binding later = active_lease();
  later.state_expiration_time = WallTime{90'000};
  EXPECT_EQ(seconds(after(active_update(), later).state_expiration_time), 90'000);
  EXPECT_EQ(seconds(after(ended_update(kReleased)).state_expiration_time), 0);
}

TEST(TakeUpdate, state_expiration_time_is_no_earlier_than_the_client_was_told) {  // F-205, R-22
  LeaseUpdate update = active_update();
  update.state_expiration_time = WallTime{5100};
  EXPECT_EQ(seconds(after(update).state_expiration_time), 5900);
  update.valid_lifetime = kInfiniteLifetime;
  EXPECT_TRUE(WallTime(after(update).state_expiration_time).is_infinite());
}

TEST(TakeUpdate, client_time_is_kept_exactly_as_received) {  // F-206, F-195, R-21
  LeaseUpdate update = active_update();
  update.client_time = WallTime{5003};
  EXPECT_EQ(seconds(after(update).partner_raw_clt_time), 5003);
  Binding later = active_lease();
  later.partner_raw_clt_time = WallTime{6000};
  EXPECT_EQ(seconds(after(update, later).partner_raw_clt_time), 5003) << "always";
  update.client_time = kNoTime;
  EXPECT_EQ(seconds(after(update, later).partner_raw_clt_time), 0);
}

TEST(TakeUpdate, start_time_of_state_is_stored) {  // F-207, R-25
  EXPECT_EQ(seconds(after(active_update()).start_time_of_state), 4990);
  Binding later = active_lease();
  later.start_time_of_state = WallTime{6000};
  EXPECT_EQ(seconds(after(active_update(), later).start_time_of_state), 4990) << "always";
}

TEST(TakeUpdate, partner_raw_clt_time_is_our_contact_if_later) {  // F-208
  LeaseUpdate update = active_update();
  for (const auto& [sent, kept] :
       {std::pair(1001, 1001), {1000, 1000}, {999, 1000}, {0, 1000}, {-5, 1000}}) {
    update.partner_raw_clt_time = WallTime{sent};
    EXPECT_EQ(seconds(after(update).client_last_transaction_time), kept);
  }
}

TEST(TakeUpdate, expiration_time_is_our_partner_lifetime_if_later) {  // F-209
  LeaseUpdate update = active_update();
  for (const auto& [sent, kept] :
       {std::pair(2001, 2001), {2000, 2000}, {1999, 2000}, {0, 2000}, {-5, 2000}}) {
    update.expiration_time = WallTime{sent};
    EXPECT_EQ(seconds(after(update).partner_lifetime), kept);
  }
}

TEST(TakeUpdate, is_no_ack) {  // F-164
  LeaseUpdate update = active_update();
  update.expiration_time = WallTime{9000};
  const Binding binding = after(update);
  EXPECT_EQ(seconds(binding.acked_partner_lifetime), 2000);
  EXPECT_EQ(seconds(binding.acked_partner_lifetime_max), 2000);
}

TEST(TakeUpdate, lifetimes_are_the_clients) {
  const Binding binding = after(active_update());
  EXPECT_EQ(binding.preferred_lifetime, Lifetime{450});
  EXPECT_EQ(binding.valid_lifetime, Lifetime{900});
}

TEST(TakeUpdate, preferred_lifetime_is_no_longer_than_the_valid_one) {
  LeaseUpdate update = active_update();
  update.preferred_lifetime = kInfiniteLifetime;
  EXPECT_EQ(after(update).preferred_lifetime, Lifetime{900});
  update.valid_lifetime = Lifetime{0};
  EXPECT_EQ(after(update).preferred_lifetime, Lifetime{0});
}

TEST(TakeUpdate, nothing_is_left_to_tell) {
  Binding binding = active_lease();
  binding.needs_update = binding.update_sent = true;
  binding = after(active_update(), binding);
  EXPECT_FALSE(binding.needs_update);
  EXPECT_FALSE(binding.update_sent);
  EXPECT_TRUE(binding.from_partner);
}

TEST(TakeUpdate, what_was_on_its_way_meanwhile_is_an_older_version) {
  Binding binding = active_lease();
  binding.update_sent = true;
  take_update(binding, ended_update(kExpired), Judgement::kTake, true);
  LeaseAck ack;
  ack.status = kExpired;
  EXPECT_FALSE(take_ack(binding, ack));
}

TEST(TakeUpdate, another_client_begins_with_nothing) {
  Binding binding = active_lease();
  binding.expiration_time = WallTime{50'000};
  binding.client_last_transaction_time = WallTime{50'000};
  binding.partner_lifetime = WallTime{50'000};
  binding.pd_excluded = true;
  binding = after(active_update(), binding, false);
  EXPECT_EQ(seconds(binding.expiration_time), 7000);
  EXPECT_EQ(seconds(binding.client_last_transaction_time), 1000);
  EXPECT_EQ(seconds(binding.partner_lifetime), 2000);
  EXPECT_EQ(seconds(binding.acked_partner_lifetime), 0);
  EXPECT_EQ(seconds(binding.acked_partner_lifetime_max), 0);
  EXPECT_FALSE(binding.pd_excluded);
}

TEST(TakeUpdate, free_lease_has_no_times_of_partners) {
  for (const BindingStatus free : {kFree, kFreeBackup}) {
    LeaseUpdate update = active_update();
    update.status = free;
    const Binding binding = after(update);
    for (const PackedTime time : {binding.partner_lifetime, binding.acked_partner_lifetime,
                                  binding.acked_partner_lifetime_max, binding.expiration_time,
                                  binding.state_expiration_time}) {
      EXPECT_EQ(seconds(time), 0);
    }
    EXPECT_EQ(seconds(binding.partner_raw_clt_time), 5000);
  }
}

TEST(TakeUpdate, ended_lease_keeps_all_that_was_promised) {
  for (const BindingStatus how : {kExpired, kReleased, kReset}) {
    Binding binding = after(active_update());
    take_update(binding, ended_update(how), Judgement::kTake, true);
    EXPECT_EQ(binding.status, how);
    EXPECT_EQ(seconds(binding.expiration_time), 7000);
    EXPECT_EQ(seconds(binding.partner_lifetime), 2000);
    EXPECT_EQ(seconds(binding.acked_partner_lifetime_max), 2000);
  }
}

TEST(TakeUpdate, times_before_2000_are_none) {
  LeaseUpdate update = active_update();
  update.client_time = update.partner_lifetime = WallTime{-7};
  update.state_expiration_time = update.start_time_of_state = WallTime{-7};
  const Binding binding = after(update, Binding{}, false);
  for (const PackedTime time : {binding.partner_raw_clt_time, binding.expiration_time,
                                binding.state_expiration_time, binding.start_time_of_state}) {
    EXPECT_EQ(seconds(time), 0);
  }
}

// --- the same client's update of before our own contact.

/// We heard the client at 6000 and gave it until 9000.
Binding newer_lease() {
  Binding binding = active_lease();
  binding.client_last_transaction_time = WallTime{6000};
  binding.state_expiration_time = WallTime{9000};
  return binding;
}

TEST(Merge, keeps_the_later_of_each_time) {
  const Binding binding = merged(active_update(), newer_lease());
  EXPECT_EQ(binding.status, kActive);
  EXPECT_EQ(seconds(binding.start_time_of_state), 4990);
  EXPECT_EQ(seconds(binding.state_expiration_time), 9000);
  EXPECT_EQ(seconds(binding.client_last_transaction_time), 6000);
  EXPECT_EQ(seconds(binding.partner_raw_clt_time), 5000);
  EXPECT_EQ(seconds(binding.expiration_time), 7000);
  EXPECT_EQ(seconds(binding.partner_lifetime), 2000);
  EXPECT_EQ(binding.valid_lifetime, Lifetime{600});
}

TEST(Merge, of_a_longer_lease_is_as_long) {
  LeaseUpdate update = active_update();
  update.state_expiration_time = WallTime{9500};
  EXPECT_EQ(seconds(merged(update, newer_lease()).state_expiration_time), 9500);
}

TEST(Merge, tells_the_partner_of_the_newer_contact) {
  Binding binding = newer_lease();
  binding.update_sent = true;
  binding = merged(active_update(), binding);
  EXPECT_TRUE(binding.needs_update);
  EXPECT_FALSE(binding.update_sent);
  EXPECT_FALSE(binding.from_partner) << "a RELEASE of before our contact must not end it";
}

// In answer to an UPDREQALL the partner says our own last contact beside its own.
TEST(Merge, says_nothing_that_the_partner_knows) {
  Binding binding = newer_lease();
  LeaseUpdate update = active_update();
  update.partner_raw_clt_time = WallTime{6000};
  update.state_expiration_time = WallTime{9000};
  EXPECT_FALSE(merged(update, binding).needs_update);
  binding.needs_update = true;
  EXPECT_TRUE(merged(update, binding).needs_update) << "what waits for an ack goes on waiting";
  binding.needs_update = false;
  binding.state_expiration_time = WallTime{9001};
  EXPECT_TRUE(merged(update, binding).needs_update);
}

// Updates that cross: if the second merge undid the first one's ack, they would cross for ever.
TEST(Merge, that_changes_nothing_leaves_the_version_that_was_sent) {
  Binding binding = merged(active_update(), newer_lease());
  binding.update_sent = true;
  EXPECT_TRUE(merged(active_update(), binding).update_sent);
}

/// As take_updates makes it.
LeaseUpdate update_of(Binding& binding) {
  binding.update_sent = true;
  LeaseUpdate update;
  update.lease = binding.lease();
  update.status = binding.status;
  update.preferred_lifetime = binding.preferred_lifetime;
  update.valid_lifetime = binding.valid_lifetime;
  update.client_time = binding.client_last_transaction_time;
  update.start_time_of_state = binding.start_time_of_state;
  update.state_expiration_time = binding.state_expiration_time;
  update.partner_lifetime = binding.partner_lifetime;
  update.partner_raw_clt_time = binding.partner_raw_clt_time;
  update.expiration_time = binding.expiration_time;
  return update;
}

/// One server's update to the other and the answer to it.
void exchange(Binding& from, Binding& to, const LeaseUpdate& update) {
  const Judgement judgement =
      judge({.binding = &to, .is_same_client = true}, update, Role::kSecondary, WallTime{6000});
  ASSERT_TRUE(judgement == Judgement::kTake || judgement == Judgement::kMerge);
  take_update(to, update, judgement, true);
  LeaseAck ack;
  ack.status = update.status;
  ack.partner_lifetime_sent = update.partner_lifetime;
  EXPECT_FALSE(take_ack(from, ack));
}

// A REBIND that both answered, `apart` seconds apart, the one for an hour and the other for longer:
// the updates cross. Both servers must end with the later end and nothing to say.
TEST(Merge, two_grants_of_one_lease_converge) {
  for (const std::int64_t apart : {-20, -6, -3, 0, 3, 6, 20}) {
    Binding a = active_lease();
    Binding b = active_lease();
    const Lifetime week{604'800};
    grant_with_partner(a, WallTime{5000}, {Lifetime{1800}, Lifetime{3600}, week, Lifetime{900}});
    grant_with_partner(b, WallTime{5000 + apart}, {week, week, week, Lifetime{302'400}});
    int rounds = 0;
    while (a.needs_update || b.needs_update) {
      ASSERT_LT(++rounds, 5) << apart;
      const bool a_tells = a.needs_update;
      const bool b_tells = b.needs_update;
      const LeaseUpdate from_a = update_of(a);
      const LeaseUpdate from_b = update_of(b);
      if (a_tells) exchange(a, b, from_a);
      if (b_tells) exchange(b, a, from_b);
    }
    EXPECT_EQ(seconds(a.state_expiration_time), seconds(b.state_expiration_time)) << apart;
    if (apart > -6) {
      EXPECT_EQ(seconds(a.state_expiration_time), 5000 + apart + 604'800) << apart;
    }
    EXPECT_EQ(std::max(seconds(a.client_last_transaction_time), seconds(a.partner_raw_clt_time)),
              std::max(seconds(b.client_last_transaction_time), seconds(b.partner_raw_clt_time)));
  }
}

}  // namespace
}  // namespace tandem6
