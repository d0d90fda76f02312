// What a BNDREPLY, or a BNDUPD that comes instead, means for what this server has told or was about
// to tell. RFC 8156 sections 7.7, 8.7; R-31.
#include "tests/failover/sender_bench.h"

namespace tandem6 {
namespace {

// what is refused is unacked, also where it was acked once and a partner has lost it; but of
// what is outdated the partner has something newer to tell.
TEST(UpdateSenderReplies, NotesRefusals) {
  for (const StatusCode code : kRefusals) {
    SenderBench bench;
    bench.begin(10);
    bench.give(bench.take(), {{update_of(1)}}, true);
    bench.answer(bench.sent().at(0), code);
    const auto refusals = bench.all<effect::NoteRefusal>();
    ASSERT_EQ(refusals.size(), code == StatusCode::kOutdatedBindingInformation ? 0U : 1U);
    for (const effect::NoteRefusal& each : refusals) {
      EXPECT_EQ(each.lease.lease, update_of(1).lease);
    }
  }
}

// RFC 8156 section 8.7: a partner that recovers may have lost a lease that it renewed. That it
// agrees to the end of one says nothing yet.
TEST(UpdateSenderReplies, DoesNotCountTheAgreementOfOneThatRecovers) {
  for (const BindingStatus status : {BindingStatus::kExpired, BindingStatus::kReleased,
                                     BindingStatus::kReset, BindingStatus::kActive}) {
    for (const bool knows_promises : {true, false}) {
      SenderBench bench;
      bench.begin(10);
      LeaseUpdate update = update_of(1);
      update.status = status;
      bench.give(bench.take(), {{update}}, true);
      const SenderBench::Sent sent = bench.sent().at(0);
      bench.sender.answered(sent.id, reply_with(sent.update), knows_promises, bench.now,
                            bench.effects);
      const bool counts = knows_promises || status == BindingStatus::kActive;
      EXPECT_EQ(bench.all<effect::Acknowledge>().size(), counts ? 1U : 0U);
      EXPECT_TRUE(bench.sender.is_idle());
    }
  }
}

// What was written before the partner spoke of a lease is not said after it: it could undo what the
// partner says. Not of what waits, and not of what comes back from a Take that was out.
TEST(UpdateSenderReplies, SaysNothingOldOfWhatThePartnerTells) {
  for (const bool is_taken_before : {true, false}) {
    SenderBench bench;
    bench.begin(1);
    bench.give(bench.take(), {{update_of(1)}}, false);
    const SenderBench::Sent first = bench.sent().at(0);
    BindingUpdate told;
    told.leases.push_back({.update = update_of(2), .verdict = {}});
    bench.sender.answered(first.id, reply_with(first.update), true, bench.now, bench.effects);
    const auto take = bench.take();
    if (is_taken_before) bench.give(take, {{update_of(3)}, {update_of(2)}}, true);
    bench.sender.partner_tells(told, bench.effects);
    if (!is_taken_before) bench.give(take, {{update_of(3)}, {update_of(2)}}, true);
    for (std::size_t at = 1; at < bench.sent().size(); ++at) {
      const SenderBench::Sent sent = bench.sent().at(at);
      EXPECT_EQ(sent.update.leases.at(0).update.lease, update_of(3).lease);
      bench.sender.answered(sent.id, reply_with(sent.update), true, bench.now, bench.effects);
    }
    EXPECT_EQ(bench.sent().size(), 2U);
    EXPECT_TRUE(bench.sender.is_idle());
  }
}

}  // namespace
}  // namespace tandem6
