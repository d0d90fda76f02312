// Every cell of Figure 4 (RFC 8156 section 7.5.4) through apply_update, once where the two clients
// have one shard and once where another shard has to yield; and what becomes of the one who loses
//
#include <gtest/gtest.h>

#include <string>

#include "dataplane/lease/lease_rules.h"
#include "tests/server/partner_bench.h"
#include "tests/server/restart.h"

namespace tandem6 {
namespace {

using enum BindingStatus;

constexpr StatusCode kTaken = StatusCode::kSuccess;
constexpr StatusCode kOld = StatusCode::kOutdatedBindingInformation;
constexpr StatusCode kInUse = StatusCode::kAddressInUse;

/// The lease is odd: the primary's.
const Ipv6Prefix kLease = odd_lease();

struct Cell {
  const char* row;  // in the list of requirements
  BindingStatus local;
  BindingStatus received;
  /// The update is a minute younger, or older, than what is known.
  bool is_younger;
  StatusCode same_client;
  StatusCode other_client;
};

// By a primary. The other half of R-50 has a test of its own.
const Cell kCells[] = {
    {"F-214 F-216", kActive, kActive, true, kTaken, kTaken},
    {"F-214 F-216", kActive, kActive, false, kTaken, kInUse},
    {"F-217", kActive, kExpired, true, kOld, kOld},
    {"F-218", kActive, kReleased, true, kTaken, kOld},
    {"F-218", kActive, kReleased, false, kOld, kOld},
    {"F-219", kActive, kFree, true, kOld, kOld},
    {"F-219", kActive, kFreeBackup, true, kOld, kOld},
    {"F-220", kActive, kReset, true, kTaken, kOld},
    {"F-220", kActive, kReset, false, kOld, kOld},
    {"F-220", kActive, kAbandoned, true, kTaken, kTaken},
    {"F-220", kActive, kAbandoned, false, kOld, kOld},
    {"F-221", kExpired, kActive, true, kTaken, kTaken},
    {"F-221", kExpired, kActive, false, kOld, kOld},
    {"F-222", kExpired, kExpired, true, kTaken, kTaken},
    {"F-222", kExpired, kExpired, false, kOld, kOld},
    {"F-223", kExpired, kReleased, true, kTaken, kTaken},
    {"F-223", kExpired, kReleased, false, kOld, kOld},
    {"F-224", kExpired, kFree, true, kTaken, kTaken},
    {"F-224", kExpired, kFree, false, kOld, kOld},
    {"F-225", kExpired, kReset, true, kTaken, kTaken},
    {"F-225", kExpired, kAbandoned, false, kOld, kOld},
    {"F-226", kReleased, kActive, true, kTaken, kTaken},
    {"F-226", kReleased, kActive, false, kOld, kOld},
    {"F-227", kReleased, kExpired, true, kTaken, kTaken},
    {"F-227", kReleased, kExpired, false, kOld, kOld},
    {"F-228", kReleased, kReleased, true, kTaken, kTaken},
    {"F-228", kReleased, kReleased, false, kOld, kOld},
    {"F-229", kReleased, kFreeBackup, true, kTaken, kTaken},
    {"F-229", kReleased, kFreeBackup, false, kOld, kOld},
    {"F-230", kReleased, kAbandoned, true, kTaken, kTaken},
    {"F-230", kReleased, kReset, false, kOld, kOld},
    {"F-236", kReset, kActive, true, kTaken, kTaken},
    {"F-236", kReset, kActive, false, kOld, kOld},
    {"F-237", kReset, kExpired, true, kTaken, kTaken},
    {"F-237", kReset, kExpired, false, kOld, kOld},
    {"F-238", kReset, kReleased, true, kTaken, kTaken},
    {"F-238", kReset, kReleased, false, kOld, kOld},
    {"F-239", kReset, kFree, true, kTaken, kTaken},
    {"F-239", kReset, kFree, false, kOld, kOld},
    {"F-240", kReset, kReset, true, kTaken, kTaken},
    {"F-240", kReset, kAbandoned, false, kOld, kOld},
    {"F-241", kAbandoned, kActive, true, kTaken, kTaken},
    {"F-241", kAbandoned, kActive, false, kOld, kOld},
    {"F-242", kAbandoned, kExpired, true, kTaken, kTaken},
    {"F-242", kAbandoned, kExpired, false, kOld, kOld},
    {"F-243", kAbandoned, kReleased, true, kTaken, kTaken},
    {"F-243", kAbandoned, kReleased, false, kOld, kOld},
    {"F-244", kAbandoned, kFree, true, kTaken, kTaken},
    {"F-244", kAbandoned, kFree, false, kOld, kOld},
    {"F-245", kAbandoned, kAbandoned, true, kTaken, kTaken},
    {"F-245", kAbandoned, kReset, false, kOld, kOld},
};

// What is free holds nothing: only what its own client's binding remembers counts.
const Cell kFreeCells[] = {
    {"F-231", kFree, kActive, true, kTaken, kTaken},
    {"F-231", kFree, kActive, false, kOld, kTaken},
    {"F-232", kFree, kExpired, true, kTaken, kTaken},
    {"F-232", kFree, kExpired, false, kOld, kOld},
    {"F-233", kFree, kReleased, true, kTaken, kTaken},
    {"F-233", kFree, kReleased, false, kOld, kOld},
    {"F-234", kFree, kFreeBackup, true, kTaken, kTaken},
    {"F-234", kFree, kFree, false, kOld, kOld},
    {"F-235", kFree, kAbandoned, true, kTaken, kTaken},
    {"F-235", kFree, kReset, false, kOld, kOld},
};

/// A server that has heard the client of the lease itself, in this status since `now`.
void make_known(PartnerBench& bench, const Duid& client, BindingStatus status) {
  bench.apply(bench.update(client, kLease,
                           status == kFree     ? kActive
                           : status == kActive ? kActive
                                               : kAbandoned));
  Shard& shard = *bench.shards[bench.home_of(client)];
  const BindingIndex index = shard.find_lease(kLease.address, 128);
  Binding& binding = shard.at(index);
  if (status == kFree) {
    bench.apply(bench.update(client, kLease, kReleased));
  } else if (status != kAbandoned) {
    if (status != kActive) bench.pools->address_pool(0).leave_quarantine(shard.id());
    binding.status = status;
  }
  // Heard here, not there: else times would be compared exactly.
  binding.from_partner = false;
  binding.start_time_of_state = bench.now;
  binding.client_last_transaction_time = bench.now;
  binding.needs_update = true;
  shard.emit(index);
  bench.drain_changes();
}

std::string name_of(const Cell& cell, const char* who) {
  return std::string(cell.row) + ": local " + name_of(cell.local) + ", received " +
         name_of(cell.received) + (cell.is_younger ? ", younger" : ", older") + ", " + who;
}

/// At most one binding holds the lease, and it is the claim's.
void expect_one_holder(const PartnerBench& bench) {
  int holding = 0;
  for (const auto& shard : bench.shards) {
    for (BindingIndex at = shard->first_from(0); at != kNoBinding; at = shard->first_from(at + 1)) {
      const Binding& binding = shard->at(at);
      EXPECT_EQ(binding.claimed, holds_its_lease(binding.status));
      if (!binding.claimed) continue;
      ++holding;
      EXPECT_EQ(bench.holder(kLease), shard->id());
    }
  }
  EXPECT_EQ(holding, bench.holder(kLease) == kNoShard ? 0 : 1);
}

void expect_applied(const PartnerBench& bench, const Duid& client, const Cell& cell) {
  const Binding* const binding = bench.find(client, kLease);
  switch (cell.received) {
    case kActive:
    case kAbandoned:
      ASSERT_NE(binding, nullptr);
      EXPECT_EQ(binding->status, cell.received);
      EXPECT_TRUE(binding->claimed);
      break;
    case kReset:
      EXPECT_EQ(binding, nullptr);
      break;
    default:
      ASSERT_NE(binding, nullptr);
      EXPECT_EQ(binding->status, kFree);
      EXPECT_EQ(bench.holder(kLease), kNoShard);
  }
}

void run_cell(const Cell& cell, unsigned shard_count, bool same_client) {
  PartnerBench bench(Role::kPrimary, shard_count);
  const Duid known = bench.client_at_home_in(0);
  const auto last_shard = static_cast<ShardId>(shard_count - 1);
  const Duid teller = same_client ? known : bench.client_at_home_in(last_shard, 1000);
  make_known(bench, known, cell.local);
  const LeaseUpdate update =
      bench.update(teller, kLease, cell.received, cell.is_younger ? -60 : 60);
  const StatusCode expected = same_client ? cell.same_client : cell.other_client;
  const UpdateOutcome outcome = bench.apply(update);
  EXPECT_EQ(outcome.verdict.status, expected);
  expect_one_holder(bench);
  if (expected == kTaken && (cell.is_younger || cell.local != kActive)) {
    EXPECT_NE(outcome.change_number, 0U);
    expect_applied(bench, teller, cell);
    if (!same_client && holds_its_lease(cell.local)) {
      EXPECT_EQ(bench.find(known, kLease), nullptr) << "the loser is forgotten";
      EXPECT_EQ(bench.yield_count, shard_count == 1 ? 0 : 1);
    }
  } else if (expected != kTaken) {
    ASSERT_NE(bench.find(known, kLease), nullptr);
    EXPECT_EQ(bench.find(known, kLease)->status, cell.local);
    if (!same_client) {
      EXPECT_EQ(bench.find(teller, kLease), nullptr);
    }
  }
  EXPECT_EQ(bench.pools->address_pool(0).quarantined(), bench.live_bindings(kAbandoned));
}

// F-214 to F-230, F-236 to F-245
TEST(PartnerConflict, EveryCellOfFigure4OfWhatIsHeld) {
  for (const Cell& cell : kCells) {
    for (const unsigned shard_count : {1U, 2U}) {
      SCOPED_TRACE(name_of(cell, shard_count == 1 ? "one shard" : "two shards"));
      {
        SCOPED_TRACE("same client");
        run_cell(cell, shard_count, true);
      }
      SCOPED_TRACE("another client");
      run_cell(cell, shard_count, false);
    }
  }
}

// F-231 to F-235
TEST(PartnerConflict, EveryCellOfFigure4OfWhatIsFree) {
  for (const Cell& cell : kFreeCells) {
    SCOPED_TRACE(name_of(cell, "one shard"));
    {
      SCOPED_TRACE("same client");
      run_cell(cell, 1, true);
    }
    SCOPED_TRACE("another client");
    run_cell(cell, 1, false);
  }
}

// F-215, R-50: the secondary always yields, whoever came first.
TEST(PartnerConflict, F215TheSecondaryYields) {
  for (const unsigned shard_count : {1U, 2U}) {
    PartnerBench bench(Role::kSecondary, shard_count);
    const Duid known = bench.client_at_home_in(0);
    const Duid teller = bench.client_at_home_in(static_cast<ShardId>(shard_count - 1), 1000);
    make_known(bench, known, kActive);
    const UpdateOutcome outcome = bench.apply(bench.update(teller, kLease, kActive, 3600));
    EXPECT_EQ(outcome.verdict.status, kTaken);
    EXPECT_EQ(bench.find(known, kLease), nullptr);
    expect_one_holder(bench);
    EXPECT_EQ(bench.holder(kLease), bench.home_of(teller));
  }
}

// F-217, F-219: time(1), once the lease is over here by the clock.
TEST(PartnerConflict, F217F219AnEndIsTakenOnceTheLeaseIsOverHereToo) {
  for (const BindingStatus received : {kExpired, kFree}) {
    for (const bool same_client : {true, false}) {
      for (const unsigned shard_count : {1U, 2U}) {
        PartnerBench bench(Role::kPrimary, shard_count);
        const Duid known = bench.client_at_home_in(0);
        make_known(bench, known, kActive);
        const Duid teller =
            same_client ? known
                        : bench.client_at_home_in(static_cast<ShardId>(shard_count - 1), 1000);
        bench.now.seconds += 6000;
        EXPECT_EQ(bench.verdict_of(bench.update(teller, kLease, received)), kOld);
        bench.now.seconds += 6;
        EXPECT_EQ(bench.verdict_of(bench.update(teller, kLease, received)), kTaken);
        EXPECT_EQ(bench.holder(kLease), kNoShard);
        expect_one_holder(bench);
      }
    }
  }
}

// F-246, R-27: within five seconds it is one time.
TEST(PartnerConflict, F246R27ATieFallsForTheUpdateUnlessItTakesALeaseAway) {
  const auto verdict = [](BindingStatus local, BindingStatus received, std::int64_t age) {
    PartnerBench bench(Role::kPrimary);
    const Duid client = bench.client_at_home_in(0);
    make_known(bench, client, local);
    return bench.verdict_of(bench.update(client, kLease, received, age));
  };
  EXPECT_EQ(verdict(kReleased, kReleased, 5), kTaken);
  EXPECT_EQ(verdict(kReleased, kReleased, 6), kOld);
  EXPECT_EQ(verdict(kActive, kAbandoned, 5), kTaken);
  EXPECT_EQ(verdict(kExpired, kActive, 5), kTaken);
  EXPECT_EQ(verdict(kActive, kReleased, -5), kOld);
  EXPECT_EQ(verdict(kActive, kReleased, -6), kTaken);
}

// who has lost it is told so at its next contact.
TEST(PartnerConflict, R50TheLoserIsToldLifetimesOfZero) {
  for (const unsigned shard_count : {1U, 2U}) {
    PartnerBench bench(Role::kSecondary, shard_count);
    bench.obey(interrupted(Role::kSecondary));
    const Duid loser = bench.client_at_home_in(0);
    const Duid winner = bench.client_at_home_in(static_cast<ShardId>(shard_count - 1), 1000);
    const Ipv6Prefix lease = bench.lease_address(loser);
    bench.now.seconds += 1000;
    bench.obey(normal(Role::kSecondary));
    const UpdateOutcome outcome = bench.apply(bench.update(winner, lease));
    ASSERT_EQ(outcome.verdict.status, kTaken);
    const Reply reply =
        bench.send(to_server(MessageType::kRenew, loser).ia_na(Iaid{1}, {lease.address}));
    ASSERT_TRUE(reply.sent());
    bool told = false;
    for (const ReplyLease& each : reply.na().leases) {
      if (each.lease != lease) continue;
      told = true;
      EXPECT_EQ(each.valid, 0U);
    }
    EXPECT_TRUE(told);
    EXPECT_EQ(bench.holder(lease), bench.home_of(winner));
  }
}

// the lease is kept from others until the later of both expiries.
TEST(PartnerConflict, R50TheLeaseWaitsForTheExpiryOfBoth) {
  for (const unsigned shard_count : {1U, 2U}) {
    PartnerBench bench(Role::kSecondary, shard_count);
    const Duid loser = bench.client_at_home_in(0);
    const Duid winner = bench.client_at_home_in(static_cast<ShardId>(shard_count - 1), 1000);
    make_known(bench, loser, kActive);
    bench.binding_at(kLease).state_expiration_time = bench.after(50'000);
    ASSERT_EQ(bench.verdict_of(bench.update(winner, kLease)), kTaken);
    EXPECT_GE(WallTime(bench.find(winner, kLease)->expiration_time), bench.after(50'000));
    bench.pass(50'000);
    EXPECT_EQ(bench.find(winner, kLease)->status, kActive);
    bench.pass(1000 + bench.rules.mclt_max.seconds);
    EXPECT_EQ(bench.find(winner, kLease)->status, kExpired);
  }
}

/// The winner of a clash has the lease, and the loser of it was promised it for 50,000 s.
struct Clash {
  explicit Clash(unsigned shard_count, Role role = Role::kSecondary) : bench(role, shard_count) {
    loser = bench.client_at_home_in(0);
    winner = bench.client_at_home_in(static_cast<ShardId>(shard_count - 1), 1000);
    make_known(bench, loser, kActive);
    bench.binding_at(kLease).state_expiration_time = end;
    EXPECT_EQ(bench.verdict_of(bench.update(winner, kLease)), kTaken);
    bench.pass(100);
  }
  PartnerBench bench;
  Duid loser;
  Duid winner;
  WallTime end = bench.after(50'000);
};

// nor does the partner's word end it, before the loser's time is over.
TEST(PartnerConflict, R50AnEndThatThePartnerTellsComesTooEarlyForTheLoser) {
  for (const unsigned shard_count : {1U, 2U}) {
    for (const BindingStatus end : {kReleased, kExpired, kFree, kReset}) {
      Clash clash(shard_count);
      PartnerBench& bench = clash.bench;
      const UpdateOutcome early = bench.apply(bench.update(clash.winner, kLease, end));
      EXPECT_EQ(early.verdict.status, kOld);
      EXPECT_FALSE(early.answer_with_ours);
      EXPECT_EQ(bench.find(clash.winner, kLease)->status, kActive);
      bench.now = clash.end + Lifetime{10};
      EXPECT_EQ(bench.verdict_of(bench.update(clash.winner, kLease, end)), kTaken);
      EXPECT_EQ(bench.holder(kLease), kNoShard);
    }
  }
}

// nor the winner itself; it is answered, and its lease runs out.
TEST(PartnerConflict, R50AReleaseOfTheWinnerDoesNotFreeWhatTheLoserMayHave) {
  for (const MessageType type : {MessageType::kRelease, MessageType::kDecline}) {
    Clash clash(1);
    PartnerBench& bench = clash.bench;
    bench.obey(interrupted(Role::kSecondary));
    const Reply reply = bench.send(to_server(type, clash.winner).ia_na(Iaid{1}, {kLease.address}));
    ASSERT_TRUE(reply.sent());
    EXPECT_EQ(reply.status, kTaken);
    const Binding& binding = *bench.find(clash.winner, kLease);
    EXPECT_EQ(binding.status, type == MessageType::kRelease ? kActive : kAbandoned);
    bench.now = clash.end;
    bench.pass(0);
    EXPECT_NE(bench.holder(kLease), kNoShard);
  }
}

// a third client that takes it over takes the promise over as well.
TEST(PartnerConflict, R50ThePromiseOutlivesTheWinner) {
  for (const unsigned shard_count : {1U, 2U}) {
    Clash clash(shard_count);
    PartnerBench& bench = clash.bench;
    const Duid third = bench.client_at_home_in(0, 5000);
    ASSERT_EQ(bench.verdict_of(bench.update(third, kLease)), kTaken);
    EXPECT_EQ(bench.verdict_of(bench.update(third, kLease, kReleased, -60)), kOld);
    bench.now = clash.end + Lifetime{10};
    EXPECT_EQ(bench.verdict_of(bench.update(third, kLease, kReleased)), kTaken);
  }
}

// the client that found the address in use at the partner may have come back to us since, and
// what it has from us it has, however short the partner's hold is.
TEST(PartnerConflict, R34R50ADeclineThereEndsNothingThatWasGivenHere) {
  PartnerBench bench(Role::kSecondary);
  const Ipv6Prefix lease = bench.lease_address(ServerBench::client_duid(1));
  const WallTime end = bench.binding_of(lease).state_expiration_time;
  LeaseUpdate declined = bench.update(ServerBench::client_duid(1), lease, kAbandoned);
  declined.state_expiration_time = bench.after(60);
  EXPECT_EQ(bench.verdict_of(declined), StatusCode::kSuccess);
  EXPECT_EQ(WallTime(bench.binding_of(lease).state_expiration_time), end);
  bench.pass(61);
  EXPECT_EQ(bench.verdict_of(bench.update(ServerBench::client_duid(1), lease, kReset)), kOld);
  bench.pass(end.seconds - bench.now.seconds + 1);
  EXPECT_EQ(bench.verdict_of(bench.update(ServerBench::client_duid(1), lease, kReset)), kTaken);
}

// nor does a restart forget it.
TEST(PartnerConflict, R50ThePromiseOutlivesARestart) {
  Clash clash(1);
  const Restarted after(clash.bench, 10);
  EXPECT_EQ(after.outcomes.at(Restored::kServed), 1);
  const auto& shard = *after.bench.shards[0];
  const BindingIndex index = shard.find_lease(kLease.address, kLease.length);
  ASSERT_NE(index, kNoBinding);
  EXPECT_TRUE(shard.at(index).promised_twice);
}

// when the loser's time is over the lease is as any other one.
TEST(PartnerConflict, R50ThePromiseEndsWithItsTime) {
  Clash clash(1);
  PartnerBench& bench = clash.bench;
  bench.now = clash.end + Lifetime{10};
  ASSERT_EQ(bench.verdict_of(bench.update(clash.winner, kLease)), kTaken);
  EXPECT_FALSE(bench.find(clash.winner, kLease)->promised_twice);
  EXPECT_EQ(bench.verdict_of(bench.update(clash.winner, kLease, kReleased, -60)), kTaken);
}

// The other shard has let go meanwhile: there is nothing to yield.
TEST(PartnerConflict, YieldingWhatIsHeldNoMoreSucceeds) {
  PartnerBench bench(Role::kSecondary, 2);
  const UpdateOutcome outcome =
      yield_lease(bench.context(0), bench.update(bench.client_at_home_in(1), kLease));
  EXPECT_EQ(outcome.verdict.status, StatusCode::kSuccess);
  EXPECT_EQ(outcome.change_number, 0U);
}

// Nothing changes here before the other shard has yielded, and it does not where this one is full.
TEST(PartnerConflict, WithoutRoomAtHomeNobodyHasToYield) {
  PartnerBench bench(Role::kSecondary, 2, 1);
  const Duid loser = bench.client_at_home_in(0);
  const Duid teller = bench.client_at_home_in(1);
  make_known(bench, loser, kActive);
  bench.apply(bench.update(bench.client_at_home_in(1, 500), even_lease()));
  const std::string before = bench.digest();
  EXPECT_EQ(bench.verdict_of(bench.update(teller, kLease)), StatusCode::kUnspecFail);
  EXPECT_EQ(bench.yield_count, 0);
  EXPECT_EQ(bench.digest(), before);
}

}  // namespace
}  // namespace tandem6
