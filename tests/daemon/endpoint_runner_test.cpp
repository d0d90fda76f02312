// Two endpoints with shards, disks and their order of effects, as the daemon joins them.
#include "control/daemon/endpoint_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/daemon/runner_bench.h"

namespace tandem6 {
namespace {

/// One shard, and three: a lease of an update may be held by another shard than its client's.
class EndpointRunnerTest : public testing::TestWithParam<unsigned> {
 protected:
  void start_both() {
    pair_.primary().start();
    pair_.secondary().start();
    pair_.pass(10);
    ASSERT_EQ(pair_.primary().state(), EndpointState::kNormal);
    ASSERT_EQ(pair_.secondary().state(), EndpointState::kNormal);
  }

  /// SOLICIT and REQUEST of one address and one prefix; the REPLY.
  Reply lease(RunnerBench& server, std::uint32_t client) {
    const Duid duid = ServerBench::client_duid(client);
    const auto ask = [&](MessageType type) {
      PacketBuilder packet =
          type == MessageType::kSolicit ? solicit(duid) : message_to(server, type, duid);
      return server.bench->send(packet.ia_na(Iaid{1}).ia_pd(Iaid{1}));
    };
    EXPECT_TRUE(ask(MessageType::kSolicit).sent());
    Reply reply = ask(MessageType::kRequest);
    pair_.settle();
    return reply;
  }
  static PacketBuilder message_to(RunnerBench& server, MessageType type, const Duid& client) {
    return PacketBuilder(type, 0x222222)
        .client_id(client)
        .server_id(server.bench->settings.server_duid);
  }

  RunnerPair pair_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Shards, EndpointRunnerTest, testing::Values(1U, 3U));

// F-284, R-42: two fresh servers come to NORMAL, and each state is on disk.
TEST_P(EndpointRunnerTest, TwoFreshServersBecomeNormal) {
  start_both();
  for (const Role role : {Role::kPrimary, Role::kSecondary}) {
    ASSERT_TRUE(pair_.of(role).record().has_value());
    EXPECT_EQ(pair_.of(role).record()->state, static_cast<std::uint8_t>(EndpointState::kNormal));
    EXPECT_EQ(pair_.of(role).store->origin(), LeasesOrigin::kKept) << "the leases are whole";
  }
}

// F-200: what a client has, the partner has, on its disk, when it has acked it.
TEST_P(EndpointRunnerTest, ALeaseIsOnThePartnersDiskWhenItIsAcked) {
  start_both();
  const Reply reply = lease(pair_.primary(), 1);
  ASSERT_EQ(reply.na().leases.size(), 1U);
  pair_.pass(2);
  EXPECT_EQ(pair_.primary().leases(), pair_.secondary().leases());
  EXPECT_EQ(pair_.primary().runner->endpoint().updates().unanswered(), 0U);
  pair_.secondary().kill();
  pair_.secondary().start();
  EXPECT_EQ(pair_.primary().leases(), pair_.secondary().leases());
}

// F-330 and on: a server that lost nothing but its connection, and one that was killed, catch up.
TEST_P(EndpointRunnerTest, WhatWasGivenAloneIsToldAfterwards) {
  start_both();
  pair_.cut();
  pair_.pass(3);
  EXPECT_EQ(pair_.primary().state(), EndpointState::kCommunicationsInterrupted);
  for (std::uint32_t client = 1; client <= 40; ++client) {
    lease(client % 2 == 0 ? pair_.primary() : pair_.secondary(), client);
  }
  pair_.join();
  pair_.pass(10);
  EXPECT_EQ(pair_.primary().state(), EndpointState::kNormal);
  EXPECT_EQ(pair_.primary().leases().size(), 80U);
  EXPECT_EQ(pair_.primary().leases(), pair_.secondary().leases());

  pair_.primary().kill();
  pair_.pass(10);
  for (std::uint32_t client = 41; client <= 60; ++client) lease(pair_.secondary(), client);
  pair_.primary().start();
  pair_.pass(10);
  EXPECT_EQ(pair_.primary().state(), EndpointState::kNormal);
  EXPECT_EQ(pair_.primary().leases().size(), 120U);
  EXPECT_EQ(pair_.primary().leases(), pair_.secondary().leases());
}

// 8.4, 8.5: PARTNER-DOWN by command; the dead one recovers everything with an UPDREQALL, waits for
// MCLT, and both are NORMAL.
TEST_P(EndpointRunnerTest, PartnerDownAndRecovery) {
  start_both();
  for (std::uint32_t client = 1; client <= 20; ++client) lease(pair_.primary(), client);
  pair_.pass(2);
  pair_.primary().kill();
  pair_.pass(20);  // so that nobody doubts that it was dead before
  std::string answer;
  pair_.secondary().runner->command({}, [&](bool taken, const std::string& text) {
    EXPECT_TRUE(taken);
    answer = text;
  });
  pair_.settle();
  EXPECT_EQ(answer, "PARTNER-DOWN since now");
  EXPECT_EQ(pair_.secondary().state(), EndpointState::kPartnerDown);
  for (std::uint32_t client = 21; client <= 40; ++client) lease(pair_.secondary(), client);
  pair_.primary().start();
  pair_.pass(5);
  EXPECT_EQ(pair_.primary().state(), EndpointState::kRecoverWait);
  EXPECT_EQ(pair_.primary().leases(), pair_.secondary().leases());
  pair_.pass(70);
  EXPECT_EQ(pair_.primary().state(), EndpointState::kNormal);
  EXPECT_EQ(pair_.secondary().state(), EndpointState::kNormal);
}

// blocks of prefixes are the secondary's on both disks.
TEST_P(EndpointRunnerTest, TheSecondaryGetsItsHalfOfThePrefixes) {
  start_both();
  pair_.pass(30);
  const auto halves = [&](RunnerBench& server) {
    return blocks_of_half(*server.bench->service, 0, Half::kFreeBackup);
  };
  EXPECT_FALSE(halves(pair_.secondary()).empty());
  EXPECT_EQ(halves(pair_.primary()), halves(pair_.secondary()));
  const auto before = halves(pair_.primary());
  for (const Role role : {Role::kPrimary, Role::kSecondary}) pair_.of(role).kill();
  for (const Role role : {Role::kPrimary, Role::kSecondary}) pair_.of(role).start();
  EXPECT_EQ(halves(pair_.primary()), before);
  EXPECT_EQ(halves(pair_.secondary()), before);
}

// two clients with one lease, which a wrong partner-down brought about: one keeps it on both.
TEST_P(EndpointRunnerTest, OneClientKeepsADisputedLease) {
  pair_.prefixes = prefix_of("2001:db8:8000::/54");  // four
  start_both();
  pair_.pass(15);
  pair_.cut();
  pair_.pass(3);
  pair_.secondary().runner->command({}, [](bool taken, const std::string&) { EXPECT_TRUE(taken); });
  pair_.pass(70);  // past the MCLT: the primary's prefixes are the secondary's to give
  for (std::uint32_t client = 1; client <= 4; ++client) lease(pair_.primary(), client);
  for (std::uint32_t client = 11; client <= 14; ++client) lease(pair_.secondary(), client);
  pair_.join();
  pair_.pass(10);
  EXPECT_EQ(pair_.primary().state(), EndpointState::kNormal);
  pair_.pass(5);
  EXPECT_EQ(pair_.primary().leases(), pair_.secondary().leases());
  const auto is_dispute = [](const std::string& text) { return text.starts_with("disputed "); };
  EXPECT_EQ(std::ranges::count_if(pair_.primary().reports, is_dispute) +
                std::ranges::count_if(pair_.secondary().reports, is_dispute),
            4)
      << "two prefixes, each seen by both";
}

}  // namespace
}  // namespace tandem6
