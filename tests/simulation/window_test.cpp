// The window of unanswered BNDUPDs, of lazy updates and of sweeps, and what comes of a request that
// finds nothing.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/simulation/pair.h"

namespace tandem6::simulation {
namespace {

constexpr std::uint32_t kWindow = 4;
constexpr std::uint32_t kClients = 300;

PairSettings narrow_settings() {
  PairSettings settings = Pair::default_settings();
  settings.primary.max_unacked_bndupd = settings.secondary.max_unacked_bndupd = kWindow;
  return settings;
}

/// The most BNDUPDs of this server that were unanswered at one time, by the trace.
std::int64_t most_unanswered(const Pair& pair, const std::string& from, const std::string& to) {
  std::int64_t now = 0;
  std::int64_t most = 0;
  for (const std::string& line : pair.trace()) {
    if (line.starts_with(from + " > BNDUPD")) most = std::max(most, ++now);
    if (line.starts_with(to + " > BNDREPLY")) --now;
    // A new connection begins anew.
    if (line.ends_with("> CONNECT")) now = 0;
  }
  return most;
}

TEST(Window,
     holds_for_lazy_updates_and_sweeps_and_all_arrives) {  // F-024, F-094, F-265, F-268, F-344
  Pair pair(narrow_settings());
  pair.start_both();
  pair.pass(30);
  pair.cut();
  for (std::uint32_t i = 1; i <= kClients; ++i) {
    ASSERT_TRUE(pair.lease_address(i, Role::kPrimary).lease);
    ASSERT_TRUE(pair.lease_address(1000 + i, Role::kSecondary).lease);
  }
  pair.join();
  pair.pass(10);
  EXPECT_EQ(most_unanswered(pair, "primary", "secondary"), kWindow);
  EXPECT_EQ(most_unanswered(pair, "secondary", "primary"), kWindow);
  EXPECT_EQ(pair.differences(), std::vector<std::string>{});

  // The other disk is lost: all of it again, in the same window (F-266).
  pair.crash(Role::kSecondary);
  pair.lose_disk(Role::kSecondary);
  pair.clear_trace();
  pair.start(Role::kSecondary);
  pair.pass(10);
  EXPECT_LE(most_unanswered(pair, "primary", "secondary"), kWindow);
  const auto& trace = pair.trace();
  const auto request = std::ranges::find(trace, "secondary > UPDREQALL");
  const auto done = std::ranges::find(trace, "primary > UPDDONE");
  ASSERT_NE(request, trace.end());
  ASSERT_NE(done, trace.end());
  EXPECT_GE(std::count_if(request, done,
                          [](const std::string& line) {
                            return line.starts_with("primary > BNDUPD ACTIVE");
                          }),
            2 * kClients);
  pair.pass(3700);
  EXPECT_EQ(pair.state(Role::kSecondary), EndpointState::kNormal);
  EXPECT_EQ(pair.differences(), std::vector<std::string>{});
}

TEST(Window, a_request_that_finds_nothing_is_done_at_once) {  // F-267
  Pair pair(narrow_settings());
  pair.start_both();
  const auto& trace = pair.trace();
  const auto request = std::ranges::find(trace, "secondary > UPDREQALL");
  ASSERT_NE(request, trace.end());
  const auto done = std::find(request, trace.end(), "primary > UPDDONE");
  ASSERT_NE(done, trace.end());
  EXPECT_EQ(std::count_if(
                request, done,
                [](const std::string& line) { return line.find("BNDUPD") != std::string::npos; }),
            0);
}

TEST(Window, a_reply_to_a_client_waits_for_no_partner) {  // F-006, F-165
  Pair pair;
  pair.start_both();
  pair.pass(30);
  pair.hold(Role::kSecondary, true);  // nothing comes back from there
  const Exchanged given = pair.lease_address(1, Role::kPrimary);
  ASSERT_TRUE(given.lease);
  EXPECT_EQ(pair.server(Role::kPrimary).endpoint().updates().unanswered(), 1U);
  EXPECT_EQ(pair.renew(1, Role::kPrimary).lease->valid, 3600U) << "nothing is acked yet (F-161)";
  pair.hold(Role::kSecondary, false);
  EXPECT_EQ(pair.server(Role::kPrimary).endpoint().updates().unanswered(), 0U);
  EXPECT_EQ(pair.renew(1, Role::kPrimary).lease->valid, 259200U);
}

TEST(Window, a_partner_that_answers_no_updates_is_left) {  // F-349
  Pair pair;
  pair.start_both();
  pair.pass(30);
  ASSERT_EQ(pair.state(Role::kPrimary), EndpointState::kNormal);
  pair.server(Role::kSecondary).set_deaf_to_updates(true);
  ASSERT_TRUE(pair.lease_address(1, Role::kPrimary).lease);
  pair.clear_trace();
  pair.pass(58);
  EXPECT_EQ(pair.state(Role::kPrimary), EndpointState::kNormal) << "CONTACTs flow";
  pair.pass(4);
  EXPECT_NE(std::ranges::find(pair.trace(), "primary is COMMUNICATIONS-INTERRUPTED"),
            pair.trace().end());
}

TEST(Window, updates_that_were_asked_for_and_do_not_come_end_the_connection) {  // F-330
  Pair pair;
  pair.start_both();
  pair.pass(30);
  ASSERT_TRUE(pair.lease_address(1, Role::kPrimary).lease);
  pair.crash(Role::kSecondary);
  pair.lose_disk(Role::kSecondary);
  pair.server(Role::kPrimary).set_deaf_to_updates(true);
  pair.start(Role::kSecondary);
  pair.pass(5);
  ASSERT_EQ(pair.state(Role::kSecondary), EndpointState::kRecover);
  pair.clear_trace();
  pair.pass(130);  // after a DISCONNECT the primary takes its time (F-085)
  EXPECT_NE(std::ranges::find(pair.trace(), "primary > CONNECT"), pair.trace().end());
  pair.server(Role::kPrimary).set_deaf_to_updates(false);
  pair.pass(120);
  EXPECT_EQ(pair.state(Role::kSecondary), EndpointState::kRecoverWait);
}

}  // namespace
}  // namespace tandem6::simulation
