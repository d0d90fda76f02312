// RENEW: RFC 8415 section 18.3.4.
#include <gtest/gtest.h>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();
const Duid kOther = ServerBench::client_duid(2);

PacketBuilder request(const Duid& client = kClient) { return to_server(kRequest, client); }
PacketBuilder renew(const Duid& client = kClient) { return to_server(kRenew, client, 0x555555); }

ServerSettings without_creation() {
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].create_on_renew = false;
  return settings;
}

TEST(Renew, extends_what_the_client_has) {  // S-081, S-082, S-089
  ServerBench bench;
  const Reply given = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  const Ipv6Prefix address = given.na().leases[0].lease;
  const Ipv6Prefix prefix = given.pd().leases[0].lease;
  bench.pass(1500);
  const Reply reply =
      bench.send(renew().ia_na(Iaid{1}, {address.address}).ia_pd(Iaid{1}, {prefix}));
  EXPECT_EQ(reply.type, kReply);
  EXPECT_EQ(reply.transaction_id, 0x555555u);
  EXPECT_TRUE(reply.option(OptionCode::kServerId).has_value());
  EXPECT_EQ(reply.option(OptionCode::kClientId),
            Octets(kClient.bytes().begin(), kClient.bytes().end()));
  ASSERT_EQ(reply.na().leases.size(), 1u);
  EXPECT_EQ(reply.na().leases[0].lease, address);
  EXPECT_EQ(reply.na().leases[0].valid, 6000u);
  EXPECT_EQ(reply.pd().leases.at(0).lease, prefix);
  for (const ReplyIa& ia : reply.ias) {
    EXPECT_EQ(ia.t1, 1500u);
    EXPECT_EQ(ia.t2, 2400u);
  }
  bench.pass(5999);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 2u);
  bench.pass(1);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 0u);
}

TEST(Renew, that_lists_no_lease_extends_the_ia_all_the_same) {  // S-081
  ServerBench bench;
  const Reply given = bench.send(request().ia_na(Iaid{1}));
  const Reply reply = bench.send(renew().ia_na(Iaid{1}));
  EXPECT_EQ(reply.na().leases.at(0).lease, given.na().leases[0].lease);
}

TEST(Renew, leases_of_another_link_go_back_with_lifetimes_zero) {  // S-085
  ServerBench bench(ServerBench::two_links());
  const Reply given = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  const Ipv6Prefix address = given.na().leases[0].lease;
  const Ipv6Prefix prefix = given.pd().leases[0].lease;
  const std::string before = bench.digest();
  const Reply reply =
      bench.send(renew().ia_na(Iaid{1}, {address.address}).ia_pd(Iaid{1}, {prefix}).bytes(),
                 ServerBench::direct_from(address_of("fe80::c1"), 1));
  ASSERT_EQ(reply.na().leases.size(), 1u);
  EXPECT_EQ(reply.na().leases[0].lease, address);
  EXPECT_EQ(reply.na().leases[0].valid, 0u);
  EXPECT_EQ(reply.na().leases[0].preferred, 0u);
  ASSERT_EQ(reply.pd().leases.size(), 1u);
  EXPECT_EQ(reply.pd().leases[0].lease, prefix);
  EXPECT_EQ(reply.pd().leases[0].valid, 0u);
  EXPECT_EQ(bench.digest(), before);
}

TEST(Renew, leases_of_others_or_of_nobody_are_never_extended_odd_hint_bad) {  // S-086
  ServerBench bench;
  const Ipv6Prefix theirs = bench.send(request(kOther).ia_na(Iaid{1})).na().leases[0].lease;
  const WallTime their_end = bench.binding_of(theirs).state_expiration_time;
  const Ipv6Prefix mine = bench.send(request().ia_na(Iaid{1})).na().leases[0].lease;
  bench.pass(10);
  const std::vector<Ipv6Address> listed{mine.address,
                                        theirs.address,
                                        address_of("2001:db8:7::aa"),
                                        address_of("2001:db8:99::1"),
                                        address_of("ff02::1"),
                                        address_of("::")};
  const Reply reply = bench.send(renew().ia_na(Iaid{1}, listed));
  ASSERT_EQ(reply.na().leases.size(), 5u);
  for (const ReplyLease& lease : reply.na().leases) {
    EXPECT_EQ(lease.valid, lease.lease == mine ? 6000u : 0u);
  }
  EXPECT_EQ(WallTime(bench.binding_of(theirs).state_expiration_time), their_end);
  EXPECT_EQ(bench.odd(OddReason::kHintBad), 4u);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 2u);
}

TEST(Renew, of_an_unknown_ia_creates_a_binding) {  // S-087
  ServerBench bench;
  (void)bench.send(request().ia_na(Iaid{1}));
  const Reply reply = bench.send(renew().ia_na(Iaid{1}).ia_pd(Iaid{9}, {Ipv6Prefix{{}, 56}}));
  EXPECT_EQ(reply.na().leases.at(0).valid, 6000u);
  EXPECT_EQ(reply.pd(9).leases.at(0).valid, 6000u);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 2u);
}

TEST(Renew, of_an_unknown_ia_without_creation_says_no_binding_inside_it) {  // S-088, S-173
  ServerBench bench(without_creation());
  (void)bench.send(request().ia_na(Iaid{1}));
  const Reply reply = bench.send(
      renew().ia_na(Iaid{2}, {address_of("2001:db8:7::77")}).ia_na(Iaid{1}).ia_pd(Iaid{3}));
  EXPECT_EQ(reply.na(2).status, StatusCode::kNoBinding);
  EXPECT_TRUE(reply.na(2).leases.empty());
  EXPECT_EQ(reply.pd(3).status, StatusCode::kNoBinding);
  EXPECT_EQ(reply.na(1).leases.at(0).valid, 6000u);
  EXPECT_EQ(reply.status, std::nullopt);
}

TEST(Renew, of_an_unknown_ia_with_an_empty_pool_says_so_inside_it) {  // S-088
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].address_pools = {prefix_of("2001:db8:7::1/128")};
  settings.links[0].prefix_pools.clear();
  ServerBench bench(settings);
  (void)bench.send(request().ia_na(Iaid{1}));
  const Reply reply = bench.send(renew().ia_na(Iaid{2}).ia_pd(Iaid{1}).ia_na(Iaid{1}));
  EXPECT_EQ(reply.na(2).status, StatusCode::kNoAddrsAvail);
  EXPECT_EQ(reply.pd(1).status, StatusCode::kNoPrefixAvail);
  EXPECT_EQ(reply.na(1).leases.size(), 1u);
}

TEST(Renew, after_the_lease_ended_gets_it_back_while_it_is_free) {  // S-087, S-102
  ServerBench bench;
  const Ipv6Prefix mine = bench.send(request().ia_na(Iaid{1})).na().leases[0].lease;
  bench.pass(7000);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 0u);
  const Reply reply = bench.send(renew().ia_na(Iaid{1}, {mine.address}));
  EXPECT_EQ(reply.na().leases.at(0).lease, mine);
  EXPECT_EQ(reply.na().leases.at(0).valid, 6000u);
}

TEST(Renew, after_the_lease_went_to_another_client_gets_another) {  // S-086, S-185
  ServerBench bench;
  const Ipv6Prefix mine = bench.send(request().ia_na(Iaid{1})).na().leases[0].lease;
  bench.pass(7000);
  ASSERT_EQ(bench.send(request(kOther).ia_na(Iaid{1}, {mine.address})).na().leases[0].lease, mine);
  const Reply reply = bench.send(renew().ia_na(Iaid{1}, {mine.address}));
  ASSERT_EQ(reply.na().leases.size(), 2u);
  for (const ReplyLease& lease : reply.na().leases) {
    EXPECT_EQ(lease.valid, lease.lease == mine ? 0u : 6000u);
  }
}

// S-152, S-153: of RFC 8168 section 3.5 the first policy, the original prefix is extended.
TEST(Renew, length_hint_beside_the_prefix_extends_the_prefix) {
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].prefix_pools.push_back({prefix_of("2001:db8:4000::/52"), 60, std::nullopt});
  ServerBench bench(settings);
  const Ipv6Prefix mine =
      bench.send(request().ia_pd(Iaid{1}, {Ipv6Prefix{{}, 56}})).pd().leases.at(0).lease;
  ASSERT_EQ(mine.length, 56);
  const Reply reply = bench.send(renew().ia_pd(Iaid{1}, {mine, Ipv6Prefix{{}, 60}}));
  ASSERT_EQ(reply.pd().leases.size(), 1u);
  EXPECT_EQ(reply.pd().leases[0].lease, mine);
  // Unknown binding: the old prefix counts for nothing, the hinted length does.
  const Reply unknown = bench.send(
      renew(kOther).ia_pd(Iaid{1}, {prefix_of("2001:db8:9999::/56"), Ipv6Prefix{{}, 60}}));
  ASSERT_EQ(unknown.pd().leases.size(), 2u);
  EXPECT_EQ(unknown.pd().leases[0].lease.length, 60);
  EXPECT_EQ(unknown.pd().leases[0].valid, 6000u);
  EXPECT_EQ(unknown.pd().leases[1].valid, 0u);
}

TEST(Renew, client_times_are_ignored) {  // S-177, S-178
  ServerBench bench;
  const Ipv6Prefix mine = bench.send(request().ia_na(Iaid{1})).na().leases[0].lease;
  PacketBuilder packet = renew();
  packet.raw(encoded_ia(IaType::kNonTemporaryAddress, Iaid{1},
                        encoded_address(mine.address, 0xffffffff, 1), 500, 400));
  const Reply reply = bench.send(packet);
  EXPECT_EQ(reply.na().leases.at(0).valid, 6000u);
  EXPECT_EQ(reply.na().leases.at(0).preferred, 3000u);
  EXPECT_EQ(reply.na().t1, 1500u);
}

}  // namespace
}  // namespace tandem6
