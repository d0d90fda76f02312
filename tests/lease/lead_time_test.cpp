// The MCLT arithmetic of RFC 8156 section 4.4 with the vectors of 4.4.1 and what follows from them,
// and the waiting time of 8.4.1. Times of the vectors count from their t.
#include "dataplane/lease/lead_time.h"

#include <gtest/gtest.h>

#include <vector>

namespace tandem6 {
namespace {

constexpr WallTime kT{800'000'000};
constexpr Lifetime kMclt{3600};
constexpr Lifetime kThreeDays{259'200};

constexpr WallTime t(std::int64_t seconds) { return {kT.seconds + seconds}; }
constexpr Lifetime half(Lifetime lifetime) { return {lifetime.seconds / 2}; }

Lifetime given(Lifetime desired, WallTime acked, WallTime now) {
  return bounded_lifetime(desired, acked, now, kMclt);
}
WallTime told(WallTime now, Lifetime actual) {
  return partner_lifetime_after(now, half(actual), actual, kThreeDays);
}

TEST(LeadTime, vector_1_new_lease) {  // F-158, F-155, F-157
  EXPECT_EQ(given(kThreeDays, kNoTime, kT), Lifetime{3600});
  EXPECT_EQ(told(kT, Lifetime{3600}), t(261'000));
}

TEST(LeadTime, vector_2_first_renewal) {  // F-159
  EXPECT_EQ(given(kThreeDays, t(261'000), t(1800)), Lifetime{259'200});
  // The bound itself: one who wants more gets so much.
  EXPECT_EQ(given(Lifetime{1'000'000}, t(261'000), t(1800)), Lifetime{262'800});
  EXPECT_EQ(told(t(1800), Lifetime{259'200}), t(390'600));
}

TEST(LeadTime, vector_3_second_renewal) {  // F-160
  EXPECT_EQ(given(kThreeDays, t(390'600), t(131'400)), Lifetime{259'200});
  EXPECT_EQ(told(t(131'400), Lifetime{259'200}), t(520'200));
}

TEST(LeadTime, unacked_update_gives_the_mclt_again) {  // F-161, R-18
  EXPECT_EQ(given(kThreeDays, kNoTime, t(1800)), Lifetime{3600});
}

TEST(LeadTime, desired_below_the_mclt_is_what_the_client_gets) {  // F-162
  EXPECT_EQ(given(Lifetime{1800}, kNoTime, kT), Lifetime{1800});
}

TEST(LeadTime, without_contact_the_lifetime_halves_down_to_the_mclt) {  // F-163
  const WallTime acked = t(520'200);
  EXPECT_EQ(given(kThreeDays, acked, t(261'000)), Lifetime{259'200});
  EXPECT_EQ(given(kThreeDays, acked, t(390'600)), Lifetime{133'200});
  EXPECT_EQ(given(kThreeDays, acked, t(457'200)), Lifetime{66'600});
  std::vector<std::uint32_t> lifetimes;
  WallTime now = t(457'200);
  for (int n = 0; n < 8; ++n) {
    const Lifetime lifetime = given(kThreeDays, acked, now);
    lifetimes.push_back(lifetime.seconds);
    now = now + half(lifetime);
  }
  EXPECT_EQ(lifetimes,
            (std::vector<std::uint32_t>{66'600, 33'300, 16'650, 8325, 4163, 3600, 3600, 3600}));
}

TEST(LeadTime, floor_is_a_minimum) {  // F-156, R-15
  EXPECT_EQ(given(Lifetime{100'000}, t(50'000), kT), Lifetime{53'600});
  EXPECT_EQ(given(Lifetime{53'600}, t(50'000), kT), Lifetime{53'600});
  EXPECT_EQ(given(Lifetime{53'599}, t(50'000), kT), Lifetime{53'599});
}

TEST(LeadTime, an_acked_time_that_has_passed_takes_nothing_away) {  // F-156
  EXPECT_EQ(given(kThreeDays, t(-1), kT), Lifetime{3600});
  EXPECT_EQ(given(kThreeDays, kT, kT), Lifetime{3600});
  EXPECT_EQ(given(kThreeDays, t(1), kT), Lifetime{3601});
  EXPECT_EQ(given(kThreeDays, t(-500'000'000), kT), Lifetime{3600});
}

TEST(LeadTime, no_lease_is_under_30_seconds) {  // F-137, R-12
  EXPECT_EQ(given(Lifetime{10}, kNoTime, kT), Lifetime{30});
  EXPECT_EQ(given(Lifetime{30}, kNoTime, kT), Lifetime{30});
  EXPECT_EQ(bounded_lifetime(Lifetime{600}, kNoTime, kT, Lifetime{30}), Lifetime{30});
  EXPECT_EQ(within_failover_limits(Lifetime{29}), Lifetime{30});
}

TEST(LeadTime, infinity_is_never_given_or_sent) {
  constexpr Lifetime kMost{1U << 30};
  EXPECT_EQ(within_failover_limits(kInfiniteLifetime), kMost);
  EXPECT_EQ(given(kInfiniteLifetime, kNever, kT), kMost);
  EXPECT_EQ(given(kInfiniteLifetime, t(1LL << 40), kT), kMost);
  EXPECT_EQ(bounded_lifetime(kInfiniteLifetime, kNoTime, kT, kInfiniteLifetime), kMost);
  // T1 part and desired stay under 2^31 together.
  EXPECT_EQ(partner_lifetime_after(kT, kInfiniteLifetime, kInfiniteLifetime, kInfiniteLifetime),
            t(0x7fff'ffffLL));
  EXPECT_EQ(partner_lifetime_after(kT, Lifetime{0}, kMost, kInfiniteLifetime),
            t((1LL << 30) + (1LL << 29)));
}

TEST(LeadTime, t1_part_is_the_t1_sent_or_half_the_lifetime) {  // F-157, R-14
  EXPECT_EQ(partner_lifetime_after(kT, Lifetime{1000}, Lifetime{3600}, kThreeDays), t(260'200));
  EXPECT_EQ(partner_lifetime_after(kT, Lifetime{0}, Lifetime{3600}, kThreeDays), t(261'000));
  EXPECT_EQ(partner_lifetime_after(kT, Lifetime{0}, Lifetime{3601}, kThreeDays), t(261'000));
  // A T1 past the end of the lease is not when the client comes back.
  EXPECT_EQ(partner_lifetime_after(kT, Lifetime{5000}, Lifetime{3600}, kThreeDays), t(262'800));
}

// --- When another client may have the lease: F-150, F-307, R-10.

Binding ended_binding() {
  Binding binding;
  binding.status = BindingStatus::kExpired;
  binding.start_time_of_state = t(1);
  binding.state_expiration_time = t(2);
  binding.partner_lifetime = t(3);
  binding.acked_partner_lifetime = t(4);
  binding.acked_partner_lifetime_max = t(5);
  binding.expiration_time = t(6);
  return binding;
}

TEST(ReusableFrom, each_term_may_be_the_latest) {  // F-150, F-307, R-10
  constexpr PackedTime Binding::* kTerms[] = {
      &Binding::start_time_of_state,         // entry to the lease state
      &Binding::state_expiration_time,       // the client's expiry
      &Binding::partner_lifetime,            // greatest sent
      &Binding::acked_partner_lifetime,      // acked by the partner: latest
      &Binding::acked_partner_lifetime_max,  // and greatest
      &Binding::expiration_time,             // acked to the partner
  };
  for (PackedTime Binding::* const term : kTerms) {
    Binding binding = ended_binding();
    binding.*term = t(100'000);
    EXPECT_EQ(reusable_from(binding, t(50), kMclt), t(103'600));
  }
  EXPECT_EQ(reusable_from(ended_binding(), t(50), kMclt), t(3650));  // entry to PARTNER-DOWN
}

TEST(ReusableFrom, is_never_before_entry_to_partner_down_plus_mclt) {  // F-307
  EXPECT_EQ(reusable_from(Binding{}, t(50), kMclt), t(3650));
}

// The last sentence of 8.4.1 would have it at entry + MCLT once the latest time has passed.
TEST(ReusableFrom, does_not_get_shorter_by_waiting) {
  Binding binding = ended_binding();
  binding.partner_lifetime = t(10'000);
  EXPECT_EQ(reusable_from(binding, t(50), kMclt), t(13'600));
}

TEST(ReusableFrom, what_never_ends_is_never_reused) {
  Binding binding = ended_binding();
  binding.state_expiration_time = kNever;
  EXPECT_TRUE(reusable_from(binding, t(50), kMclt).is_infinite());
}

TEST(ReusableFrom, outside_of_partner_down_only_an_ack_frees_a_lease) {  // F-278
  EXPECT_TRUE(reusable_from(ended_binding(), kNoTime, kMclt).is_infinite());
}

}  // namespace
}  // namespace tandem6
