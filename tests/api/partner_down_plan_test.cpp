// failover.plan says beforehand what the endpoint will say to partner-down.
#include "control/api/partner_down_plan.h"

#include <gtest/gtest.h>

#include "tests/api/fake_server_view.h"

namespace tandem6 {
namespace {

using enum EndpointState;
using enum PartnerDownVerdict;

constexpr WallTime kNow{2000};

PartnerDownPlan plan_in(EndpointState state, bool is_in_contact, bool is_bounded = true) {
  RelationshipView view = relationship_in_normal();
  view.state = state;
  view.is_in_contact = is_in_contact;
  view.serving.is_bounded = is_bounded;
  view.other_half_opens = state == kPartnerDown && !is_bounded ? WallTime{5100} : kNoTime;
  return plan_partner_down(view, {}, kNow);
}

TEST(PartnerDownPlan, VerdictOfEachState) {  // 8.8.2, 8.9.2, 8.11.2; R-56
  EXPECT_EQ(plan_in(kNormal, true).verdict, kTaken);
  EXPECT_EQ(plan_in(kCommunicationsInterrupted, false).verdict, kTaken);
  EXPECT_EQ(plan_in(kResolutionInterrupted, false).verdict, kTaken);
  EXPECT_EQ(plan_in(kPotentialConflict, true).verdict, kRefused);
  for (const EndpointState state : {kStartup, kRecover, kRecoverWait}) {
    EXPECT_EQ(plan_in(state, false).verdict, kNeedsForce);
    EXPECT_EQ(plan_in(state, true).verdict, kNeedsForce);
  }
  for (const EndpointState state : {kRecoverDone, kConflictDone, kPartnerDown}) {
    EXPECT_EQ(plan_in(state, true).verdict, kRefused);
    EXPECT_EQ(plan_in(state, false).verdict, kTaken);
  }
  EXPECT_EQ(plan_in(kPartnerDown, false, false).verdict, kAlready);
}

TEST(PartnerDownPlan, TheRefusalSaysWhy) {
  EXPECT_TRUE(plan_in(kPotentialConflict, true)
                  .verdict_text.starts_with("refused in POTENTIAL-CONFLICT: both servers are"));
  EXPECT_TRUE(plan_in(kRecover, false)
                  .verdict_text.starts_with("refused in RECOVER: this server may lack leases"));
  EXPECT_EQ(plan_in(kConflictDone, true).verdict_text,
            "refused in CONFLICT-DONE: the partner is there and says so");
}

TEST(PartnerDownPlan, UsableAfterTheLongerMclt) {  // 8.4.1, R-23
  RelationshipView view = relationship_interrupted();
  EXPECT_EQ(plan_partner_down(view, {}, kNow).usable_from, WallTime{5600});
  view.serving.mclt_max = Lifetime{7200};
  EXPECT_EQ(plan_partner_down(view, {}, kNow).usable_from, WallTime{9200});
  EXPECT_EQ(plan_in(kPartnerDown, false, false).usable_from, WallTime{5100});
  EXPECT_EQ(plan_in(kPotentialConflict, true).usable_from, kNoTime);
}

TEST(PartnerDownPlan, Unacked) {
  EXPECT_TRUE(plan_in(kNormal, true).unacked.starts_with("none: "));
  EXPECT_TRUE(plan_partner_down(relationship_interrupted(), {}, kNow)
                  .unacked.starts_with("42 leases: their clients are safe with this server"));
}

TEST(PartnerDownPlan, ShortLifetimesWithoutIt) {
  EXPECT_NE(plan_in(kCommunicationsInterrupted, false).lifetimes.find("down to MCLT (1h)"),
            std::string::npos);
  EXPECT_NE(plan_in(kRecover, false).lifetimes.find("answers nobody"), std::string::npos);
  EXPECT_NE(plan_in(kPartnerDown, false, false).lifetimes.find("already"), std::string::npos);
}

TEST(PartnerDownPlan, ALivePartnerIsPointedOut) {
  EXPECT_NE(plan_in(kNormal, true).danger.find("It IS alive"), std::string::npos);
  EXPECT_EQ(plan_in(kCommunicationsInterrupted, false).danger.find("It IS alive"),
            std::string::npos);
}

TEST(PartnerDownPlan, OnlyThePoolsOfTheRelationship) {
  std::vector<PoolView> pools(3);
  pools[0].relationship = "west";
  pools[1].relationship = "east";
  EXPECT_EQ(plan_partner_down(relationship_in_normal(), pools, kNow).pools.size(), 1u);
}

}  // namespace
}  // namespace tandem6
