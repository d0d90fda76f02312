// What a shard notes for the partner: which bindings it has still to be told of, which of them were
// not handed over yet, and the timers that only a server of a pair has.
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <set>
#include <vector>

#include "dataplane/lease/partner_rules.h"
#include "dataplane/lease/shard.h"
#include "tests/lease/shard_maker.h"

namespace tandem6 {
namespace {

using test::address_lease;
using test::client;
using test::duid_of;
using test::key;
using test::take_changes;

constexpr WallTime kNow{830'000'000};
constexpr WallTime after(std::int64_t seconds) { return WallTime{kNow.seconds + seconds}; }

struct Bench {
  Shard shard{0, {.binding_count_max = 300, .change_ring_size = 1024}, key()};

  BindingIndex insert(std::uint32_t number) {
    return shard.insert(client(duid_of(number)), IaType::kNonTemporaryAddress, Iaid{1},
                        address_lease(number));
  }
  /// As every change here does.
  void change(BindingIndex index) {
    shard.at(index).needs_update = true;
    shard.at(index).update_sent = false;
    shard.emit(index);
  }
  void acknowledge(BindingIndex index) {
    shard.at(index).needs_update = false;
    shard.emit(index);
  }
  BindingIndex changed(std::uint32_t number) {
    const BindingIndex index = insert(number);
    change(index);
    return index;
  }
  [[nodiscard]] std::set<BindingIndex> unsent() const {
    std::set<BindingIndex> all;
    for (BindingIndex at = shard.first_unsent_from(0); at != kNoBinding;
         at = shard.first_unsent_from(at + 1)) {
      all.insert(at);
    }
    return all;
  }
  [[nodiscard]] std::set<BindingIndex> dirty() const {
    std::set<BindingIndex> all;
    for (BindingIndex at = shard.first_dirty_from(0); at != kNoBinding;
         at = shard.first_dirty_from(at + 1)) {
      all.insert(at);
    }
    return all;
  }
};
using Set = std::set<BindingIndex>;

TEST(ShardSets, AChangeIsDirtyUntilItIsAckedAndUnsentUntilItIsHandedOver) {
  Bench bench;
  const BindingIndex index = bench.insert(1);
  EXPECT_EQ(bench.dirty(), Set{}) << "nothing was emitted yet";
  bench.change(index);
  EXPECT_EQ(bench.dirty(), Set{index});
  EXPECT_EQ(bench.unsent(), Set{index});
  EXPECT_TRUE(bench.shard.is_unsent(index));

  bench.shard.mark_sent(index);
  EXPECT_TRUE(bench.shard.at(index).update_sent);
  EXPECT_EQ(bench.dirty(), Set{index});
  EXPECT_EQ(bench.unsent(), Set{});

  bench.change(index);  // while the first one is on its way
  EXPECT_EQ(bench.unsent(), Set{index});
  bench.shard.mark_sent(index);
  bench.acknowledge(index);
  EXPECT_EQ(bench.dirty(), Set{});
  EXPECT_EQ(bench.unsent(), Set{});
}

// the note that it was sent is emitted, and does not make it unsent.
TEST(ShardSets, R11ToEmitTheNoteThatItWasSentLeavesItSent) {
  Bench bench;
  const BindingIndex index = bench.changed(1);
  bench.shard.mark_sent(index);
  bench.shard.emit(index);
  EXPECT_EQ(bench.unsent(), Set{});
  EXPECT_EQ(bench.dirty(), Set{index});
}

// R-11, F-153: "sent" stays sent when the connection breaks, though it is sent again.
TEST(ShardSets, R11ANewConnectionIsSentEverythingAgainAndRemembersWhatWasSent) {
  Bench bench;
  const BindingIndex a = bench.changed(1);
  const BindingIndex b = bench.changed(2);
  const BindingIndex c = bench.changed(3);
  for (const BindingIndex index : {a, b, c}) bench.shard.mark_sent(index);
  bench.acknowledge(b);
  bench.shard.resend_all_dirty();
  EXPECT_EQ(bench.unsent(), (Set{a, c}));
  EXPECT_TRUE(bench.shard.at(a).update_sent);
}

TEST(ShardSets, WhatIsErasedLeavesBothSetsAndItsPlaceIsClean) {
  Bench bench;
  const BindingIndex index = bench.changed(1);
  bench.shard.emit(index, ChangeKind::kErase);
  bench.shard.erase(index);
  EXPECT_EQ(bench.dirty(), Set{});
  EXPECT_EQ(bench.unsent(), Set{});
  EXPECT_EQ(bench.insert(2), index);
  EXPECT_FALSE(bench.shard.is_unsent(index));
}

TEST(ShardSets, WhatComesDirtyFromDiskIsUnsent) {
  Bench bench;
  const BindingIndex clean = bench.insert(1);
  const BindingIndex dirty = bench.insert(2);
  bench.shard.at(dirty).needs_update = true;
  bench.shard.at(dirty).update_sent = true;  // on an earlier connection
  bench.shard.note_restored(clean);
  bench.shard.note_restored(dirty);
  EXPECT_EQ(bench.dirty(), Set{dirty});
  EXPECT_EQ(bench.unsent(), Set{dirty});
}

TEST(ShardSets, WhatIsSetAsideComesBackWithItsNextChange) {
  Bench bench;
  const BindingIndex index = bench.changed(1);
  bench.shard.set_aside(index);
  bench.shard.resend_all_dirty();
  EXPECT_EQ(bench.unsent(), Set{});
  bench.change(index);
  EXPECT_EQ(bench.unsent(), Set{index});
}

// A plain set is the twin.
TEST(ShardSets, RandomChangesAnswerLikeTwoPlainSets) {
  std::mt19937 random(20260);
  Bench bench;
  std::vector<BindingIndex> all;
  for (std::uint32_t i = 0; i < 200; ++i) all.push_back(bench.insert(i));
  Set dirty;
  Set unsent;
  for (int step = 0; step < 5000; ++step) {
    const BindingIndex index = all[random() % all.size()];
    switch (random() % 8) {
      case 0:
        bench.acknowledge(index);
        dirty.erase(index);
        unsent.erase(index);
        break;
      case 1:
        if (step % 50 == 0) {
          bench.shard.resend_all_dirty();
          unsent = dirty;
        }
        break;
      case 2:
      case 3:
      case 4:
        if (dirty.contains(index)) bench.shard.mark_sent(index);
        unsent.erase(index);
        break;
      default:
        bench.change(index);
        dirty.insert(index);
        unsent.insert(index);
    }
    if (step % 100 == 0) {
      ASSERT_EQ(bench.dirty(), dirty);
      ASSERT_EQ(bench.unsent(), unsent);
    }
    take_changes(bench.shard);
  }
}

// --- The history.

struct SmallHistory {
  Shard shard{0, {.binding_count_max = 3, .change_ring_size = 64}, key()};
  BindingIndex ended(std::uint32_t number, bool dirty, std::uint32_t lease = 0) {
    const BindingIndex index =
        shard.insert(client(duid_of(number)), IaType::kNonTemporaryAddress, Iaid{number},
                     address_lease(lease == 0 ? number : lease));
    Binding& binding = shard.at(index);
    binding.status = BindingStatus::kFree;
    binding.start_time_of_state = after(number);
    binding.needs_update = dirty;
    shard.emit(index);
    shard.keep_in_history(index);
    return index;
  }
  [[nodiscard]] bool remembers(std::uint32_t number) const {
    return shard.find_client(client(duid_of(number)), {}) != 0;
  }
};

TEST(ShardHistory, WhatThePartnerKnowsIsForgottenBeforeWhatItHasStillToBeTold) {
  SmallHistory bench;
  bench.ended(1, true);
  bench.ended(2, false);
  bench.ended(3, true);
  bench.ended(4, true);
  EXPECT_FALSE(bench.remembers(2));
  EXPECT_TRUE(bench.remembers(1));
  bench.ended(5, true);  // none is left that the partner knows
  EXPECT_FALSE(bench.remembers(1));
  EXPECT_TRUE(bench.remembers(3));
}

TEST(ShardHistory, AnAckMakesItForgettable) {
  SmallHistory bench;
  bench.ended(1, true);
  const BindingIndex acked = bench.ended(2, true);
  bench.ended(3, true);
  bench.shard.at(acked).needs_update = false;
  bench.shard.emit(acked);
  bench.ended(4, true);
  EXPECT_FALSE(bench.remembers(2));
  EXPECT_TRUE(bench.remembers(1));
}

TEST(ShardHistory, OfABusyLeaseTheSettledOnesGoFirst) {
  Shard shard(0, {.binding_count_max = 100, .change_ring_size = 64}, key());
  for (std::uint32_t number = 1; number <= Shard::kLeaseHistoryMax + 1; ++number) {
    const BindingIndex index = shard.insert(client(duid_of(number)), IaType::kNonTemporaryAddress,
                                            Iaid{1}, address_lease(77));
    shard.at(index).status = BindingStatus::kFree;
    shard.at(index).start_time_of_state = after(number);
    shard.at(index).needs_update = number != 3;
    shard.keep_in_history(index);
  }
  EXPECT_EQ(shard.find_client(client(duid_of(3)), {}), 0U);
  EXPECT_EQ(shard.find_client(client(duid_of(1)), {}), 1U);
}

TEST(ShardHistory, SaysBeforehandWhetherAnInsertWouldFindRoom) {
  SmallHistory bench;
  EXPECT_TRUE(bench.shard.has_room_for(client(duid_of(9))));
  for (const std::uint32_t number : {1U, 2U, 3U}) {
    const BindingIndex index = bench.ended(number, false);
    if (number != 3) bench.shard.disarm(index);
  }
  EXPECT_TRUE(bench.shard.has_room_for(client(duid_of(9)))) << "number 3 would go";
  EXPECT_FALSE(bench.shard.has_room_for(client(duid_of(3)))) << "but not for itself";
}

// --- Timers.

std::vector<BindingIndex> expire(Shard& shard, WallTime now) {
  struct Context {
    Shard& shard;
    std::vector<BindingIndex> ended;
  } context{shard, {}};
  shard.expire(
      now, 100,
      [](void* opaque, BindingIndex index) {
        auto& here = *static_cast<Context*>(opaque);
        here.ended.push_back(index);
        here.shard.at(index).status = BindingStatus::kExpired;
        here.shard.at(index).state_expiration_time = kNoTime;
      },
      &context);
  return context.ended;
}

// what the partner heard last ends a grace period after everything that was acked to it.
TEST(ShardTimers, R30TheEndOfWhatThePartnerHeardLastIsLater) {
  Bench bench;
  const BindingIndex own = bench.insert(1);
  const BindingIndex told = bench.insert(2);
  for (const BindingIndex index : {own, told}) {
    bench.shard.at(index).status = BindingStatus::kActive;
    bench.shard.at(index).state_expiration_time = after(100);
  }
  bench.shard.at(told).from_partner = true;
  bench.shard.at(told).partner_raw_clt_time = kNow;
  bench.shard.at(told).expiration_time = after(500);
  for (const BindingIndex index : {own, told}) bench.shard.arm(index, kNow);
  EXPECT_EQ(expire(bench.shard, after(100)), std::vector{own});
  const WallTime late = after(500) + kPartnerExpiryGrace;
  EXPECT_EQ(expire(bench.shard, WallTime{late.seconds - 1}), std::vector<BindingIndex>{});
  EXPECT_EQ(expire(bench.shard, late), std::vector{told});
}

// an ended binding waits without a timer, or for the time it is given.
TEST(ShardTimers, R10AnEndedBindingIsArmedForTheTimeItIsGiven) {
  Bench bench;
  const BindingIndex index = bench.insert(1);
  bench.shard.at(index).status = BindingStatus::kReleased;
  bench.shard.arm(index, kNow);
  EXPECT_FALSE(bench.shard.has_due(WallTime{0xfffffffe}));
  bench.shard.arm(index, after(50), kNow);
  EXPECT_EQ(WallTime(bench.shard.at(index).state_expiration_time), after(50));
  bench.shard.arm(index, after(80), kNow);
  EXPECT_EQ(expire(bench.shard, after(79)), std::vector<BindingIndex>{});
  EXPECT_EQ(expire(bench.shard, after(80)), std::vector{index});
  bench.shard.arm(index, after(90), kNow);
  bench.shard.arm(index, kNoTime, kNow);
  EXPECT_FALSE(bench.shard.has_due(WallTime{0xfffffffe}));
}

TEST(ShardTimers, WhatIsDisarmedKeepsItsTimeAndHasNoTimer) {
  Bench bench;
  const BindingIndex index = bench.insert(1);
  bench.shard.at(index).status = BindingStatus::kAbandoned;
  bench.shard.at(index).state_expiration_time = after(10);
  bench.shard.arm(index, kNow);
  bench.shard.disarm(index);
  EXPECT_FALSE(bench.shard.has_due(after(1000)));
  EXPECT_EQ(WallTime(bench.shard.at(index).state_expiration_time), after(10));
}

TEST(ShardWalk, GoesInBoundedPieces) {
  Bench bench;
  std::vector<BindingIndex> all;
  for (std::uint32_t i = 0; i < 20; ++i) all.push_back(bench.insert(i));
  for (std::size_t i = 5; i < 15; ++i) bench.shard.erase(all[i]);
  EXPECT_EQ(bench.shard.place_count(), 20U);
  EXPECT_EQ(bench.shard.first_from(5, 15), kNoBinding);
  EXPECT_EQ(bench.shard.first_from(5, 16), all[15]);
  EXPECT_EQ(bench.shard.first_from(5), all[15]);
}

}  // namespace
}  // namespace tandem6
