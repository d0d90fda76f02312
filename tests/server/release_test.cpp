// RELEASE: RFC 8415 section 18.3.7.
#include <gtest/gtest.h>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();
const Duid kOther = ServerBench::client_duid(2);

PacketBuilder request(const Duid& client = kClient) { return to_server(kRequest, client); }
PacketBuilder release(const Duid& client = kClient) { return to_server(kRelease, client, 0x888); }

TEST(Release, listed_leases_become_free_and_others_stay) {  // S-098, S-100
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].address_pools.push_back(prefix_of("2001:db8:70::/64"));
  ServerBench bench(settings);
  const Reply given = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  ASSERT_EQ(given.na().leases.size(), 2u);
  const Ipv6Prefix first = given.na().leases[0].lease;
  const Reply reply = bench.send(release().ia_na(Iaid{1}, {first.address}));
  EXPECT_EQ(reply.type, kReply);
  EXPECT_EQ(reply.transaction_id, 0x888u);
  EXPECT_EQ(reply.status, StatusCode::kSuccess);
  EXPECT_TRUE(reply.option(OptionCode::kServerId).has_value());
  EXPECT_TRUE(reply.option(OptionCode::kClientId).has_value());
  EXPECT_TRUE(reply.ias.empty());
  EXPECT_EQ(reply.change_number, bench.changes.back().number);
  EXPECT_FALSE(bench.binding_of(first).claimed);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 2u);
  EXPECT_EQ(bench.pools->address_pool(0).used(), 0u);
  EXPECT_EQ(bench.send(request(kOther).ia_na(Iaid{1}, {first.address})).na().leases.at(0).lease,
            first);
}

TEST(Release, leases_that_are_not_the_ias_are_left_alone_odd_release) {  // S-099, S-103
  ServerBench bench;
  const Ipv6Prefix mine = bench.send(request().ia_na(Iaid{1})).na().leases[0].lease;
  const Ipv6Prefix second = bench.send(request().ia_na(Iaid{2})).na(2).leases[0].lease;
  const Ipv6Prefix theirs = bench.send(request(kOther).ia_na(Iaid{1})).na().leases[0].lease;
  const std::string before = bench.digest();
  const Reply reply = bench.send(release().ia_na(
      Iaid{1}, {theirs.address, second.address, address_of("2001:db8:7::abc"), address_of("::")}));
  EXPECT_EQ(reply.status, StatusCode::kSuccess);
  EXPECT_TRUE(reply.ias.empty());
  EXPECT_EQ(bench.digest(), before);
  EXPECT_EQ(bench.odd(OddReason::kRelease), 4u);
  EXPECT_EQ(bench.binding_of(mine).status, BindingStatus::kActive);
}

TEST(Release, unknown_ia_comes_back_with_no_binding_alone) {  // S-100, S-101, S-173
  ServerBench bench;
  const Reply reply = bench.send(release()
                                     .ia_na(Iaid{7}, {address_of("2001:db8:7::1")})
                                     .ia_pd(Iaid{8}, {prefix_of("2001:db8:8000::/56")}));
  EXPECT_EQ(reply.status, StatusCode::kSuccess);
  EXPECT_EQ(reply.na(7).status, StatusCode::kNoBinding);
  EXPECT_TRUE(reply.na(7).leases.empty());
  EXPECT_EQ(reply.pd(8).status, StatusCode::kNoBinding);
  EXPECT_TRUE(reply.pd(8).leases.empty());
  EXPECT_EQ(bench.odd(OddReason::kRelease), 2u);
  EXPECT_TRUE(bench.changes.empty());
}

TEST(Release, forged_and_repeated_ones_change_nothing_odd_release) {  // S-103
  ServerBench bench(ServerBench::two_links());
  const Ipv6Prefix mine = bench.send(request().ia_na(Iaid{1})).na().leases[0].lease;
  const std::string before = bench.digest();
  // Another client, another IAID, another link: none of them owns it.
  (void)bench.send(release(kOther).ia_na(Iaid{1}, {mine.address}));
  (void)bench.send(release().ia_na(Iaid{2}, {mine.address}));
  (void)bench.send(release().ia_na(Iaid{1}, {mine.address}).bytes(),
                   ServerBench::direct_from(address_of("fe80::c1"), 1));
  EXPECT_EQ(bench.digest(), before);
  EXPECT_EQ(bench.odd(OddReason::kRelease), 3u);
  EXPECT_TRUE(bench.send(release().ia_na(Iaid{1}, {mine.address})).ias.empty());
  const std::string released = bench.digest();
  bench.changes.clear();
  bench.now.seconds += 5;
  EXPECT_EQ(bench.send(release().ia_na(Iaid{1}, {mine.address})).na().status,
            StatusCode::kNoBinding);
  EXPECT_EQ(bench.digest(), released);
  EXPECT_TRUE(bench.changes.empty());
}

TEST(Release, the_returning_client_finds_its_old_leases) {  // S-102
  ServerBench bench;
  const Reply given = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  const Ipv6Prefix address = given.na().leases[0].lease;
  const Ipv6Prefix prefix = given.pd().leases[0].lease;
  (void)bench.send(release().ia_na(Iaid{1}, {address.address}).ia_pd(Iaid{1}, {prefix}));
  for (std::uint32_t n = 10; n < 60; ++n) {
    (void)bench.send(request(ServerBench::client_duid(n)).ia_na(Iaid{1}).ia_pd(Iaid{1}));
  }
  const Reply again = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_EQ(again.na().leases.at(0).lease, address);
  EXPECT_EQ(again.pd().leases.at(0).lease, prefix);
  EXPECT_EQ(bench.shard().binding_count(), 102u);  // the old bindings, not new ones beside them
}

// A freed lease waits for its last owner while there are fresh ones of its half.
TEST(Release, forged_in_a_small_pool_costs_the_client_nothing_at_once) {
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].address_pools = {prefix_of("2001:db8:7::/122")};  // 63 addresses
  ServerBench bench(settings);
  const Ipv6Prefix mine = bench.send(request().ia_na(Iaid{1})).na().leases[0].lease;
  (void)bench.send(release().ia_na(Iaid{1}, {mine.address}));
  for (std::uint32_t n = 10; n < 30; ++n) {
    EXPECT_NE(
        bench.send(request(ServerBench::client_duid(n)).ia_na(Iaid{1})).na().leases.at(0).lease,
        mine);
  }
  EXPECT_EQ(bench.send(request().ia_na(Iaid{1})).na().leases.at(0).lease, mine);
}

TEST(Release, then_renew_gets_the_lease_again) {
  ServerBench bench;
  const Ipv6Prefix mine = bench.send(request().ia_na(Iaid{1})).na().leases[0].lease;
  (void)bench.send(release().ia_na(Iaid{1}, {mine.address}));
  const Reply reply = bench.send(to_server(kRenew, kClient).ia_na(Iaid{1}, {mine.address}));
  ASSERT_EQ(reply.na().leases.size(), 1u);
  EXPECT_EQ(reply.na().leases[0].valid, 6000u);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 1u);
}

TEST(Release, of_one_lease_twice_in_a_message_ends_it_once) {
  ServerBench bench;
  const Ipv6Prefix mine = bench.send(request().ia_na(Iaid{1})).na().leases[0].lease;
  bench.changes.clear();
  (void)bench.send(release().ia_na(Iaid{1}, {mine.address, mine.address}));
  EXPECT_EQ(bench.changes.size(), 1u);
  EXPECT_EQ(bench.pools->address_pool(0).used(), 0u);
}

}  // namespace
}  // namespace tandem6
