// How a connection is kept, what its parties agree on, and how it ends: RFC 8156
// sections 6.1.2, 6.5 and 6.6 with rulings.
#include "control/failover/configuration_fingerprint.h"
#include "tests/failover/endpoint_bench.h"

namespace tandem6 {
namespace {

using enum EndpointState;

constexpr std::array kBothRoles = {Role::kPrimary, Role::kSecondary};

std::size_t opens(const EndpointBench& bench) { return bench.all<effect::Open>().size(); }

// --- Timers.

// F-124, F-128, F-129: dead after the own keepalive-time of silence, put off by every message.
TEST(EndpointConnection, Keepalive) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.partner.keepalive = Lifetime{4000};  // the partner's value does not count here
    bench.reach_normal();
    for (int i = 0; i < 5; ++i) {
      bench.pass_in_silence(59);
      EXPECT_TRUE(bench.is_connected());
      if (i % 2 == 0) {
        bench.receive(Contact{});
      } else {
        bench.partner_is(kNormal);
      }
    }
    bench.pass_in_silence(59);
    EXPECT_TRUE(bench.is_connected());
    bench.pass_in_silence(1);
    EXPECT_FALSE(bench.is_connected());
    EXPECT_FALSE(bench.endpoint->communications_ok());
  }
}

// F-031, F-125, F-126, F-127, R-39: CONTACT after a quarter of the partner's keepalive-time without
// anything else sent.
TEST(EndpointConnection, ContactInterval) {
  struct Case {
    std::uint32_t partner_keepalive;
    unsigned contacts;
    std::uint32_t interval;
  };
  constexpr Case kCases[] = {{60, 4, 15}, {40, 4, 10}, {47, 4, 11}, {4, 4, 1},
                             {7, 4, 1},   {5, 10, 1},  {60, 1, 60}, {4000, 4, 1000}};
  for (const Role role : kBothRoles) {
    for (const Case& each : kCases) {
      SCOPED_TRACE(each.partner_keepalive);
      EndpointSettings settings = bench_settings(role);
      settings.contacts_per_keepalive = each.contacts;
      EndpointBench bench(settings);
      bench.partner.keepalive = Lifetime{each.partner_keepalive};
      bench.reach_normal();
      bench.pass(1);  // a secondary's POOLREQ
      bench.receive(PoolRequest{});
      bench.receive(UpdateRequest{});  // answered, so something was sent now
      bench.forget();
      bench.pass(each.interval - 1);
      EXPECT_TRUE(bench.sent<Contact>().empty());
      bench.pass(1);
      EXPECT_EQ(bench.sent<Contact>().size(), 1U);
      bench.receive(UpdateRequest{}, 0x701);  // F-126: anything that is sent puts it off
      bench.forget();
      bench.pass(each.interval - 1);
      EXPECT_TRUE(bench.sent<Contact>().empty());
      bench.pass(1);
      EXPECT_EQ(bench.sent<Contact>().size(), 1U);
    }
  }
}

// F-125: before the partner has said its own, the configured value counts.
TEST(EndpointConnection, ContactIntervalBeforeTheReply) {
  EndpointBench bench(Role::kPrimary);
  bench.start(record_in(Role::kPrimary, kNormal));
  bench.happen(event::Connected{bench.all<effect::Open>()[0].id});
  bench.forget();
  bench.pass_in_silence(14);
  EXPECT_TRUE(bench.sent<Contact>().empty());
  bench.pass_in_silence(1);
  EXPECT_EQ(bench.sent<Contact>().size(), 1U);
}

// --- MCLT.

// F-093, R-23: the secondary takes the primary's, keeps it over restarts, and a later one replaces
// it; the smaller bounds lifetimes and the larger one waiting times until its time is over.
TEST(EndpointConnection, SecondaryAdoptsTheMclt) {
  EndpointSettings settings = bench_settings(Role::kSecondary);
  settings.mclt = Lifetime{100};
  EndpointBench bench(settings);
  bench.start();
  bench.partner.mclt = Lifetime{3600};
  bench.exchange();
  EXPECT_EQ(bench.endpoint->mclt(), Lifetime{3600});
  EXPECT_EQ(bench.disk().mclt, Lifetime{3600});
  bench.restart();
  EXPECT_EQ(bench.endpoint->mclt(), Lifetime{3600});
  bench.partner.mclt = Lifetime{1200};
  bench.exchange();
  EXPECT_EQ(bench.endpoint->serving().mclt, Lifetime{1200}) << "at once";
  EXPECT_EQ(bench.endpoint->serving().mclt_max, Lifetime{3600});
  EXPECT_EQ(bench.disk().mclt, Lifetime{1200});
  bench.partner_is(kRecover, {});
  bench.pass(3599);
  EXPECT_EQ(bench.endpoint->serving().mclt_max, Lifetime{3600});
  bench.pass(1);
  EXPECT_EQ(bench.endpoint->serving().mclt_max, Lifetime{1200});
}

// also when this server restarts meanwhile, or the value changes again.
TEST(EndpointConnection, R23TheOldMcltOutlivesARestart) {
  EndpointBench bench(Role::kSecondary);
  bench.start();
  bench.partner.mclt = Lifetime{3600};
  bench.exchange();
  bench.restart();
  bench.partner.mclt = Lifetime{1200};
  bench.exchange();
  const WallTime agreed = bench.now;
  bench.pass(100);
  for (int i = 0; i < 3; ++i) {
    bench.restart();
    EXPECT_EQ(bench.endpoint->serving().mclt, Lifetime{1200});
    EXPECT_EQ(bench.endpoint->serving().mclt_max, Lifetime{3600});
  }
  bench.pass_in_silence(static_cast<std::uint32_t>(agreed.seconds + 3599 - bench.now.seconds));
  EXPECT_EQ(bench.endpoint->serving().mclt_max, Lifetime{3600});
  bench.pass_in_silence(1);
  EXPECT_EQ(bench.endpoint->serving().mclt_max, Lifetime{1200});
  bench.restart();
  EXPECT_EQ(bench.endpoint->serving().mclt_max, Lifetime{1200});
}

// the primary has a new one configured; until a CONNECT agrees both count.
TEST(EndpointConnection, PrimaryWithANewMclt) {
  for (const std::uint32_t configured : {600U, 7200U}) {
    EndpointSettings settings = bench_settings(Role::kPrimary);
    settings.mclt = Lifetime{configured};
    EndpointBench bench(settings);
    bench.start(record_in(Role::kPrimary, kNormal));  // 3600 was agreed
    EXPECT_EQ(bench.endpoint->serving().mclt, Lifetime{std::min(configured, 3600U)});
    EXPECT_EQ(bench.endpoint->serving().mclt_max, Lifetime{std::max(configured, 3600U)});
    bench.connect(kNormal);
    EXPECT_EQ(bench.endpoint->mclt(), Lifetime{configured});
    bench.pass(7300);
    EXPECT_EQ(bench.endpoint->serving().mclt_max, Lifetime{configured});
    EXPECT_EQ(bench.disk().mclt, Lifetime{configured});
  }
}

// --- Ends.

// F-029, F-085: a planned end says so on the connection, and opens no other.
TEST(EndpointConnection, Shutdown) {
  for (const Role role : kBothRoles) {
    EndpointBench bench(role);
    bench.reach_normal();
    bench.forget();
    bench.happen(event::Shutdown{});
    ASSERT_EQ(bench.sent<Disconnect>().size(), 1U);
    EXPECT_EQ(bench.sent<Disconnect>()[0].status->code, StatusCode::kServerShuttingDown);
    EXPECT_FALSE(bench.sent<Disconnect>()[0].status->text.empty());
    EXPECT_FALSE(bench.is_connected());
    EXPECT_EQ(bench.disk().last_heartbeat, bench.now);
    bench.forget();
    bench.pass(200);
    EXPECT_EQ(opens(bench), 0U);
    if (role == Role::kSecondary) {
      bench.exchange();
      EXPECT_FALSE(bench.is_connected());
    }
  }
}

// F-029: whoever gives a connection up says why, be it that nothing was heard.
TEST(EndpointConnection, F029SaysWhyItDisconnects) {
  for (const Role role : kBothRoles) {
    EndpointBench silent(role);
    silent.reach_normal();
    silent.forget();
    silent.pass_in_silence(60);
    ASSERT_EQ(silent.sent<Disconnect>().size(), 1U);
    EXPECT_FALSE(silent.sent<Disconnect>()[0].status->text.empty());

    EndpointBench told(role);
    told.reach_normal();
    told.forget();
    told.happen(event::PartnerDown{});
    ASSERT_EQ(told.sent<Disconnect>().size(), 1U);
    EXPECT_FALSE(told.sent<Disconnect>()[0].status->text.empty());
  }
}

// F-029: a partner that shuts down as planned is no alarm; one that is gone is.
TEST(EndpointConnection, F029APlannedEndIsNoAlarm) {
  for (const Role role : kBothRoles) {
    for (const StatusCode code : {StatusCode::kServerShuttingDown, StatusCode::kUnspecFail}) {
      EndpointBench bench(role);
      bench.reach_normal();
      bench.forget();
      bench.receive(Disconnect{StatusReport{code, "for a new kernel"}});
      EXPECT_EQ(bench.state(), EndpointState::kCommunicationsInterrupted);
      EXPECT_EQ(bench.has_alarm(), code == StatusCode::kUnspecFail);
    }
  }
}

// F-104: what differs in the configurations is an alarm; another server's option is none.
TEST(EndpointConnection, Fingerprints) {
  for (const Role role : kBothRoles) {
    EndpointSettings settings = bench_settings(role);
    settings.fingerprint = fingerprint_of({{"link a", "1"}, {"link b", "2"}});
    EndpointBench bench(settings);
    bench.start();
    bench.partner.fingerprint = settings.fingerprint;
    bench.exchange();
    EXPECT_FALSE(bench.has_alarm());
    bench.restart();
    bench.partner.fingerprint = fingerprint_of({{"link a", "1"}, {"link b", "3"}});
    bench.exchange();
    EXPECT_TRUE(bench.has_alarm());
    EXPECT_TRUE(bench.is_connected()) << "it is told, and nothing else";
    bench.restart();
    bench.forget();
    bench.partner.fingerprint = {9, 9, 9};
    bench.exchange();
    EXPECT_FALSE(bench.has_alarm());
  }
}

}  // namespace
}  // namespace tandem6
