// What each state allows the servers of the links: RFC 8156 sections 8.3 to 8.12, R-19, R-23, R-48.
#include "tests/failover/endpoint_bench.h"

namespace tandem6 {
namespace {

using enum EndpointState;
using Answers = Serving::Answers;

struct Row {
  EndpointState state;
  Answers primary;
  Answers secondary;
  bool may_allocate;
  const char* rows;
};
constexpr Row kRows[] = {
    {kNormal, Answers::kEverybody, Answers::kOwnClients, true, "F-345, F-346"},
    {kCommunicationsInterrupted, Answers::kEverybody, Answers::kEverybody, true, "F-355"},
    {kPartnerDown, Answers::kEverybody, Answers::kEverybody, true, "F-303"},
    {kPotentialConflict, Answers::kNobody, Answers::kNobody, true, "F-372"},
    {kRecover, Answers::kNobody, Answers::kNobody, true, "F-320"},
    {kRecoverWait, Answers::kNobody, Answers::kNobody, true, "F-331"},
    {kRecoverDone, Answers::kOwnClients, Answers::kOwnClients, false, "F-336, F-337, R-48"},
};

// F-110: with contact.
TEST(EndpointServing, InContact) {
  for (const Role role : {Role::kPrimary, Role::kSecondary}) {
    for (const Row& row : kRows) {
      SCOPED_TRACE(row.rows);
      EndpointBench bench(role);
      bench.reach_in_contact(row.state);
      const Serving& serving = bench.endpoint->serving();
      EXPECT_EQ(serving.answers, role == Role::kPrimary ? row.primary : row.secondary);
      EXPECT_EQ(serving.may_allocate, row.may_allocate);
      EXPECT_TRUE(serving.is_in_contact);
      EXPECT_TRUE(serving.is_bounded) << "R-19: also in PARTNER-DOWN";
      EXPECT_EQ(serving.partner_down_since.is_none(), row.state != kPartnerDown);
      EXPECT_EQ(serving.mclt, Lifetime{3600});
    }
  }
}

// And without. F-166: PARTNER-DOWN alone is unbounded; F-357, F-383: the others are not. F-381.
TEST(EndpointServing, WithoutContact) {
  for (const Role role : {Role::kPrimary, Role::kSecondary}) {
    for (const Row& row : kRows) {
      if (row.state == kNormal || row.state == kPotentialConflict) continue;
      SCOPED_TRACE(row.rows);
      EndpointBench bench(role);
      bench.start_in(row.state);
      const Serving& serving = bench.endpoint->serving();
      EXPECT_EQ(serving.answers, role == Role::kPrimary ? row.primary : row.secondary);
      EXPECT_FALSE(serving.is_in_contact);
      EXPECT_EQ(serving.is_bounded, row.state != kPartnerDown);
      EXPECT_EQ(serving.partner_down_since.is_none(), row.state != kPartnerDown);
    }
    EndpointBench bench(role);
    bench.start_in(kResolutionInterrupted);
    EXPECT_EQ(bench.endpoint->serving().answers, Answers::kEverybody) << "F-381";
    EXPECT_TRUE(bench.endpoint->serving().is_bounded) << "F-383";
  }
}

// F-386: as NORMAL, with or without contact.
TEST(EndpointServing, ConflictDone) {
  EndpointBench bench(Role::kPrimary);
  bench.start_in(kConflictDone);
  EXPECT_EQ(bench.endpoint->serving().answers, Answers::kEverybody);
  EXPECT_TRUE(bench.endpoint->serving().is_bounded);
  bench.connect(kRecover);
  EXPECT_EQ(bench.endpoint->serving().answers, Answers::kEverybody);
  EXPECT_TRUE(bench.endpoint->serving().is_bounded);
}

// The effects say the same as the endpoint, and nothing is said twice.
TEST(EndpointServing, EffectsFollow) {
  EndpointBench bench(Role::kSecondary);
  bench.reach_normal();
  bench.lose_connection();
  bench.pass_in_silence(100);
  bench.connect(kCommunicationsInterrupted);
  const auto serves = bench.all<effect::Serve>();
  ASSERT_FALSE(serves.empty());
  for (std::size_t i = 1; i < serves.size(); ++i) {
    EXPECT_NE(serves[i].serving, serves[i - 1].serving);
  }
  EXPECT_EQ(serves.back().serving, bench.endpoint->serving());
}

// the partner in its STARTUP is not back; with S clear it is, and it stays so to the end of
// this PARTNER-DOWN.
TEST(EndpointServing, PartnerDownIsBoundedOnceThePartnerIsBack) {
  EndpointBench bench(Role::kSecondary);
  bench.start_in(kPartnerDown);
  bench.connect(kRecover, kStartupFlag);
  EXPECT_FALSE(bench.endpoint->serving().is_bounded);
  bench.partner_is(kRecover);
  EXPECT_TRUE(bench.endpoint->serving().is_bounded);
  bench.lose_connection();
  EXPECT_TRUE(bench.endpoint->serving().is_bounded);
  bench.pass_in_silence(1000);
  bench.happen(event::PartnerDown{});
  EXPECT_FALSE(bench.endpoint->serving().is_bounded);
  EXPECT_EQ(bench.endpoint->serving().partner_down_since, bench.now);
}

}  // namespace
}  // namespace tandem6
