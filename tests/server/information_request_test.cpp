// INFORMATION-REQUEST: RFC 8415 section 18.3.6.
#include <gtest/gtest.h>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();

PacketBuilder ask() { return PacketBuilder(kInformationRequest, 0x4711); }

ServerSettings with_refresh_time() {
  ServerSettings settings = ServerBench::default_settings();
  settings.information_refresh_time = Lifetime{86400};
  settings.links[0].rapid_commit = true;
  return settings;
}

TEST(InformationRequest, gets_the_configured_options) {  // S-109, S-110
  ServerBench bench;
  const Reply reply = bench.send(ask().client_id(kClient).oro({23}));
  EXPECT_EQ(reply.type, kReply);
  EXPECT_EQ(reply.transaction_id, 0x4711u);
  EXPECT_TRUE(reply.ias.empty());
  EXPECT_EQ(reply.status, std::nullopt);
  EXPECT_EQ(reply.count(OptionCode::kDnsServers), 1u);
  EXPECT_TRUE(reply.option(OptionCode::kServerId).has_value());
  EXPECT_TRUE(reply.option(OptionCode::kClientId).has_value());
  EXPECT_EQ(reply.change_number, 0u);
  EXPECT_EQ(bench.shard().binding_count(), 0u);
}

TEST(InformationRequest,
     without_a_client_identifier_gets_them_without_one) {  // S-110, S-111, S-112
  ServerBench bench;
  const Reply reply = bench.send(ask().oro({23}));
  ASSERT_TRUE(reply.sent());
  EXPECT_EQ(reply.count(OptionCode::kDnsServers), 1u);
  EXPECT_TRUE(reply.option(OptionCode::kServerId).has_value());
  EXPECT_EQ(reply.count(OptionCode::kClientId), 0u);
}

TEST(InformationRequest, gets_the_refresh_time_if_requested) {  // S-113
  ServerBench bench(with_refresh_time());
  EXPECT_EQ(bench.send(ask().oro({32})).option(OptionCode::kInformationRefreshTime),
            (Octets{0, 1, 0x51, 0x80}));
  EXPECT_EQ(bench.send(ask().oro({23})).count(OptionCode::kInformationRefreshTime), 0u);
  EXPECT_EQ(ServerBench().send(ask().oro({32})).count(OptionCode::kInformationRefreshTime), 0u);
}

TEST(InformationRequest, refresh_time_is_in_no_other_reply) {  // S-115
  ServerBench bench(with_refresh_time());
  const auto count = [&](PacketBuilder packet) {
    const Reply reply = bench.send(packet.ia_na(Iaid{1}, {address_of("2001:db8:7::5")}).oro({32}));
    EXPECT_TRUE(reply.sent());
    return reply.count(OptionCode::kInformationRefreshTime);
  };
  EXPECT_EQ(count(solicit(kClient)), 0u);
  EXPECT_EQ(count(solicit(kClient).rapid_commit()), 0u);
  for (const MessageType type : {kRequest, kRenew, kRelease, kDecline}) {
    EXPECT_EQ(count(to_server(type, kClient)), 0u);
  }
  for (const MessageType type : {kConfirm, kRebind}) {
    EXPECT_EQ(count(PacketBuilder(type, 1).client_id(kClient)), 0u);
  }
}

}  // namespace
}  // namespace tandem6
