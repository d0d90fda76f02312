// What serving rules say by themselves, and the lifetimes that follow from them.
#include "dataplane/server/serving_rules.h"

#include <gtest/gtest.h>

#include "dataplane/server/lease_times.h"
#include "tests/server/pair_rules.h"

namespace tandem6 {
namespace {

constexpr WallTime kNow{800'000'000};

LifetimeSettings lifetimes(std::uint32_t preferred, std::uint32_t valid,
                           std::optional<Lifetime> t1 = {}, std::optional<Lifetime> t2 = {}) {
  return {.preferred = Lifetime{preferred}, .valid = Lifetime{valid}, .t1 = t1, .t2 = t2};
}

RenewalTimes renewals(const LifetimeSettings& settings, std::uint32_t preferred,
                      const ServingRules& rules) {
  Decision decision;
  decision.preferred = decision.valid = Lifetime{preferred};
  return renewal_times(settings, {&decision, 1}, rules);
}

TEST(ServingRules, without_a_partner_everything_is_allowed) {
  const ServingRules alone = ServingRules::alone();
  EXPECT_EQ(alone.responsiveness, Responsiveness::kResponsive);
  EXPECT_FALSE(alone.has_partner);
  EXPECT_TRUE(alone.may_allocate);
  EXPECT_FALSE(alone.is_partner_down());
}

TEST(ServingRules, other_half_opens_the_greater_mclt_after_the_entry_into_partner_down) {  // F-149
  ServingRules rules = partner_down(Role::kPrimary, kNow);
  rules.mclt_max = Lifetime{7200};
  EXPECT_EQ(rules.other_half_opens(), WallTime{kNow.seconds + 7200});
  rules.is_bounded = true;  // the partner is back
  EXPECT_TRUE(rules.other_half_opens().is_infinite());
  for (const Role role : {Role::kPrimary, Role::kSecondary}) {
    for (const ServingRules& other :
         {normal(role), interrupted(role), recover_done(role), silent(role)}) {
      EXPECT_FALSE(other.is_partner_down());
      EXPECT_TRUE(other.other_half_opens().is_infinite());
    }
  }
}

TEST(LeaseTimes, alone_are_those_of_the_configuration) {
  const LeaseTimes times =
      lease_times(lifetimes(10, kInfiniteLifetime.seconds), ServingRules::alone(), kNoTime, kNow);
  EXPECT_EQ(times.preferred, Lifetime{10});
  EXPECT_TRUE(times.valid.is_infinite());
}

TEST(LeaseTimes, of_a_new_lease_are_at_most_mclt) {  // F-156, F-158, F-162, R-15
  const ServingRules rules = normal(Role::kPrimary);
  const LeaseTimes cut = lease_times(lifetimes(100'000, 259'200), rules, kNoTime, kNow);
  EXPECT_EQ(cut.valid, kMclt);
  EXPECT_EQ(cut.preferred, kMclt);
  EXPECT_EQ(cut.desired, Lifetime{259'200});
  const LeaseTimes shorter = lease_times(lifetimes(900, 1800), rules, kNoTime, kNow);
  EXPECT_EQ(shorter.valid, Lifetime{1800});
  EXPECT_EQ(shorter.preferred, Lifetime{900});
}

TEST(LeaseTimes, use_the_smaller_mclt_where_two_are_known) {
  ServingRules rules = normal(Role::kPrimary);
  rules.mclt_max = Lifetime{7200};
  EXPECT_EQ(lease_times(lifetimes(9000, 9000), rules, kNoTime, kNow).valid, kMclt);
}

TEST(LeaseTimes, in_partner_down_are_not_bounded) {  // F-166
  const ServingRules rules = partner_down(Role::kSecondary, kNow);
  EXPECT_EQ(lease_times(lifetimes(9000, 259'200), rules, kNoTime, kNow).valid, Lifetime{259'200});
}

TEST(LeaseTimes, of_a_pair_are_never_under_half_a_minute_nor_infinite) {  // F-137, R-12, R-13
  for (const ServingRules& rules : {normal(Role::kPrimary), partner_down(Role::kPrimary, kNow)}) {
    const LeaseTimes least = lease_times(lifetimes(5, 10), rules, kNoTime, kNow);
    EXPECT_EQ(least.valid, Lifetime{30});
    EXPECT_EQ(least.desired, Lifetime{30});
    const WallTime acked{kNow.seconds + (1LL << 31)};
    const LeaseTimes most = lease_times(lifetimes(0xffffffff, 0xffffffff), rules, acked, kNow);
    EXPECT_EQ(most.valid, Lifetime{1U << 30});
    EXPECT_EQ(most.preferred, Lifetime{1U << 30});
    EXPECT_EQ(most.desired, Lifetime{1U << 30});
  }
}

TEST(RenewalTimesOfAPair, are_shares_of_the_preferred_lifetime_as_it_is) {
  const RenewalTimes times = renewals(lifetimes(100'000, 200'000), 3600, normal(Role::kPrimary));
  EXPECT_EQ(times.t1, Lifetime{1800});
  EXPECT_EQ(times.t2, Lifetime{2880});
}

TEST(RenewalTimesOfAPair, configured_ones_give_way_to_a_lease_that_was_cut) {
  const LifetimeSettings settings = lifetimes(100'000, 200'000, Lifetime{50'000}, Lifetime{80'000});
  const RenewalTimes cut = renewals(settings, 3600, normal(Role::kPrimary));
  EXPECT_EQ(cut.t1, Lifetime{1800});
  EXPECT_EQ(cut.t2, Lifetime{2880});
  const RenewalTimes whole = renewals(settings, 100'000, normal(Role::kPrimary));
  EXPECT_EQ(whole.t1, Lifetime{50'000});
  EXPECT_EQ(whole.t2, Lifetime{80'000});
  // Shorter ones than those of the cut lease are as good as ever.
  const LifetimeSettings often = lifetimes(100'000, 200'000, Lifetime{60}, Lifetime{90});
  EXPECT_EQ(renewals(often, 3600, normal(Role::kPrimary)).t1, Lifetime{60});
  EXPECT_EQ(renewals(often, 3600, normal(Role::kPrimary)).t2, Lifetime{90});
}

TEST(RenewalTimesOfAPair, never_outlast_the_lease) {
  const LifetimeSettings settings = lifetimes(300, 600, kInfiniteLifetime, kInfiniteLifetime);
  const RenewalTimes times = renewals(settings, 300, partner_down(Role::kPrimary, kNow));
  EXPECT_EQ(times.t1, Lifetime{300});
  EXPECT_EQ(times.t2, Lifetime{300});
  EXPECT_TRUE(renewals(settings, 300, ServingRules::alone()).t1.is_infinite());
}

TEST(RenewalTimesOfAPair, zero_leaves_the_time_to_the_client) {  // S-183
  const LifetimeSettings settings = lifetimes(300, 600, Lifetime{0}, Lifetime{0});
  const RenewalTimes times = renewals(settings, 200, normal(Role::kPrimary));
  EXPECT_EQ(times.t1, Lifetime{0});
  EXPECT_EQ(times.t2, Lifetime{0});
}

}  // namespace
}  // namespace tandem6
