// Binding updates on their way out: the window, one per lease, sweeps, refusals. RFC 8156 sections
// 5.3.5 to 5.3.7, 6.1.2, 7.7.
#include "tests/failover/sender_bench.h"

namespace tandem6 {
namespace {

using Ids = std::vector<std::uint32_t>;

// F-094, F-268: never more without a reply than the partner allows.
TEST(UpdateSender, Window) {
  for (const std::uint32_t window : {1U, 3U, 50U}) {
    SenderBench bench;
    bench.begin(window);
    EXPECT_EQ(bench.all<effect::Take>().at(0).count, window);
    bench.give(bench.take(), groups_of(0, window + 5), false);
    EXPECT_EQ(bench.sender.unanswered(), window);
    EXPECT_EQ(bench.sent().size(), window);
    EXPECT_FALSE(bench.has_take()) << "no room";
    // Each reply makes room for one of those that wait, then for a Take.
    for (std::uint32_t i = 0; i < window + 5; ++i) {
      bench.answer(bench.sent().at(i));
      EXPECT_LE(bench.sender.unanswered(), window);
    }
    EXPECT_EQ(bench.sent().size(), window + 5);
    EXPECT_TRUE(bench.has_take());
  }
}

// A partner may allow any number; a Take is a small piece all the same.
TEST(UpdateSender, HugeWindow) {
  SenderBench bench;
  bench.begin(0xffffffff);
  std::uint32_t from = 0;
  for (auto takes = bench.all<effect::Take>(); !takes.empty() && from < 100'000;
       takes = bench.all<effect::Take>()) {
    EXPECT_LE(takes[0].count, 1024U);
    bench.effects.clear();
    bench.give(takes[0], groups_of(from, takes[0].count), false);
    from += takes[0].count;
  }
  EXPECT_EQ(bench.sender.unanswered(), 65'536U);
}

// F-344: a connection begins with all that is not acked.
TEST(UpdateSender, BeginForgetsAndTakes) {
  SenderBench bench;
  bench.begin(5);
  ASSERT_EQ(bench.all<effect::ForgetSent>().size(), 1U);
  EXPECT_TRUE(bench.all<effect::ForgetSent>()[0].is_new_connection);
  const effect::Take take = bench.take();
  EXPECT_FALSE(take.of_sweep);
  EXPECT_FALSE(bench.sender.is_idle());
  bench.give(take, {}, true);
  EXPECT_TRUE(bench.sender.is_idle());
  EXPECT_FALSE(bench.has_take()) << "nothing was left";
  bench.sender.changes_waiting(bench.effects);
  EXPECT_TRUE(bench.has_take());
}

// never two of one lease at a time; the later waits for the earlier's reply, others go.
TEST(UpdateSender, OneOfALeaseAtATime) {
  SenderBench bench;
  bench.begin(10);
  bench.give(bench.take(), {{version(1, 100)}}, true);
  bench.change({version(1, 101)});
  bench.change({version(2, 100)});
  bench.change({version(1, 102)});
  ASSERT_EQ(bench.sent().size(), 2U);
  EXPECT_EQ(bench.sent()[1].update.leases[0].update.iaid.value, 2U);
  bench.answer(bench.sent()[0]);
  ASSERT_EQ(bench.sent().size(), 3U);
  EXPECT_EQ(version_of(bench.sent()[2]), 101);
  bench.answer(bench.sent()[2], StatusCode::kOutdatedBindingInformation);
  ASSERT_EQ(bench.sent().size(), 4U);
  EXPECT_EQ(version_of(bench.sent()[3]), 102);
}

// another IAID, type or client is another binding.
TEST(UpdateSender, WhatIsOneLease) {
  SenderBench bench;
  bench.begin(10);
  LeaseUpdate other_iaid = update_of(1);
  other_iaid.iaid.value = 77;
  LeaseUpdate other_type = update_of(1);
  other_type.ia_type = IaType::kPrefixDelegation;
  LeaseUpdate other_client = update_of(1);
  other_client.duid = update_of(2).duid;
  bench.give(bench.take(), {{update_of(1)}, {other_iaid}, {other_type}, {other_client}}, true);
  EXPECT_EQ(bench.sent().size(), 4U);
  bench.change({update_of(1)});
  EXPECT_EQ(bench.sent().size(), 4U);
}

// nor does one that could go overtake an older one of its lease that waits.
TEST(UpdateSender, NoneOvertakes) {
  SenderBench bench;
  bench.begin(10);
  bench.give(bench.take(), {{version(1, 100)}}, true);
  bench.change({version(1, 101), version(2, 101)});  // waits for lease 1
  bench.change({version(2, 102)});                   // lease 2 is not out, but waits
  bench.change({version(2, 103), version(3, 103)});
  bench.change({version(3, 104)});
  ASSERT_EQ(bench.sent().size(), 1U);
  for (std::size_t i = 0; i < 5; ++i) {
    ASSERT_EQ(bench.sent().size(), i + 1);
    EXPECT_EQ(version_of(bench.sent()[i]), 100 + static_cast<std::int64_t>(i));
    bench.answer(bench.sent()[i]);
  }
  EXPECT_TRUE(bench.sender.is_idle());
}

// F-164, F-260: accepted leases are acknowledged one by one, refused ones not.
TEST(UpdateSender, Acknowledges) {
  SenderBench bench;
  bench.begin(10);
  bench.give(bench.take(), {{update_of(1), update_of(2), update_of(3)}}, true);
  const SenderBench::Sent sent = bench.sent().at(0);
  EXPECT_TRUE(bench.all<effect::Acknowledge>().empty()) << "F-164: not by sending";
  BindingReply reply = reply_with(sent.update);
  reply.leases[1].status.code = StatusCode::kConfigurationConflict;
  bench.sender.answered(sent.id, reply, true, bench.now, bench.effects);
  const auto acks = bench.all<effect::Acknowledge>();
  ASSERT_EQ(acks.size(), 2U);
  EXPECT_EQ(acks[0].ack.lease, update_of(1).lease);
  EXPECT_EQ(acks[1].ack.lease, update_of(3).lease);
  EXPECT_EQ(bench.sender.refused_count(), 1U);
  EXPECT_EQ(bench.sender.acked_count(), 2U);
}

// codes 16 and 17 are for a person, the others are not.
TEST(UpdateSender, Reports) {
  for (const StatusCode code : kRefusals) {
    SenderBench bench;
    bench.begin(10);
    bench.give(bench.take(), {{update_of(1)}}, true);
    bench.answer(bench.sent().at(0), code);
    const bool is_for_a_person =
        code == StatusCode::kAddressInUse || code == StatusCode::kConfigurationConflict;
    EXPECT_EQ(bench.all<effect::Report>().size(), is_for_a_person ? 1U : 0U);
    EXPECT_TRUE(bench.all<effect::Acknowledge>().empty());
  }
}

// A reply acks what its BNDUPD was about and nothing else; one that nobody waits for, nothing.
TEST(UpdateSender, StrayReplies) {
  SenderBench bench;
  bench.begin(10);
  bench.give(bench.take(), {{update_of(1)}, {update_of(2)}}, true);
  const auto sent = bench.sent();
  bench.sender.answered(sent[0].id, reply_with(sent[1].update), true, bench.now, bench.effects);
  EXPECT_TRUE(bench.all<effect::Acknowledge>().empty());
  EXPECT_EQ(bench.sender.unanswered(), 1U) << "answered it is, though nothing is acked";
  bench.answer(sent[0]);
  bench.sender.answered(0xabcdef, reply_with(sent[1].update), true, bench.now, bench.effects);
  EXPECT_TRUE(bench.all<effect::Acknowledge>().empty());
  bench.answer(sent[1]);
  bench.answer(sent[1]);
  EXPECT_EQ(bench.all<effect::Acknowledge>().size(), 1U);
}

// --- Connections and states.

// a lost connection cancels everything; what comes late is of no account.
TEST(UpdateSender, EndForgets) {
  SenderBench bench;
  bench.begin(1);
  bench.give(bench.take(), groups_of(0, 2), false);
  bench.sender.requested(0x10, false, bench.effects);
  const SenderBench::Sent sent = bench.sent().at(0);
  bench.answer(sent);
  bench.answer(bench.sent().at(1));
  const effect::Take late = bench.take();
  bench.sender.end();
  EXPECT_EQ(bench.sender.unanswered(), 0U);
  EXPECT_TRUE(bench.sender.waiting_since().is_none());
  bench.effects.clear();
  bench.give(late, groups_of(7, 1), true);
  bench.answer(sent);
  bench.sender.changes_waiting(bench.effects);
  bench.sender.rescan(bench.effects);
  bench.sender.requested(0x11, true, bench.effects);
  EXPECT_FALSE(
      bench.sender.send_block(block_of(1, BindingStatus::kFree), bench.now, bench.effects));
  EXPECT_TRUE(bench.effects.empty());
}

// A late Taken of the connection before is not taken for one of this.
TEST(UpdateSender, LateTakenOfAnOldConnection) {
  SenderBench bench;
  bench.begin(5);
  const effect::Take late = bench.take();
  bench.begin(5);
  const effect::Take take = bench.take();
  EXPECT_NE(late.ticket, take.ticket);
  bench.give(late, groups_of(0, 1), true);
  EXPECT_TRUE(bench.sent().empty());
  bench.give(take, groups_of(0, 1), true);
  EXPECT_EQ(bench.sent().size(), 1U);
  bench.give(take, groups_of(5, 1), true);  // twice
  EXPECT_EQ(bench.sent().size(), 1U);
}

// in POTENTIAL-CONFLICT only sweeps; what was on its way is taken again later.
TEST(UpdateSender, LazyOnesWait) {
  SenderBench bench;
  bench.begin(10, false);
  EXPECT_FALSE(bench.has_take());
  bench.sender.changes_waiting(bench.effects);
  EXPECT_FALSE(bench.has_take());
  bench.sender.requested(0x10, false, bench.effects);
  EXPECT_TRUE(bench.take().of_sweep);

  SenderBench other;
  other.begin(1);
  other.give(other.take(), groups_of(0, 3), false);  // two of them wait
  other.sender.allow_lazy(false, other.effects);
  other.sender.requested(0x10, false, other.effects);
  other.answer(other.sent().at(0));
  EXPECT_EQ(other.sent().size(), 1U) << "those that waited do not go";
  other.give(other.take(), groups_of(0, 1), true);  // the sweep has the room
  other.answer(other.sent().at(1));
  EXPECT_EQ(other.done(), Ids{0x10});
  EXPECT_FALSE(other.has_take());
  EXPECT_EQ(other.all<effect::ForgetSent>().size(), 1U);
  other.sender.allow_lazy(true, other.effects);
  EXPECT_EQ(other.all<effect::ForgetSent>().size(), 2U) << "they count as unsent again";
  EXPECT_FALSE(other.take().of_sweep);
}

// so too with a Take that comes back when lazy ones may not go any more.
TEST(UpdateSender, TakenTooLate) {
  SenderBench bench;
  bench.begin(10);
  const effect::Take take = bench.take();
  bench.sender.allow_lazy(false, bench.effects);
  bench.give(take, groups_of(0, 2), true);
  EXPECT_TRUE(bench.sent().empty());
  bench.sender.allow_lazy(true, bench.effects);
  EXPECT_EQ(bench.all<effect::ForgetSent>().size(), 2U);
  bench.give(bench.take(), groups_of(0, 2), true);
  EXPECT_EQ(bench.sent().size(), 2U);
}

// the periodic scan makes all unacked unsent, and takes.
TEST(UpdateSender, Rescan) {
  SenderBench bench;
  bench.begin(10);
  bench.give(bench.take(), groups_of(0, 1), true);
  bench.answer(bench.sent()[0], StatusCode::kOutdatedBindingInformation);
  EXPECT_FALSE(bench.has_take()) << "R-31: not at once";
  bench.sender.rescan(bench.effects);
  EXPECT_FALSE(bench.all<effect::ForgetSent>().back().is_new_connection);
  bench.give(bench.take(), groups_of(0, 1), true);
  EXPECT_EQ(bench.sent().size(), 2U);
}

// F-349: since when the oldest waits.
TEST(UpdateSender, WaitingSince) {
  SenderBench bench;
  bench.begin(10);
  bench.give(bench.take(), {}, true);
  EXPECT_TRUE(bench.sender.waiting_since().is_none());
  const WallTime first = bench.now;
  for (std::uint32_t i = 0; i < 3; ++i) {
    bench.change({update_of(i)});
    bench.change({update_of(10 + i)});
    bench.now.seconds += 10;
  }
  const auto sent = bench.sent();
  EXPECT_EQ(bench.sender.waiting_since(), first);
  bench.answer(sent[2]);
  bench.answer(sent[0]);
  EXPECT_EQ(bench.sender.waiting_since(), first);
  bench.answer(sent[1]);
  EXPECT_EQ(bench.sender.waiting_since(), first + Lifetime{10});
  bench.answer(sent[5]);
  bench.answer(sent[3]);
  bench.answer(sent[4]);
  EXPECT_TRUE(bench.sender.waiting_since().is_none());
}

// the leases of one group go in one BNDUPD, in their order.
TEST(UpdateSender, GroupsAreKept) {
  SenderBench bench;
  bench.begin(10);
  bench.give(bench.take(), {{update_of(1), update_of(2)}, {update_of(3)}}, true);
  ASSERT_EQ(bench.sent().size(), 2U);
  ASSERT_EQ(bench.sent()[0].update.leases.size(), 2U);
  EXPECT_EQ(bench.sent()[0].update.leases[1].update.lease, update_of(2).lease);
}

// --- Blocks of prefixes.

// F-171, F-173: now, or not at all.
TEST(UpdateSender, SendBlock) {
  SenderBench bench;
  bench.begin(2);
  bench.give(bench.take(), {}, true);
  const LeaseUpdate block = block_of(1, BindingStatus::kFree);
  EXPECT_TRUE(bench.sender.send_block(block, bench.now, bench.effects));
  EXPECT_TRUE(bench.sender.awaits_reply_for(block.lease));
  EXPECT_FALSE(bench.sender.send_block(block, bench.now, bench.effects)) << "it is out";
  EXPECT_TRUE(bench.sender.send_block(block_of(2, BindingStatus::kFree), bench.now, bench.effects));
  EXPECT_FALSE(bench.sender.send_block(block_of(3, BindingStatus::kFree), bench.now, bench.effects))
      << "F-094";
  // The reply names a bare prefix, whatever stands for its IA.
  BindingReply reply = reply_with(bench.sent()[0].update);
  reply.leases[0].ack.ia_type = IaType::kNonTemporaryAddress;
  bench.sender.answered(bench.sent()[0].id, reply, true, bench.now, bench.effects);
  EXPECT_EQ(bench.all<effect::Acknowledge>().size(), 1U);
  EXPECT_FALSE(bench.sender.awaits_reply_for(block.lease));
}

}  // namespace
}  // namespace tandem6
