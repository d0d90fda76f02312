// The operator says that the partner is down: RFC 8156 sections 8.8.2, 8.9.2, 8.11.2; R-56.
#include "tests/failover/endpoint_bench.h"

namespace tandem6 {
namespace {

using enum EndpointState;

constexpr std::array kBothRoles = {Role::kPrimary, Role::kSecondary};

bool command(EndpointBench& bench, bool is_forced = false) {
  bench.forget();
  bench.happen(event::PartnerDown{is_forced});
  const auto done = bench.all<effect::CommandDone>();
  EXPECT_EQ(done.size(), 1U);
  if (done.empty()) return false;
  EXPECT_FALSE(done[0].text.empty());
  if (!done[0].taken) {
    EXPECT_EQ(bench.log(), (std::vector<std::string>{"command refused"})) << "and nothing else";
  }
  return done[0].taken;
}

void expect_partner_down(const EndpointBench& bench) {
  EXPECT_EQ(bench.state(), kPartnerDown);
  EXPECT_EQ(bench.endpoint->start_time_of_state(), bench.now);
  EXPECT_EQ(bench.endpoint->serving().answers, Serving::Answers::kEverybody);
  EXPECT_FALSE(bench.endpoint->serving().is_bounded);
  EXPECT_EQ(bench.all<effect::ArmReuseTimers>().size(), 1U);
  EXPECT_FALSE(bench.endpoint->communications_ok());
  // The answer comes when it is done.
  EXPECT_TRUE(std::holds_alternative<effect::CommandDone>(bench.effects.back()));
}

// F-348, F-361, F-384, R-56: taken without contact.
TEST(EndpointCommand, WithoutContact) {
  for (const Role role : kBothRoles) {
    for (const EndpointState state :
         {kCommunicationsInterrupted, kResolutionInterrupted, kRecoverDone, kConflictDone}) {
      if (state == kConflictDone && role == Role::kSecondary) continue;
      SCOPED_TRACE(name_of(state));
      EndpointBench bench(role);
      bench.start_in(state);
      EXPECT_TRUE(command(bench));
      expect_partner_down(bench);
    }
  }
}

// F-348, F-361: at once, though the connection is up; it is closed, so that a partner that lives is
// met anew.
TEST(EndpointCommand, InContact) {
  for (const Role role : kBothRoles) {
    for (const EndpointState state : {kNormal, kCommunicationsInterrupted}) {
      EndpointBench bench(role);
      bench.reach_in_contact(state);
      EXPECT_TRUE(command(bench));
      expect_partner_down(bench);
      EXPECT_EQ(bench.all<effect::Close>().size(), 1U);
      bench.connect(kCommunicationsInterrupted);
      EXPECT_EQ(bench.state(), kPotentialConflict);
    }
  }
}

// RECOVER-DONE, CONFLICT-DONE and PARTNER-DOWN itself only without contact, forced or not.
TEST(EndpointCommand, RefusedInContact) {
  for (const Role role : kBothRoles) {
    for (const bool is_forced : {false, true}) {
      for (const EndpointState state : {kRecoverDone, kConflictDone, kPartnerDown}) {
        if (state == kConflictDone && role == Role::kSecondary) continue;
        EndpointBench bench(role);
        bench.reach_in_contact(state);
        EXPECT_FALSE(command(bench, is_forced));
        EXPECT_EQ(bench.state(), state);
      }
    }
  }
}

// never in POTENTIAL-CONFLICT; when contact is cut it is taken.
TEST(EndpointCommand, PotentialConflict) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.reach_in_contact(kPotentialConflict);
    EXPECT_FALSE(command(bench));
    EXPECT_FALSE(command(bench, true));
    bench.lose_connection();
    EXPECT_TRUE(command(bench));
    expect_partner_down(bench);
  }
}

// STARTUP, RECOVER and RECOVER-WAIT by force only.
TEST(EndpointCommand, ByForce) {
  for (const Role role : kBothRoles) {
    for (const EndpointState state : {kRecover, kRecoverWait}) {
      for (const bool in_contact : {false, true}) {
        EndpointBench bench(role);
        if (in_contact) {
          bench.reach_in_contact(state);
        } else {
          bench.start_in(state);
        }
        EXPECT_FALSE(command(bench));
        EXPECT_TRUE(command(bench, true));
        expect_partner_down(bench);
        EXPECT_TRUE(bench.disk().recover_wait_end.is_none());
      }
    }
    for (const EndpointState stored :
         {kNormal, kPartnerDown, kPotentialConflict, kRecover, kRecoverDone}) {
      EndpointBench bench(role);
      bench.start(record_in(role, stored));
      EXPECT_FALSE(command(bench));
      EXPECT_EQ(bench.state(), kStartup);
      EXPECT_TRUE(command(bench, true));
      EXPECT_EQ(bench.state(), kPartnerDown);
      bench.pass_in_silence(30);
      EXPECT_EQ(bench.state(), kPartnerDown);
    }
  }
}

// served by force before the partner had told what it holds. Whatever it is in when it
// comes, also after a restart, all of it is asked for, and NORMAL waits for it.
TEST(EndpointCommand, R43ForcedItAsksForEverything) {
  for (const Role role : kBothRoles) {
    for (const EndpointState state : {kRecover, kRecoverWait}) {
      for (const bool in_startup : {false, true}) {
        for (const bool restarts : {false, true}) {
          EndpointBench bench(role);
          in_startup ? bench.start(record_in(role, state)) : bench.start_in(state);
          ASSERT_TRUE(command(bench, true));
          if (restarts) {
            bench.restart();
            bench.pass(20);
            ASSERT_EQ(bench.state(), kPartnerDown);
          }
          bench.forget();
          bench.connect(kRecoverWait);
          EXPECT_FALSE(bench.last_state()->flags.communicated());
          ASSERT_EQ(bench.sent<UpdateRequest>().size(), 1U);
          EXPECT_TRUE(bench.sent<UpdateRequest>()[0].all);
          bench.partner_is(kRecoverDone);
          EXPECT_EQ(bench.state(), kPartnerDown) << "the answer is not there yet";
          EXPECT_FALSE(bench.disk().has_communicated);
          bench.finish_update();
          EXPECT_EQ(bench.state(), kNormal);
          EXPECT_TRUE(bench.disk().has_communicated);
        }
      }
    }
  }
}

// Said again it begins a new PARTNER-DOWN where the partner was back in between, and else
// leaves the age of this one alone, on which waiting times count.
TEST(EndpointCommand, Again) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.start_in(kCommunicationsInterrupted);
    EXPECT_TRUE(command(bench));
    const WallTime since = bench.now;
    bench.pass_in_silence(100);
    EXPECT_TRUE(command(bench));
    EXPECT_EQ(bench.endpoint->start_time_of_state(), since);
    bench.connect(kRecover);
    bench.lose_connection();
    bench.pass_in_silence(100);
    EXPECT_TRUE(command(bench));
    expect_partner_down(bench);
  }
}

}  // namespace
}  // namespace tandem6
