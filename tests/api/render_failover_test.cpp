// What people read of failover, to the letter.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <string>

#include "control/api/command.h"
#include "tests/api/fake_server_view.h"
#include "tools/tandem6ctl/json_fields.h"
#include "tools/tandem6ctl/render.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

class RenderFailover : public ::testing::Test {
 protected:
  void SetUp() override {
    view_.relationship_views = {relationship_in_normal(), relationship_interrupted()};
  }
  /// The result as it comes over the socket.
  json::object result_of(const std::string& method, const std::string& name = {}) {
    const std::string parameters = name.empty() ? "{}" : R"({"name":")" + name + "\"}";
    std::string line;
    run_command_line(
        view_,
        R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + parameters + "}",
        [&](std::string answer) { line = std::move(answer); });
    context_.restart();
    context_.run();
    return as_object(json::parse(line).at("result"));
  }

  boost::asio::io_context context_;
  FakeServerView view_{context_};
};

TEST_F(RenderFailover, TheStatusScreenHasTheRelationshipsBeforeThePorts) {
  const std::string text = render_status(result_of("status"), Style{});
  const std::size_t begin = text.find("\nwest");
  ASSERT_NE(begin, std::string::npos) << text;
  EXPECT_EQ(text.substr(begin, text.find("\nPORT") - begin), R"(
west, primary: NORMAL since 2000-01-01T00:25:00Z (8 min 20 s ago)
  partner     NORMAL, in contact
  why         communications are restored
  answers     this server, the primary, answers all clients; the secondary answers only what is
              addressed to it, such as renewals of leases that it gave
  at risk     none: each server tells the other of every lease
  next        COMMUNICATIONS-INTERRUPTED if the partner cannot be heard any more
  to do       nothing
  updates     0 unacked, no lag, MCLT 1 h

east, secondary: COMMUNICATIONS-INTERRUPTED since 2000-01-01T00:28:20Z (5 min ago)
  partner     NORMAL when last heard, NO CONTACT
  why         the partner closed the connection
  answers     both servers may answer all clients, this one does; each gives new leases from its own
              half only, and no lease for longer than MCLT (1h) beyond what its partner has acked
  at risk     none: the halves keep one lease from being given to two clients. The partner has not
              acked the newest of 42 leases, and would not know it if this server failed now
  next        NORMAL when the partner can be reached again; until then it stays so
              (auto-partner-down is off)
  to do       find out why the partner cannot be reached, and repair it. If it is really dead and
              stays so: `tandem6ctl failover partner-down east`; never while it may be running, or
              both could give one lease to two clients. `tandem6ctl failover plan east` says what it
              would mean
  updates     42 unacked, lag 5 min, MCLT 1 h
)");
}

TEST_F(RenderFailover, FaultsAndTheSilentPartnerStandOut) {
  view_.relationship_views[1].faults = {"the clocks are more than 5 s apart"};
  const std::string text = render_status(result_of("status"), Style{.colours = true});
  EXPECT_NE(text.find("\x1b[1;31m  FAULT       the clocks are more than 5 s apart\x1b[0m\n"),
            std::string::npos);
  EXPECT_NE(text.find("\x1b[1;31mNO CONTACT\x1b[0m"), std::string::npos);
  EXPECT_NE(text.find("\x1b[1;31mCOMMUNICATIONS-INTERRUPTED\x1b[0m"), std::string::npos);
  EXPECT_NE(text.find("\x1b[32mNORMAL\x1b[0m"), std::string::npos);
}

TEST_F(RenderFailover, ShowHasEverything) {
  EXPECT_EQ(render_relationships(result_of("failover.show", "west"), Style{}),
            R"(west, primary: NORMAL since 2000-01-01T00:25:00Z (8 min 20 s ago)
  partner     NORMAL, in contact
  why         communications are restored
  answers     this server, the primary, answers all clients; the secondary answers only what is
              addressed to it, such as renewals of leases that it gave
  at risk     none: each server tells the other of every lease
  next        COMMUNICATIONS-INTERRUPTED if the partner cannot be heard any more
  to do       nothing
  updates     0 unacked, no lag, MCLT 1 h, 0 on their way; since the start 70 acked, 0 refused
  servers     here 2001:db8:0:1::1, partner 2001:db8:0:1::2
  connection  TLS 1.3 with b.example
  heard       2000-01-01T00:33:19Z (1 s ago)
  counters    fo.refused 2

AT                    FROM                        TO                          WHY
2000-01-01T00:24:50Z  STARTUP                     COMMUNICATIONS-INTERRUPTED  the partner is not there
2000-01-01T00:25:00Z  COMMUNICATIONS-INTERRUPTED  NORMAL                      communications are restored
)");
}

TEST_F(RenderFailover, TimesThatCountAreShown) {
  view_.relationship_views[1].auto_partner_down_at = WallTime{5600};
  const std::string text = render_relationships(result_of("failover.show", "east"), Style{});
  EXPECT_NE(text.find("\n  auto down   2000-01-01T01:33:20Z (in 1 h)\n"), std::string::npos)
      << text;
}

TEST_F(RenderFailover, AServerAlone) {
  view_.relationship_views.clear();
  EXPECT_EQ(render_relationships(result_of("failover.show"), Style{}),
            "no failover relationship: this server works alone\n");
  EXPECT_NE(render_status(result_of("status"), Style{}).find("alarms    none\n\nPORT"),
            std::string::npos);
}

TEST_F(RenderFailover, Plan) {
  for (PoolView& pool : view_.pool_views) pool.relationship = "east";
  view_.pool_views[1].half_free = 40000;
  view_.pool_views[1].half_free_backup = 25536;
  view_.pool_views[1].half_free_left = 39000;
  EXPECT_EQ(render_plan(result_of("failover.plan", "east"), Style{}),
            R"(partner-down of east, as secondary in COMMUNICATIONS-INTERRUPTED
  command     taken: this server goes to PARTNER-DOWN
  unacked     42 leases: their clients are safe with this server, but the partner does not know the
              newest of them, and would have to hear of it before it answers anybody again
  usable      from 2000-01-01T01:33:20Z (MCLT, 1h, past the beginning) prefixes of the partner's
              half, once this server's own are used up; a lease that has ended goes to another
              client MCLT past the latest time that either server may have promised, never before.
              Addresses of the partner's half go to no new client
  lifetimes   not done, clients get shorter lifetimes with each renewal, down to MCLT (1h), for as
              long as there is no contact; then each renews about every half of it. In PARTNER-DOWN
              they get the lifetimes of the configuration when they renew
  DANGER      if the partner is alive and answers clients, both may give one lease to two of them.
              When they meet, both stop answering (POTENTIAL-CONFLICT) until they have compared all
              leases, and some clients lose theirs. Switch it off, or cut it from its clients,
              before

LINK   POOL                KIND      SIZE  PARTNER'S HALF  NOT HELD  GIVEN
olt-7  2001:db8:7::/112    address  65536           32768         -  not at all
olt-8  2001:db8:8000::/40  prefix   65536           40000     39000  from 2000-01-01T01:33:20Z
)");
}

TEST_F(RenderFailover, PlanInShort) {
  EXPECT_EQ(render_plan_in_short(result_of("failover.plan", "east"), Style{}),
            R"(  command     taken: this server goes to PARTNER-DOWN
  unacked     42 leases: their clients are safe with this server, but the partner does not know the
              newest of them, and would have to hear of it before it answers anybody again
  usable      the partner's prefixes from 2000-01-01T01:33:20Z (in 1 h)
  DANGER      if the partner is alive and answers clients, both may give one lease to two of them.
              When they meet, both stop answering (POTENTIAL-CONFLICT) until they have compared all
              leases, and some clients lose theirs. Switch it off, or cut it from its clients,
              before
)");
}

TEST_F(RenderFailover, Conflicts) {
  EXPECT_EQ(render_conflicts(result_of("failover.conflicts"), Style{}), "no lease was disputed\n");
  view_.conflict_views = {{.at = WallTime{1900},
                           .relationship = "east",
                           .lease = prefix_of("2001:db8:8000:100::/56"),
                           .claim_here = "ACTIVE 00:03:01",
                           .claim_there = "",
                           .verdict = "theirs counts",
                           .rule = "R-50: the secondary yields"}};
  EXPECT_EQ(
      render_conflicts(result_of("failover.conflicts"), Style{}),
      R"(AT                    RELATIONSHIP  LEASE                   CLAIM HERE       CLAIM THERE  VERDICT        RULE
2000-01-01T00:31:40Z  east          2001:db8:8000:100::/56  ACTIVE 00:03:01  -            theirs counts  R-50: the secondary yields
)");
}

TEST_F(RenderFailover, AnAnswerOfAnotherVersionIsShownAsFarAsItGoes) {
  EXPECT_NE(render_relationship({}, Style{}).find("partner"), std::string::npos);
  EXPECT_NE(render_plan({}, Style{}).find("partner-down"), std::string::npos);
  EXPECT_NE(render_conflicts({{"conflicts", json::array{7}}}, Style{}).find("LEASE"),
            std::string::npos);
}

}  // namespace
}  // namespace tandem6
