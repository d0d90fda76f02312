// Failover for operators: what each state means, the commands, and the screens.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <string>

#include "control/api/command.h"
#include "control/api/metrics.h"
#include "control/api/relationship_text.h"
#include "control/daemon/alarms.h"
#include "tests/api/fake_server_view.h"
#include "tools/tandem6ctl/json_fields.h"
#include "tools/tandem6ctl/render.h"

namespace tandem6 {
namespace {

namespace json = boost::json;
using enum EndpointState;

RelationshipView relationship(EndpointState state, bool is_in_contact, Role role = Role::kPrimary) {
  RelationshipView view;
  view.name = "west";
  view.role = role;
  view.partner = "2001:db8:0:1::2";
  view.state = state;
  view.since = WallTime{1000};
  view.why = "communications are restored";
  view.is_in_contact = is_in_contact;
  view.last_contact = WallTime{1500};
  view.partner_state = kNormal;
  view.connection = "TLSv1.3 with b.example";
  view.mclt = Lifetime{3600};
  view.serving.mclt_max = Lifetime{3600};
  view.recover_wait_end = state == kRecoverWait ? WallTime{3000} : kNoTime;
  view.unacked_count = 17;
  view.lag_seconds = 2;
  return view;
}

constexpr EndpointState kStates[] = {kStartup,           kNormal,      kCommunicationsInterrupted,
                                     kPartnerDown,       kRecover,     kRecoverWait,
                                     kPotentialConflict, kRecoverDone, kResolutionInterrupted,
                                     kConflictDone};

TEST(RelationshipText, EachStateSaysSomethingOfEverything) {
  for (const EndpointState state : kStates) {
    for (const bool is_in_contact : {false, true}) {
      const RelationshipText text = explain(relationship(state, is_in_contact));
      for (const std::string& each : {text.answers, text.at_risk, text.next, text.advice}) {
        EXPECT_FALSE(each.empty()) << name_of(state);
      }
    }
  }
}

// A living partner taken for dead is what gives one lease to two clients (8.4).
TEST(RelationshipText, NobodyInContactIsToldOfPartnerDown) {
  for (const EndpointState state : kStates) {
    const RelationshipText text = explain(relationship(state, true));
    EXPECT_EQ(text.advice, "nothing") << name_of(state);
  }
  EXPECT_NE(explain(relationship(kCommunicationsInterrupted, false)).advice.find("failover plan"),
            std::string::npos);
}

TEST(RelationshipText, WhoAnswers) {
  EXPECT_TRUE(
      explain(relationship(kNormal, true)).answers.starts_with("this server answers every"));
  EXPECT_TRUE(explain(relationship(kNormal, true, Role::kSecondary))
                  .answers.starts_with("the partner answers every client"));
  for (const EndpointState state : {kStartup, kRecover, kRecoverWait, kPotentialConflict}) {
    EXPECT_EQ(explain(relationship(state, true)).answers, "this server answers nobody");
  }
}

TEST(RelationshipText, AFaultBetweenTheTwoIsWhatToSeeTo) {
  RelationshipView view = relationship(kNormal, true);
  view.faults = {"the clocks are more than 5 s apart"};
  EXPECT_EQ(explain(view).advice,
            "see to what is wrong between the two: the clocks are more than 5 s apart");
}

TEST(RelationshipText, WhatComesByItselfAndWhen) {
  RelationshipView view = relationship(kCommunicationsInterrupted, false);
  EXPECT_EQ(explain(view).next, "NORMAL, when the partner can be reached again");
  view.auto_partner_down_at = WallTime{5000};
  EXPECT_NE(explain(view).next.find("PARTNER-DOWN at 2000-01-01T01:23:20Z"), std::string::npos);
  EXPECT_NE(explain(relationship(kRecoverWait, true)).next.find("2000-01-01T00:50:00Z"),
            std::string::npos);
}

class FailoverCommands : public ::testing::Test {
 protected:
  FailoverCommands() {
    view_.relationship_views = {relationship(kCommunicationsInterrupted, false)};
    view_.relationship_views[0].transitions = {
        {WallTime{900}, kStartup, kNormal, "the partner is there"}};
  }
  json::object answer_to(const std::string& method, const std::string& parameters = "{}") {
    const std::string request =
        R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + parameters + "}";
    std::string line;
    run_command_line(view_, request, [&](std::string answer) { line = std::move(answer); });
    context_.restart();
    context_.run();
    return json::parse(line).as_object();
  }
  json::object result_of(const std::string& method, const std::string& parameters = "{}") {
    return as_object(answer_to(method, parameters).at("result"));
  }
  std::string error_of(const std::string& method, const std::string& parameters) {
    return text_field(object_field(answer_to(method, parameters), "error"), "message");
  }

  boost::asio::io_context context_;
  FakeServerView view_{context_};
};

TEST_F(FailoverCommands, ARelationshipIsKnownByItsName) {
  for (const char* method :
       {"failover.show", "failover.plan", "failover.partner-down", "failover.conflicts"}) {
    EXPECT_EQ(error_of(method, R"({"name":"east"})"),
              "no relationship is called `east`; there is west");
  }
  EXPECT_EQ(error_of("failover.plan", "{}"), "`name` is missing");
}

TEST_F(FailoverCommands, PartnerDownIsTheEndpointsToTakeOrRefuse) {
  EXPECT_EQ(error_of("failover.partner-down", R"({"name":"west"})"), "refused in RECOVER");
  EXPECT_EQ(view_.declared_down, "west");
  EXPECT_EQ(text_field(result_of("failover.partner-down", R"({"name":"west","force":1})"), "text"),
            "PARTNER-DOWN since now");
  EXPECT_EQ(view_.declared_down, "west by force");
  EXPECT_NE(error_of("failover.partner-down", R"({"name":"west","at":"12:00"})"), "");
}

TEST_F(FailoverCommands, TheScreenOfARelationship) {
  EXPECT_EQ(
      render_failover(result_of("failover.show"), Style{}),
      R"(west  primary  COMMUNICATIONS-INTERRUPTED since 2000-01-01T00:16:40Z: communications are restored
  partner     2001:db8:0:1::2 in NORMAL, NOT REACHED since 2000-01-01T00:25:00Z
  answers     this server answers every client; so may the partner, if it runs
  at risk     no lease: neither server gives what the other one could give
  next        NORMAL, when the partner can be reached again
  to do       bring the partner or the network to it back. Only if the partner is dead for long: tandem6ctl failover plan west
  unacked     17 leases, lag 2 s, MCLT 1 h
  updates     0 acked, 0 refused, 0 on their way
  transitions
    2000-01-01T00:15:00Z  STARTUP -> NORMAL: the partner is there
)");
  view_.relationship_views.clear();
  EXPECT_EQ(render_failover(result_of("failover.show"), Style{}),
            "no failover relationship is configured\n");
}

TEST_F(FailoverCommands, ThePlanSaysWhatIsDangerous) {
  const std::string text = render_plan(result_of("failover.plan", R"({"name":"west"})"), Style{});
  EXPECT_NE(text.find("2000-01-01T01:33:20Z"), std::string::npos) << "now and the MCLT";
  EXPECT_NE(text.find("17 leases"), std::string::npos);
  EXPECT_NE(text.find("DANGER: if the partner runs"), std::string::npos);
}

TEST_F(FailoverCommands, ConflictsAreListed) {
  EXPECT_EQ(render_conflicts(result_of("failover.conflicts"), Style{}),
            "no lease was claimed by two clients\n");
  view_.conflict_views = {{.at = WallTime{1000},
                           .relationship = "west",
                           .lease = prefix_of("2001:db8:7::1/128"),
                           .claim_here = "ACTIVE 00:03:01",
                           .claim_there = "ACTIVE 00:03:02",
                           .verdict = "ours stays",
                           .rule = "R-50"}};
  const std::string text = render_conflicts(result_of("failover.conflicts"), Style{});
  EXPECT_NE(text.find("2001:db8:7::1"), std::string::npos);
  EXPECT_NE(text.find("ours stays"), std::string::npos);
}

TEST_F(FailoverCommands, MetricsOfARelationship) {
  view_.relationship_views[0].counters = {{"fo.tls", 3}};
  const std::string text = write_metrics(view_);
  for (const char* line :
       {"tandem6_failover_state{relationship=\"west\"} 3\n",
        "tandem6_failover_in_contact{relationship=\"west\"} 0\n",
        "tandem6_failover_unacked_leases{relationship=\"west\"} 17\n",
        "tandem6_failover_lag_seconds{relationship=\"west\"} 2\n",
        "tandem6_failover_events_total{relationship=\"west\",event=\"fo.tls\"} 3\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
  view_.relationship_views.clear();
  EXPECT_EQ(write_metrics(view_).find("failover"), std::string::npos);
}

TEST(FailoverAlarms, OfStatesThatDoNotPassByThemselves) {
  const auto alarms_in = [](EndpointState state, bool is_in_contact) {
    StatusView status;
    status.relationships = {relationship(state, is_in_contact)};
    return find_alarms(status);
  };
  EXPECT_TRUE(alarms_in(kNormal, true).empty());
  EXPECT_TRUE(alarms_in(kCommunicationsInterrupted, true).empty());
  EXPECT_EQ(alarms_in(kCommunicationsInterrupted, false),
            std::vector<std::string>{"failover west the partner is not reached: "
                                     "COMMUNICATIONS-INTERRUPTED since 2000-01-01T00:16:40Z"});
  for (const EndpointState state :
       {kPartnerDown, kPotentialConflict, kResolutionInterrupted, kRecover, kRecoverWait}) {
    EXPECT_EQ(alarms_in(state, true).size(), 1U) << name_of(state);
  }
}

TEST(FailoverAlarms, OfFaultsAndOfAHalfThatIsShort) {
  StatusView status;
  status.relationships = {relationship(kNormal, true)};
  status.relationships[0].faults = {"the configurations differ: pools"};
  PoolView pool;
  pool.link = "olt-7";
  pool.is_prefix_pool = true;
  pool.range = prefix_of("2001:db8:8000::/40");
  pool.size = 65536;
  pool.half_free = 40000;
  pool.half_free_backup = 100;
  status.pools = {pool};
  EXPECT_EQ(find_alarms(status),
            (std::vector<std::string>{
                "pool 2001:db8:8000::/40 of link olt-7 is short in one half: 100 prefixes left",
                "failover west is at odds: the configurations differ: pools"}));
}

TEST_F(FailoverCommands, StatusShowsTheRelationshipFirst) {
  const std::string text = render_status(result_of("status"), Style{});
  EXPECT_LT(text.find("west  primary"), text.find("PORT"));
}

}  // namespace
}  // namespace tandem6
