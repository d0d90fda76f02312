// Transaction-ids: RFC 8156 section 5.4. F-032, F-034.
#include "control/failover/transaction_ids.h"

#include <gtest/gtest.h>

#include "tests/failover/endpoint_bench.h"

namespace tandem6 {
namespace {

// F-032: 24 bits, counted up, never 0.
TEST(TransactionIds, CountAndWrap) {
  TransactionIds ids;
  EXPECT_EQ(ids.next(), 1U);
  EXPECT_EQ(ids.next(), 2U);
  ids.set_last(0xfffffe);
  EXPECT_EQ(ids.next(), 0xffffffU);
  EXPECT_EQ(ids.next(), 1U);
}

// F-034: what is outstanding is skipped, until it is released.
TEST(TransactionIds, OutstandingOnesAreSkipped) {
  TransactionIds ids;
  const std::uint32_t first = ids.reserve();
  const std::uint32_t second = ids.reserve();
  EXPECT_EQ(first, 1U);
  EXPECT_EQ(second, 2U);
  ids.set_last(0xffffff);
  EXPECT_EQ(ids.next(), 3U);
  ids.release(first);
  ids.release(first);
  ids.set_last(0xffffff);
  EXPECT_EQ(ids.next(), 1U);
  EXPECT_EQ(ids.reserve(), 3U);
  ids.release_all();
  ids.set_last(0xffffff);
  EXPECT_EQ(ids.next(), 1U);
  EXPECT_EQ(ids.next(), 2U);
}

// F-034: an UPDREQ without its UPDDONE keeps its id when the counter comes round, also where the
// state has changed since and it is not waited for any more.
TEST(TransactionIds, OfAnUnfinishedRequest) {
  for (const bool leaves_state : {false, true}) {
    EndpointBench bench(Role::kSecondary);
    bench.reach_in_contact(EndpointState::kRecover);
    std::uint32_t request = 0;
    for (const auto& send : bench.all<effect::Send>()) {
      if (std::holds_alternative<UpdateRequest>(send.message.body)) {
        request = send.message.transaction_id;
      }
    }
    ASSERT_GT(request, 1U);
    if (leaves_state) bench.partner_is(EndpointState::kPotentialConflict);
    const auto next_ids = [&] {
      bench.endpoint->set_last_transaction_id(request - 2);
      bench.forget();
      bench.pass(32);  // two CONTACTs
      std::vector<std::uint32_t> ids;
      for (const auto& send : bench.all<effect::Send>()) ids.push_back(send.message.transaction_id);
      return ids;
    };
    EXPECT_EQ(next_ids(), (std::vector{request - 1, request + 1}));
    if (leaves_state) {
      bench.lose_connection();  // which cancels it
      bench.connect(EndpointState::kResolutionInterrupted);
    } else {
      bench.finish_update();
    }
    EXPECT_EQ(next_ids(), (std::vector{request - 1, request}));
  }
}

}  // namespace
}  // namespace tandem6
