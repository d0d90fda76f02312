// Rapid Commit: RFC 8415 sections 18.3.1 and 21.14.
#include <gtest/gtest.h>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();

ServerSettings enabled() {
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].rapid_commit = true;
  return settings;
}

TEST(RapidCommit, needs_the_client_and_the_operator) {  // S-116
  ServerBench off;
  EXPECT_EQ(off.send(solicit(kClient).ia_na(Iaid{1}).rapid_commit()).type, kAdvertise);
  ServerBench on(enabled());
  EXPECT_EQ(on.send(solicit(kClient).ia_na(Iaid{1})).type, kAdvertise);
  EXPECT_EQ(on.send(solicit(kClient).ia_na(Iaid{1}).rapid_commit()).type, kReply);
}

// S-117 (the reply carries the number of the change that must be on disk first), S-118
TEST(RapidCommit, reply_has_the_option_and_waits_for_its_bindings) {
  ServerBench bench(enabled());
  const Reply reply = bench.send(solicit(kClient).ia_na(Iaid{1}).ia_pd(Iaid{1}).rapid_commit());
  EXPECT_EQ(reply.option(OptionCode::kRapidCommit), Octets{});
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 2u);
  ASSERT_EQ(bench.changes.size(), 2u);
  EXPECT_EQ(reply.change_number, bench.changes.back().number);
}

TEST(RapidCommit, option_is_in_no_other_message) {  // S-118
  ServerBench bench(enabled());
  const auto count = [&](PacketBuilder packet) {
    const Reply reply =
        bench.send(packet.ia_na(Iaid{1}, {address_of("2001:db8:7::5")}).rapid_commit());
    EXPECT_TRUE(reply.sent());
    return reply.count(OptionCode::kRapidCommit);
  };
  for (const MessageType type : {kRequest, kRenew, kRelease, kDecline}) {
    EXPECT_EQ(count(to_server(type, kClient)), 0u);
  }
  for (const MessageType type : {kConfirm, kRebind}) {
    EXPECT_EQ(count(PacketBuilder(type, 1).client_id(kClient)), 0u);
  }
  EXPECT_EQ(bench.send(PacketBuilder(kInformationRequest, 1).rapid_commit())
                .count(OptionCode::kRapidCommit),
            0u);
  EXPECT_EQ(ServerBench()
                .send(solicit(kClient).ia_na(Iaid{1}).rapid_commit())
                .count(OptionCode::kRapidCommit),
            0u);
}

TEST(RapidCommit, reply_follows_the_rules_of_request) {  // S-119
  ServerSettings settings = enabled();
  settings.links[0].prefix_pools.clear();
  ServerBench bench(settings);
  const Reply reply = bench.send(solicit(kClient)
                                     .ia_na(Iaid{1}, {address_of("2001:db8:99::1")})
                                     .ia_pd(Iaid{1})
                                     .ia_na(Iaid{2})
                                     .ia_na(Iaid{3})
                                     .rapid_commit());
  EXPECT_EQ(reply.na(1).status, StatusCode::kNotOnLink);
  EXPECT_EQ(reply.pd(1).status, StatusCode::kNoPrefixAvail);
  EXPECT_EQ(reply.na(2).t1, 1500u);
  EXPECT_EQ(reply.na(3).t1, 1500u);
}

// bad-input: storage refuses or is behind: an ADVERTISE promises nothing.
TEST(RapidCommit, becomes_an_advertise_while_nothing_can_be_stored) {
  ServerBench bench(enabled());
  const PacketBuilder packet = solicit(kClient).ia_na(Iaid{1}).rapid_commit();
  Envelope refusing = ServerBench::direct_envelope();
  refusing.changes_allowed = false;
  const Reply reply = bench.send(packet.bytes(), refusing);
  EXPECT_EQ(reply.type, kAdvertise);
  EXPECT_EQ(reply.count(OptionCode::kRapidCommit), 0u);
  EXPECT_EQ(reply.na(1).leases.size(), 1u);
  EXPECT_TRUE(bench.changes.empty());
  EXPECT_EQ(bench.send(to_server(kRequest, kClient).ia_na(Iaid{1}).bytes(), refusing).drop,
            DropReason::kStorage);
  EXPECT_EQ(bench.send(packet).type, kReply);
}

}  // namespace
}  // namespace tandem6
