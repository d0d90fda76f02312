// What a partner's state leads to, for every pair of states, both roles, on contact and at a later
// STATE: RFC 8156 sections 8.4 to 8.12 with rulings, written by hand.
#include "tests/failover/endpoint_bench.h"

namespace tandem6 {
namespace {

using enum EndpointState;

constexpr std::array kBothRoles = {Role::kPrimary, Role::kSecondary};
std::string name_of_role(Role role) { return role == Role::kPrimary ? "primary" : "secondary"; }

struct Row {
  EndpointState own;
  EndpointState partner;
  EndpointState then;
  const char* rows;
};

// NORMAL and POTENTIAL-CONFLICT need contact, RESOLUTION-INTERRUPTED has none: each is in the table
// that it can be in.
constexpr Row kBoth[] = {
    {kCommunicationsInterrupted, kNormal, kNormal, "F-362"},
    {kCommunicationsInterrupted, kCommunicationsInterrupted, kNormal, "F-363"},
    {kCommunicationsInterrupted, kPartnerDown, kPotentialConflict, "F-366"},
    {kCommunicationsInterrupted, kPotentialConflict, kPotentialConflict, "F-367"},
    {kCommunicationsInterrupted, kRecover, kCommunicationsInterrupted, "F-364"},
    {kCommunicationsInterrupted, kRecoverWait, kCommunicationsInterrupted, "F-370, R-49"},
    {kCommunicationsInterrupted, kRecoverDone, kNormal, "F-365"},
    {kCommunicationsInterrupted, kResolutionInterrupted, kPotentialConflict, "F-369"},
    {kCommunicationsInterrupted, kConflictDone, kPotentialConflict, "F-368"},

    {kPartnerDown, kNormal, kPotentialConflict, "F-309, F-318"},
    {kPartnerDown, kCommunicationsInterrupted, kPotentialConflict, "F-310, F-318"},
    {kPartnerDown, kPartnerDown, kPotentialConflict, "F-311, F-318"},
    {kPartnerDown, kPotentialConflict, kPotentialConflict, "F-312, F-318"},
    {kPartnerDown, kRecover, kPartnerDown, "F-315, F-318"},
    {kPartnerDown, kRecoverWait, kPartnerDown, "F-316, F-318"},
    {kPartnerDown, kRecoverDone, kNormal, "F-317, F-318"},
    {kPartnerDown, kResolutionInterrupted, kPotentialConflict, "F-313, F-318"},
    {kPartnerDown, kConflictDone, kPotentialConflict, "F-314, F-318"},

    {kRecover, kNormal, kRecover, "F-325"},
    {kRecover, kCommunicationsInterrupted, kRecover, "F-325"},
    {kRecover, kPartnerDown, kRecover, "F-325"},
    {kRecover, kPotentialConflict, kPotentialConflict, "F-322"},
    {kRecover, kRecover, kRecover, "F-325, R-47"},
    {kRecover, kRecoverWait, kRecover, "F-325"},
    {kRecover, kRecoverDone, kRecover, "F-325"},
    {kRecover, kResolutionInterrupted, kPotentialConflict, "F-323"},
    {kRecover, kConflictDone, kPotentialConflict, "F-324"},

    {kRecoverWait, kNormal, kRecoverWait, "R-49"},
    {kRecoverWait, kCommunicationsInterrupted, kRecoverWait, "R-49"},
    {kRecoverWait, kPartnerDown, kRecoverWait, "R-49"},
    {kRecoverWait, kPotentialConflict, kRecoverWait, "R-49"},
    {kRecoverWait, kRecover, kRecoverWait, "R-49"},
    {kRecoverWait, kRecoverWait, kRecoverWait, "R-49"},
    {kRecoverWait, kRecoverDone, kRecoverWait, "R-49"},
    {kRecoverWait, kResolutionInterrupted, kRecoverWait, "R-49"},
    {kRecoverWait, kConflictDone, kRecoverWait, "R-49"},

    {kRecoverDone, kNormal, kNormal, "F-338"},
    {kRecoverDone, kCommunicationsInterrupted, kRecoverDone, "R-49"},
    {kRecoverDone, kPartnerDown, kRecoverDone, "R-49"},
    {kRecoverDone, kPotentialConflict, kPotentialConflict, "F-342"},
    {kRecoverDone, kRecover, kCommunicationsInterrupted, "F-340"},
    {kRecoverDone, kRecoverWait, kCommunicationsInterrupted, "F-341"},
    {kRecoverDone, kRecoverDone, kNormal, "F-339"},
    {kRecoverDone, kResolutionInterrupted, kPotentialConflict, "R-49"},
    {kRecoverDone, kConflictDone, kPotentialConflict, "R-49"},
};

constexpr Row kPrimaryOnly[] = {
    {kConflictDone, kNormal, kNormal, "F-388"},
    {kConflictDone, kCommunicationsInterrupted, kConflictDone, "F-387, R-49"},
    {kConflictDone, kPartnerDown, kPotentialConflict, "R-49"},
    {kConflictDone, kPotentialConflict, kConflictDone, "F-387, R-49"},
    {kConflictDone, kRecover, kConflictDone, "F-387, R-49"},
    {kConflictDone, kRecoverWait, kConflictDone, "F-387, R-49"},
    {kConflictDone, kRecoverDone, kConflictDone, "F-387, R-49"},
    {kConflictDone, kResolutionInterrupted, kConflictDone, "F-387, R-49"},
};

constexpr Row kOnContactOnly[] = {
    {kResolutionInterrupted, kNormal, kPotentialConflict, "F-385"},
    {kResolutionInterrupted, kCommunicationsInterrupted, kPotentialConflict, "F-385"},
    {kResolutionInterrupted, kPartnerDown, kPotentialConflict, "F-385"},
    {kResolutionInterrupted, kPotentialConflict, kPotentialConflict, "F-385"},
    {kResolutionInterrupted, kRecover, kPotentialConflict, "F-385"},
    {kResolutionInterrupted, kRecoverWait, kPotentialConflict, "F-385"},
    {kResolutionInterrupted, kRecoverDone, kPotentialConflict, "F-385"},
    {kResolutionInterrupted, kResolutionInterrupted, kPotentialConflict, "F-385"},
    {kResolutionInterrupted, kConflictDone, kPotentialConflict, "F-385"},
};

constexpr Row kLaterOnly[] = {
    {kNormal, kNormal, kNormal, "R-49"},
    {kNormal, kCommunicationsInterrupted, kNormal, "R-49"},
    {kNormal, kPartnerDown, kPotentialConflict, "F-351, F-366"},
    {kNormal, kPotentialConflict, kPotentialConflict, "F-351, F-367"},
    {kNormal, kRecover, kCommunicationsInterrupted, "F-351, F-364"},
    {kNormal, kRecoverWait, kCommunicationsInterrupted, "F-351, F-370"},
    {kNormal, kRecoverDone, kNormal, "R-49"},
    {kNormal, kResolutionInterrupted, kPotentialConflict, "F-351, F-369"},
    {kNormal, kConflictDone, kNormal, "R-49"},

    {kPotentialConflict, kNormal, kPotentialConflict, "8.10.2"},
    {kPotentialConflict, kCommunicationsInterrupted, kPotentialConflict, "8.10.2"},
    {kPotentialConflict, kPartnerDown, kPotentialConflict, "8.10.2"},
    {kPotentialConflict, kPotentialConflict, kPotentialConflict, "8.10.2"},
    {kPotentialConflict, kRecover, kPotentialConflict, "8.10.2"},
    {kPotentialConflict, kRecoverWait, kPotentialConflict, "8.10.2"},
    {kPotentialConflict, kRecoverDone, kPotentialConflict, "8.10.2"},
    {kPotentialConflict, kResolutionInterrupted, kPotentialConflict, "8.10.2"},
    {kPotentialConflict, kConflictDone, kPotentialConflict, "8.10.2"},
};

std::string trace_of(Role role, const Row& row) {
  return name_of_role(role) + " in " + name_of(row.own) + " sees " + name_of(row.partner) + ": " +
         row.rows;
}

void expect_update_request(const EndpointBench& bench, const Row& row, bool was_asked) {
  const std::size_t requests = bench.sent<UpdateRequest>().size();
  if (row.then == kRecover) {
    EXPECT_EQ(requests, was_asked ? 0U : 1U);
  }
  if (row.then == kPotentialConflict && row.own != kPotentialConflict) {
    // F-373: the primary asks first; F-377: the secondary once the primary is through.
    const bool asks = bench.settings.role == Role::kPrimary || row.partner == kConflictDone;
    EXPECT_EQ(requests, asks ? 1U : 0U);
  }
}

void meet(Role role, const Row& row) {
  SCOPED_TRACE(trace_of(role, row));
  EndpointBench bench(role);
  bench.start_in(row.own);
  bench.exchange();
  EXPECT_EQ(bench.state(), row.own) << "F-103: not before the STATE";
  bench.forget();
  bench.partner_is(row.partner);
  EXPECT_EQ(bench.state(), row.then);
  expect_update_request(bench, row, false);
  // F-111: the partner hears of a change, and of nothing else.
  if (row.own == row.then) {
    EXPECT_TRUE(bench.states_sent().empty());
  } else {
    EXPECT_EQ(bench.states_sent().back(), row.then);
  }
}

void change_to(Role role, const Row& row) {
  SCOPED_TRACE(trace_of(role, row) + ", later");
  EndpointBench bench(role);
  bench.reach_in_contact(row.own);
  bench.pass(20);
  bench.forget();
  bench.partner_is(row.partner);
  EXPECT_EQ(bench.state(), row.then);
  expect_update_request(bench, row, true);
}

TEST(EndpointStateTable, OnContact) {
  for (const Role role : kBothRoles) {
    for (const Row& row : kBoth) meet(role, row);
    for (const Row& row : kOnContactOnly) meet(role, row);
  }
  for (const Row& row : kPrimaryOnly) meet(Role::kPrimary, row);
}

TEST(EndpointStateTable, AtALaterState) {
  for (const Role role : kBothRoles) {
    for (const Row& row : kBoth) change_to(role, row);
    for (const Row& row : kLaterOnly) change_to(role, row);
  }
  for (const Row& row : kPrimaryOnly) change_to(Role::kPrimary, row);
}

// F-308, R-46: what a partner in its STARTUP reports changes no state, though contact is there; it
// counts when it comes with S clear.
TEST(EndpointStateTable, StartupFlagPutsEverythingOff) {
  const auto hear_twice = [](Role role, const Row& row) {
    SCOPED_TRACE(trace_of(role, row));
    EndpointBench bench(role);
    bench.start_in(row.own);
    bench.exchange();
    bench.forget();
    bench.partner_is(row.partner, kStartupFlag);
    EXPECT_EQ(bench.state(), row.own);
    EXPECT_TRUE(bench.endpoint->communications_ok());
    EXPECT_TRUE(bench.sent<UpdateRequest>().empty());
    EXPECT_TRUE(bench.states_sent().empty());
    bench.partner_is(row.partner);
    EXPECT_EQ(bench.state(), row.then);
    expect_update_request(bench, row, false);
  };
  for (const Role role : kBothRoles) {
    for (const Row& row : kBoth) hear_twice(role, row);
    for (const Row& row : kOnContactOnly) hear_twice(role, row);
  }
  for (const Row& row : kPrimaryOnly) hear_twice(Role::kPrimary, row);
}

// A number that is no state, and one that is never sent, move nobody but a server that expects
// NORMAL.
TEST(EndpointStateTable, UnknownStatesOfThePartner) {
  for (const Role role : kBothRoles) {
    for (const auto number : {0, 1, 11, 255}) {
      const auto unknown = static_cast<EndpointState>(number);
      for (const EndpointState own :
           {kCommunicationsInterrupted, kPartnerDown, kRecoverWait, kRecoverDone}) {
        meet(role, {own, unknown, own, "R-49"});
      }
      change_to(role, {kNormal, unknown, kCommunicationsInterrupted, "F-351"});
    }
  }
}

// --- Communications fail.

TEST(EndpointStateTable, CommunicationsFail) {
  struct Failure {
    EndpointState own;
    EndpointState then;
    const char* rows;
  };
  constexpr Failure kFailures[] = {
      {kNormal, kCommunicationsInterrupted, "F-350"},
      {kCommunicationsInterrupted, kCommunicationsInterrupted, "8.9"},
      {kPartnerDown, kPartnerDown, "F-319"},
      {kPotentialConflict, kResolutionInterrupted, "F-375"},
      {kRecover, kRecover, "F-328"},
      {kRecoverWait, kRecoverWait, "F-335"},
      {kRecoverDone, kRecoverDone, "F-343"},
      {kConflictDone, kConflictDone, "F-387"},
  };
  for (const Role role : kBothRoles) {
    for (const Failure& failure : kFailures) {
      if (failure.own == kConflictDone && role == Role::kSecondary) continue;
      for (const bool by_disconnect : {false, true}) {
        SCOPED_TRACE(name_of_role(role) + " in " + name_of(failure.own) + ": " + failure.rows);
        EndpointBench bench(role);
        bench.reach_in_contact(failure.own);
        bench.forget();
        if (by_disconnect) {
          bench.receive(Disconnect{StatusReport{StatusCode::kServerShuttingDown, ""}});  // F-352
        } else {
          bench.lose_connection();
        }
        EXPECT_EQ(bench.state(), failure.then);
        EXPECT_FALSE(bench.endpoint->communications_ok());
        EXPECT_TRUE(bench.sent<State>().empty()) << "there is nobody to send it to";
        // F-354, F-380; that a partner shuts down as planned is none.
        EXPECT_EQ(bench.has_alarm(),
                  (failure.own == kNormal && !by_disconnect) || failure.own == kPotentialConflict);
      }
    }
  }
}

// F-350, F-129: silence is a failure too.
TEST(EndpointStateTable, SilenceEndsNormal) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.reach_normal();
    bench.pass_in_silence(59);
    EXPECT_EQ(bench.state(), kNormal);
    bench.pass_in_silence(1);
    EXPECT_EQ(bench.state(), kCommunicationsInterrupted);
    EXPECT_FALSE(bench.is_connected());
  }
}

// --- UPDDONE.

// F-327, F-332: RECOVER to RECOVER-WAIT. F-376, F-378: POTENTIAL-CONFLICT to CONFLICT-DONE at the
// primary, to NORMAL at the secondary.
TEST(EndpointStateTable, UpdateDone) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.reach_in_contact(kRecover);
    bench.finish_update();
    EXPECT_EQ(bench.state(), kRecoverWait);
    EXPECT_EQ(bench.last_state()->state, kRecoverWait);
  }
  EndpointBench primary(Role::kPrimary);
  primary.reach_in_contact(kPotentialConflict);
  primary.finish_update();
  EXPECT_EQ(primary.state(), kConflictDone);
  EXPECT_EQ(primary.last_state()->state, kConflictDone);

  EndpointBench secondary(Role::kSecondary);
  secondary.reach_in_contact(kPotentialConflict);
  secondary.partner_is(kPotentialConflict);
  EXPECT_TRUE(secondary.sent<UpdateRequest>().empty()) << "F-374: it waits for the primary's";
  secondary.partner_is(kConflictDone);
  EXPECT_EQ(secondary.sent<UpdateRequest>().size(), 1U) << "F-377";
  secondary.finish_update();
  EXPECT_EQ(secondary.state(), kNormal);
  EXPECT_EQ(secondary.last_state()->state, kNormal);
}

// An UPDDONE that answers nothing of ours, or nothing any more, has no effect.
TEST(EndpointStateTable, StrayUpdateDone) {
  for (const Role role : kBothRoles) {
    for (const EndpointState own : {kNormal, kCommunicationsInterrupted, kPartnerDown,
                                    kPotentialConflict, kRecover, kRecoverWait, kRecoverDone}) {
      EndpointBench bench(role);
      bench.reach_in_contact(own);
      bench.receive(UpdateDone{}, 0xabcdef);
      EXPECT_EQ(bench.state(), own);
    }
  }
  // Asked for in RECOVER, answered in POTENTIAL-CONFLICT: the request belonged to the state.
  EndpointBench bench(Role::kSecondary);
  bench.reach_in_contact(kRecover);
  bench.partner_is(kPotentialConflict);
  bench.finish_update();
  EXPECT_EQ(bench.state(), kPotentialConflict);
}

// F-025, F-325, F-326, R-43: UPDREQALL where the partner has a record of this server and it has
// none of the partner, or where the leases are new; else UPDREQ.
TEST(EndpointStateTable, WhichRequest) {
  struct Case {
    bool had_communicated;
    bool partner_communicated;
    LeasesOrigin origin;
    bool all;
  };
  using enum LeasesOrigin;
  constexpr Case kCases[] = {{true, true, kKept, false},    {true, false, kKept, false},
                             {false, true, kKept, true},    {false, false, kKept, false},
                             {true, true, kRestored, true}, {false, false, kRestored, true},
                             {true, true, kDamaged, true},  {false, false, kMade, true}};
  for (const Case& each : kCases) {
    EndpointBench bench(Role::kPrimary);
    EndpointRecord record = record_in(Role::kPrimary, kRecover);
    record.has_communicated = each.had_communicated;
    bench.start(record, each.origin);
    bench.connect(kPartnerDown,
                  {each.partner_communicated ? ServerFlags::kCommunicated : std::uint8_t{0}});
    ASSERT_EQ(bench.sent<UpdateRequest>().size(), 1U);
    EXPECT_EQ(bench.sent<UpdateRequest>()[0].all, each.all)
        << each.had_communicated << each.partner_communicated << name_of(each.origin);
  }
}

// F-328, R-43: an UPDREQALL that was cut off is asked for again, however often, and in whichever
// state; so too after a restart in the middle.
TEST(EndpointStateTable, UpdateRequestAllUntilItIsDone) {
  for (const bool restarts : {false, true}) {
    for (const EndpointState partner : {kPartnerDown, kPotentialConflict}) {
      EndpointBench bench(Role::kPrimary);
      bench.start(std::nullopt, LeasesOrigin::kMade);
      bench.connect(partner);
      for (int i = 0; i < 3; ++i) {
        ASSERT_FALSE(bench.sent<UpdateRequest>().empty());
        EXPECT_TRUE(bench.sent<UpdateRequest>().back().all) << "try " << i;
        EXPECT_FALSE(bench.last_state()->flags.communicated()) << "F-120";
        if (restarts) {
          bench.restart();
        } else {
          bench.lose_connection();
          bench.pass_in_silence(5);
        }
        bench.forget();
        bench.connect(partner);
      }
      bench.finish_update();
      bench.lose_connection();
      bench.connect(partner);
      EXPECT_TRUE(bench.last_state()->flags.communicated());
    }
  }
}

// F-351: out of NORMAL a STATE says each step.
TEST(EndpointStateTable, NormalIsLeftByWayOfCommunicationsInterrupted) {
  EndpointBench bench(Role::kSecondary);
  bench.reach_normal();
  bench.forget();
  bench.partner_is(kPartnerDown);
  EXPECT_EQ(bench.states_sent(), (std::vector{kCommunicationsInterrupted, kPotentialConflict}));
  EXPECT_TRUE(bench.has_alarm());  // F-354
}

}  // namespace
}  // namespace tandem6
