// The life of a lease with a partner: the transitions of RFC 8156 section 7.2 (Figures 2 and 3),
// and when an ACTIVE lease ends.
#include "dataplane/lease/partner_rules.h"

#include <gtest/gtest.h>

#include "dataplane/lease/lead_time.h"
#include "dataplane/lease/lease_rules.h"
#include "tests/lease/update_samples.h"

namespace tandem6 {
namespace {

using enum BindingStatus;

constexpr WallTime kNow{1500};
constexpr Grant kGrant{.preferred = Lifetime{1800},
                       .valid = Lifetime{3600},
                       .desired = Lifetime{259'200},
                       .t1 = Lifetime{1800}};
constexpr BindingStatus kEnded[] = {kExpired, kReleased, kReset};

Binding lease_in(BindingStatus status) {
  Binding binding = active_lease();
  binding.status = status;
  return binding;
}

/// The partner is to be told of it, and has not been.
void expect_untold(const Binding& binding) {
  EXPECT_TRUE(binding.needs_update);
  EXPECT_FALSE(binding.update_sent);
  EXPECT_FALSE(binding.from_partner);
}

/// What the partner knows, so that a change must undo it.
Binding told(Binding binding) {
  binding.needs_update = false;
  binding.update_sent = true;
  binding.from_partner = true;
  return binding;
}

LeaseAck ack_of(const Binding& binding) {
  LeaseAck ack;
  ack.lease = binding.lease();
  ack.status = binding.status;
  return ack;
}

// --- Figure 2.

TEST(Figure2, free_lease_becomes_active_when_it_is_allocated) {  // F-269 (1), F-270 (2)
  for (const BindingStatus free : {kFree, kFreeBackup}) {
    Binding binding;
    binding.status = free;
    grant_with_partner(binding, kNow, kGrant);
    EXPECT_EQ(binding.status, kActive);
    EXPECT_EQ(seconds(binding.start_time_of_state), 1500);
    EXPECT_EQ(seconds(binding.client_last_transaction_time), 1500);
    EXPECT_EQ(seconds(binding.state_expiration_time), 5100);
    EXPECT_EQ(binding.preferred_lifetime, Lifetime{1800});
    EXPECT_EQ(binding.valid_lifetime, Lifetime{3600});
    expect_untold(binding);
  }
}

TEST(Figure2, active_lease_becomes_released_by_its_client) {  // F-271 (3)
  Binding binding = told(active_lease());
  end_with_partner(binding, kReleased, kNow);
  EXPECT_EQ(binding.status, kReleased);
  EXPECT_EQ(seconds(binding.start_time_of_state), 1500);
  EXPECT_EQ(seconds(binding.client_last_transaction_time), 1500) << "the client was heard";
  expect_untold(binding);
}

TEST(Figure2, active_lease_becomes_expired_when_it_runs_out) {  // F-272 (8)
  Binding binding = told(active_lease());
  end_with_partner(binding, kExpired, WallTime{1600});
  EXPECT_EQ(binding.status, kExpired);
  EXPECT_EQ(seconds(binding.start_time_of_state), 1600);
  EXPECT_EQ(seconds(binding.client_last_transaction_time), 1000) << "nobody was heard";
  expect_untold(binding);
}

TEST(Figure2, active_lease_becomes_abandoned_by_a_decline) {  // F-273 (9)
  Binding binding = told(active_lease());
  abandon_with_partner(binding, kNow, Lifetime{86'400});
  EXPECT_EQ(binding.status, kAbandoned);
  EXPECT_EQ(seconds(binding.state_expiration_time), 87'900);
  EXPECT_EQ(seconds(binding.client_last_transaction_time), 1500);
  expect_untold(binding);
}

TEST(Figure2, abandoned_lease_becomes_reset) {  // F-274 (10), R-34
  Binding binding = told(lease_in(kAbandoned));
  end_with_partner(binding, kReset, kNow);
  EXPECT_EQ(binding.status, kReset);
  EXPECT_EQ(seconds(binding.start_time_of_state), 1500);
  EXPECT_EQ(seconds(binding.client_last_transaction_time), 1000);
  expect_untold(binding);
}

TEST(Figure2, ended_lease_becomes_free_when_the_partner_acks) {  // F-275, F-276, F-277 (4)
  for (const BindingStatus how : kEnded) {
    Binding binding = active_lease();
    end_with_partner(binding, how, kNow);
    EXPECT_TRUE(seconds(binding.state_expiration_time) == 0) << "no end by time";
    EXPECT_TRUE(holds_its_lease(binding.status));
    const LeaseAck ack = ack_of(binding);
    EXPECT_FALSE(take_ack(binding, ack)) << "nothing was sent";
    binding.update_sent = true;
    EXPECT_TRUE(take_ack(binding, ack));
    become_free(binding, Half::kFree, WallTime{1700});
    EXPECT_EQ(binding.status, kFree);
    EXPECT_EQ(seconds(binding.start_time_of_state), 1700);
    EXPECT_FALSE(binding.needs_update);
  }
}

TEST(Figure2, no_other_lease_becomes_free_by_an_ack) {  // F-275 to F-277 (4)
  for (const BindingStatus status : {kActive, kFree, kFreeBackup, kAbandoned}) {
    Binding binding = lease_in(status);
    binding.update_sent = binding.needs_update = true;
    EXPECT_FALSE(take_ack(binding, ack_of(binding)));
    EXPECT_FALSE(binding.needs_update);
  }
}

TEST(Figure2, ended_lease_becomes_free_in_partner_down_after_the_wait) {  // F-278 (4), R-10
  constexpr WallTime kPartnerDown{1550};
  for (const BindingStatus how : kEnded) {
    Binding binding = active_lease();
    end_with_partner(binding, how, kNow);
    EXPECT_EQ(reusable_from(binding, kPartnerDown, Lifetime{3600}), WallTime{5600})
        << "2000 was sent and acked";
  }
}

// The one thing that an operator's RESET or a DECLINE cannot be: a lease's end by some other word.
TEST(PartnerRulesDeathTest, only_three_statuses_wait_for_an_ack) {
  for (const BindingStatus how : {kActive, kPendingFree, kFree, kFreeBackup, kAbandoned}) {
    Binding binding = active_lease();
    EXPECT_DEATH(end_with_partner(binding, how, kNow), "waits_for_ack");
  }
}

// --- Figure 3, and what of it is followed: a prefix is always the primary's, an address by
// its low bit, whichever server the lease was given by. PENDING-FREE is never stored (F-286).

TEST(Figure3, ended_lease_falls_to_its_half) {  // F-279 (5), F-280 (6), F-282 to F-286
  for (const BindingStatus how : kEnded) {
    Binding proportional = lease_in(how);  // F-282, F-283
    become_free(proportional, Half::kFree, kNow);
    EXPECT_EQ(proportional.status, kFree);
    Binding odd = lease_in(how);  // F-284
    become_free(odd, half_of(Ipv6Address::parse("2001:db8::1").value()), kNow);
    EXPECT_EQ(odd.status, kFree);
    Binding even = lease_in(how);  // F-285
    become_free(even, half_of(Ipv6Address::parse("2001:db8::2").value()), kNow);
    EXPECT_EQ(even.status, kFreeBackup);
  }
}

TEST(BecomeFree, leaves_no_time_of_the_partner) {
  Binding binding = lease_in(kExpired);
  binding.expiration_time = WallTime{3000};
  binding.needs_update = true;
  become_free(binding, Half::kFree, kNow);
  for (const PackedTime time : {binding.partner_lifetime, binding.acked_partner_lifetime,
                                binding.acked_partner_lifetime_max, binding.expiration_time,
                                binding.state_expiration_time}) {
    EXPECT_EQ(seconds(time), 0);
  }
  EXPECT_EQ(seconds(binding.client_last_transaction_time), 1000);
  EXPECT_TRUE(binding.needs_update) << "who clears it is who knows that the partner knows";
}

// The ack of an EXPIRED may be lost: the same EXPIRED comes again, and must be acked again.
TEST(BecomeFree, an_end_that_the_partner_told_of_may_come_again) {
  Binding binding = active_lease();
  const LeaseUpdate update = ended_update(kExpired);
  take_update(binding, update, Judgement::kTake, true);
  binding.client_last_transaction_time = WallTime{8000};  // what would count if it were ours
  become_free(binding, Half::kFree, WallTime{9000});
  EXPECT_TRUE(binding.from_partner);
  const KnownLease known{.binding = &binding, .is_same_client = true};
  EXPECT_EQ(judge(known, update, Role::kPrimary, WallTime{9010}), Judgement::kTake);
}

TEST(BecomeFree, without_a_contact_its_time_is_our_own) {
  Binding binding = active_lease();
  LeaseUpdate update = ended_update(kReset);
  update.client_time = kNoTime;
  take_update(binding, update, Judgement::kTake, true);
  become_free(binding, Half::kFree, WallTime{9000});
  EXPECT_FALSE(binding.from_partner);
}

TEST(BecomeFree, is_a_new_version) {
  Binding binding = lease_in(kReleased);
  binding.update_sent = true;
  become_free(binding, Half::kFree, kNow);
  EXPECT_FALSE(binding.update_sent);
}

// --- Grants.

TEST(GrantWithPartner, tells_the_partner_more_than_the_client) {  // F-157, F-158
  Binding binding;
  grant_with_partner(binding, kNow, kGrant);
  EXPECT_EQ(seconds(binding.partner_lifetime), 1500 + 261'000);
}

TEST(GrantWithPartner, never_tells_the_partner_less_than_before) {
  Binding binding = active_lease();
  binding.partner_lifetime = WallTime{900'000};
  grant_with_partner(binding, kNow, kGrant);
  EXPECT_EQ(seconds(binding.partner_lifetime), 900'000);
  EXPECT_EQ(seconds(binding.acked_partner_lifetime), 2000);
}

TEST(GrantWithPartner, extends_what_the_partner_told_of) {
  Binding binding = told(active_lease());
  grant_with_partner(binding, kNow, kGrant);
  EXPECT_EQ(seconds(binding.start_time_of_state), 1000);
  expect_untold(binding);
}

TEST(GrantWithPartner, revives_a_lease_with_all_that_was_promised) {
  Binding binding = active_lease();
  end_with_partner(binding, kExpired, WallTime{1600});
  grant_with_partner(binding, WallTime{1650}, kGrant);
  EXPECT_EQ(binding.status, kActive);
  EXPECT_EQ(seconds(binding.start_time_of_state), 1650);
  EXPECT_EQ(seconds(binding.acked_partner_lifetime), 2000);
}

// --- which server ends it, and when.

constexpr Lifetime kMclt{300};

TEST(EndOfActive, is_the_clients_where_we_heard_it_last) {
  Binding binding = active_lease();
  EXPECT_EQ(end_of_active(binding, kMclt), WallTime{1600});
  binding.expiration_time = WallTime{1200};
  binding.partner_raw_clt_time = WallTime{1003};  // merged: both heard it at once
  EXPECT_EQ(end_of_active(binding, kMclt), WallTime{1600});
}

// Both answered one REBIND: the client may have the answer that we have never heard of.
TEST(EndOfActive, is_as_late_as_the_partner_may_have_promised) {  // R-30, 4.4
  Binding binding = active_lease();
  binding.partner_raw_clt_time = WallTime{900};
  binding.expiration_time = WallTime{1500};
  EXPECT_EQ(end_of_active(binding, kMclt), WallTime{1800});
}

// The partner may have renewed it without our knowledge, lost its disk, and believe what we say.
TEST(EndOfActive, waits_for_the_partner_where_it_did) {  // R-30, 4.4
  Binding binding = active_lease();
  binding.from_partner = true;
  binding.expiration_time = WallTime{9000};
  for (const std::int64_t contact : {1000, 1001}) {
    binding.partner_raw_clt_time = WallTime{contact};
    EXPECT_EQ(end_of_active(binding, kMclt), WallTime{9360});
  }
  binding.expiration_time = WallTime{1200};
  EXPECT_EQ(end_of_active(binding, kMclt), WallTime{1660});
  EXPECT_EQ(end_of_active(binding, Lifetime{900}), WallTime{2160});
  binding.expiration_time = kNoTime;
  EXPECT_EQ(end_of_active(binding, kMclt), WallTime{1660});
  binding.state_expiration_time = kNever;
  EXPECT_TRUE(end_of_active(binding, kMclt).is_infinite());
}

// It gives our own contact back to us: we have lost what we promised then.
TEST(EndOfActive, waits_for_what_was_promised_before_a_disk_was_lost) {  // 4.4, R-43
  Binding binding = active_lease();
  binding.from_partner = true;
  binding.partner_raw_clt_time = WallTime{999};
  binding.expiration_time = WallTime{1200};
  binding.partner_lifetime = WallTime{2000};
  Binding of_the_partner = binding;
  of_the_partner.partner_raw_clt_time = WallTime{1001};
  for (Binding* each : {&binding, &of_the_partner}) recall_promise(*each, WallTime{2000}, kMclt);
  EXPECT_EQ(WallTime(of_the_partner.state_expiration_time), WallTime{1600});
  // It heard the client later, and yet it acked what we do not know of.
  recall_promise(of_the_partner, WallTime{1999}, kMclt);
  EXPECT_EQ(end_of_active(of_the_partner, kMclt), WallTime{2360});
  EXPECT_EQ(end_of_active(binding, kMclt), WallTime{2360});
  // Nor is it taken back by a shorter answer, which may be lost.
  grant_with_partner(
      binding, WallTime{1100},
      {.preferred = Lifetime{30}, .valid = Lifetime{30}, .desired = Lifetime{30}, .t1 = {}});
  EXPECT_EQ(end_of_active(binding, kMclt), WallTime{2300});
}

TEST(Grant, that_is_shorter_does_not_shorten_what_the_client_may_have) {  // an answer may be lost
  Binding binding = active_lease();
  grant(binding, WallTime{1100}, Lifetime{30}, Lifetime{30});
  EXPECT_EQ(WallTime(binding.state_expiration_time), WallTime{1600});
  EXPECT_EQ(binding.valid_lifetime, Lifetime{30});
  grant(binding, WallTime{1590}, Lifetime{30}, Lifetime{30});
  EXPECT_EQ(WallTime(binding.state_expiration_time), WallTime{1620});
  binding.state_expiration_time = kNever;  // or it would never end
  grant(binding, WallTime{1600}, Lifetime{30}, Lifetime{30});
  EXPECT_EQ(WallTime(binding.state_expiration_time), WallTime{1630});
  binding.status = BindingStatus::kExpired;
  binding.state_expiration_time = WallTime{9999};
  grant(binding, WallTime{1700}, Lifetime{30}, Lifetime{30});
  EXPECT_EQ(WallTime(binding.state_expiration_time), WallTime{1730}) << "nobody has it";
}

// Server A heard the client at 1000, server B at 1300; each knows of both.
TEST(EndOfActive, is_one_servers_affair) {
  Binding at_a = active_lease();
  Binding at_b;
  grant_with_partner(at_b, WallTime{1300}, kGrant);
  LeaseUpdate update = active_update();
  update.client_time = at_b.client_last_transaction_time;
  update.state_expiration_time = at_b.state_expiration_time;
  update.valid_lifetime = at_b.valid_lifetime;
  update.partner_lifetime = at_b.partner_lifetime;
  take_update(at_a, update, Judgement::kTake, true);
  at_b.partner_raw_clt_time = WallTime{1000};
  EXPECT_EQ(end_of_active(at_b, kMclt), WallTime{4900});
  EXPECT_EQ(end_of_active(at_a, kMclt),
            WallTime(at_b.partner_lifetime) + kMclt + kPartnerExpiryGrace);
}

}  // namespace
}  // namespace tandem6
