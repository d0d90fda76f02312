// What time does: auto-partner-down (8.9, R-58), RECOVER-WAIT (8.6, R-44), updates that stall
// (8.5.2, 8.8.2, R-51), the periodic scan, heartbeats.
#include "tests/failover/endpoint_bench.h"

namespace tandem6 {
namespace {

using enum EndpointState;

constexpr std::array kBothRoles = {Role::kPrimary, Role::kSecondary};

EndpointSettings with_auto_partner_down(Role role, std::uint32_t seconds = 5000) {
  EndpointSettings settings = bench_settings(role);
  settings.auto_partner_down = Lifetime{seconds};
  return settings;
}

// --- auto-partner-down.

// off by default.
TEST(EndpointTimers, NoAutoPartnerDown) {
  EndpointBench bench(Role::kPrimary);
  bench.start_in(kCommunicationsInterrupted);
  bench.pass_in_silence(20'000);
  EXPECT_EQ(bench.state(), kCommunicationsInterrupted);
}

// F-353, F-360.
TEST(EndpointTimers, AutoPartnerDown) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(with_auto_partner_down(role));
    bench.reach_normal();
    bench.pass(6000);
    EXPECT_EQ(bench.state(), kNormal);
    bench.lose_connection();
    bench.pass_in_silence(4999);
    EXPECT_EQ(bench.state(), kCommunicationsInterrupted);
    bench.forget();
    bench.pass_in_silence(1);
    EXPECT_EQ(bench.state(), kPartnerDown);
    EXPECT_EQ(bench.all<effect::ArmReuseTimers>().size(), 1U);
    EXPECT_EQ(bench.disk().start_time_of_state, bench.now);
  }
}

// F-353: also where the state is resumed after a start.
TEST(EndpointTimers, AutoPartnerDownAfterAStart) {
  EndpointBench bench(with_auto_partner_down(Role::kPrimary));
  bench.start_in(kCommunicationsInterrupted);
  bench.pass_in_silence(4999);
  EXPECT_EQ(bench.state(), kCommunicationsInterrupted);
  bench.pass_in_silence(1);
  EXPECT_EQ(bench.state(), kPartnerDown);
}

// the timer stops while communications are OK though the state stays, and goes on after.
TEST(EndpointTimers, AutoPartnerDownStopsInContact) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(with_auto_partner_down(role));
    bench.reach_normal();
    bench.lose_connection();
    bench.pass_in_silence(3000);
    bench.connect(kRecover);
    EXPECT_EQ(bench.state(), kCommunicationsInterrupted);
    bench.pass(9000);
    EXPECT_EQ(bench.state(), kCommunicationsInterrupted);
    bench.lose_connection();
    bench.pass_in_silence(1990);
    EXPECT_EQ(bench.state(), kCommunicationsInterrupted);
    bench.pass_in_silence(10);
    EXPECT_EQ(bench.state(), kPartnerDown);
  }
}

// A new COMMUNICATIONS-INTERRUPTED has the whole time again.
TEST(EndpointTimers, AutoPartnerDownBeginsAnew) {
  EndpointBench bench(with_auto_partner_down(Role::kSecondary));
  bench.reach_normal();
  bench.lose_connection();
  bench.pass_in_silence(4000);
  bench.connect(kCommunicationsInterrupted);
  EXPECT_EQ(bench.state(), kNormal);
  bench.lose_connection();
  bench.pass_in_silence(4999);
  EXPECT_EQ(bench.state(), kCommunicationsInterrupted);
  bench.pass_in_silence(1);
  EXPECT_EQ(bench.state(), kPartnerDown);
}

// F-360: in no other state.
TEST(EndpointTimers, AutoPartnerDownElsewhere) {
  for (const EndpointState state : {kRecover, kRecoverDone, kResolutionInterrupted}) {
    EndpointBench bench(with_auto_partner_down(Role::kPrimary));
    bench.start_in(state);
    bench.pass_in_silence(20'000);
    EXPECT_EQ(bench.state(), state);
  }
}

// --- RECOVER-WAIT.

// F-332, R-44: from the last heartbeat and its period, an upper bound of the time of failure.
TEST(EndpointTimers, RecoverWaitFromTheTimeOfFailure) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    const EndpointRecord record = record_in(role, kRecover);
    bench.start(record);
    bench.connect(kPartnerDown);
    bench.finish_update();
    const WallTime end = record.last_heartbeat + Lifetime{10} + Lifetime{3600};
    EXPECT_EQ(bench.disk().recover_wait_end, end);
    bench.pass(static_cast<std::uint32_t>(end.seconds - bench.now.seconds - 1));
    EXPECT_EQ(bench.state(), kRecoverWait);
    bench.pass(1);
    EXPECT_EQ(bench.state(), kRecoverDone) << "F-333";
    EXPECT_TRUE(bench.disk().recover_wait_end.is_none());
  }
}

// a lazy heartbeat may be lost in a power cut; a lease that was given is not, and says when
// this server still served. A clock that was ahead then says nothing of the time after the start.
TEST(EndpointTimers, R44ALeaseOnDiskSaysThatItServed) {
  for (const Role role : kBothRoles) {
    const EndpointRecord record = record_in(role, kRecover);
    const WallTime start{800'000'000};
    struct {
      WallTime contact;
      WallTime failure;
    } const kCases[] = {
        {kNoTime, record.last_heartbeat + Lifetime{10}},
        {record.last_heartbeat, record.last_heartbeat + Lifetime{10}},
        {record.last_heartbeat + Lifetime{40}, record.last_heartbeat + Lifetime{40}},
        {start + Lifetime{1000}, start}};
    for (const auto& each : kCases) {
      EndpointBench bench(role);
      bench.last_client_contact = each.contact;
      bench.start(record);
      bench.connect(kPartnerDown);
      bench.finish_update();
      EXPECT_EQ(bench.disk().recover_wait_end, each.failure + Lifetime{3600});
    }
  }
}

// in STARTUP nobody is answered, so that a start which did not get further is no operation.
TEST(EndpointTimers, R44StartupIsNoOperation) {
  EndpointBench bench(Role::kSecondary);
  const EndpointRecord record = record_in(Role::kSecondary, kNormal);
  bench.start(record);
  bench.pass_in_silence(9);
  ASSERT_EQ(bench.state(), kStartup);
  EXPECT_EQ(bench.disk().last_heartbeat, record.last_heartbeat);
  bench.pass_in_silence(1);
  EXPECT_EQ(bench.disk().last_heartbeat, bench.now);
}

// F-332, R-44: unknown: from the start of the process. R-23: with the larger MCLT.
TEST(EndpointTimers, RecoverWaitFromTheStart) {
  EndpointSettings settings = bench_settings(Role::kPrimary);
  settings.mclt = Lifetime{600};
  EndpointBench bench(settings);
  EndpointRecord record = record_in(Role::kPrimary, kRecover);  // 3600 was agreed
  record.last_heartbeat = kNoTime;
  bench.start(record);
  const WallTime start = bench.now;
  bench.pass_in_silence(30);
  bench.connect(kPartnerDown);
  bench.finish_update();
  EXPECT_EQ(bench.disk().recover_wait_end, start + Lifetime{3600});

  EndpointBench lost(Role::kPrimary);
  lost.start();
  lost.connect(kPartnerDown);  // it says that it has communicated, so the disk was lost
  lost.finish_update();
  EXPECT_EQ(lost.disk().recover_wait_end, WallTime{800'000'000} + Lifetime{3600});
}

// F-333: past already: at once, and each state is told.
TEST(EndpointTimers, RecoverWaitIsOver) {
  EndpointBench bench(Role::kSecondary);
  EndpointRecord record = record_in(Role::kSecondary, kRecover);
  record.last_heartbeat = WallTime{799'990'000};
  bench.start(record);
  bench.connect(kPartnerDown);
  bench.forget();
  bench.finish_update();
  EXPECT_EQ(bench.state(), kRecoverDone);
  EXPECT_EQ(bench.states_sent(), (std::vector{kRecoverWait, kRecoverDone}));
}

// F-334, R-42, R-44: failover never ran here and the partner knows of no time when it did.
TEST(EndpointTimers, TwoFreshServers) {
  for (const Role role : kBothRoles) {
    for (const LeasesOrigin origin : {LeasesOrigin::kKept, LeasesOrigin::kMade}) {
      EndpointBench bench(role);
      bench.start(std::nullopt, origin);
      bench.connect(kRecover, {});
      bench.finish_update();
      EXPECT_EQ(bench.state(), kCommunicationsInterrupted) << "by way of RECOVER-DONE, F-340";
      bench.partner_is(kRecoverDone, {});
      EXPECT_EQ(bench.state(), kNormal);
    }
  }
}

// F-335: cut off meanwhile: the time goes on, and RECOVER-DONE is entered alone.
TEST(EndpointTimers, RecoverWaitWithoutContact) {
  EndpointBench bench(Role::kSecondary);
  bench.reach_in_contact(kRecoverWait);
  bench.lose_connection();
  bench.pass_in_silence(3000);
  EXPECT_EQ(bench.state(), kRecoverDone);
  bench.connect(kNormal);
  EXPECT_EQ(bench.state(), kNormal);
}

// what was learnt of the partner in RECOVER-WAIT counts when the time is over.
TEST(EndpointTimers, RecoverDoneActsOnThePartner) {
  EndpointBench bench(Role::kSecondary);
  bench.reach_in_contact(kRecoverWait);
  bench.partner_is(kPotentialConflict);
  EXPECT_EQ(bench.state(), kRecoverWait);
  bench.pass(3000);
  EXPECT_EQ(bench.state(), kPotentialConflict);
}

// --- Stalls.

// F-330: no BNDUPD and no UPDDONE: dropped; each BNDUPD puts it off; asked again on the next.
TEST(EndpointTimers, RecoverStalls) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.reach_in_contact(kRecover);
    for (int i = 0; i < 5; ++i) {
      bench.pass(39);
      ASSERT_TRUE(bench.is_connected());
      bench.receive(BindingUpdate{
          .vss = {}, .verdict = {}, .leases = {{.update = update_of(1), .verdict = {}}}});
    }
    bench.pass(39);
    EXPECT_TRUE(bench.is_connected());
    bench.pass(1);
    EXPECT_FALSE(bench.is_connected());
    EXPECT_EQ(bench.state(), kRecover);
    bench.forget();
    bench.connect(kPartnerDown);
    EXPECT_EQ(bench.sent<UpdateRequest>().size(), 1U) << "F-328";
  }
}

// Without a request out, RECOVER-WAIT and the others wait for nobody.
TEST(EndpointTimers, NothingStallsWithoutARequest) {
  for (const Role role : kBothRoles) {
    for (const EndpointState state :
         {kNormal, kCommunicationsInterrupted, kPartnerDown, kRecoverWait, kRecoverDone}) {
      EndpointBench bench(role);
      bench.reach_in_contact(state);
      bench.pass(1000);
      EXPECT_TRUE(bench.is_connected()) << name_of(state);
    }
  }
}

// both are mute in POTENTIAL-CONFLICT, so there the secondary does not wait for ever for the
// primary's UPDREQ either.
TEST(EndpointTimers, PotentialConflictStalls) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.reach_in_contact(kPotentialConflict);
    bench.pass(39);
    EXPECT_EQ(bench.state(), kPotentialConflict);
    bench.pass(1);
    EXPECT_EQ(bench.state(), kResolutionInterrupted);
    EXPECT_TRUE(bench.has_alarm()) << "F-380";
    EXPECT_EQ(bench.endpoint->serving().answers, Serving::Answers::kEverybody);
  }
  // The secondary that answers the primary makes progress.
  EndpointBench secondary(Role::kSecondary);
  secondary.reach_in_contact(kPotentialConflict);
  for (std::uint32_t i = 0; i < 5; ++i) secondary.unsent.push_back({update_of(i)});
  secondary.receive(UpdateRequest{}, 0x55);
  for (const auto& send : secondary.all<effect::Send>()) {
    const auto* update = std::get_if<BindingUpdate>(&send.message.body);
    if (update == nullptr) continue;
    secondary.pass(30);
    secondary.receive(reply_with(*update), send.message.transaction_id);
    EXPECT_EQ(secondary.state(), kPotentialConflict);
    EXPECT_TRUE(secondary.is_connected()) << "its oldest waits for 30 s at most";
    break;
  }
}

// a partner that waits by its timer has nothing to say until that is over; then it has to.
TEST(EndpointTimers, R51PotentialConflictWaitsForAPartnerThatRecovers) {
  EndpointBench bench(Role::kSecondary);
  bench.reach_in_contact(kPotentialConflict);
  bench.partner_is(kRecoverWait);
  bench.pass(3600);
  EXPECT_EQ(bench.state(), kPotentialConflict);
  EXPECT_TRUE(bench.is_connected());
  bench.partner_is(kPotentialConflict);
  bench.pass(39);
  EXPECT_TRUE(bench.is_connected());
  bench.pass(1);
  EXPECT_EQ(bench.state(), kResolutionInterrupted);
}

// F-349: updates that are not answered end NORMAL though CONTACTs flow.
TEST(EndpointTimers, NoReplies) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.reach_normal();
    bench.pass(10);
    bench.unsent.push_back({update_of(1)});
    bench.happen(event::ChangesWaiting{});
    ASSERT_EQ(bench.sent<BindingUpdate>().size(), 1U);
    bench.pass(39);
    EXPECT_EQ(bench.state(), kNormal);
    bench.pass(1);
    EXPECT_EQ(bench.state(), kCommunicationsInterrupted);
    EXPECT_FALSE(bench.is_connected());
  }
}

// F-349: it is the oldest that counts, whatever else is answered.
TEST(EndpointTimers, OneReplyLacks) {
  EndpointBench bench(Role::kPrimary);
  bench.reach_normal();
  bench.unsent.push_back({update_of(1)});
  bench.happen(event::ChangesWaiting{});
  for (std::uint32_t i = 2; i <= 40; ++i) {
    EXPECT_TRUE(bench.is_connected());
    bench.pass(1);
    bench.forget();
    bench.unsent.push_back({update_of(i)});
    bench.happen(event::ChangesWaiting{});
    const auto sends = bench.all<effect::Send>();
    ASSERT_FALSE(sends.empty());
    bench.receive(reply_with(std::get<BindingUpdate>(sends.back().message.body)),
                  sends.back().message.transaction_id);
  }
  EXPECT_EQ(bench.endpoint->updates().unanswered(), 1U);
  bench.pass(1);
  EXPECT_FALSE(bench.is_connected());
}

// --- The periodic scan.

std::size_t scans(const EndpointBench& bench) {
  std::size_t count = 0;
  for (const auto& forget : bench.all<effect::ForgetSent>()) {
    count += forget.is_new_connection ? 0 : 1;
  }
  return count;
}

// what was refused is told again, once in `rescan`.
TEST(EndpointTimers, Rescan) {
  EndpointBench bench(Role::kPrimary);
  bench.reach_normal();
  EXPECT_EQ(bench.all<effect::ForgetSent>().size(), 1U);
  EXPECT_TRUE(bench.all<effect::ForgetSent>()[0].is_new_connection);
  bench.pass(59);
  EXPECT_EQ(scans(bench), 0U);
  bench.pass(1);
  EXPECT_EQ(scans(bench), 1U);
  bench.pass(600);
  EXPECT_EQ(scans(bench), 11U);
  bench.lose_connection();
  bench.forget();
  bench.pass_in_silence(600);
  EXPECT_EQ(scans(bench), 0U);
}

// the two do not scan in step, or each could leave out what the other one speaks of.
TEST(EndpointTimers, RescanOfTheSecondary) {
  EndpointBench bench(Role::kSecondary);
  bench.reach_normal();
  bench.pass(44);
  EXPECT_EQ(scans(bench), 0U);
  bench.pass(1);
  EXPECT_EQ(scans(bench), 1U);
  bench.pass(450);
  EXPECT_EQ(scans(bench), 11U);
}

// also on a server that is never idle, if less often.
TEST(EndpointTimers, RescanOfABusyServer) {
  EndpointBench bench(Role::kPrimary);
  bench.reach_normal();
  std::uint32_t number = 0;
  std::optional<effect::Send> open;
  for (int second = 0; second < 300; ++second) {
    bench.pass(1);
    // The next goes out before the reply to the last comes.
    bench.unsent.push_back({update_of(++number)});
    const std::size_t from = bench.effects.size();
    bench.happen(event::ChangesWaiting{});
    std::optional<effect::Send> next;
    for (std::size_t i = from; i < bench.effects.size(); ++i) {
      if (const auto* send = std::get_if<effect::Send>(&bench.effects[i])) next = *send;
    }
    ASSERT_TRUE(next);
    if (open) {
      bench.receive(reply_with(std::get<BindingUpdate>(open->message.body)),
                    open->message.transaction_id);
    }
    open = next;
    EXPECT_FALSE(bench.endpoint->updates().is_idle());
  }
  EXPECT_EQ(scans(bench), 2U);
}

// --- Heartbeats.

// R-44, F-123: the time of operation and of the last message go to disk every period, lazily.
TEST(EndpointTimers, Heartbeats) {
  for (const EndpointState state : {kNormal, kCommunicationsInterrupted, kRecover}) {
    EndpointBench bench(Role::kSecondary);
    bench.reach_in_contact(state);
    bench.receive(UpdateDone{}, 0xffffff);
    bench.forget();
    bench.pass(35);
    EXPECT_EQ(bench.all<effect::Persist>().size(), 3U);
    for (const auto& persist : bench.all<effect::Persist>()) EXPECT_TRUE(persist.is_lazy);
    EXPECT_GE(bench.disk().last_heartbeat, WallTime{bench.now.seconds - 10});
    EXPECT_GE(bench.disk().last_contact, WallTime{bench.now.seconds - 20});
  }
}

}  // namespace
}  // namespace tandem6
