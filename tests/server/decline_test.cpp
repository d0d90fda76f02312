// DECLINE: RFC 8415 section 18.3.8.
#include <gtest/gtest.h>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();
const Duid kOther = ServerBench::client_duid(2);

PacketBuilder request(const Duid& client = kClient) { return to_server(kRequest, client); }
PacketBuilder decline(const Duid& client = kClient) { return to_server(kDecline, client, 0x999); }

ServerSettings with_hold(std::uint32_t seconds) {
  ServerSettings settings = ServerBench::default_settings();
  settings.decline_hold = Lifetime{seconds};
  return settings;
}

TEST(Decline, addresses_of_the_ia_leave_the_binding_and_others_are_ignored) {  // S-104, S-106
  ServerBench bench;
  const Ipv6Prefix mine = bench.send(request().ia_na(Iaid{1})).na().leases[0].lease;
  const Ipv6Prefix theirs = bench.send(request(kOther).ia_na(Iaid{1})).na().leases[0].lease;
  const Reply reply = bench.send(decline()
                                     .ia_na(Iaid{1}, {mine.address, theirs.address})
                                     .ia_na(Iaid{9}, {address_of("2001:db8:7::1")}));
  EXPECT_EQ(reply.type, kReply);
  EXPECT_EQ(reply.transaction_id, 0x999u);
  EXPECT_EQ(reply.status, StatusCode::kSuccess);
  EXPECT_TRUE(reply.option(OptionCode::kServerId).has_value());
  EXPECT_TRUE(reply.option(OptionCode::kClientId).has_value());
  ASSERT_EQ(reply.ias.size(), 1u);
  EXPECT_EQ(reply.na(9).status, StatusCode::kNoBinding);
  EXPECT_TRUE(reply.na(9).leases.empty());
  EXPECT_EQ(bench.binding_of(mine).status, BindingStatus::kAbandoned);
  EXPECT_EQ(bench.binding_of(theirs).status, BindingStatus::kActive);
  EXPECT_EQ(bench.odd(OddReason::kDeclineCap), 2u);
}

TEST(Decline, address_is_kept_from_all_until_the_hold_is_over) {  // S-105
  ServerBench bench(with_hold(10000));
  const Ipv6Prefix bad = bench.send(request().ia_na(Iaid{1})).na().leases[0].lease;
  (void)bench.send(decline().ia_na(Iaid{1}, {bad.address}));
  for (const Duid& client : {kClient, kOther}) {
    EXPECT_NE(bench.send(request(client).ia_na(Iaid{1}, {bad.address})).na().leases.at(0).lease,
              bad);
  }
  bench.pass(9999);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kAbandoned), 1u);
  EXPECT_NE(bench.send(solicit(kOther).ia_na(Iaid{3}, {bad.address})).na(3).leases.at(0).lease,
            bad);
  bench.pass(1);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kAbandoned), 0u);
  EXPECT_EQ(bench.changes.back().kind, ChangeKind::kErase);
  EXPECT_EQ(bench.send(solicit(kOther).ia_na(Iaid{3}, {bad.address})).na(3).leases.at(0).lease,
            bad);
}

TEST(Decline, never_changes_a_delegated_prefix) {  // S-107
  ServerBench bench;
  const Ipv6Prefix mine = bench.send(request().ia_pd(Iaid{1})).pd().leases[0].lease;
  const std::string before = bench.digest();
  const Reply reply = bench.send(decline().ia_pd(Iaid{1}, {mine}));
  EXPECT_EQ(reply.status, StatusCode::kSuccess);
  EXPECT_EQ(bench.digest(), before);
}

TEST(Decline, declined_address_can_be_named_again_in_every_message) {  // S-108
  ServerBench bench;
  const Ipv6Prefix bad = bench.send(request().ia_na(Iaid{1})).na().leases[0].lease;
  (void)bench.send(decline().ia_na(Iaid{1}, {bad.address}));
  EXPECT_EQ(bench.send(decline().ia_na(Iaid{1}, {bad.address})).na().status,
            StatusCode::kNoBinding);
  EXPECT_EQ(bench.send(to_server(kRelease, kClient).ia_na(Iaid{1}, {bad.address})).na().status,
            StatusCode::kNoBinding);
  EXPECT_NE(bench.send(request().ia_na(Iaid{1}, {bad.address})).na().leases.at(0).lease, bad);
  const Reply renewed = bench.send(to_server(kRenew, kClient).ia_na(Iaid{1}, {bad.address}));
  for (const ReplyLease& lease : renewed.na().leases) {
    EXPECT_EQ(lease.valid, lease.lease == bad ? 0u : 6000u);
  }
  EXPECT_EQ(bench.binding_of(bad).status, BindingStatus::kAbandoned);
  EXPECT_TRUE(bench.binding_of(bad).claimed);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 1u);
}

// Three of one client are kept from all; a fourth only goes to the back of the queue.
TEST(Decline, flood_does_not_poison_the_pool_odd_decline_cap) {
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].address_pools = {prefix_of("2001:db8:7::/123")};  // 31 addresses
  ServerBench bench(settings);
  for (int round = 0; round < 40; ++round) {
    const Reply given = bench.send(request().ia_na(Iaid{1}));
    ASSERT_EQ(given.na().leases.size(), 1u);
    (void)bench.send(decline().ia_na(Iaid{1}, {given.na().leases[0].lease.address}));
  }
  EXPECT_EQ(bench.live_bindings(BindingStatus::kAbandoned), 3u);
  EXPECT_EQ(bench.odd(OddReason::kDeclineCap), 37u);
  EXPECT_EQ(bench.pools->address_pool(0).used(), 3u);
  EXPECT_EQ(bench.shard().binding_count(), 3u);
  EXPECT_EQ(bench.changes.back().kind, ChangeKind::kErase);
}

// Each client may decline three, and there are many of them: a tenth of the pool is all that they
// get.
TEST(Decline, many_clients_quarantine_a_tenth_of_the_pool_odd_decline_cap) {
  ServerSettings settings = with_hold(10000);
  settings.links[0].address_pools = {prefix_of("2001:db8:7::/121")};  // 128 addresses
  ServerBench bench(settings);
  const auto decline_one = [&](std::uint8_t number) {
    const Duid client = ServerBench::client_duid(number);
    const Reply given = bench.send(request(client).ia_na(Iaid{1}));
    ASSERT_EQ(given.na().leases.size(), 1u);
    (void)bench.send(decline(client).ia_na(Iaid{1}, {given.na().leases[0].lease.address}));
  };
  for (std::uint8_t number = 1; number <= 20; ++number) decline_one(number);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kAbandoned), 12u);
  EXPECT_EQ(bench.pools->address_pool(0).quarantined(), 12u);
  EXPECT_EQ(bench.odd(OddReason::kDeclineCap), 8u);

  bench.pass(10000);
  EXPECT_EQ(bench.pools->address_pool(0).quarantined(), 0u);
  decline_one(30);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kAbandoned), 1u);
}

}  // namespace
}  // namespace tandem6
