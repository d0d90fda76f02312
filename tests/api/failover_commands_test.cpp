// failover.show, plan, partner-down, conflicts, and what status says of relationships.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include "control/api/iso_time.h"
#include "tests/api/control_fixture.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

constexpr std::int64_t kInvalidParameters = -32602;
constexpr std::int64_t kRefused = 1;

class FailoverCommandTest : public ControlSocketTest {
 protected:
  void SetUp() override {
    view_.relationship_views = {relationship_in_normal(), relationship_interrupted()};
    view_.pool_views[1].relationship = "east";
    view_.pool_views[1].half_free = 40000;
    view_.pool_views[1].half_free_backup = 25536;
    view_.pool_views[1].half_free_left = 39000;
    view_.conflict_views = {{.at = WallTime{1900},
                             .relationship = "east",
                             .lease = prefix_of("2001:db8:8000:100::/56"),
                             .claim_here = "ACTIVE 00:03:01",
                             .claim_there = "ACTIVE 00:03:02",
                             .verdict = "theirs counts",
                             .rule = "R-50: the secondary yields"},
                            {.at = WallTime{1800},
                             .relationship = "west",
                             .lease = prefix_of("2001:db8:7::1/128"),
                             .claim_here = "",
                             .claim_there = "FREE",
                             .verdict = "ours stays",
                             .rule = "R-29"}};
  }
  [[nodiscard]] std::string message_of(const std::string& method, const json::object& parameters) {
    return std::string(call(method, parameters).at("error").at("message").as_string());
  }
};

TEST_F(FailoverCommandTest, StatusHasEachRelationship) {
  open();
  const json::object status = result_of("status");
  const json::array& relationships = status.at("relationships").as_array();
  ASSERT_EQ(relationships.size(), 2u);
  EXPECT_EQ(relationships[0].at("name").as_string(), "west");
  EXPECT_EQ(relationships[0].at("role").as_string(), "primary");
  EXPECT_EQ(relationships[0].at("state").as_string(), "NORMAL");
  EXPECT_EQ(relationships[0].at("since").at("left").as_int64(), -500);
  EXPECT_EQ(relationships[0].at("partner_state").as_string(), "NORMAL");
  EXPECT_TRUE(relationships[0].at("in_contact").as_bool());
  EXPECT_EQ(relationships[0].at("why").as_string(), "communications are restored");
  EXPECT_EQ(relationships[0].at("advice").as_string(), "nothing");
  EXPECT_EQ(relationships[1].at("state").as_string(), "COMMUNICATIONS-INTERRUPTED");
  EXPECT_EQ(relationships[1].at("unacked").as_int64(), 42);
  EXPECT_EQ(relationships[1].at("lag_seconds").as_double(), 300);
  EXPECT_EQ(relationships[1].at("mclt_seconds").as_int64(), 3600);
  for (const char* sentence : {"answers", "at_risk", "next", "reason"}) {
    EXPECT_FALSE(relationships[1].at(sentence).as_string().empty()) << sentence;
  }
}

TEST_F(FailoverCommandTest, ShowHasTransitionsAndCounters) {
  open();
  EXPECT_EQ(result_of("failover.show").at("relationships").as_array().size(), 2u);
  const json::object answer = result_of("failover.show", {{"name", "west"}});
  ASSERT_EQ(answer.at("relationships").as_array().size(), 1u);
  const json::object& west = answer.at("relationships").as_array()[0].as_object();
  EXPECT_EQ(west.at("connection").as_string(), "TLS 1.3 with b.example");
  ASSERT_EQ(west.at("transitions").as_array().size(), 2u);
  EXPECT_EQ(west.at("transitions").at(0).at("from").as_string(), "STARTUP");
  EXPECT_EQ(west.at("transitions").at(1).at("to").as_string(), "NORMAL");
  EXPECT_EQ(west.at("counters").at("fo.refused").as_int64(), 2);
  EXPECT_EQ(west.at("acked_total").as_int64(), 70);
  EXPECT_TRUE(west.at("recover_wait_end").is_null());
}

TEST_F(FailoverCommandTest, AnUnknownNameIsAnsweredWithTheKnownOnes) {
  open();
  EXPECT_EQ(message_of("failover.show", {{"name", "wes"}}),
            "no relationship is called `wes`; did you mean `west`? There are west, east");
  for (const char* method : {"failover.plan", "failover.partner-down", "failover.conflicts"}) {
    EXPECT_EQ(message_of(method, {{"name", "nowhere-like-home"}}),
              "no relationship is called `nowhere-like-home`; there are west, east");
    EXPECT_EQ(error_of(method, {{"name", "wes"}}), kRefused);
  }
  EXPECT_TRUE(view_.partner_down_orders.empty());
}

TEST_F(FailoverCommandTest, AServerAloneSaysSo) {
  view_.relationship_views.clear();
  open();
  EXPECT_TRUE(result_of("failover.show").at("relationships").as_array().empty());
  EXPECT_EQ(message_of("failover.plan", {{"name", "west"}}),
            "no relationship is called `west`; this server has no partner, its configuration has "
            "no failover");
}

TEST_F(FailoverCommandTest, Plan) {
  open();
  const json::object plan = result_of("failover.plan", {{"name", "east"}});
  EXPECT_EQ(plan.at("verdict").as_string(), "taken");
  EXPECT_EQ(plan.at("unacked").as_int64(), 42);
  EXPECT_EQ(plan.at("usable_from").at("left").as_int64(), 3600);
  EXPECT_EQ(plan.at("partner_half").as_string(), "FREE");
  ASSERT_EQ(plan.at("pools").as_array().size(), 1u);
  EXPECT_EQ(plan.at("pools").at(0).at("half_free").as_int64(), 40000);
  EXPECT_EQ(plan.at("pools").at(0).at("half_free_left").as_int64(), 39000);
  EXPECT_TRUE(plan.at("pools").at(0).at("half_free_backup_left").is_null());
  EXPECT_EQ(error_of("failover.plan"), kInvalidParameters);
  EXPECT_TRUE(view_.partner_down_orders.empty());
}

TEST_F(FailoverCommandTest, PartnerDownIsHandedOn) {
  open();
  const json::object done = result_of("failover.partner-down", {{"name", "east"}});
  EXPECT_EQ(done.at("text").as_string(), "PARTNER-DOWN since now");
  EXPECT_EQ(error_of("failover.partner-down", {{"name", "west"}, {"force", true}}), 0);
  on_control_thread([this] {
    EXPECT_EQ(view_.partner_down_orders, (std::vector<std::string>{"east", "west by force"}));
  });
}

TEST_F(FailoverCommandTest, ARefusalHasItsReason) {
  view_.partner_down_refusal = "refused in POTENTIAL-CONFLICT: both servers are busy";
  open();
  EXPECT_EQ(message_of("failover.partner-down", {{"name", "east"}}),
            "east: refused in POTENTIAL-CONFLICT: both servers are busy");
}

// 8.4: every wait counts from the start of PARTNER-DOWN, which is not before this server obeys it.
TEST_F(FailoverCommandTest, PartnerDownBeginsNowOnly) {
  open();
  const std::string now = to_iso8601(view_.now());
  EXPECT_EQ(error_of("failover.partner-down", {{"name", "east"}, {"at", "now"}}), 0);
  EXPECT_EQ(error_of("failover.partner-down", {{"name", "east"}, {"at", now}}), 0);
  EXPECT_EQ(error_of("failover.partner-down", {{"name", "east"}, {"at", "yesterday"}}),
            kInvalidParameters);
  EXPECT_NE(
      message_of("failover.partner-down", {{"name", "east"}, {"at", to_iso8601(WallTime{1000})}})
          .find("is past: this version counts PARTNER-DOWN from now, " + now),
      std::string::npos);
  EXPECT_NE(
      message_of("failover.partner-down", {{"name", "east"}, {"at", to_iso8601(WallTime{3000})}})
          .find("is yet to come"),
      std::string::npos);
  on_control_thread([this] { EXPECT_EQ(view_.partner_down_orders.size(), 2u); });
}

TEST_F(FailoverCommandTest, ParametersAreChecked) {
  open();
  EXPECT_EQ(error_of("failover.partner-down"), kInvalidParameters);
  EXPECT_EQ(error_of("failover.partner-down", {{"name", "east"}, {"force", "yes"}}),
            kInvalidParameters);
  EXPECT_EQ(error_of("failover.partner-down", {{"name", "east"}, {"at", 7}}), kInvalidParameters);
  EXPECT_EQ(error_of("failover.show", {{"name", 7}}), kInvalidParameters);
  on_control_thread([this] { EXPECT_TRUE(view_.partner_down_orders.empty()); });
}

TEST_F(FailoverCommandTest, Conflicts) {
  open();
  EXPECT_EQ(result_of("failover.conflicts").at("conflicts").as_array().size(), 2u);
  const json::object answer = result_of("failover.conflicts", {{"name", "west"}});
  ASSERT_EQ(answer.at("conflicts").as_array().size(), 1u);
  const json::value& conflict = answer.at("conflicts").at(0);
  EXPECT_EQ(conflict.at("lease").as_string(), "2001:db8:7::1");
  EXPECT_EQ(conflict.at("claim_there").as_string(), "FREE");
  EXPECT_EQ(conflict.at("verdict").as_string(), "ours stays");
  EXPECT_EQ(conflict.at("rule").as_string(), "R-29");
}

TEST(IsoTime, IsReadAsItIsWritten) {
  EXPECT_EQ(parse_iso8601("2000-01-01T00:33:20Z"), WallTime{2000});
  EXPECT_EQ(parse_iso8601(to_iso8601(WallTime{800000000})), WallTime{800000000});
  for (const char* text :
       {"", "now", "2000-01-01T00:33:20", "2000-01-01T00:33:20Zx", "2000-1-1T00:33:20Z",
        "2000-06-31T00:00:00Z", "1999-12-31T23:59:59Z", "2000-01-01 00:33:20Z", "never"}) {
    EXPECT_FALSE(parse_iso8601(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace tandem6
