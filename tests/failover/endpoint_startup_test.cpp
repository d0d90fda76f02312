// STARTUP: RFC 8156 sections 8.2 and 8.3 with rulings.
#include "tests/failover/endpoint_bench.h"

namespace tandem6 {
namespace {

using enum EndpointState;

constexpr std::array kBothRoles = {Role::kPrimary, Role::kSecondary};

struct Resumed {
  EndpointState stored;
  EndpointState then;
};
// F-294, F-295: what a failure of communications would have made of it.
constexpr Resumed kResumed[] = {{kNormal, kCommunicationsInterrupted},
                                {kCommunicationsInterrupted, kCommunicationsInterrupted},
                                {kPartnerDown, kPartnerDown},
                                {kPotentialConflict, kResolutionInterrupted},
                                {kRecover, kRecover},
                                {kRecoverWait, kRecoverWait},
                                {kRecoverDone, kRecoverDone},
                                {kResolutionInterrupted, kResolutionInterrupted},
                                {kConflictDone, kConflictDone}};

// F-288, F-291, F-294 to F-297, F-301: nobody is answered until the time is over, then the state is
// the one of before.
TEST(EndpointStartup, EveryStoredStateWithoutAPartner) {
  for (const Role role : kBothRoles) {
    for (const Resumed& each : kResumed) {
      if (each.stored == kConflictDone && role == Role::kSecondary) continue;
      SCOPED_TRACE(name_of(each.stored));
      EndpointBench bench(role);
      bench.start(record_in(role, each.stored));
      EXPECT_EQ(bench.state(), kStartup);
      EXPECT_EQ(bench.all<effect::Open>().size(), role == Role::kPrimary ? 1U : 0U) << "F-297";
      bench.pass(9);
      EXPECT_EQ(bench.state(), kStartup);
      for (const auto& serve : bench.all<effect::Serve>()) {
        EXPECT_EQ(serve.serving.answers, Serving::Answers::kNobody);
      }
      bench.pass(1);
      EXPECT_EQ(bench.state(), each.then);
      EXPECT_EQ(bench.disk().state, static_cast<std::uint8_t>(each.then));
    }
  }
}

// a restart does not reset the time at which a state began, as long as it is the same state.
TEST(EndpointStartup, ResumedStateKeepsItsTime) {
  for (const Resumed& each : kResumed) {
    SCOPED_TRACE(name_of(each.stored));
    EndpointBench bench(Role::kPrimary);
    const EndpointRecord record = record_in(Role::kPrimary, each.stored);
    bench.start(record);
    const WallTime start = bench.now;
    bench.pass(30);
    EXPECT_EQ(bench.endpoint->start_time_of_state(),
              each.stored == each.then ? record.start_time_of_state : start);
  }
}

// F-289, F-119: S and the state of before in each STATE of STARTUP. F-120: C as it is on disk.
TEST(EndpointStartup, StateInStartup) {
  for (const Role role : kBothRoles) {
    for (const Resumed& each : kResumed) {
      if (each.stored == kConflictDone && role == Role::kSecondary) continue;
      SCOPED_TRACE(name_of(each.stored));
      EndpointBench bench(role);
      bench.start(record_in(role, each.stored));
      bench.exchange();
      ASSERT_EQ(bench.sent<State>().size(), 1U);
      const State state = bench.sent<State>()[0];
      EXPECT_EQ(state.state, each.then);
      EXPECT_TRUE(state.flags.startup());
      EXPECT_TRUE(state.flags.communicated());
      EXPECT_FALSE(state.flags.ack_startup());
      // F-113: also here PARTNER-DOWN comes with its time.
      EXPECT_EQ(state.partner_down_time,
                each.then == kPartnerDown ? state.start_time_of_state : kNoTime);
    }
  }
}

// F-298: contact ends STARTUP; the state of before is taken up with S clear, then the partner's
// state counts.
TEST(EndpointStartup, ContactEndsStartup) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.start(record_in(role, kNormal));
    bench.connect(kCommunicationsInterrupted);
    EXPECT_EQ(bench.state(), kNormal);
    EXPECT_EQ(bench.states_sent(),
              (std::vector{kCommunicationsInterrupted, kCommunicationsInterrupted, kNormal}));
    EXPECT_TRUE(bench.sent<State>()[0].flags.startup());
    EXPECT_FALSE(bench.sent<State>()[1].flags.startup());
    EXPECT_FALSE(bench.sent<State>()[2].flags.startup());
  }
}

// a partner in STARTUP as well ends ours, but is acted on when its S is clear. F-120: our A
// flag says that we saw its S.
TEST(EndpointStartup, BothInStartup) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.start(record_in(role, kNormal));
    bench.connect(kCommunicationsInterrupted, kStartupFlag);
    EXPECT_EQ(bench.state(), kCommunicationsInterrupted);
    EXPECT_TRUE(bench.last_state()->flags.ack_startup());
    bench.forget();
    bench.partner_is(kCommunicationsInterrupted);
    EXPECT_EQ(bench.state(), kNormal);
    EXPECT_FALSE(bench.last_state()->flags.ack_startup());
  }
}

// F-296: a connection that comes in the middle of the exchange when the time is over goes on.
TEST(EndpointStartup, TimeEndsBetweenExchangeAndState) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.start(record_in(role, kNormal));
    bench.exchange();
    bench.pass(10);
    EXPECT_EQ(bench.state(), kCommunicationsInterrupted);
    EXPECT_FALSE(bench.last_state()->flags.startup());
    bench.partner_is(kNormal);
    EXPECT_EQ(bench.state(), kNormal);
  }
}

// --- No record.

// F-290, F-292, R-42: RECOVER since now, for both roles, and nothing is known of the partner.
TEST(EndpointStartup, NoRecord) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.start();
    const EndpointRecord record = bench.disk();
    EXPECT_EQ(record.role, static_cast<std::uint8_t>(role));
    EXPECT_EQ(record.state, static_cast<std::uint8_t>(kRecover));
    EXPECT_EQ(record.previous_state, 0);
    EXPECT_EQ(record.start_time_of_state, bench.now);
    EXPECT_EQ(record.partner_state, 0);
    EXPECT_TRUE(record.partner_start_time_of_state.is_none());
    EXPECT_TRUE(record.last_contact.is_none());
    EXPECT_FALSE(record.has_communicated);
    bench.pass(100);
    EXPECT_EQ(bench.state(), kRecover) << "R-42: it waits for its partner";
    bench.connect(kRecover, {});
    EXPECT_FALSE(bench.last_state()->flags.communicated());
  }
}

// F-293, R-42: by explicit setting a server that never met a partner serves alone, also when it was
// started before.
TEST(EndpointStartup, StartAlone) {
  for (const Role role : kBothRoles) {
    for (const int earlier_starts : {0, 2}) {
      EndpointSettings settings = bench_settings(role);
      settings.start_alone = true;
      EndpointBench bench(settings);
      bench.start();
      for (int i = 0; i < earlier_starts; ++i) {
        bench.pass(3);
        bench.restart();
      }
      bench.pass(9);
      EXPECT_EQ(bench.state(), kStartup);
      bench.pass(1);
      EXPECT_EQ(bench.state(), kPartnerDown);
      EXPECT_EQ(bench.disk().start_time_of_state, bench.now);
      EXPECT_EQ(bench.endpoint->serving().answers, Serving::Answers::kEverybody);
    }
  }
}

// F-293, R-43: who serves alone goes on so after a restart, though no partner has made its database
// whole: what is in it, its clients were told.
TEST(EndpointStartup, AloneAgainAfterARestart) {
  for (const Role role : kBothRoles) {
    EndpointSettings settings = bench_settings(role);
    settings.start_alone = true;
    EndpointBench bench(settings);
    bench.start(std::nullopt, LeasesOrigin::kMade);
    bench.pass(10);
    const WallTime since = bench.now;
    bench.restart(100, LeasesOrigin::kMade);
    bench.pass(10);
    EXPECT_EQ(bench.state(), kPartnerDown);
    EXPECT_EQ(bench.disk().start_time_of_state, since);
    EXPECT_EQ(bench.endpoint->serving().answers, Serving::Answers::kEverybody);
  }
}

// only an old copy is doubted. What a made database has, when a first partner comes, are
// leases of a server that was alone; the partner's silence says nothing of them.
TEST(EndpointStartup, LeasesOfALoneServerAreNotDoubted) {
  using enum LeasesOrigin;
  for (const LeasesOrigin origin : {kKept, kMade, kRestored, kDamaged}) {
    const bool doubts = origin == kRestored || origin == kDamaged;
    EndpointBench bench(Role::kPrimary);
    bench.start(std::nullopt, origin);
    EXPECT_EQ(bench.all<effect::MarkAllDirty>().size(), 1U) << name_of(origin);
    EXPECT_EQ(bench.all<effect::DoubtOldCopy>().size(), doubts ? 1U : 0U) << name_of(origin);
    EXPECT_EQ(bench.endpoint->serving().has_old_leases, doubts) << name_of(origin);
  }
}

// F-293: not where a partner was met, nor where it is there.
TEST(EndpointStartup, StartAloneOnlyWithoutAPartner) {
  EndpointSettings settings = bench_settings(Role::kPrimary);
  settings.start_alone = true;
  for (const EndpointState stored : {kRecover, kNormal, kRecoverWait}) {
    EndpointBench bench(settings);
    bench.start(record_in(Role::kPrimary, stored));
    bench.pass(20);
    EXPECT_NE(bench.state(), kPartnerDown);
  }
  EndpointBench met(settings);
  met.start();
  met.connect(kRecover);
  met.restart();
  met.pass(20);
  EXPECT_EQ(met.state(), kRecover);

  EndpointBench other_role(settings);
  other_role.start(record_in(Role::kSecondary, kNormal));
  other_role.pass(20);
  EXPECT_EQ(other_role.state(), kRecover);
}

// a record of the other role is none.
TEST(EndpointStartup, RolesExchanged) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.start(record_in(partner_of(role), kNormal));
    EXPECT_EQ(bench.disk().role, static_cast<std::uint8_t>(role));
    EXPECT_EQ(bench.disk().state, static_cast<std::uint8_t>(kRecover));
    EXPECT_EQ(bench.disk().partner_state, 0);
    EXPECT_FALSE(bench.disk().has_communicated);
    bench.pass(20);
    EXPECT_EQ(bench.state(), kRecover);
  }
}

// before the record is kept, so that a crash in between repeats it; and never again, also not
// where the database was restored: what that holds of before the partner knows.
TEST(EndpointStartup, R43JoiningMarksAllDirtyFirst) {
  for (const Role role : kBothRoles) {
    for (const bool has_other_role : {false, true}) {
      EndpointBench bench(role);
      bench.start(has_other_role ? std::optional(record_in(partner_of(role), kNormal))
                                 : std::nullopt);
      ASSERT_GE(bench.effects.size(), 2U);
      EXPECT_TRUE(std::holds_alternative<effect::Serve>(bench.effects[0])) << "the lead time";
      EXPECT_TRUE(std::holds_alternative<effect::MarkAllDirty>(bench.effects[1]));
      EXPECT_EQ(bench.all<effect::MarkAllDirty>().size(), 1U);
      EXPECT_TRUE(bench.all<effect::DoubtOldCopy>().empty());
      bench.forget();
      bench.restart();
      EXPECT_TRUE(bench.all<effect::MarkAllDirty>().empty());
    }
    for (const bool is_restored : {false, true}) {
      EndpointBench bench(role);
      bench.start(record_in(role, kNormal),
                  is_restored ? LeasesOrigin::kRestored : LeasesOrigin::kKept);
      EXPECT_TRUE(bench.all<effect::MarkAllDirty>().empty());
      EXPECT_EQ(bench.all<effect::DoubtOldCopy>().size(), is_restored ? 1U : 0U);
    }
  }
}

// A record with a state that there is not.
TEST(EndpointStartup, UnreadableRecord) {
  for (const std::uint8_t number : {0, 1, 11, 255}) {
    EndpointBench bench(Role::kPrimary);
    EndpointRecord record = record_in(Role::kPrimary, kNormal);
    record.state = number;
    bench.start(record);
    bench.pass(20);
    EXPECT_EQ(bench.state(), kRecover);
  }
}

// a restored or damaged database recovers whatever the record says, and says that it has
// never communicated.
TEST(EndpointStartup, RestoredDatabase) {
  for (const Role role : kBothRoles) {
    for (const Resumed& each : kResumed) {
      SCOPED_TRACE(name_of(each.stored));
      const auto origin = role == Role::kPrimary ? LeasesOrigin::kRestored : LeasesOrigin::kDamaged;
      EndpointBench bench(role);
      bench.start(record_in(role, each.stored), origin);
      EXPECT_EQ(bench.disk().state, static_cast<std::uint8_t>(kRecover));
      EXPECT_EQ(bench.disk().start_time_of_state, bench.now);
      bench.connect(kPartnerDown);
      EXPECT_EQ(bench.state(), kRecover);
      EXPECT_FALSE(bench.last_state()->flags.communicated());
      ASSERT_EQ(bench.sent<UpdateRequest>().size(), 1U);
      EXPECT_TRUE(bench.sent<UpdateRequest>()[0].all);
      // when the lost leases were given nobody knows, but before this start.
      const WallTime start = bench.now;
      bench.finish_update();
      EXPECT_EQ(bench.state(), kRecoverWait);
      EXPECT_EQ(bench.disk().recover_wait_end, start + Lifetime{3600});
    }
  }
}

// --- Step 5: the partner is in PARTNER-DOWN.

EndpointState after_meeting_partner_down(EndpointState stored, std::int64_t since_last_operation,
                                         ServerFlags flags, bool knows_heartbeat = true) {
  EndpointBench bench(Role::kSecondary);
  EndpointRecord record = record_in(Role::kSecondary, stored);
  if (!knows_heartbeat) record.last_heartbeat = kNoTime;
  bench.start(record);
  bench.exchange();
  // The last heartbeat was 10 s at most before the end.
  const WallTime last_operation{799'999'950};
  bench.receive(State{.state = kPartnerDown,
                      .flags = flags,
                      .start_time_of_state = {last_operation.seconds + since_last_operation},
                      .partner_down_time = {last_operation.seconds + since_last_operation}});
  return bench.state();
}

// F-299: entered clearly later than this server can have operated: RECOVER, from each state; so too
// when the partner is starting itself.
TEST(EndpointStartup, PartnerTookOverAfterUs) {
  for (const Resumed& each : kResumed) {
    SCOPED_TRACE(name_of(each.stored));
    for (const ServerFlags flags : {kCommunicatedFlag, kStartupFlag}) {
      EXPECT_EQ(after_meeting_partner_down(each.stored, 6, flags), kRecover);
      EXPECT_EQ(after_meeting_partner_down(each.stored, 50, flags), kRecover);
    }
  }
}

// F-300, R-45: earlier, or a tie within 5 s, or in doubt: POTENTIAL-CONFLICT. Who was recovering
// has nothing that could clash, and goes on.
TEST(EndpointStartup, PartnerTookOverBeforeUs) {
  for (const Resumed& each : kResumed) {
    SCOPED_TRACE(name_of(each.stored));
    const bool was_recovering =
        each.stored == kRecover || each.stored == kRecoverWait || each.stored == kRecoverDone;
    const EndpointState then = was_recovering ? each.then : kPotentialConflict;
    for (const std::int64_t since : {5, 0, -1, -5000}) {
      EXPECT_EQ(after_meeting_partner_down(each.stored, since, kCommunicatedFlag), then);
    }
    EXPECT_EQ(after_meeting_partner_down(each.stored, 50, kCommunicatedFlag, false), then);
  }
}

// F-299, F-325: and asks, by UPDREQ, once the partner has left its own STARTUP.
TEST(EndpointStartup, RecoverAsksWhenThePartnerHasStarted) {
  EndpointBench bench(Role::kSecondary);
  bench.start(record_in(Role::kSecondary, kNormal));
  bench.connect(kPartnerDown, kStartupFlag);
  EXPECT_EQ(bench.state(), kRecover);
  EXPECT_TRUE(bench.sent<UpdateRequest>().empty());
  bench.partner_is(kPartnerDown);
  ASSERT_EQ(bench.sent<UpdateRequest>().size(), 1U);
  EXPECT_FALSE(bench.sent<UpdateRequest>()[0].all);
}

// F-300: in POTENTIAL-CONFLICT by way of STARTUP the primary asks at once.
TEST(EndpointStartup, PotentialConflictAsks) {
  EndpointBench bench(Role::kPrimary);
  EndpointRecord record = record_in(Role::kPrimary, kPartnerDown);
  record.last_heartbeat = bench.now;
  bench.start(record);
  bench.connect(kPartnerDown);
  EXPECT_EQ(bench.state(), kPotentialConflict);
  EXPECT_EQ(bench.sent<UpdateRequest>().size(), 1U);
}

// the deadline of RECOVER-WAIT survives a restart, also one that leads back to RECOVER.
TEST(EndpointStartup, DeadlineOfRecoverWaitSurvives) {
  EndpointBench bench(Role::kSecondary);
  const EndpointRecord record = record_in(Role::kSecondary, kRecoverWait);
  bench.start(record);
  bench.connect(kPartnerDown);  // entered now
  EXPECT_EQ(bench.state(), kRecover);
  bench.finish_update();
  EXPECT_EQ(bench.state(), kRecoverWait);
  EXPECT_EQ(bench.disk().recover_wait_end, record.recover_wait_end);

  EndpointBench without_contact(Role::kSecondary);
  without_contact.start(record);
  without_contact.pass(2999);
  EXPECT_EQ(without_contact.state(), kRecoverWait);
  without_contact.pass(1);
  EXPECT_EQ(without_contact.state(), kRecoverDone);
}

// PARTNER-DOWN goes on over a restart with its time; that the partner was seen since
// bounds lifetimes still.
TEST(EndpointStartup, PartnerDownGoesOn) {
  EndpointBench bench(Role::kPrimary);
  bench.start_in(kPartnerDown);
  const WallTime since = bench.endpoint->start_time_of_state();
  EXPECT_EQ(bench.endpoint->serving().partner_down_since, since);
  EXPECT_FALSE(bench.endpoint->serving().is_bounded);
  bench.connect(kRecover);
  EXPECT_TRUE(bench.endpoint->serving().is_bounded);
  bench.restart();
  bench.pass(20);
  EXPECT_EQ(bench.state(), kPartnerDown);
  EXPECT_EQ(bench.endpoint->serving().partner_down_since, since);
  EXPECT_TRUE(bench.endpoint->serving().is_bounded);
}

}  // namespace
}  // namespace tandem6
