// What an accepting BNDREPLY stores: RFC 8156 sections 7.7 and 7.8, Figure 5, lower half.
#include <gtest/gtest.h>

#include "dataplane/lease/partner_rules.h"
#include "tests/lease/update_samples.h"

namespace tandem6 {
namespace {

using enum BindingStatus;

constexpr Grant kGrant{.preferred = Lifetime{1800},
                       .valid = Lifetime{3600},
                       .desired = Lifetime{10'000},
                       .t1 = Lifetime{1800}};

/// Given anew at `now`, and the BNDUPD of that handed to the connection.
Binding sent_at(WallTime now, Binding binding = active_lease()) {
  grant_with_partner(binding, now, kGrant);
  binding.update_sent = true;
  return binding;
}

LeaseAck ack_of(const Binding& binding) {
  LeaseAck ack;
  ack.lease = binding.lease();
  ack.status = binding.status;
  ack.state_expiration_time = binding.state_expiration_time;
  if (binding.status == kActive) ack.partner_lifetime_sent = binding.partner_lifetime;
  return ack;
}

TEST(TakeAck, of_the_present_version_is_the_end_of_it) {  // F-261, F-262, R-17
  Binding binding = sent_at(WallTime{1500});
  ASSERT_EQ(seconds(binding.partner_lifetime), 13'300);
  EXPECT_FALSE(take_ack(binding, ack_of(binding)));
  EXPECT_EQ(seconds(binding.acked_partner_lifetime), 13'300);
  EXPECT_EQ(seconds(binding.acked_partner_lifetime_max), 13'300);
  EXPECT_FALSE(binding.needs_update);
  EXPECT_FALSE(binding.update_sent);
  EXPECT_EQ(seconds(binding.partner_lifetime), 13'300) << "0 is a flag of its own";
}

TEST(TakeAck, sending_alone_changes_nothing) {  // F-164
  EXPECT_EQ(seconds(sent_at(WallTime{1500}).acked_partner_lifetime), 2000);
}

TEST(TakeAck, of_an_older_version_is_an_ack_still) {
  Binding binding = sent_at(WallTime{1500});
  const LeaseAck ack = ack_of(binding);
  grant_with_partner(binding, WallTime{1600}, kGrant);
  EXPECT_FALSE(take_ack(binding, ack));
  EXPECT_EQ(seconds(binding.acked_partner_lifetime), 13'300);
  EXPECT_TRUE(binding.needs_update);
}

TEST(TakeAck, of_an_older_version_never_ends_a_lease) {
  Binding binding = sent_at(WallTime{1500});
  const LeaseAck ack = ack_of(binding);
  end_with_partner(binding, kReleased, WallTime{1600});
  EXPECT_FALSE(take_ack(binding, ack));
  EXPECT_EQ(binding.status, kReleased);
  EXPECT_EQ(seconds(binding.acked_partner_lifetime), 13'300);
  EXPECT_TRUE(binding.needs_update);
  // Nor when the newer one is on its way already.
  binding.update_sent = true;
  EXPECT_FALSE(take_ack(binding, ack));
  EXPECT_TRUE(binding.needs_update);
  EXPECT_TRUE(binding.update_sent);
  EXPECT_TRUE(take_ack(binding, ack_of(binding)));
}

TEST(TakeAck, of_an_older_grant_does_not_pass_for_the_newer) {
  Binding binding = sent_at(WallTime{1500});
  const LeaseAck ack = ack_of(binding);
  binding = sent_at(WallTime{1600}, binding);
  EXPECT_FALSE(take_ack(binding, ack));
  EXPECT_TRUE(binding.needs_update);
  EXPECT_TRUE(binding.update_sent);
  EXPECT_FALSE(take_ack(binding, ack_of(binding)));
  EXPECT_FALSE(binding.needs_update);
}

TEST(TakeAck, keeps_the_latest_and_the_greatest) {
  Binding binding = sent_at(WallTime{1500});
  LeaseAck ack = ack_of(binding);
  binding.update_sent = false;
  (void)take_ack(binding, ack);
  ack.partner_lifetime_sent = WallTime{9000};
  (void)take_ack(binding, ack);
  EXPECT_EQ(seconds(binding.acked_partner_lifetime), 9000) << "always";
  EXPECT_EQ(seconds(binding.acked_partner_lifetime_max), 13'300);
}

TEST(TakeAck, that_says_no_time_acks_none) {
  for (const std::int64_t time : {0, -5}) {
    Binding binding = active_lease();
    end_with_partner(binding, kExpired, WallTime{1600});
    binding.update_sent = true;
    LeaseAck ack = ack_of(binding);
    ack.partner_lifetime_sent = WallTime{time};
    (void)take_ack(binding, ack);
    EXPECT_EQ(seconds(binding.acked_partner_lifetime), 2000);
    EXPECT_EQ(seconds(binding.acked_partner_lifetime_max), 2000);
  }
}

TEST(TakeAck, does_not_take_back_the_end_of_the_state) {  // F-263
  Binding binding = sent_at(WallTime{1500});
  LeaseAck ack = ack_of(binding);
  ack.state_expiration_time = WallTime{77'777};
  (void)take_ack(binding, ack);
  EXPECT_EQ(seconds(binding.state_expiration_time), 5100);
}

TEST(TakeAck, of_a_lease_that_nobody_holds_stores_no_time) {  // F-264, R-16, R-26
  for (const BindingStatus free : {kFree, kFreeBackup}) {
    Binding binding;
    binding.status = free;
    binding.needs_update = binding.update_sent = true;
    LeaseAck ack = ack_of(binding);
    ack.partner_lifetime_sent = WallTime{5000};
    EXPECT_FALSE(take_ack(binding, ack));
    EXPECT_EQ(binding.status, free);
    EXPECT_FALSE(binding.needs_update);
    EXPECT_EQ(seconds(binding.acked_partner_lifetime), 0);
  }
}

TEST(TakeAck, old_echo_does_not_bring_an_old_status_back) {  // F-264, R-26
  Binding binding;
  binding.status = kFree;
  binding.needs_update = true;
  LeaseAck ack = ack_of(binding);
  ack.status = kFreeBackup;
  EXPECT_FALSE(take_ack(binding, ack));
  EXPECT_EQ(binding.status, kFree);
  EXPECT_TRUE(binding.needs_update);
}

// An ABANDONED lease had a client, and what was acked of it counts for the wait after its RESET.
TEST(TakeAck, counts_for_an_abandoned_lease) {
  Binding binding = sent_at(WallTime{1500});
  const LeaseAck ack = ack_of(binding);
  abandon_with_partner(binding, WallTime{1502}, Lifetime{86'400});
  EXPECT_FALSE(take_ack(binding, ack));
  EXPECT_EQ(seconds(binding.acked_partner_lifetime_max), 13'300);
  EXPECT_TRUE(binding.needs_update);
}

// A lease from before there was a partner: it has no partner-lifetime, but one was sent.
TEST(TakeAck, needs_no_partner_lifetime_of_ours) {
  Binding binding = active_lease();
  binding.partner_lifetime = kNoTime;
  binding.needs_update = binding.update_sent = true;
  LeaseAck ack = ack_of(binding);
  ack.partner_lifetime_sent = WallTime{1600};
  EXPECT_FALSE(take_ack(binding, ack));
  EXPECT_FALSE(binding.needs_update);
  EXPECT_EQ(seconds(binding.acked_partner_lifetime), 1600);
}

}  // namespace
}  // namespace tandem6
