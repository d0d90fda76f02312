// The passes over all that is held or unacked that answer UPDREQ and UPDREQALL: RFC 8156
// section 7.3; rulings.
#include "tests/failover/sender_bench.h"

namespace tandem6 {
namespace {

using Ids = std::vector<std::uint32_t>;

// F-267: nothing to send: UPDDONE at once. F-026, F-033.
TEST(UpdateSender, EmptySweep) {
  SenderBench bench;
  bench.begin(10);
  bench.give(bench.take(), {}, true);
  bench.sender.requested(0x123, false, bench.effects);
  ASSERT_EQ(bench.all<effect::BeginSweep>().size(), 1U);
  EXPECT_FALSE(bench.all<effect::BeginSweep>()[0].all);
  const effect::Take take = bench.take();
  EXPECT_TRUE(take.of_sweep);
  EXPECT_EQ(bench.done(), Ids{});
  bench.give(take, {}, true);
  EXPECT_EQ(bench.done(), Ids{0x123});
}

// F-026, F-267: with everything sent and everything answered, refusals included; no sooner.
TEST(UpdateSender, UpdateDoneWhenDue) {
  SenderBench bench;
  bench.begin(2);
  bench.give(bench.take(), {}, true);
  bench.sender.requested(0x123, true, bench.effects);
  EXPECT_TRUE(bench.all<effect::BeginSweep>().at(0).all) << "F-266";
  bench.give(bench.take(), groups_of(0, 2), false);
  EXPECT_FALSE(bench.has_take()) << "F-268";
  bench.answer(bench.sent()[0], StatusCode::kAddressInUse);
  bench.answer(bench.sent()[1]);
  bench.give(bench.take(), groups_of(2, 1), true);
  EXPECT_EQ(bench.done(), Ids{}) << "the last one is not answered";
  bench.answer(bench.sent()[2], StatusCode::kOutdatedBindingInformation);
  EXPECT_EQ(bench.done(), Ids{0x123});
  EXPECT_FALSE(bench.has_take());
}

// F-026: a group of the sweep that waits for a lazy one of its lease counts as well.
TEST(UpdateSender, UpdateDoneAfterWhatWaits) {
  SenderBench bench;
  bench.begin(10);
  bench.give(bench.take(), {{version(1, 100)}}, true);
  bench.sender.requested(0x123, false, bench.effects);
  bench.give(bench.take(), {{version(1, 101)}}, true);
  EXPECT_EQ(bench.sent().size(), 1U);
  bench.answer(bench.sent()[0]);
  EXPECT_EQ(bench.done(), Ids{});
  bench.answer(bench.sent().at(1));
  EXPECT_EQ(bench.done(), Ids{0x123});
}

// lazy ones that are still out do not hold UPDDONE up.
TEST(UpdateSender, UpdateDoneBesideLazyOnes) {
  SenderBench bench;
  bench.begin(10);
  bench.give(bench.take(), {{update_of(1)}}, true);
  bench.sender.requested(0x123, false, bench.effects);
  bench.give(bench.take(), {{update_of(2)}}, true);
  bench.answer(bench.sent().at(1));
  EXPECT_EQ(bench.done(), Ids{0x123});
}

// another request starts the sweep again, the larger kind counts, each id is answered once.
TEST(UpdateSender, RequestsWhileOneIsOut) {
  for (const bool first_all : {false, true}) {
    for (const bool second_all : {false, true}) {
      SenderBench bench;
      bench.begin(10);
      bench.give(bench.take(), {}, true);
      bench.sender.requested(0x10, first_all, bench.effects);
      bench.give(bench.take(), groups_of(0, 2), false);
      const effect::Take old = bench.take();
      bench.sender.requested(0x20, second_all, bench.effects);
      bench.sender.requested(0x20, second_all, bench.effects);  // once more the same
      EXPECT_EQ(bench.all<effect::BeginSweep>().back().all, first_all || second_all);
      const effect::Take take = bench.take();
      EXPECT_NE(take.ticket, old.ticket);
      bench.give(old, groups_of(50, 3), true);  // late, of the old pass
      EXPECT_EQ(bench.sent().size(), 2U);
      bench.give(take, groups_of(0, 3), true);  // two of which are out already
      bench.answer(bench.sent()[0]);
      bench.answer(bench.sent()[1]);
      ASSERT_EQ(bench.sent().size(), 5U);
      EXPECT_EQ(bench.done(), Ids{});
      for (std::size_t i = 2; i < 5; ++i) bench.answer(bench.sent()[i]);
      EXPECT_EQ(bench.done(), (Ids{0x10, 0x20}));
      // And the next one begins by its own kind.
      bench.sender.requested(0x30, false, bench.effects);
      EXPECT_FALSE(bench.all<effect::BeginSweep>().back().all);
    }
  }
}

// A requester has one request at a time; one that sends ids without end does not fill the memory.
TEST(UpdateSender, RequestsWithoutEnd) {
  SenderBench bench;
  bench.begin(10);
  bench.give(bench.take(), {}, true);
  for (std::uint32_t id = 1; id <= 1000; ++id) bench.sender.requested(id, false, bench.effects);
  bench.give(bench.take(), {}, true);
  EXPECT_LE(bench.done().size(), 16U);
  EXPECT_EQ(bench.done().back(), 1000U);
}

// The sweep goes first: somebody waits for it.
TEST(UpdateSender, SweepGoesFirst) {
  SenderBench bench;
  bench.begin(1);
  bench.give(bench.take(), groups_of(0, 1), false);
  bench.sender.changes_waiting(bench.effects);
  bench.sender.requested(0x10, false, bench.effects);
  bench.answer(bench.sent()[0]);
  effect::Take take = bench.take();
  EXPECT_TRUE(take.of_sweep);
  bench.give(take, {}, true);
  take = bench.take();
  EXPECT_FALSE(take.of_sweep);
}

// A block that would have to wait is taken again as it is then, before UPDDONE: it may be whose the
// requester has forgotten.
TEST(UpdateSender, BlockOfASweepThatIsOut) {
  SenderBench bench;
  bench.begin(5);
  bench.give(bench.take(), {{block_of(1, BindingStatus::kFreeBackup)}}, true);
  bench.sender.requested(0x10, true, bench.effects);
  bench.give(bench.take(), {{block_of(1, BindingStatus::kFreeBackup)}, {update_of(1)}}, true);
  ASSERT_EQ(bench.sent().size(), 2U);
  bench.answer(bench.sent()[1]);
  EXPECT_TRUE(bench.done().empty());
  EXPECT_EQ(bench.all<effect::BeginSweep>().size(), 1U);
  bench.answer(bench.sent()[0]);
  EXPECT_EQ(bench.all<effect::BeginSweep>().size(), 2U);
  bench.give(bench.take(), {{block_of(1, BindingStatus::kFreeBackup)}}, true);
  ASSERT_EQ(bench.sent().size(), 3U);
  EXPECT_TRUE(bench.done().empty());
  bench.answer(bench.sent()[2]);
  EXPECT_EQ(bench.done(), Ids{0x10});
}

// What the partner has told of since a lease was taken may be refused here: ours is said then.
TEST(UpdateSender, ASweepTakesAgainWhatThePartnerToldOfMeanwhile) {
  SenderBench bench;
  bench.begin(5);
  bench.give(bench.take(), {}, true);
  bench.sender.requested(0x10, false, bench.effects);
  const effect::Take take = bench.take();
  BindingUpdate told;
  told.leases.push_back({.update = update_of(1), .verdict = {}});
  bench.sender.partner_tells(told, bench.effects);
  bench.give(take, {{update_of(1)}}, true);
  EXPECT_TRUE(bench.sent().empty());
  EXPECT_TRUE(bench.done().empty());
  bench.give(bench.take(), {{update_of(1)}}, true);
  ASSERT_EQ(bench.sent().size(), 1U);
  bench.answer(bench.sent()[0]);
  EXPECT_EQ(bench.done(), Ids{0x10});
}

// What the partner says of a block is refused where a lease in it is held here. That lease is news,
// or both would say theirs at each scan, for ever.
TEST(UpdateSender, ABlockThatThePartnerTellsOfLeavesOutOnlyWhatIsFree) {
  for (const BindingStatus status : {BindingStatus::kExpired, BindingStatus::kFree}) {
    SenderBench bench;
    bench.begin(5);
    LeaseUpdate lease = block_of(1, status);
    const LeaseUpdate block = block_of(1, BindingStatus::kFreeBackup);
    lease.duid = update_of(1).duid;
    BindingUpdate told;
    told.leases.push_back({.update = block, .verdict = {}});
    const effect::Take take = bench.take();
    bench.sender.partner_tells(told, bench.effects);
    bench.give(take, {{lease}}, true);
    EXPECT_EQ(bench.sent().size(), status == BindingStatus::kExpired ? 1U : 0U);
  }
}

// Whoever has recovered is to hear what was given without bound, whether it asks or not (8.4.2).
TEST(UpdateSender, APassOverEverythingUnasked) {
  SenderBench bench;
  bench.begin(5);
  bench.give(bench.take(), {}, true);
  bench.sender.tell_everything(bench.effects);
  bench.sender.tell_everything(bench.effects);
  EXPECT_EQ(bench.all<effect::BeginSweep>().size(), 1U);
  bench.give(bench.take(), {{update_of(1)}}, true);
  EXPECT_FALSE(bench.sender.has_told_everything());
  bench.answer(bench.sent()[0]);
  EXPECT_TRUE(bench.sender.has_told_everything());
  EXPECT_TRUE(bench.done().empty());
  bench.sender.tell_everything(bench.effects);
  EXPECT_EQ(bench.all<effect::BeginSweep>().size(), 1U) << "once";
  bench.begin(5);
  EXPECT_FALSE(bench.sender.has_told_everything()) << "a new connection";
}

}  // namespace
}  // namespace tandem6
