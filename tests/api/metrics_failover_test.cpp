// tandem6_failover_*.
#include "control/api/metrics_failover.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "control/api/metrics.h"
#include "tests/api/fake_server_view.h"

namespace tandem6 {
namespace {

std::string metrics_of(const std::vector<RelationshipView>& relationships) {
  boost::asio::io_context context;
  FakeServerView view(context);
  view.relationship_views = relationships;
  return write_metrics(view);
}

bool has_line(const std::string& text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

TEST(FailoverMetrics, ExactlyOneStateIsOne) {
  const std::string text = metrics_of({relationship_interrupted()});
  EXPECT_TRUE(has_line(text, "# TYPE tandem6_failover_state gauge"));
  const std::string begin =
      R"(tandem6_failover_state{relationship="east",role="secondary",state=")";
  EXPECT_TRUE(has_line(text, begin + R"(COMMUNICATIONS-INTERRUPTED"} 1)"));
  EXPECT_TRUE(has_line(text, begin + R"(NORMAL"} 0)"));
  std::size_t ones = 0;
  for (std::size_t at = 0; (at = text.find(begin, at)) != std::string::npos; at += begin.size()) {
    const std::size_t end = text.find('\n', at);
    ones += text[end - 1] == '1' ? 1U : 0U;
  }
  EXPECT_EQ(ones, 1u);
  EXPECT_TRUE(has_line(text, R"(tandem6_failover_partner_state{relationship="east",)"
                             R"(role="secondary",state="NORMAL"} 1)"));
}

TEST(FailoverMetrics, NumbersOfEachRelationship) {
  RelationshipView east = relationship_interrupted();
  east.unanswered_count = 3;
  east.refused_total = 4;
  east.faults = {"the clocks are more than 5 s apart"};
  const std::string text = metrics_of({relationship_in_normal(), east});
  const std::string west_labels = R"({relationship="west",role="primary"})";
  const std::string east_labels = R"({relationship="east",role="secondary"})";
  EXPECT_TRUE(has_line(text, "tandem6_failover_in_contact" + west_labels + " 1"));
  EXPECT_TRUE(has_line(text, "tandem6_failover_in_contact" + east_labels + " 0"));
  EXPECT_TRUE(has_line(text, "tandem6_failover_state_seconds" + west_labels + " 500"));
  EXPECT_TRUE(has_line(text, "tandem6_failover_unacked_leases" + east_labels + " 42"));
  EXPECT_TRUE(has_line(text, "tandem6_failover_unanswered_updates" + east_labels + " 3"));
  EXPECT_TRUE(has_line(text, "tandem6_failover_lag_seconds" + east_labels + " 300"));
  EXPECT_TRUE(has_line(text, "tandem6_failover_mclt_seconds" + east_labels + " 3600"));
  EXPECT_TRUE(has_line(text, "tandem6_failover_faults" + east_labels + " 1"));
  EXPECT_TRUE(has_line(text, "# TYPE tandem6_failover_acked_total counter"));
  EXPECT_TRUE(has_line(text, "tandem6_failover_acked_total" + west_labels + " 70"));
  EXPECT_TRUE(has_line(text, "tandem6_failover_refused_total" + east_labels + " 4"));
  EXPECT_TRUE(has_line(text, R"(tandem6_failover_events_total{relationship="west",)"
                             R"(role="primary",event="refused"} 2)"));
}

TEST(FailoverMetrics, NoneOfAServerAlone) {
  EXPECT_EQ(metrics_of({}).find("tandem6_failover"), std::string::npos);
}

}  // namespace
}  // namespace tandem6
