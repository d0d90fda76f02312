// Which times Figure 4 of RFC 8156 compares, and what the rulings add to it.
#include <gtest/gtest.h>

#include "dataplane/lease/conflict.h"

namespace tandem6 {
namespace {

using enum BindingStatus;

constexpr BindingStatus kAll[] = {kActive,     kExpired,   kReleased, kFree,
                                  kFreeBackup, kAbandoned, kReset};
constexpr BindingStatus kEnds[] = {kExpired, kReleased, kFree, kFreeBackup, kReset};
constexpr WallTime kContact{10'000};
constexpr WallTime kStart{9000};
constexpr WallTime kEnd{20'000};
constexpr WallTime kNow{15'000};

Binding known(BindingStatus status) {
  Binding binding;
  binding.status = status;
  binding.client_last_transaction_time = kContact;
  binding.start_time_of_state = kStart;
  binding.state_expiration_time = kEnd;
  return binding;
}

LeaseUpdate received(BindingStatus status, WallTime contact = kContact) {
  LeaseUpdate update;
  update.status = status;
  update.client_time = contact;
  update.start_time_of_state = kStart;
  update.state_expiration_time = WallTime{100'000};
  update.lease = {Ipv6Address::parse("2001:db8::1").value(), 128};
  return update;
}

Judgement judged(const Binding& binding, const LeaseUpdate& update, bool is_same_client = true,
                 Role receiver = Role::kSecondary, WallTime now = kNow) {
  return judge({.binding = &binding, .is_same_client = is_same_client}, update, receiver, now);
}

TEST(TimeOfUpdate, of_a_lease_in_use_or_just_ended_is_the_contact_if_there_is_one) {  // F-211
  for (const BindingStatus status : {kActive, kExpired, kReleased}) {
    LeaseUpdate update = received(status, WallTime{100});
    update.start_time_of_state = WallTime{200};
    EXPECT_EQ(time_of(update), WallTime{100});
    update.client_time = kNoTime;
    EXPECT_EQ(time_of(update), WallTime{200});
  }
}

// F-211, F-213, R-30: as a binding has it; or of two servers that both know of one contact, and of
// no other, each would take its own word for the newer one for ever.
TEST(TimeOfUpdate, of_an_end_that_was_noticed_is_the_contact_that_either_had) {
  LeaseUpdate update = received(kExpired, WallTime{100});
  update.start_time_of_state = WallTime{900};
  update.partner_raw_clt_time = WallTime{500};
  EXPECT_EQ(time_of(update), WallTime{500});
  update.client_time = kNoTime;
  EXPECT_EQ(time_of(update), WallTime{500});
  for (const BindingStatus status : {kActive, kReleased}) {
    update.status = status;
    update.client_time = WallTime{100};
    EXPECT_EQ(time_of(update), WallTime{100}) << "who spoke with it last says so itself";
  }
}

TEST(TimeOfUpdate, of_others_is_the_later_of_contact_and_start) {  // F-212
  for (const BindingStatus status : {kFree, kFreeBackup, kReset, kAbandoned}) {
    LeaseUpdate update = received(status, WallTime{100});
    update.start_time_of_state = WallTime{200};
    EXPECT_EQ(time_of(update), WallTime{200});
    update.client_time = WallTime{300};
    EXPECT_EQ(time_of(update), WallTime{300});
    update.client_time = kNoTime;
    EXPECT_EQ(time_of(update), WallTime{200});
  }
}

TEST(TimeOfUpdate, before_2000_is_none) {
  LeaseUpdate update = received(kActive, WallTime{-1});
  EXPECT_EQ(time_of(update), kStart);
  update.status = kReset;
  update.start_time_of_state = WallTime{-5};
  EXPECT_TRUE(time_of(update).is_none());
}

TEST(TimeOfBinding, is_the_contact_if_there_is_one) {  // F-213
  for (const BindingStatus status : kAll) {
    Binding binding = known(status);
    EXPECT_EQ(time_of(binding), kContact);
    binding.client_last_transaction_time = kNoTime;
    EXPECT_EQ(time_of(binding), kStart);
  }
}

// Else an end that is noticed here would count as a contact where only the partner had one, and
// each server would take its own word for the newer one.
TEST(TimeOfBinding, is_the_partners_contact_where_that_is_later) {  // F-213, R-30
  Binding binding = known(kExpired);
  binding.partner_raw_clt_time = WallTime{9999};
  EXPECT_EQ(time_of(binding), kContact);
  binding.partner_raw_clt_time = WallTime{10'001};
  EXPECT_EQ(time_of(binding), WallTime{10'001});
  binding.client_last_transaction_time = kNoTime;
  binding.partner_raw_clt_time = WallTime{100};
  EXPECT_EQ(time_of(binding), WallTime{100});
}

TEST(TimeOfBinding, from_the_partner_is_what_it_sent) {
  Binding binding = known(kActive);
  binding.from_partner = true;
  binding.partner_raw_clt_time = WallTime{700};
  EXPECT_EQ(time_of(binding), WallTime{700});
  binding.partner_raw_clt_time = kNoTime;
  EXPECT_EQ(time_of(binding), kStart);
}

TEST(StateExpiration, is_the_later_of_both_ways_to_say_it) {
  LeaseUpdate update = received(kActive, WallTime{1000});
  update.state_expiration_time = WallTime{1600};
  update.valid_lifetime = Lifetime{600};
  EXPECT_EQ(state_expiration_of(update), WallTime{1600});
  update.valid_lifetime = Lifetime{700};
  EXPECT_EQ(state_expiration_of(update), WallTime{1700});
  update.valid_lifetime = Lifetime{500};
  EXPECT_EQ(state_expiration_of(update), WallTime{1600});
  update.valid_lifetime = kInfiniteLifetime;
  EXPECT_TRUE(state_expiration_of(update).is_infinite());
  update.client_time = kNoTime;
  EXPECT_EQ(state_expiration_of(update), WallTime{1600});
}

TEST(StateExpiration, of_other_statuses_is_as_sent) {
  LeaseUpdate update = received(kAbandoned, WallTime{1000});
  update.state_expiration_time = kNoTime;
  update.valid_lifetime = Lifetime{600};
  EXPECT_TRUE(state_expiration_of(update).is_none());
  update.state_expiration_time = WallTime{50};
  EXPECT_EQ(state_expiration_of(update), WallTime{50});
}

TEST(PendingFree, is_the_free_status_of_its_half) {
  LeaseUpdate update = received(kPendingFree);
  EXPECT_EQ(status_of(update), kFree);
  update.lease.address = Ipv6Address::parse("2001:db8::2").value();
  EXPECT_EQ(status_of(update), kFreeBackup);
  update.lease = {Ipv6Address::parse("2001:db8::").value(), 56};
  update.ia_type = IaType::kPrefixDelegation;
  EXPECT_EQ(status_of(update), kFree);
}

TEST(PendingFree, is_judged_as_such) {
  for (const BindingStatus status : kAll) {
    for (const WallTime contact : {WallTime{9994}, kContact, WallTime{10'006}}) {
      for (const WallTime now : {kNow, kEnd + Lifetime{6}}) {
        const auto outcome = [&](BindingStatus sent) {
          return judged(known(status), received(sent, contact), true, Role::kPrimary, now);
        };
        EXPECT_EQ(outcome(kPendingFree), outcome(kFree));
      }
    }
  }
}

TEST(Judge, what_is_not_known_is_taken) {
  for (const BindingStatus status : kAll) {
    EXPECT_EQ(judge({}, received(status), Role::kPrimary, kNow), Judgement::kTake);
  }
}

// --- ties where this server wrote the binding, rule by rule.

TEST(Tie, same_status_and_client_is_taken) {  // R-27 (1)
  for (const BindingStatus status : kAll) {
    const Judgement judgement = judged(known(status), received(status));
    // Of two grants within seconds neither ends the other's lease.
    EXPECT_EQ(judgement, status == kActive ? Judgement::kMerge : Judgement::kTake);
  }
}

TEST(Tie, abandoned_is_taken_whatever_is_known_but_an_end) {  // R-27 (2)
  for (const BindingStatus status : kAll) {
    if (status != kActive && status != kAbandoned) continue;
    for (const bool is_same_client : {true, false}) {
      EXPECT_EQ(judged(known(status), received(kAbandoned), is_same_client), Judgement::kTake);
    }
  }
}

// One server knows of the DECLINE, the other has noticed that the lease ran out: whichever way
// their updates cross, both end with the same.
TEST(Abandoned, and_an_end_that_cross_come_to_one_result) {
  for (const BindingStatus end : kEnds) {
    for (const int later : {-4, -1, 0, 1, 4}) {
      const WallTime ended{kContact.seconds + later};
      Binding here = known(kAbandoned);
      Binding there = known(end);
      there.client_last_transaction_time = ended;
      const bool end_wins_here = judged(here, received(end, ended)) == Judgement::kTake;
      const bool abandoned_wins_there = judged(there, received(kAbandoned)) == Judgement::kTake;
      EXPECT_NE(end_wins_here, abandoned_wins_there) << name_of(end) << ' ' << later;
      EXPECT_EQ(end_wins_here, later >= 0);
    }
  }
}

// When an end was noticed, long after the last contact, says nothing.
TEST(Abandoned, and_reset_since_is_not_ended_by_who_knows_no_decline) {
  Binding binding = known(kReset);
  binding.client_last_transaction_time = WallTime{6000};  // the DECLINE
  for (const BindingStatus status : {kFree, kFreeBackup, kExpired}) {
    LeaseUpdate update = received(status, WallTime{5000});
    update.start_time_of_state = WallTime{9000};
    EXPECT_EQ(judged(binding, update), Judgement::kOutdated);
    update.partner_raw_clt_time = WallTime{6000};
    EXPECT_EQ(judged(binding, update), Judgement::kTake) << "it knows";
  }
}

TEST(Abandoned, is_not_undone_by_who_only_noticed_that_time_is_up) {
  LeaseUpdate update = received(kExpired, kNoTime);
  update.partner_raw_clt_time = WallTime{kContact.seconds - 30};
  update.start_time_of_state = WallTime{kContact.seconds + 500};
  EXPECT_EQ(judged(known(kAbandoned), update), Judgement::kOutdated);
}

TEST(Tie, active_is_taken_over_anything_that_is_not) {  // R-27 (3)
  for (const BindingStatus status : kAll) {
    if (status == kActive) continue;
    Binding binding = known(status);
    binding.start_time_of_state = kContact;
    for (const bool is_same_client : {true, false}) {
      EXPECT_EQ(judged(binding, received(kActive), is_same_client), Judgement::kTake);
    }
  }
}

TEST(Tie, freeing_a_lease_that_is_active_here_is_refused) {  // R-27 (4)
  for (const BindingStatus end : kEnds) {
    for (const bool is_same_client : {true, false}) {
      EXPECT_EQ(judged(known(kActive), received(end), is_same_client), Judgement::kOutdated);
    }
  }
}

TEST(Tie, of_two_inactive_ones_is_taken) {  // R-27 (5), R-30
  for (const BindingStatus here : kAll) {
    for (const BindingStatus there : kAll) {
      if (here == kActive || there == kActive) continue;
      // They cross: who ended it knew of the DECLINE.
      const bool is_undone = here != kAbandoned && there == kAbandoned;
      EXPECT_EQ(judged(known(here), received(there), false),
                is_undone ? Judgement::kOutdated : Judgement::kTake);
    }
  }
}

TEST(Tie, of_two_active_clients_is_the_secondarys_to_lose) {  // R-27 (6), R-50
  Binding binding = known(kActive);
  binding.start_time_of_state = kContact;
  EXPECT_EQ(judged(binding, received(kActive), false, Role::kSecondary), Judgement::kTake);
  EXPECT_EQ(judged(binding, received(kActive), false, Role::kPrimary), Judgement::kAddressInUse);
}

// --- what came from the partner.

TEST(FromPartner, the_same_update_again_is_acked_again) {
  for (const BindingStatus status : kAll) {
    Binding binding = known(status);
    binding.from_partner = true;
    binding.partner_raw_clt_time = kContact;
    binding.client_last_transaction_time = WallTime{12'000};  // by option 126
    for (const Role role : {Role::kPrimary, Role::kSecondary}) {
      EXPECT_EQ(judged(binding, received(status), true, role), Judgement::kTake);
    }
  }
}

TEST(FromPartner, a_release_within_seconds_of_the_grant_ends_the_lease) {
  Binding binding = known(kActive);
  binding.from_partner = true;
  binding.partner_raw_clt_time = kContact;
  EXPECT_EQ(judged(binding, received(kReleased, WallTime{10'003})), Judgement::kTake);
}

TEST(FromPartner, a_time_past_2136_is_as_late_as_it_was_stored) {
  Binding binding = known(kExpired);
  binding.from_partner = true;
  constexpr WallTime kFar{0x1'0000'0000};
  binding.partner_raw_clt_time = kFar;
  EXPECT_EQ(judged(binding, received(kExpired, kFar)), Judgement::kTake);
}

// The sender's EXPIRED comes in the second in which the lease ended there.
TEST(FromPartner, an_expiry_counts_by_the_clock_that_the_end_was_told_in) {  // F-217, R-27
  Binding binding = known(kActive);
  binding.from_partner = true;
  binding.partner_raw_clt_time = kContact;
  LeaseUpdate update = received(kExpired);
  update.start_time_of_state = kEnd;
  const WallTime behind{kEnd.seconds - 4};
  EXPECT_EQ(judged(binding, update, true, Role::kPrimary, behind), Judgement::kTake);
  update.start_time_of_state = kStart;
  EXPECT_EQ(judged(binding, update, true, Role::kPrimary, behind), Judgement::kOutdated);
  EXPECT_EQ(judged(binding, update, true, Role::kPrimary, kEnd), Judgement::kTake);
}

TEST(FromPartner, a_lease_without_end_does_not_expire) {
  Binding binding = known(kActive);
  binding.from_partner = true;
  binding.state_expiration_time = kNever;
  LeaseUpdate update = received(kExpired);
  update.start_time_of_state = kNever;
  EXPECT_EQ(judged(binding, update, true, Role::kPrimary, WallTime{1LL << 40}),
            Judgement::kOutdated);
  binding.from_partner = false;
  EXPECT_EQ(judged(binding, update, true, Role::kPrimary, WallTime{1LL << 40}),
            Judgement::kOutdated);
}

// --- ends of other clients' leases.

TEST(OtherClient, never_ends_a_lease_that_runs) {  // R-29, F-218, F-220
  for (const bool from_partner : {false, true}) {
    for (const BindingStatus end : kEnds) {
      Binding binding = known(kActive);
      binding.from_partner = from_partner;
      LeaseUpdate later = received(end, WallTime{14'000});
      later.start_time_of_state = kEnd + Lifetime{100};  // it says that it is over, of its own
      for (const Role role : {Role::kPrimary, Role::kSecondary}) {
        EXPECT_EQ(judged(binding, later, false, role), Judgement::kOutdated);
        EXPECT_EQ(judged(binding, later, false, role, kEnd + Lifetime{5}), Judgement::kOutdated);
        EXPECT_EQ(judged(binding, later, false, role, kEnd + Lifetime{6}), Judgement::kTake);
      }
    }
  }
}

TEST(OtherClient, none_at_all_neither) {  // a bare prefix
  const LeaseUpdate bare = received(kFreeBackup, kNoTime);
  ASSERT_TRUE(bare.is_bare());
  EXPECT_EQ(judged(known(kActive), bare, false), Judgement::kOutdated);
}

TEST(OtherClient, may_have_found_the_address_in_use) {
  EXPECT_EQ(judged(known(kActive), received(kAbandoned, WallTime{10'006}), false),
            Judgement::kTake);
  LeaseUpdate older = received(kAbandoned, WallTime{9994});
  EXPECT_EQ(judged(known(kActive), older, false), Judgement::kOutdated);
}

// ---

TEST(SameClient, may_lose_nothing_by_an_older_update) {  // F-214, R-28
  for (const Role role : {Role::kPrimary, Role::kSecondary}) {
    EXPECT_EQ(judged(known(kActive), received(kActive, WallTime{1}), true, role),
              Judgement::kMerge);
    EXPECT_EQ(judged(known(kActive), received(kActive, WallTime{10'006}), true, role),
              Judgement::kTake);
  }
}

TEST(TwoClients, the_primary_yields_to_a_contact_after_its_own_grant_only) {  // F-216, R-50
  const auto judged_by_primary = [](WallTime contact) {
    return judged(known(kActive), received(kActive, contact), false, Role::kPrimary);
  };
  // Later than the start, though long before the last renewal here.
  EXPECT_EQ(judged_by_primary(WallTime{9006}), Judgement::kTake);
  EXPECT_EQ(judged_by_primary(WallTime{9005}), Judgement::kAddressInUse);
  EXPECT_EQ(judged_by_primary(kNoTime), Judgement::kAddressInUse);
}

TEST(TwoClients, the_secondary_always_yields) {  // F-215, R-50
  for (const WallTime contact : {kNoTime, WallTime{1}, kContact, WallTime{50'000}}) {
    EXPECT_EQ(judged(known(kActive), received(kActive, contact), false, Role::kSecondary),
              Judgement::kTake);
  }
}

// What the loser was promised is kept from all until it is over, whoever ends the lease and
// however.
TEST(TwoClients, an_end_waits_for_the_time_of_the_one_who_yielded) {
  constexpr WallTime kPromised{30'000};
  for (const BindingStatus status : {kActive, kAbandoned}) {
    Binding binding = known(status);
    binding.expiration_time = kPromised;
    for (const BindingStatus end :
         {kExpired, kReleased, kPendingFree, kFree, kFreeBackup, kReset}) {
      const LeaseUpdate update = received(end, WallTime{29'000});
      const auto judged_at = [&](WallTime now) {
        return judged(binding, update, true, Role::kPrimary, now);
      };
      const WallTime last_second{kPromised.seconds - 1};
      binding.promised_twice = true;
      EXPECT_EQ(judged_at(last_second), Judgement::kTooEarly);
      EXPECT_EQ(judged_at(kPromised), Judgement::kTake);
      binding.promised_twice = false;
      EXPECT_EQ(judged_at(last_second), Judgement::kTake);
    }
    binding.promised_twice = true;
    EXPECT_EQ(judged(binding, received(kActive, WallTime{29'000})), Judgement::kTake);
  }
}

// Two servers that were both in PARTNER-DOWN tell each other of clients that have long left.
TEST(TwoClients, one_that_has_run_out_takes_no_running_lease) {
  LeaseUpdate update = received(kActive, WallTime{14'000});
  for (const Role role : {Role::kPrimary, Role::kSecondary}) {
    update.state_expiration_time = WallTime{kNow.seconds - 6};
    EXPECT_EQ(judged(known(kActive), update, false, role), Judgement::kOutdated);
    // Both have: as ever. So has none that ends within the tolerance, or not at all.
    EXPECT_EQ(judged(known(kActive), update, false, role, kEnd + Lifetime{6}), Judgement::kTake);
    for (const WallTime end : {WallTime{kNow.seconds - 5}, kNever}) {
      update.state_expiration_time = end;
      EXPECT_EQ(judged(known(kActive), update, false, role), Judgement::kTake);
    }
    update.state_expiration_time = WallTime{kNow.seconds - 6};
    update.valid_lifetime = Lifetime{995};
    EXPECT_EQ(judged(known(kActive), update, false, role), Judgement::kTake) << "R-22";
    update.valid_lifetime = Lifetime{0};
  }
}

TEST(OldCopy, what_is_free_there_is_free_here) {
  Binding binding = known(kActive);
  for (const bool in_doubt : {false, true}) {
    binding.in_doubt = in_doubt;
    const LeaseUpdate old = received(kFree, WallTime{5000});
    EXPECT_EQ(judged(binding, old), in_doubt ? Judgement::kTake : Judgement::kOutdated);
    EXPECT_EQ(judged(binding, old, false), Judgement::kOutdated) << "of another client";
    EXPECT_EQ(judged(binding, received(kExpired, WallTime{5000})), Judgement::kOutdated)
        << "held there until we agree";
  }
}

TEST(OldCopy, has_not_ended_what_runs_there) {
  for (const BindingStatus status : {kExpired, kReleased, kReset, kAbandoned}) {
    Binding binding = known(status);
    const LeaseUpdate update = received(kActive, WallTime{5000});
    EXPECT_EQ(judged(binding, update), Judgement::kOutdated);
    binding.in_doubt = true;
    EXPECT_EQ(judged(binding, update, false), Judgement::kTake);
    EXPECT_EQ(judged(binding, update),
              status == kAbandoned ? Judgement::kOutdated : Judgement::kTake);
  }
}

TEST(OldCopy, does_not_know_of_a_contact_that_the_partner_remembers) {
  for (const BindingStatus status : {kFree, kFreeBackup, kAbandoned}) {
    Binding binding = known(status);
    binding.client_last_transaction_time = WallTime{7000};
    LeaseUpdate update = received(kActive, WallTime{5000});
    update.partner_raw_clt_time = WallTime{7000};
    EXPECT_EQ(judged(binding, update), Judgement::kOutdated) << "it knows no more than we do";
    update.partner_raw_clt_time = WallTime{7001};
    EXPECT_EQ(judged(binding, update), Judgement::kTake);
  }
}

TEST(OldCopy, yields_to_whoever_has_the_lease_there) {
  Binding binding = known(kActive);
  LeaseUpdate update = received(kActive, WallTime{9000});
  update.state_expiration_time = WallTime{10'000};  // and its end is awaited
  EXPECT_EQ(judged(binding, update, false), Judgement::kOutdated);
  binding.in_doubt = true;
  EXPECT_EQ(judged(binding, update, false), Judgement::kTake);
}

TEST(Reset, is_not_undone_without_a_contact) {  // F-236
  Binding binding = known(kReset);
  LeaseUpdate update = received(kActive, kNoTime);
  update.start_time_of_state = WallTime{50'000};
  for (const bool from_partner : {false, true}) {
    binding.from_partner = from_partner;
    binding.start_time_of_state = kStart;
    EXPECT_EQ(judged(binding, update), Judgement::kOutdated);
    binding.start_time_of_state = kNoTime;
    EXPECT_EQ(judged(binding, update), Judgement::kOutdated);
  }
}

}  // namespace
}  // namespace tandem6
