// The connection: RFC 8156 section 6 with rulings.
#include "control/failover/configuration_fingerprint.h"
#include "tests/failover/endpoint_bench.h"

namespace tandem6 {
namespace {

using enum EndpointState;

constexpr std::array kBothRoles = {Role::kPrimary, Role::kSecondary};

std::size_t opens(const EndpointBench& bench) { return bench.all<effect::Open>().size(); }

// --- Opening and retrying.

// F-082: only the primary opens, and says CONNECT on it.
TEST(EndpointConnection, OnlyThePrimaryOpens) {
  EndpointBench secondary(Role::kSecondary);
  secondary.start();
  secondary.pass(1000);
  EXPECT_EQ(opens(secondary), 0U);

  EndpointBench primary(Role::kPrimary);
  primary.start();
  EXPECT_EQ(opens(primary), 1U);
  EXPECT_TRUE(primary.sent<Connect>().empty()) << "not before the connection is up";
  primary.exchange();
  EXPECT_EQ(primary.sent<Connect>().size(), 1U);
}

// F-083, F-084: again and again, by the configured period.
TEST(EndpointConnection, PrimaryTriesAgain) {
  for (const std::uint32_t period : {5U, 17U}) {
    EndpointSettings settings = bench_settings(Role::kPrimary);
    settings.connect_retry = Lifetime{period};
    EndpointBench bench(settings);
    bench.start();
    for (int i = 0; i < 20; ++i) {
      bench.happen(event::Closed{bench.all<effect::Open>().back().id, "nobody listens"});
      bench.forget();
      bench.pass(period - 1);
      EXPECT_EQ(opens(bench), 0U);
      bench.pass(1);
      ASSERT_EQ(opens(bench), 1U);
    }
  }
}

// F-083: an attempt that nothing comes of is given up, and the next one made; each has an id of its
// own.
TEST(EndpointConnection, AttemptWithoutAnEnd) {
  EndpointBench bench(Role::kPrimary);
  bench.start();
  const ConnectionId first = bench.all<effect::Open>()[0].id;
  bench.pass(59);
  EXPECT_TRUE(bench.all<effect::Close>().empty());
  bench.pass(1);
  ASSERT_EQ(bench.all<effect::Close>().size(), 1U);
  EXPECT_EQ(bench.all<effect::Close>()[0].id, first);
  bench.pass(5);
  ASSERT_EQ(opens(bench), 2U);
  EXPECT_NE(bench.all<effect::Open>()[1].id, first);
  bench.happen(event::Connected{first});  // too late
  EXPECT_TRUE(bench.sent<Connect>().empty());
}

// The same fault at each retry is told once; a new one is told, and so is the next after contact.
TEST(EndpointConnection, FaultsAreToldOnce) {
  EndpointBench bench(Role::kPrimary);
  bench.start();
  for (int i = 0; i < 5; ++i) {
    bench.forget();
    bench.happen(event::Closed{static_cast<ConnectionId>(i + 1), i < 3 ? "refused" : "no route"});
    EXPECT_EQ(bench.all<effect::Report>().size(), i == 0 || i == 3 ? 1U : 0U) << i;
    bench.pass(5);
  }
}

// F-085: after a refusal or a DISCONNECT more slowly, but for ever.
TEST(EndpointConnection, SlowRetryAfterARefusal) {
  const auto seconds_to_open = [](EndpointBench& bench) {
    bench.forget();
    std::uint32_t seconds = 0;
    while (opens(bench) == 0 && seconds < 1000) {
      bench.pass(1);
      ++seconds;
    }
    return seconds;
  };
  EndpointBench bench(Role::kPrimary);
  bench.start();
  for (int i = 0; i < 5; ++i) {
    bench.happen(event::Connected{bench.all<effect::Open>().back().id});
    bench.happen(event::Received{
        .id = bench.all<effect::Open>().back().id,
        .message = {.transaction_id = bench.last_connect_id,
                    .sent_time = bench.now,
                    .body = ConnectReply{.parameters = {},
                                         .refusal = StatusReport{StatusCode::kNotSupported, ""}}}});
    EXPECT_FALSE(bench.endpoint->communications_ok());
    EXPECT_TRUE(bench.sent<State>().empty()) << "F-097";
    EXPECT_EQ(seconds_to_open(bench), 60U);
  }
  bench.exchange();
  bench.receive(Disconnect{StatusReport{StatusCode::kUnspecFail, "tired"}});
  EXPECT_EQ(seconds_to_open(bench), 60U);
  bench.exchange();
  bench.receive(Disconnect{});
  EXPECT_EQ(seconds_to_open(bench), 60U);
  bench.exchange();
  bench.receive(Disconnect{StatusReport{StatusCode::kServerShuttingDown, ""}});
  EXPECT_EQ(seconds_to_open(bench), 10U);
  bench.exchange();
  bench.lose_connection();
  EXPECT_EQ(seconds_to_open(bench), 5U);
}

// --- CONNECT and CONNECTREPLY.

// F-090, F-098, F-099, F-130, F-032, F-033.
TEST(EndpointConnection, WhatConnectAndItsReplySay) {
  EndpointSettings settings = bench_settings(Role::kPrimary);
  settings.mclt = Lifetime{1800};
  settings.keepalive = Lifetime{90};
  settings.max_unacked_bndupd = 77;
  settings.fingerprint = {1, 2, 3};
  EndpointBench primary(settings);
  primary.start();
  primary.exchange();
  const ConnectionParameters said = primary.sent<Connect>().at(0).parameters;
  EXPECT_EQ(said.version, (ProtocolVersion{1, 0}));
  EXPECT_EQ(said.mclt, Lifetime{1800});
  EXPECT_EQ(said.keepalive, Lifetime{90});
  EXPECT_EQ(said.max_unacked_bndupd, 77U);
  EXPECT_EQ(said.flags, 1);
  EXPECT_EQ(said.relationship_name, "east");
  EXPECT_EQ(said.fingerprint, settings.fingerprint);
  EXPECT_NE(primary.last_connect_id, 0U);

  settings.role = Role::kSecondary;
  settings.mclt = Lifetime{600};  // of no account at a secondary
  EndpointBench secondary(settings);
  secondary.partner.mclt = Lifetime{1800};
  secondary.start();
  secondary.exchange();
  const ConnectReply reply = secondary.sent<ConnectReply>().at(0);
  EXPECT_FALSE(reply.refusal);
  EXPECT_EQ(reply.parameters.version, (ProtocolVersion{1, 0}));
  EXPECT_EQ(reply.parameters.mclt, Lifetime{1800}) << "F-099";
  EXPECT_EQ(reply.parameters.keepalive, Lifetime{90}) << "F-130";
  EXPECT_EQ(reply.parameters.max_unacked_bndupd, 77U);
  EXPECT_EQ(reply.parameters.flags, 1);
  EXPECT_EQ(secondary.all<effect::Send>().at(0).message.transaction_id, 0x700U) << "F-033";
}

// F-100, F-103: STATE follows from both sides, and nothing before the partner's.
TEST(EndpointConnection, StateFollowsTheExchange) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.start(record_in(role, kNormal));
    bench.exchange();
    const auto sends = bench.all<effect::Send>();
    ASSERT_EQ(sends.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<State>(sends[1].message.body));
    EXPECT_FALSE(bench.endpoint->communications_ok());
    bench.partner_is(kNormal);
    EXPECT_TRUE(bench.endpoint->communications_ok());
  }
}

struct Fault {
  const char* what;
  StatusCode code;
  void (*spoil)(EndpointBench&);
};
// F-091, F-092, F-095, F-101.
constexpr Fault kFaults[] = {
    {"skew of 6 s", StatusCode::kExcessiveTimeSkew, [](EndpointBench& b) { b.partner_clock = 6; }},
    {"skew of -6 s", StatusCode::kExcessiveTimeSkew,
     [](EndpointBench& b) { b.partner_clock = -6; }},
    {"version 2", StatusCode::kNotSupported,
     [](EndpointBench& b) { b.partner.version = ProtocolVersion{2, 0}; }},
    {"version 0", StatusCode::kNotSupported,
     [](EndpointBench& b) { b.partner.version = ProtocolVersion{0, 1}; }},
    {"no version", StatusCode::kUnspecFail, [](EndpointBench& b) { b.partner.version.reset(); }},
    {"prefixes of any length", StatusCode::kNotSupported,
     [](EndpointBench& b) { b.partner.flags = 0; }},
    {"flags to come", StatusCode::kNotSupported, [](EndpointBench& b) { b.partner.flags = 3; }},
    {"no flags", StatusCode::kUnspecFail, [](EndpointBench& b) { b.partner.flags.reset(); }},
    {"keepalive of 3 s", StatusCode::kUnspecFail,
     [](EndpointBench& b) { b.partner.keepalive = Lifetime{3}; }},
    {"keepalive of 0", StatusCode::kUnspecFail,
     [](EndpointBench& b) { b.partner.keepalive = Lifetime{0}; }},
    {"no keepalive", StatusCode::kUnspecFail,
     [](EndpointBench& b) { b.partner.keepalive.reset(); }},
    {"window of 0", StatusCode::kUnspecFail,
     [](EndpointBench& b) { b.partner.max_unacked_bndupd = 0; }},
    {"no window", StatusCode::kUnspecFail,
     [](EndpointBench& b) { b.partner.max_unacked_bndupd.reset(); }},
    {"no MCLT", StatusCode::kUnspecFail, [](EndpointBench& b) { b.partner.mclt.reset(); }},
    {"MCLT of 29 s", StatusCode::kUnspecFail,
     [](EndpointBench& b) { b.partner.mclt = Lifetime{29}; }},
    {"MCLT past 2^30 s", StatusCode::kUnspecFail,
     [](EndpointBench& b) { b.partner.mclt = Lifetime{(1U << 30) + 1}; }},
};

// F-091, F-092, F-095, F-096, F-097: refused with the reason, closed, no STATE; the next good one
// is taken.
TEST(EndpointConnection, SecondaryRefuses) {
  for (const Fault& fault : kFaults) {
    SCOPED_TRACE(fault.what);
    EndpointBench bench(Role::kSecondary);
    bench.start(record_in(Role::kSecondary, kNormal));
    const ConnectionParameters good = bench.partner;
    bench.forget();
    fault.spoil(bench);
    bench.exchange();
    EXPECT_FALSE(bench.is_connected());
    ASSERT_EQ(bench.all<effect::Send>().size(), 1U);
    EXPECT_EQ(bench.all<effect::Send>()[0].message.transaction_id, 0x700U) << "F-033";
    const ConnectReply reply = bench.sent<ConnectReply>().at(0);
    ASSERT_TRUE(reply.refusal);
    EXPECT_EQ(reply.refusal->code, fault.code);
    EXPECT_FALSE(reply.refusal->text.empty());
    ASSERT_EQ(bench.all<effect::Close>().size(), 1U);
    bench.partner = good;
    bench.partner_clock = 0;
    bench.connect(kNormal);
    EXPECT_EQ(bench.state(), kNormal);
  }
}

// F-095, F-101, F-102: the primary says DISCONNECT with the same code and drops.
TEST(EndpointConnection, PrimaryDisconnects) {
  const auto expect_disconnect = [](void (*spoil)(EndpointBench&), StatusCode code) {
    EndpointBench bench(Role::kPrimary);
    bench.start(record_in(Role::kPrimary, kNormal));
    spoil(bench);
    bench.exchange();
    EXPECT_FALSE(bench.is_connected());
    EXPECT_TRUE(bench.sent<State>().empty());
    ASSERT_EQ(bench.sent<Disconnect>().size(), 1U);
    ASSERT_TRUE(bench.sent<Disconnect>()[0].status);
    EXPECT_EQ(bench.sent<Disconnect>()[0].status->code, code);
    EXPECT_FALSE(bench.sent<Disconnect>()[0].status->text.empty()) << "F-029";
    bench.forget();
    bench.pass(59);
    EXPECT_EQ(opens(bench), 0U);
    bench.pass(1);
    EXPECT_EQ(opens(bench), 1U) << "F-085";
  };
  for (const Fault& fault : kFaults) {
    SCOPED_TRACE(fault.what);
    expect_disconnect(fault.spoil, fault.code);
  }
  expect_disconnect([](EndpointBench& b) { b.partner.mclt = Lifetime{3601}; },
                    StatusCode::kConfigurationConflict);  // F-102
}

// The limits of what is taken: a skew of exactly 5 s (F-135), 4 s of keepalive, a window of 1,
// minor versions.
TEST(EndpointConnection, JustGoodEnough) {
  constexpr void (*kLimits[])(EndpointBench&) = {
      [](EndpointBench& b) { b.partner_clock = 5; },
      [](EndpointBench& b) { b.partner_clock = -5; },
      [](EndpointBench& b) { b.partner.version = ProtocolVersion{1, 7}; },
      [](EndpointBench& b) { b.partner.keepalive = Lifetime{4}; },
      [](EndpointBench& b) { b.partner.keepalive = kInfiniteLifetime; },
      [](EndpointBench& b) { b.partner.max_unacked_bndupd = 1; },
      [](EndpointBench& b) { b.partner.max_unacked_bndupd = 0xffffffff; },
  };
  for (const Role role : kBothRoles) {
    for (const auto limit : kLimits) {
      EndpointBench bench(role);
      bench.start(record_in(role, kNormal));
      limit(bench);
      bench.connect(kNormal);
      EXPECT_EQ(bench.state(), kNormal);
    }
  }
  for (const std::uint32_t mclt : {30U, 1U << 30}) {
    EndpointBench bench(Role::kSecondary);
    bench.start(record_in(Role::kSecondary, kNormal));
    bench.partner.mclt = Lifetime{mclt};
    bench.connect(kNormal);
    EXPECT_EQ(bench.state(), kNormal);
  }
}

// F-089, F-109, R-41: the name picks the relationship; it may be left out where there is one only.
TEST(EndpointConnection, RelationshipName) {
  const auto answer_to = [](const std::string& name, bool is_only_one) {
    EndpointSettings settings = bench_settings(Role::kSecondary);
    settings.is_only_one = is_only_one;
    EndpointBench bench(settings);
    bench.start();
    bench.partner.relationship_name = name;
    bench.exchange();
    const auto refusal = bench.sent<ConnectReply>().at(0).refusal;
    return refusal ? refusal->code : StatusCode::kSuccess;
  };
  for (const bool is_only_one : {true, false}) {
    EXPECT_EQ(answer_to("east", is_only_one), StatusCode::kSuccess);
    EXPECT_EQ(answer_to("west", is_only_one), StatusCode::kConfigurationConflict);
  }
  EXPECT_EQ(answer_to("", true), StatusCode::kSuccess);
  EXPECT_EQ(answer_to("", false), StatusCode::kConfigurationConflict);
}

// --- Second connections.

// a second valid CONNECT takes the place of the first connection, closed before.
TEST(EndpointConnection, SecondConnect) {
  EndpointBench bench(Role::kSecondary);
  bench.reach_normal();
  const ConnectionId first = bench.connection();
  bench.forget();
  bench.exchange();
  const std::vector<std::string> log = bench.log();
  EXPECT_EQ(log.front(), "close");
  EXPECT_EQ(bench.all<effect::Close>().at(0).id, first);
  EXPECT_NE(bench.connection(), first);
  EXPECT_EQ(bench.state(), kCommunicationsInterrupted);
  bench.partner_is(kNormal);
  EXPECT_EQ(bench.state(), kNormal);
  // What still comes of the first is of no account.
  bench.happen(event::Closed{first, "late"});
  bench.happen(event::Received{.id = first,
                               .message = {.transaction_id = 1,
                                           .sent_time = bench.now,
                                           .body = State{.state = kPartnerDown,
                                                         .flags = {},
                                                         .start_time_of_state = bench.now,
                                                         .partner_down_time = bench.now}}});
  EXPECT_EQ(bench.state(), kNormal);
}

// one that is refused leaves the first alone.
TEST(EndpointConnection, SecondConnectRefused) {
  EndpointBench bench(Role::kSecondary);
  bench.reach_normal();
  const ConnectionId first = bench.connection();
  bench.forget();
  bench.partner.max_unacked_bndupd = 0;
  bench.exchange();
  ASSERT_EQ(bench.all<effect::Close>().size(), 1U);
  EXPECT_NE(bench.all<effect::Close>()[0].id, first);
  EXPECT_EQ(bench.state(), kNormal);
  EXPECT_EQ(bench.connection(), first);
}

// F-035, F-082: a primary takes no CONNECT, nobody a CONNECT in the middle, a secondary no
// CONNECTREPLY.
TEST(EndpointConnection, MessagesOfTheWrongRole) {
  EndpointBench primary(Role::kPrimary);
  primary.reach_normal();
  primary.forget();
  primary.happen(event::ConnectReceived{
      .id = 500,
      .message = {
          .transaction_id = 1, .sent_time = primary.now, .body = Connect{primary.partner}}});
  EXPECT_EQ(primary.log(), (std::vector<std::string>{"close"}));
  EXPECT_EQ(primary.state(), kNormal);

  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.reach_normal();
    bench.forget();
    bench.receive(Connect{bench.partner});
    bench.receive(ConnectReply{.parameters = bench.partner, .refusal = std::nullopt});
    bench.receive(
        ConnectReply{.parameters = {}, .refusal = StatusReport{StatusCode::kNotSupported, ""}},
        bench.last_connect_id);
    if (role == Role::kSecondary) {
      bench.happen(event::ConnectReceived{
          .id = bench.connection(),
          .message = {
              .transaction_id = 1, .sent_time = bench.now, .body = Connect{bench.partner}}});
      bench.receive(PoolRequest{});
    }
    EXPECT_EQ(bench.log(), std::vector<std::string>{});
    EXPECT_EQ(bench.state(), kNormal);
  }
}

// F-103: a partner that says STATE before its CONNECTREPLY is no partner.
TEST(EndpointConnection, StateBeforeTheReply) {
  EndpointBench bench(Role::kPrimary);
  bench.start(record_in(Role::kPrimary, kNormal));
  const ConnectionId id = bench.all<effect::Open>()[0].id;
  bench.happen(event::Connected{id});
  bench.forget();
  bench.happen(event::Received{.id = id,
                               .message = {.transaction_id = 1,
                                           .sent_time = bench.now,
                                           .body = State{.state = kNormal,
                                                         .flags = {},
                                                         .start_time_of_state = bench.now,
                                                         .partner_down_time = kNoTime}}});
  EXPECT_EQ(bench.sent<Disconnect>().size(), 1U);
  EXPECT_EQ(bench.all<effect::Close>().size(), 1U);
  EXPECT_FALSE(bench.endpoint->communications_ok());
}

// Between the exchange and the partner's STATE nothing else is acted on.
TEST(EndpointConnection, MessagesBeforeTheState) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.start(record_in(role, kNormal));
    bench.exchange();
    bench.forget();
    bench.receive(UpdateRequest{.all = true});
    bench.receive(BindingUpdate{
        .vss = {}, .verdict = {}, .leases = {{.update = update_of(1), .verdict = {}}}});
    bench.receive(BindingReply{});
    bench.receive(UpdateDone{});
    bench.receive(PoolRequest{});
    bench.receive(PoolResponse{});
    EXPECT_EQ(bench.log(), std::vector<std::string>{});
  }
}

// --- Skew.

// F-133, F-134, R-40: more than 5 s off on any later message: DISCONNECT(22), an alarm, closed.
TEST(EndpointConnection, SkewOnLaterMessages) {
  for (const Role role : kBothRoles) {
    for (const std::int64_t skew : {6, -6, 5, -5, 100'000}) {
      SCOPED_TRACE(skew);
      EndpointBench bench(role);
      bench.reach_normal();
      bench.forget();
      bench.partner_clock = skew;
      bench.receive(Contact{});
      const bool is_too_much = skew != 5 && skew != -5;
      EXPECT_EQ(bench.is_connected(), !is_too_much);
      if (!is_too_much) continue;
      EXPECT_EQ(bench.sent<Disconnect>().at(0).status->code, StatusCode::kExcessiveTimeSkew);
      EXPECT_TRUE(bench.has_alarm());
      EXPECT_EQ(bench.state(), kCommunicationsInterrupted);
    }
  }
}

}  // namespace
}  // namespace tandem6
