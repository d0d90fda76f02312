// Binding updates of the partner on their way to their BNDREPLY: RFC 8156 sections 7.5, 7.6; F-200,
// F-248, R-31, R-32.
#include "control/failover/update_receiver.h"

#include "tests/failover/endpoint_bench.h"

namespace tandem6 {
namespace {

class UpdateReceiverTest : public testing::Test {
 protected:
  UpdateReceiverTest() { receiver.begin(1, 4); }

  static BindingUpdate update_with(std::vector<BindingUpdate::Lease> leases) {
    return {.vss = {}, .verdict = {}, .leases = std::move(leases)};
  }
  static BindingUpdate::Lease lease(std::uint32_t number, LeaseVerdict verdict = {}) {
    return {.update = update_of(number), .verdict = verdict};
  }
  bool apply(const effect::Apply& apply, LeaseVerdict verdict = {}, bool answer_with_ours = false) {
    return receiver.applied({.update = apply.update,
                             .lease = apply.lease,
                             .verdict = verdict,
                             .answer_with_ours = answer_with_ours},
                            effects);
  }
  template <typename Kind>
  [[nodiscard]] std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const EndpointEffect& effect : effects) {
      if (const auto* kind = std::get_if<Kind>(&effect)) found.push_back(*kind);
    }
    return found;
  }
  [[nodiscard]] BindingReply reply(std::size_t number) const {
    return std::get<BindingReply>(all<effect::Send>().at(number).message.body);
  }

  UpdateReceiver receiver;
  Effects effects;
};

constexpr LeaseVerdict kMissing{StatusCode::kMissingBindingInformation, "no base time"};
constexpr LeaseVerdict kOutdated{StatusCode::kOutdatedBindingInformation, "newer here"};
constexpr LeaseVerdict kInUse{StatusCode::kAddressInUse, "another client"};

// F-200, F-347: the reply leaves when each lease is judged and on disk, and not before.
TEST_F(UpdateReceiverTest, RepliesWhenAllIsApplied) {
  EXPECT_TRUE(receiver.received(0x77, update_with({lease(1), lease(2), lease(3)}), effects));
  const auto applies = all<effect::Apply>();
  ASSERT_EQ(applies.size(), 3U);
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(applies[i].content->lease, update_of(i + 1).lease);
    EXPECT_EQ(applies[i].lease, i);
  }
  EXPECT_FALSE(apply(applies[2]));
  EXPECT_FALSE(apply(applies[0], kOutdated));
  EXPECT_TRUE(all<effect::Send>().empty());
  EXPECT_EQ(receiver.unanswered(), 1U);
  EXPECT_FALSE(apply(applies[1]));
  ASSERT_EQ(all<effect::Send>().size(), 1U);
  EXPECT_EQ(all<effect::Send>()[0].id, 1U);
  EXPECT_EQ(all<effect::Send>()[0].message.transaction_id, 0x77U);  // F-033
  ASSERT_EQ(reply(0).leases.size(), 3U);
  EXPECT_EQ(reply(0).leases[0].status.code, StatusCode::kOutdatedBindingInformation);
  EXPECT_EQ(reply(0).leases[1].status.code, StatusCode::kSuccess);
  EXPECT_EQ(receiver.unanswered(), 0U);
}

// what came with a verdict is not applied; the others are.
TEST_F(UpdateReceiverTest, LeaseWithAVerdict) {
  EXPECT_TRUE(receiver.received(1, update_with({lease(1, kMissing), lease(2)}), effects));
  ASSERT_EQ(all<effect::Apply>().size(), 1U);
  EXPECT_EQ(all<effect::Apply>()[0].lease, 1U);
  EXPECT_FALSE(apply(all<effect::Apply>()[0]));
  EXPECT_EQ(reply(0).leases[0].status.code, StatusCode::kMissingBindingInformation);
  EXPECT_EQ(reply(0).leases[1].status.code, StatusCode::kSuccess);
}

// refused as a whole, or with nothing to judge: answered at once.
TEST_F(UpdateReceiverTest, NothingToJudge) {
  BindingUpdate refused = update_with({lease(1)});
  refused.verdict = kMissing;
  EXPECT_TRUE(receiver.received(1, std::move(refused), effects));
  EXPECT_TRUE(receiver.received(2, update_with({lease(1, kMissing)}), effects));
  EXPECT_TRUE(receiver.received(3, update_with({}), effects));
  EXPECT_TRUE(all<effect::Apply>().empty());
  EXPECT_EQ(all<effect::Send>().size(), 3U);
  EXPECT_EQ(reply(0).status.code, StatusCode::kMissingBindingInformation);
  EXPECT_EQ(receiver.unanswered(), 0U);
}

// Replies leave in the order in which their updates are done, each under its own id.
TEST_F(UpdateReceiverTest, SeveralAtOnce) {
  EXPECT_TRUE(receiver.received(10, update_with({lease(1)}), effects));
  EXPECT_TRUE(receiver.received(11, update_with({lease(1)}), effects));  // the same lease
  EXPECT_TRUE(receiver.received(11, update_with({lease(2)}), effects));  // the same id
  const auto applies = all<effect::Apply>();
  ASSERT_EQ(applies.size(), 3U);
  EXPECT_FALSE(apply(applies[1]));
  EXPECT_FALSE(apply(applies[2]));
  EXPECT_FALSE(apply(applies[0]));
  const auto sends = all<effect::Send>();
  ASSERT_EQ(sends.size(), 3U);
  EXPECT_EQ(sends[0].message.transaction_id, 11U);
  EXPECT_EQ(sends[1].message.transaction_id, 11U);
  EXPECT_EQ(sends[2].message.transaction_id, 10U);
}

// F-248: ours follows the whole reply, not its first lease.
TEST_F(UpdateReceiverTest, OursFollowsTheReply) {
  EXPECT_TRUE(receiver.received(1, update_with({lease(1), lease(2)}), effects));
  const auto applies = all<effect::Apply>();
  EXPECT_FALSE(apply(applies.at(0), kOutdated, true));
  EXPECT_TRUE(all<effect::Send>().empty());
  EXPECT_TRUE(apply(applies.at(1)));
  EXPECT_EQ(all<effect::Send>().size(), 1U);
  // F-249: and where none asks for it, nothing does.
  EXPECT_TRUE(receiver.received(2, update_with({lease(1)}), effects));
  EXPECT_FALSE(apply(all<effect::Apply>().at(2), kOutdated, false));
}

// codes 16 and 17 are told.
TEST_F(UpdateReceiverTest, Reports) {
  EXPECT_TRUE(receiver.received(1, update_with({lease(1), lease(2), lease(3)}), effects));
  const auto applies = all<effect::Apply>();
  apply(applies.at(0), kOutdated);
  EXPECT_TRUE(all<effect::Report>().empty());
  apply(applies.at(1), kInUse);
  apply(applies.at(2), {StatusCode::kConfigurationConflict, "no such pool"});
  EXPECT_EQ(all<effect::Report>().size(), 2U);
}

// A partner that overruns its window somewhat is borne with; one that fills memory is cut off.
TEST_F(UpdateReceiverTest, Overrun) {
  for (std::uint32_t i = 0; i < 8; ++i) {
    EXPECT_TRUE(receiver.received(i, update_with({lease(i)}), effects));
  }
  EXPECT_FALSE(receiver.received(8, update_with({lease(8)}), effects));
  EXPECT_EQ(receiver.unanswered(), 8U);
  EXPECT_EQ(all<effect::Apply>().size(), 8U);
  apply(all<effect::Apply>()[3]);
  EXPECT_TRUE(receiver.received(8, update_with({lease(8)}), effects));
}

// What was being applied for a connection that is gone is answered by nobody.
TEST_F(UpdateReceiverTest, ConnectionGone) {
  EXPECT_TRUE(receiver.received(1, update_with({lease(1)}), effects));
  const auto applies = all<effect::Apply>();
  receiver.end();
  EXPECT_FALSE(apply(applies[0], {}, true));
  EXPECT_TRUE(receiver.received(2, update_with({lease(2)}), effects));
  EXPECT_EQ(all<effect::Apply>().size(), 1U) << "nor applied, after it";
  receiver.begin(2, 4);
  EXPECT_FALSE(apply(applies[0]));
  EXPECT_TRUE(all<effect::Send>().empty());
  EXPECT_TRUE(receiver.received(3, update_with({lease(3)}), effects));
  apply(all<effect::Apply>().back());
  ASSERT_EQ(all<effect::Send>().size(), 1U);
  EXPECT_EQ(all<effect::Send>()[0].id, 2U);
}

// Numbers that name nothing.
TEST_F(UpdateReceiverTest, StrayApplied) {
  EXPECT_TRUE(receiver.received(1, update_with({lease(1)}), effects));
  const effect::Apply good = all<effect::Apply>().at(0);
  effect::Apply bad = good;
  bad.lease = 7;
  EXPECT_FALSE(apply(bad));
  bad = good;
  bad.update += 100;
  EXPECT_FALSE(apply(bad));
  EXPECT_TRUE(all<effect::Send>().empty());
  EXPECT_EQ(receiver.unanswered(), 1U);
}

// --- In an endpoint.

// F-347, F-248, F-249: BNDUPD, disk, BNDREPLY, then what is newer here.
TEST(EndpointUpdates, CounterUpdateFollowsTheReply) {
  for (const bool answer_with_ours : {true, false}) {
    EndpointBench bench(Role::kPrimary);
    bench.reach_normal();
    bench.pass(1);
    bench.forget();
    bench.receive(BindingUpdate{.vss = {},
                                .verdict = {},
                                .leases = {{.update = update_of(1), .verdict = {}},
                                           {.update = update_of(2), .verdict = {}}}},
                  0x42);
    std::vector<std::string> expected = {"apply 2001:db8::1/128", "apply 2001:db8::2/128"};
    EXPECT_EQ(bench.log(), expected);
    bench.unsent.push_back({update_of(1)});
    event::Applied applied{.update = bench.all<effect::Apply>().at(0).update,
                           .lease = 0,
                           .verdict = kOutdated,
                           .answer_with_ours = answer_with_ours};
    bench.happen(applied);
    EXPECT_EQ(bench.log(), expected);
    applied.lease = 1;
    applied.verdict = {};
    applied.answer_with_ours = false;
    bench.happen(applied);
    expected.emplace_back("send BNDREPLY");
    if (answer_with_ours) expected.insert(expected.end(), {"take", "send BNDUPD"});
    EXPECT_EQ(bench.log(), expected);
  }
}

// An overrun of the window closes the connection.
TEST(EndpointUpdates, Overrun) {
  EndpointSettings settings = bench_settings(Role::kSecondary);
  settings.max_unacked_bndupd = 3;
  EndpointBench bench(settings);
  bench.reach_normal();
  for (std::uint32_t i = 0; bench.is_connected() && i < 100; ++i) {
    bench.receive(BindingUpdate{
        .vss = {}, .verdict = {}, .leases = {{.update = update_of(i), .verdict = {}}}});
  }
  EXPECT_EQ(bench.all<effect::Apply>().size(), 6U);
  EXPECT_EQ(bench.sent<Disconnect>().size(), 1U);
  EXPECT_EQ(bench.state(), EndpointState::kCommunicationsInterrupted);
}

// lazy updates go in every state in which the partner hears them, but for POTENTIAL-CONFLICT,
// where only its UPDREQ brings them.
TEST(EndpointUpdates, LazyOnes) {
  using enum EndpointState;
  for (const Role role : {Role::kPrimary, Role::kSecondary}) {
    for (const EndpointState state : {kNormal, kCommunicationsInterrupted, kPartnerDown,
                                      kPotentialConflict, kRecover, kRecoverWait, kRecoverDone}) {
      SCOPED_TRACE(name_of(state));
      EndpointBench bench(role);
      bench.reach_in_contact(state);
      bench.unsent.push_back({update_of(1)});
      bench.happen(event::ChangesWaiting{});
      EXPECT_EQ(bench.sent<BindingUpdate>().size(), state == kPotentialConflict ? 0U : 1U);
      bench.receive(UpdateRequest{}, 0x10);
      EXPECT_EQ(bench.sent<BindingUpdate>().size(), 1U) << "R-52: asked in any state, it answers";
    }
  }
}

// not while the partner is in its STARTUP, nor without contact.
TEST(EndpointUpdates, LazyOnesWait) {
  EndpointBench bench(Role::kPrimary);
  bench.start_in(EndpointState::kPartnerDown);
  bench.unsent.push_back({update_of(1)});
  bench.happen(event::ChangesWaiting{});
  bench.connect(EndpointState::kRecover, kStartupFlag);
  EXPECT_TRUE(bench.all<effect::Take>().empty());
  bench.partner_is(EndpointState::kRecover);
  EXPECT_EQ(bench.sent<BindingUpdate>().size(), 1U);
}

}  // namespace
}  // namespace tandem6
