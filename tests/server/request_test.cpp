// REQUEST: RFC 8415 section 18.3.2.
#include <gtest/gtest.h>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

const Duid kClient = ServerBench::client_duid();

PacketBuilder request() { return to_server(MessageType::kRequest, kClient); }

TEST(Request, gets_leases_that_the_binding_then_holds) {  // S-058, S-070
  ServerBench bench;
  const Reply reply = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  ASSERT_TRUE(reply.sent()) << name_of(reply.drop);
  EXPECT_EQ(reply.type, MessageType::kReply);
  EXPECT_EQ(reply.transaction_id, 0x222222u);
  ASSERT_EQ(reply.na().leases.size(), 1u);
  ASSERT_EQ(reply.pd().leases.size(), 1u);
  EXPECT_EQ(reply.na().leases[0].valid, 6000u);
  EXPECT_EQ(reply.na().leases[0].preferred, 3000u);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 2u);
  // The reply waits for the last change that it told of.
  ASSERT_EQ(bench.changes.size(), 2u);
  EXPECT_EQ(reply.change_number, bench.changes.back().number);
  EXPECT_EQ(bench.changes[0].binding.lease(), reply.na().leases[0].lease);
}

TEST(Request, again_gets_the_same_lease_and_no_second_one) {  // S-065, S-066, S-067
  ServerBench bench;
  const Reply first = bench.send(request().ia_na(Iaid{1}));
  bench.now.seconds += 100;
  const Reply second = bench.send(request().ia_na(Iaid{1}));
  EXPECT_EQ(first.na().leases[0].lease, second.na().leases[0].lease);
  EXPECT_EQ(second.na().leases[0].valid, 6000u);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 1u);
}

TEST(Request, foreign_address_makes_the_ia_not_on_link) {  // S-059
  ServerBench bench;
  const Reply reply =
      bench.send(request().ia_na(Iaid{1}, {*Ipv6Address::parse("2001:db8:99::1")}).ia_pd(Iaid{2}));
  EXPECT_EQ(reply.na().status, StatusCode::kNotOnLink);
  EXPECT_TRUE(reply.na().leases.empty());
  EXPECT_EQ(reply.pd(2).leases.size(), 1u);
}

TEST(Request, reply_that_does_not_fit_changes_nothing) {
  ServerBench bench;
  bench.buffer_size = 60;
  const Reply reply = bench.send(request().ia_na(Iaid{1}));
  EXPECT_EQ(reply.drop, DropReason::kAnsSize);
  EXPECT_TRUE(bench.changes.empty());
  EXPECT_EQ(bench.shard().binding_count(), 0u);
  EXPECT_EQ(bench.pools->address_pool(0).used(), 0u);
}

}  // namespace
}  // namespace tandem6
