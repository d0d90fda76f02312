// The order of effects: on disk before it is said, fewer answered before, more after. RFC 8156
// sections 6.3, 6.4, 8.1, 8.2.
#include <algorithm>

#include "tests/failover/endpoint_bench.h"

namespace tandem6 {
namespace {

using enum EndpointState;
using Log = std::vector<std::string>;

constexpr std::array kBothRoles = {Role::kPrimary, Role::kSecondary};

/// Of a log: only what a transition is made of.
Log transition_of(const EndpointBench& bench) {
  Log lines;
  for (const std::string& line : bench.log()) {
    if (line.starts_with("persist ") || line.starts_with("serve ") ||
        line.starts_with("send STATE")) {
      lines.push_back(line);
    }
  }
  return lines;
}

// F-114, F-121, F-111: less, disk, STATE.
TEST(EndpointOrder, LessIsServedBeforeThePartnerHearsOfIt) {
  EndpointBench bench(Role::kPrimary);
  bench.reach_normal();
  bench.forget();
  bench.partner_is(kPotentialConflict);
  EXPECT_EQ(transition_of(bench),
            (Log{"persist NORMAL",  // F-118: what the partner said
                 "persist COMMUNICATIONS-INTERRUPTED", "send STATE COMMUNICATIONS-INTERRUPTED",
                 "serve nobody", "persist POTENTIAL-CONFLICT", "send STATE POTENTIAL-CONFLICT"}));
}

// F-114: disk, STATE, more.
TEST(EndpointOrder, MoreIsServedAfterItIsOnDisk) {
  EndpointBench bench(Role::kPrimary);
  bench.reach_in_contact(kPotentialConflict);
  bench.forget();
  bench.finish_update();
  EXPECT_EQ(transition_of(bench),
            (Log{"persist CONFLICT-DONE", "send STATE CONFLICT-DONE", "serve everybody"}));
}

// From everybody to own clients, by way of nothing in between.
TEST(EndpointOrder, SecondaryEntersNormal) {
  EndpointBench bench(Role::kSecondary);
  bench.start_in(kCommunicationsInterrupted);
  bench.exchange();
  bench.forget();
  bench.partner_is(kNormal);
  EXPECT_EQ(transition_of(bench),
            (Log{"persist COMMUNICATIONS-INTERRUPTED", "serve everybody",  // in contact
                 "serve own clients", "persist NORMAL", "send STATE NORMAL"}));
}

// Without contact there is nobody to tell.
TEST(EndpointOrder, WithoutContact) {
  EndpointBench bench(Role::kSecondary);
  bench.reach_normal();
  bench.forget();
  bench.lose_connection();
  EXPECT_EQ(transition_of(bench), (Log{"persist COMMUNICATIONS-INTERRUPTED", "serve everybody"}));
}

// R-19, F-166: out of PARTNER-DOWN the bound holds before the partner hears of it, and into it the
// freedom begins when it is on disk.
TEST(EndpointOrder, BoundOfLifetimes) {
  EndpointBench bench(Role::kPrimary);
  bench.start_in(kPartnerDown);
  bench.exchange();
  bench.forget();
  bench.partner_is(kRecoverDone);
  bool was_said = false;
  bool was_bounded = false;
  for (const EndpointEffect& effect : bench.effects) {
    if (const auto* serve = std::get_if<effect::Serve>(&effect)) {
      was_bounded = serve->serving.is_bounded;
    }
    const auto* send = std::get_if<effect::Send>(&effect);
    if (send != nullptr && std::holds_alternative<State>(send->message.body)) {
      EXPECT_TRUE(was_bounded);
      was_said = true;
    }
  }
  EXPECT_TRUE(was_said);

  EndpointBench other(Role::kSecondary);
  other.start_in(kCommunicationsInterrupted);
  other.forget();
  other.happen(event::PartnerDown{});
  EXPECT_EQ(other.log(),
            (Log{"persist PARTNER-DOWN", "serve everybody", "arm reuse timers", "command taken"}));
  EXPECT_FALSE(other.all<effect::Serve>()[0].serving.is_bounded);
}

// F-118, F-117, F-123: a STATE goes to disk as it came, before anything follows from it.
TEST(EndpointOrder, PartnersStateIsOnDisk) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.start_in(kCommunicationsInterrupted);
    bench.exchange();
    bench.pass(7);
    bench.forget();
    const WallTime since{bench.now.seconds - 500};
    bench.receive(State{.state = kPartnerDown,
                        .flags = kCommunicatedFlag,
                        .start_time_of_state = since,
                        .partner_down_time = {since.seconds + 1}});
    const auto* first =
        std::get_if<effect::Persist>(&*std::ranges::find_if(bench.effects, [](const auto& e) {
          return !std::holds_alternative<effect::Report>(e) &&
                 !std::holds_alternative<effect::ForgetSent>(e);
        }));
    ASSERT_NE(first, nullptr);
    EXPECT_FALSE(first->is_lazy);
    const EndpointRecord& record = first->record;
    EXPECT_EQ(record.state, static_cast<std::uint8_t>(kCommunicationsInterrupted));
    EXPECT_EQ(record.partner_state, static_cast<std::uint8_t>(kPartnerDown));
    EXPECT_EQ(record.partner_flags, ServerFlags::kCommunicated);
    EXPECT_EQ(record.partner_start_time_of_state, since);
    EXPECT_EQ(record.partner_down_time, WallTime{since.seconds + 1});
    EXPECT_EQ(record.last_contact, bench.now);
    // F-117: any other state clears the time of PARTNER-DOWN, whatever comes beside it.
    bench.receive(State{.state = kPotentialConflict,
                        .flags = {},
                        .start_time_of_state = bench.now,
                        .partner_down_time = since});
    EXPECT_TRUE(bench.disk().partner_down_time.is_none());
    EXPECT_EQ(bench.disk().partner_flags, 0);
  }
}

// F-121, F-123: what each transition writes.
TEST(EndpointOrder, TransitionOnDisk) {
  EndpointBench bench(Role::kSecondary);
  bench.start_in(kCommunicationsInterrupted);
  bench.pass(33);
  bench.connect(kCommunicationsInterrupted);
  const EndpointRecord record = bench.disk();
  EXPECT_EQ(record.state, static_cast<std::uint8_t>(kNormal));
  EXPECT_EQ(record.previous_state, static_cast<std::uint8_t>(kCommunicationsInterrupted));
  EXPECT_EQ(record.start_time_of_state, bench.now);
  EXPECT_EQ(record.partner_state, static_cast<std::uint8_t>(kCommunicationsInterrupted));
  EXPECT_EQ(record.last_contact, bench.now);
  EXPECT_EQ(record.last_heartbeat, bench.now);
  EXPECT_TRUE(record.has_communicated);
}

// F-115: the same STATE again does nothing at all.
TEST(EndpointOrder, RepeatedState) {
  for (const Role role : kBothRoles) {
    for (const EndpointState own : {kNormal, kCommunicationsInterrupted, kPartnerDown,
                                    kPotentialConflict, kRecover, kRecoverWait, kRecoverDone}) {
      EndpointBench bench(role);
      bench.reach_in_contact(own);
      const State last{.state = bench.endpoint->partner_state(),
                       .flags = {bench.disk().partner_flags},
                       .start_time_of_state = bench.disk().partner_start_time_of_state,
                       .partner_down_time = bench.disk().partner_down_time};
      bench.forget();
      for (int i = 0; i < 3; ++i) bench.receive(last);
      EXPECT_EQ(bench.log(), Log{});
    }
  }
}

// F-116, F-122: every part of a STATE that is new runs the machine.
TEST(EndpointOrder, NewFlagsRunTheMachine) {
  EndpointBench bench(Role::kPrimary);
  bench.start_in(kCommunicationsInterrupted);
  bench.exchange();
  const WallTime start = bench.now;
  State state{.state = kNormal,
              .flags = kStartupFlag,
              .start_time_of_state = start,
              .partner_down_time = kNoTime};
  bench.receive(state);
  EXPECT_EQ(bench.state(), kCommunicationsInterrupted);
  state.flags = kCommunicatedFlag;
  bench.receive(state);
  EXPECT_EQ(bench.state(), kNormal);
}

// F-112, F-119, F-120: the flags of a server in operation.
TEST(EndpointOrder, FlagsInOperation) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.reach_normal();
    EXPECT_EQ(bench.last_state()->flags.octet, ServerFlags::kCommunicated);
    bench.partner_is(kNormal, kStartupFlag);
    bench.partner_is(kPotentialConflict);
    EXPECT_EQ(bench.last_state()->flags.octet, ServerFlags::kCommunicated);
  }
}

// C is frozen for a connection, and set from the next on.
TEST(EndpointOrder, CommunicatedFlagIsFrozen) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.start();
    bench.connect(kRecover, {});
    EXPECT_FALSE(bench.last_state()->flags.communicated());
    bench.finish_update();
    bench.partner_is(kRecoverDone, {});
    EXPECT_EQ(bench.state(), kNormal);
    EXPECT_TRUE(bench.disk().has_communicated);
    for (const State& state : bench.sent<State>()) EXPECT_FALSE(state.flags.communicated());
    bench.lose_connection();
    bench.connect(kCommunicationsInterrupted);
    EXPECT_TRUE(bench.last_state()->flags.communicated());
  }
}

// F-113, R-45: 125 carries the time of entry, in PARTNER-DOWN only.
TEST(EndpointOrder, TimeOfPartnerDown) {
  EndpointBench bench(Role::kPrimary);
  bench.start_in(kCommunicationsInterrupted);
  bench.happen(event::PartnerDown{});
  const WallTime entry = bench.now;
  bench.pass_in_silence(90);
  bench.connect(kRecover);
  EXPECT_EQ(bench.last_state()->state, kPartnerDown);
  EXPECT_EQ(bench.last_state()->start_time_of_state, entry);
  EXPECT_EQ(bench.last_state()->partner_down_time, entry);
  bench.partner_is(kRecoverDone);
  EXPECT_EQ(bench.last_state()->state, kNormal);
  EXPECT_TRUE(bench.last_state()->partner_down_time.is_none());
}

// F-318, R-19: a recovered partner serves from NORMAL on. Before that it has heard of everything
// that was given without bound.
TEST(EndpointOrder, F318R19NormalAfterPartnerDownWaitsUntilAllIsTold) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.start_in(kCommunicationsInterrupted);
    bench.happen(event::PartnerDown{});
    bench.unsent.push_back({update_of(1)});
    bench.connect(kRecoverDone);
    EXPECT_EQ(bench.state(), kPartnerDown);
    EXPECT_TRUE(bench.endpoint->serving().is_bounded);
    const auto updates = bench.sent<BindingUpdate>();
    ASSERT_EQ(updates.size(), 1U);
    std::uint32_t id = 0;
    for (const auto& send : bench.all<effect::Send>()) {
      if (std::holds_alternative<BindingUpdate>(send.message.body)) {
        id = send.message.transaction_id;
      }
    }
    bench.receive(reply_with(updates[0]), id);
    EXPECT_EQ(bench.state(), kNormal);
    EXPECT_EQ(bench.all<effect::BeginSweep>().size(), 1U);
  }
}

// F-377, R-49: a primary that was met in CONFLICT-DONE begins again when it hears of our
// PARTNER-DOWN; what it answers to what was asked before is not yet our turn.
TEST(EndpointOrder, F377R49TheSecondaryWaitsForItsTurnAgain) {
  EndpointBench bench(Role::kSecondary);
  bench.start_in(kCommunicationsInterrupted);
  bench.happen(event::PartnerDown{});
  bench.connect(kConflictDone);
  ASSERT_EQ(bench.state(), kPotentialConflict);
  EXPECT_EQ(bench.sent<UpdateRequest>().size(), 1U);
  bench.partner_is(kPotentialConflict);
  bench.finish_update();
  EXPECT_EQ(bench.state(), kPotentialConflict);
  bench.partner_is(kConflictDone);
  EXPECT_EQ(bench.sent<UpdateRequest>().size(), 2U);
  bench.finish_update();
  EXPECT_EQ(bench.state(), kNormal);
}

// F-388: a secondary that found this server in CONFLICT-DONE has asked at once, and may be in
// NORMAL before this server has asked again.
TEST(EndpointOrder, F388ThePartnerMayBeInNormalBefore) {
  EndpointBench bench(Role::kPrimary);
  bench.start_in(kCommunicationsInterrupted);
  bench.connect(kPotentialConflict);
  ASSERT_EQ(bench.state(), kPotentialConflict);
  bench.partner_is(kNormal);
  EXPECT_EQ(bench.state(), kPotentialConflict);
  bench.finish_update();
  EXPECT_EQ(bench.state(), kNormal);
}

// F-032: the initiator's ids differ.
TEST(EndpointOrder, TransactionIds) {
  EndpointBench bench(Role::kSecondary);
  bench.reach_normal();
  bench.pass(200);
  std::set<std::uint32_t> ids;
  std::size_t count = 0;
  for (const auto& send : bench.all<effect::Send>()) {
    if (std::holds_alternative<ConnectReply>(send.message.body)) continue;
    ids.insert(send.message.transaction_id);
    ++count;
  }
  EXPECT_GT(count, 10U);
  EXPECT_EQ(ids.size(), count);
}

}  // namespace
}  // namespace tandem6
