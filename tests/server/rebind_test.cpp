// REBIND: RFC 8415 section 18.3.5.
#include <gtest/gtest.h>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();
const Duid kOther = ServerBench::client_duid(2);

PacketBuilder request(const Duid& client = kClient) { return to_server(kRequest, client); }
PacketBuilder rebind(const Duid& client = kClient) {
  return PacketBuilder(kRebind, 0x666666).client_id(client);
}

ServerSettings with_creation() {
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].rapid_commit = true;
  return settings;
}

TEST(Rebind, extends_a_known_binding) {  // S-097, and S-090 as far as one server goes
  ServerBench bench;
  const Reply given = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  bench.pass(2400);
  const Reply reply = bench.send(rebind()
                                     .ia_na(Iaid{1}, {given.na().leases[0].lease.address})
                                     .ia_pd(Iaid{1}, {given.pd().leases[0].lease}));
  EXPECT_EQ(reply.type, kReply);
  EXPECT_EQ(reply.transaction_id, 0x666666u);
  EXPECT_TRUE(reply.option(OptionCode::kServerId).has_value());
  EXPECT_TRUE(reply.option(OptionCode::kClientId).has_value());
  EXPECT_EQ(reply.na().leases.at(0).lease, given.na().leases[0].lease);
  EXPECT_EQ(reply.na().leases.at(0).valid, 6000u);
  EXPECT_EQ(reply.pd().leases.at(0).lease, given.pd().leases[0].lease);
  for (const ReplyIa& ia : reply.ias) {
    EXPECT_EQ(ia.t1, 1500u);
    EXPECT_EQ(ia.t2, 2400u);
  }
}

TEST(Rebind, known_leases_of_another_link_go_back_with_lifetimes_zero) {  // S-091
  ServerBench bench(ServerBench::two_links());
  const Reply given = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  const Reply reply = bench.send(rebind().ia_na(Iaid{1}).ia_pd(Iaid{1}).bytes(),
                                 ServerBench::direct_from(address_of("fe80::c1"), 1));
  EXPECT_EQ(reply.na().leases.at(0).lease, given.na().leases[0].lease);
  EXPECT_EQ(reply.na().leases.at(0).valid, 0u);
  EXPECT_EQ(reply.pd().leases.at(0).valid, 0u);
}

TEST(Rebind, unknown_leases_that_lie_on_another_link_of_ours_get_lifetimes_zero) {  // S-092
  ServerBench bench(ServerBench::two_links());
  const Reply reply = bench.send(rebind()
                                     .ia_na(Iaid{1}, {address_of("2001:db8:9::1")})
                                     .ia_pd(Iaid{2}, {prefix_of("2001:db8:9000::/56")}));
  ASSERT_EQ(reply.na().leases.size(), 1u);
  EXPECT_EQ(reply.na().leases[0].valid, 0u);
  EXPECT_EQ(reply.na().status, std::nullopt);
  ASSERT_EQ(reply.pd(2).leases.size(), 1u);
  EXPECT_EQ(reply.pd(2).leases[0].valid, 0u);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 0u);
}

// The leases may be of a server that does not answer any more: with "multiple unique prefixes" (RFC
// 6853 section 6.2) its prefixes are none of ours. Zero would end them before their time.
TEST(Rebind, leases_that_may_be_another_servers_are_left_to_run) {  // S-093
  ServerBench bench(ServerBench::two_links());
  EXPECT_EQ(bench
                .send(rebind()
                          .ia_na(Iaid{1}, {address_of("2001:db8:abcd::1")})
                          .ia_na(Iaid{2}, {address_of("2001:db8:7::99")})
                          .ia_pd(Iaid{1}, {prefix_of("2001:db8:abcd::/56")}))
                .drop,
            DropReason::kNotForUs);
  // Nor where this server has leases of its own for the IA, as after a Rapid Commit that both
  // heard.
  const Reply given = bench.send(request().ia_na(Iaid{1}));
  const Reply reply = bench.send(rebind().ia_na(Iaid{1}, {address_of("2001:db8:abcd::1")}));
  ASSERT_EQ(reply.na().leases.size(), 1u);
  EXPECT_EQ(reply.na().leases[0].lease, given.na().leases[0].lease);
}

TEST(Rebind, lease_that_another_client_holds_here_gets_lifetimes_zero) {  // S-095
  ServerBench bench;
  const Reply theirs = bench.send(request(kOther).ia_na(Iaid{1}).ia_pd(Iaid{1}));
  const std::string before = bench.digest();
  const Reply reply = bench.send(rebind()
                                     .ia_na(Iaid{1}, {theirs.na().leases[0].lease.address})
                                     .ia_pd(Iaid{1}, {theirs.pd().leases[0].lease}));
  EXPECT_EQ(reply.na().leases.at(0).valid, 0u);
  EXPECT_EQ(reply.pd().leases.at(0).valid, 0u);
  EXPECT_EQ(bench.digest(), before);
}

TEST(Rebind, with_nothing_to_say_is_silent) {  // S-093
  ServerBench bench;
  EXPECT_EQ(bench.send(rebind().ia_na(Iaid{1})).drop, DropReason::kNotForUs);
  EXPECT_EQ(bench.send(rebind()).drop, DropReason::kNotForUs);
  EXPECT_EQ(bench.dropped(DropReason::kNotForUs), 2u);
}

TEST(Rebind, unknown_ia_beside_a_known_one_gets_a_status) {  // S-094
  ServerBench bench;
  (void)bench.send(request().ia_na(Iaid{1}));
  const Reply reply = bench.send(rebind().ia_na(Iaid{2}).ia_na(Iaid{1}));
  EXPECT_EQ(reply.na(1).leases.size(), 1u);
  EXPECT_EQ(reply.na(2).status, StatusCode::kNoBinding);
  EXPECT_TRUE(reply.na(2).leases.empty());
}

TEST(Rebind, unknown_ia_gets_leases_where_rapid_commit_is_on_too) {  // S-094, S-096
  ServerBench bench(with_creation());
  const Reply reply = bench.send(rebind().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_EQ(reply.na().leases.size(), 1u);
  EXPECT_EQ(reply.pd().leases.size(), 1u);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 2u);
  ServerSettings never = with_creation();
  never.links[0].create_on_renew = false;
  EXPECT_EQ(ServerBench(never).send(rebind().ia_na(Iaid{1})).drop, DropReason::kNotForUs);
  EXPECT_EQ(ServerBench().send(rebind().ia_na(Iaid{1})).drop, DropReason::kNotForUs);
}

TEST(Rebind, creation_with_nothing_to_give_says_so_inside_the_ia) {  // S-094
  ServerSettings settings = with_creation();
  settings.links[0].address_pools.clear();
  settings.links[0].prefix_pools.clear();
  ServerBench bench(settings);
  const Reply reply = bench.send(rebind().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_EQ(reply.na().status, StatusCode::kNoAddrsAvail);
  EXPECT_EQ(reply.pd().status, StatusCode::kNoPrefixAvail);
}

}  // namespace
}  // namespace tandem6
