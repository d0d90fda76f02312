// Prefixes move: POOLREQ and POOLRESP, giving and taking back. RFC 8156 sections 4.2.2, 8.8; R-06,
//
#include <algorithm>

#include "tests/failover/endpoint_bench.h"

namespace tandem6 {
namespace {

using enum EndpointState;
using Log = std::vector<std::string>;

event::Shares shares(std::uint64_t primary, std::uint64_t secondary, std::uint16_t pool = 3) {
  return {{{.pool = pool, .free_primary = primary, .free_secondary = secondary}}};
}

class EndpointPools : public testing::Test {
 protected:
  EndpointPools() {
    primary.reach_normal();
    primary.pass(1);
    primary.forget();
  }
  effect::Send last_send() {
    const auto sends = primary.all<effect::Send>();
    EXPECT_FALSE(sends.empty());
    return sends.empty() ? effect::Send{} : sends.back();
  }
  /// The secondary answers the last BNDUPD.
  void answer(StatusCode code = StatusCode::kSuccess) {
    const effect::Send send = last_send();
    primary.receive(reply_with(std::get<BindingUpdate>(send.message.body), code),
                    send.message.transaction_id);
  }

  EndpointBench primary{Role::kPrimary};
};

// --- POOLREQ.

// F-168, F-169, F-033: POOLRESP under its id, and the primary looks at the balance.
TEST_F(EndpointPools, PoolRequest) {
  primary.receive(PoolRequest{}, 0x99);
  EXPECT_EQ(primary.log(), (Log{"send POOLRESP", "read shares"}));
  EXPECT_EQ(primary.all<effect::Send>()[0].message.transaction_id, 0x99U);
}

// answered in every state, but prefixes move only while the primary is NORMAL.
TEST(EndpointPoolRequest, OutsideOfNormal) {
  for (const EndpointState state : {kCommunicationsInterrupted, kPartnerDown, kPotentialConflict,
                                    kRecover, kRecoverWait, kRecoverDone, kConflictDone}) {
    EndpointBench bench(Role::kPrimary);
    bench.reach_in_contact(state);
    bench.forget();
    bench.receive(PoolRequest{}, 0x99);
    EXPECT_EQ(bench.log(), Log{"send POOLRESP"}) << name_of(state);
    bench.happen(shares(1000, 0));
    bench.pass(30);
    EXPECT_TRUE(bench.all<effect::GiveBlock>().empty());
    EXPECT_TRUE(bench.all<effect::ReadShares>().empty());
  }
}

// F-179: the secondary asks on entering NORMAL, when what it had to tell is told; once.
TEST(EndpointPoolRequest, SecondaryAsks) {
  EndpointBench bench(Role::kSecondary);
  bench.start_in(kCommunicationsInterrupted);
  for (std::uint32_t i = 0; i < 120; ++i) bench.unsent.push_back({update_of(i)});
  bench.connect(kCommunicationsInterrupted);
  EXPECT_EQ(bench.state(), kNormal);
  std::size_t answered = 0;
  while (answered < 120) {
    EXPECT_TRUE(bench.sent<PoolRequest>().empty()) << answered;
    if (answered % 10 == 0) bench.pass(1);
    std::vector<effect::Send> updates;
    for (const auto& send : bench.all<effect::Send>()) {
      if (std::holds_alternative<BindingUpdate>(send.message.body)) updates.push_back(send);
    }
    ASSERT_LT(answered, updates.size());
    bench.receive(reply_with(std::get<BindingUpdate>(updates[answered].message.body)),
                  updates[answered].message.transaction_id);
    ++answered;
  }
  bench.pass(2);
  EXPECT_EQ(bench.sent<PoolRequest>().size(), 1U);
  // F-170: POOLRESP early, late or never is all one.
  bench.receive(PoolResponse{});
  bench.pass(300);
  EXPECT_EQ(bench.sent<PoolRequest>().size(), 1U);
  bench.lose_connection();
  bench.connect(kNormal);
  bench.pass(2);
  EXPECT_EQ(bench.sent<PoolRequest>().size(), 2U);
}

// F-178 is the executor's; the primary itself asks nobody.
TEST_F(EndpointPools, PrimaryDoesNotAsk) {
  primary.pass(100);
  EXPECT_TRUE(primary.sent<PoolRequest>().empty());
}

// --- The balance.

// F-175: on entering NORMAL and from time to time.
TEST_F(EndpointPools, LooksFromTimeToTime) {
  primary.pass(100);
  EXPECT_EQ(primary.all<effect::ReadShares>().size(), 10U);
  primary.lose_connection();
  primary.forget();
  primary.pass_in_silence(100);
  EXPECT_TRUE(primary.all<effect::ReadShares>().empty());
  primary.connect(kNormal);
  primary.pass(1);
  EXPECT_EQ(primary.all<effect::ReadShares>().size(), 1U);
}

// A secondary balances nothing, whatever it is told.
TEST(EndpointBalance, SecondaryDoesNotBalance) {
  EndpointBench bench(Role::kSecondary);
  bench.reach_normal();
  bench.pass(100);
  bench.happen(shares(1000, 0));
  EXPECT_TRUE(bench.all<effect::ReadShares>().empty());
  EXPECT_TRUE(bench.all<effect::GiveBlock>().empty());
}

// F-171, R-07: block by block to what is due; each goes out when it is the secondary's on disk.
TEST_F(EndpointPools, Gives) {
  primary.happen(shares(1000, 0));
  EXPECT_EQ(primary.log(), Log{"give block of 500"});
  primary.unsent.push_back({block_of(1, BindingStatus::kFreeBackup)});
  primary.happen(
      event::BlockTaken{.pool = 3, .block = block_of(1, BindingStatus::kFreeBackup), .count = 256});
  EXPECT_EQ(primary.log(), (Log{"give block of 500", "give block of 244", "take", "send BNDUPD"}));
  primary.happen(
      event::BlockTaken{.pool = 3, .block = block_of(2, BindingStatus::kFreeBackup), .count = 128});
  primary.happen(event::BlockTaken{.pool = 3, .block = std::nullopt});
  primary.forget();
  primary.happen(shares(616, 384));
  EXPECT_EQ(primary.log(), Log{"give block of 116"}) << "the run before is over";
}

// F-176: one run for a pool at a time; pools are on their own.
TEST_F(EndpointPools, OneRunAtATime) {
  primary.happen(shares(1000, 0));
  primary.happen(shares(1000, 0));
  EXPECT_EQ(primary.log(), Log{"give block of 500"});
  primary.happen(shares(1000, 0, 4));
  EXPECT_EQ(primary.log(), (Log{"give block of 500", "give block of 500"}));
  primary.happen(shares(500, 500, 5));
  EXPECT_EQ(primary.log().size(), 2U);
}

// a run ends with NORMAL; a block that has moved already is told of as any change.
TEST_F(EndpointPools, RunEndsWithNormal) {
  primary.happen(shares(1000, 0));
  primary.partner_is(kRecoverWait);
  EXPECT_EQ(primary.state(), kCommunicationsInterrupted);
  primary.forget();
  primary.happen(
      event::BlockTaken{.pool = 3, .block = block_of(1, BindingStatus::kFreeBackup), .count = 256});
  EXPECT_EQ(primary.log(), Log{"take"});
}

// F-173: asked back by BNDUPD(FREE); usable with the ack, which the executor applies.
TEST_F(EndpointPools, TakesBack) {
  primary.happen(shares(0, 1000));
  EXPECT_EQ(primary.log(), Log{"find block of 500"});
  primary.happen(
      event::BlockTaken{.pool = 3, .block = block_of(1, BindingStatus::kFree), .count = 256});
  const auto update = primary.sent<BindingUpdate>();
  ASSERT_EQ(update.size(), 1U);
  EXPECT_EQ(update[0].leases.at(0).update.status, BindingStatus::kFree);
  EXPECT_TRUE(update[0].leases[0].update.is_bare());
  primary.happen(shares(0, 1000));
  EXPECT_EQ(primary.all<effect::FindBlockToTakeBack>().size(), 1U) << "it waits for the reply";
  answer();
  EXPECT_EQ(primary.log().back(), "acknowledge 2001:db9:1::/48");
  primary.forget();
  primary.pass(1);
  EXPECT_EQ(primary.all<effect::ReadShares>().size(), 1U) << "and looks again at once";
  primary.happen(shares(256, 744));
  EXPECT_EQ(primary.all<effect::FindBlockToTakeBack>().at(0).count, 244U);
}

// F-174, R-07: refused: not taken, and half of it is tried next, down to one.
TEST_F(EndpointPools, TakeBackRefused) {
  std::uint64_t found = 256;
  for (const std::uint64_t expected : {500U, 128U, 64U, 32U, 16U, 8U, 4U, 2U, 1U, 1U}) {
    primary.forget();
    primary.happen(shares(0, 1000));
    ASSERT_EQ(primary.all<effect::FindBlockToTakeBack>().size(), 1U);
    EXPECT_EQ(primary.all<effect::FindBlockToTakeBack>()[0].count, expected);
    found = std::min(found, expected);
    primary.happen(
        event::BlockTaken{.pool = 3, .block = block_of(1, BindingStatus::kFree), .count = found});
    answer(StatusCode::kOutdatedBindingInformation);
    EXPECT_TRUE(primary.all<effect::Acknowledge>().empty());
  }
  // Once one is taken there is no limit any more.
  primary.happen(shares(0, 1000));
  primary.happen(
      event::BlockTaken{.pool = 3, .block = block_of(1, BindingStatus::kFree), .count = 1});
  answer();
  primary.forget();
  primary.happen(shares(1, 999));
  EXPECT_EQ(primary.all<effect::FindBlockToTakeBack>().at(0).count, 499U);
}

// F-174: a reply that names no lease refuses as well.
TEST_F(EndpointPools, TakeBackRefusedAsAWhole) {
  primary.happen(shares(0, 1000));
  primary.happen(
      event::BlockTaken{.pool = 3, .block = block_of(1, BindingStatus::kFree), .count = 256});
  primary.receive(BindingReply{.vss = {}, .status = {StatusCode::kUnspecFail, ""}, .leases = {}},
                  last_send().message.transaction_id);
  primary.forget();
  primary.happen(shares(0, 1000));
  EXPECT_EQ(primary.all<effect::FindBlockToTakeBack>().at(0).count, 128U);
}

// A block that nobody looks for any more.
TEST_F(EndpointPools, StrayBlock) {
  primary.happen(shares(0, 1000));
  primary.happen(event::BlockTaken{.pool = 3, .block = std::nullopt});
  primary.forget();
  primary.happen(
      event::BlockTaken{.pool = 3, .block = block_of(1, BindingStatus::kFree), .count = 256});
  EXPECT_EQ(primary.log(), Log{});
}

// Nothing to be found, or no room in the window: another look tries again.
TEST_F(EndpointPools, TakeBackThatCannotBe) {
  primary.happen(shares(0, 1000));
  primary.happen(event::BlockTaken{.pool = 3, .block = std::nullopt});
  primary.forget();
  primary.happen(shares(0, 1000));
  EXPECT_EQ(primary.all<effect::FindBlockToTakeBack>().size(), 1U);
  for (std::uint32_t i = 0; i < 50; ++i) primary.unsent.push_back({update_of(i)});
  primary.happen(event::ChangesWaiting{});
  EXPECT_EQ(primary.endpoint->updates().unanswered(), 50U);
  primary.forget();
  primary.happen(
      event::BlockTaken{.pool = 3, .block = block_of(1, BindingStatus::kFree), .count = 256});
  EXPECT_TRUE(primary.sent<BindingUpdate>().empty()) << "F-094";
  primary.happen(shares(0, 1000));
  EXPECT_EQ(primary.all<effect::FindBlockToTakeBack>().size(), 1U);
}

// what was looked for when NORMAL ended is not asked for.
TEST_F(EndpointPools, TakeBackAfterNormal) {
  primary.happen(shares(0, 1000));
  primary.partner_is(kRecoverWait);
  primary.forget();
  primary.happen(
      event::BlockTaken{.pool = 3, .block = block_of(1, BindingStatus::kFree), .count = 256});
  EXPECT_EQ(primary.log(), Log{});
}

// A connection that ends takes the runs with it; what comes late starts nothing.
TEST_F(EndpointPools, ConnectionLost) {
  for (const bool gives : {true, false}) {
    EndpointBench bench(Role::kPrimary);
    bench.reach_normal();
    bench.happen(gives ? shares(1000, 0) : shares(0, 1000));
    bench.lose_connection();
    bench.connect(kNormal);
    bench.forget();
    bench.happen(event::BlockTaken{
        .pool = 3,
        .block = block_of(1, gives ? BindingStatus::kFreeBackup : BindingStatus::kFree),
        .count = 256});
    EXPECT_EQ(bench.log(), Log{});
    bench.happen(shares(1000, 0));
    EXPECT_EQ(bench.all<effect::GiveBlock>().size(), 1U);
  }
}

}  // namespace
}  // namespace tandem6
