// What a shard forgets when it has no more room, and what it does when a binding's time has come.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

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

BindingIndex insert(Shard& shard, std::uint32_t client_number, std::uint32_t lease_number) {
  return shard.insert(client(duid_of(client_number)), IaType::kNonTemporaryAddress,
                      Iaid{lease_number}, address_lease(lease_number));
}

BindingIndex insert_armed(Shard& shard, std::uint32_t number, WallTime end) {
  const BindingIndex index = insert(shard, number, number);
  shard.at(index).status = BindingStatus::kActive;
  shard.at(index).state_expiration_time = end;
  shard.arm(index, kNow);
  return index;
}

void end(Shard& shard, BindingIndex index, WallTime now = kNow) {
  Binding& binding = shard.at(index);
  binding.status = BindingStatus::kFree;
  binding.start_time_of_state = now;
  binding.state_expiration_time = kNoTime;
  shard.keep_in_history(index);
}

std::size_t count_of(const Shard& shard, std::uint32_t client_number) {
  return shard.find_client(client(duid_of(client_number)), {});
}

TEST(ShardHistory, TheOldestOfTheHistoryMakesRoomAndActiveOnesNever) {
  Shard shard(0, {.binding_count_max = 4, .change_ring_size = 64}, key());
  static_cast<void>(insert_armed(shard, 1, after(100)));
  for (const std::uint32_t number : {2U, 3U, 4U}) end(shard, insert(shard, number, number));
  EXPECT_TRUE(take_changes(shard).empty());

  ASSERT_NE(insert_armed(shard, 5, after(100)), kNoBinding);
  EXPECT_EQ(count_of(shard, 2), 0U) << "the first that ended";
  EXPECT_EQ(count_of(shard, 3), 1U);
  // It leaves the disk as well.
  const std::vector<Change> changes = take_changes(shard);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].kind, ChangeKind::kErase);
  EXPECT_EQ(changes[0].duid, Duid(duid_of(2)));
  EXPECT_EQ(changes[0].number, 1U);

  ASSERT_NE(insert_armed(shard, 6, after(100)), kNoBinding);
  ASSERT_NE(insert_armed(shard, 7, after(100)), kNoBinding);
  EXPECT_EQ(insert(shard, 8, 8), kNoBinding) << "only ACTIVE ones are left";
  EXPECT_EQ(count_of(shard, 1), 1U);
}

TEST(ShardHistory, OneThatCameBackIsNotForgotten) {
  Shard shard(0, {.binding_count_max = 2, .change_ring_size = 64}, key());
  const BindingIndex first = insert(shard, 1, 1);
  end(shard, first);
  end(shard, insert(shard, 2, 2));
  shard.at(first).state_expiration_time = after(100);
  shard.arm(first, kNow);  // the client is back
  ASSERT_NE(insert(shard, 3, 3), kNoBinding);
  EXPECT_EQ(count_of(shard, 1), 1U);
  EXPECT_EQ(count_of(shard, 2), 0U);
}

TEST(ShardHistory, EvictionSparesTheClientInHandAndWhatIsClaimed) {
  Shard shard(0, {.binding_count_max = 3, .change_ring_size = 64}, key());
  end(shard, insert(shard, 1, 1));
  const BindingIndex taken_again = insert(shard, 2, 2);
  end(shard, taken_again);
  shard.at(taken_again).claimed = true;
  end(shard, insert(shard, 3, 3));
  ASSERT_NE(insert(shard, 1, 4), kNoBinding);
  EXPECT_EQ(count_of(shard, 1), 2U);
  EXPECT_EQ(count_of(shard, 2), 1U);
  EXPECT_EQ(count_of(shard, 3), 0U);
  EXPECT_EQ(insert(shard, 1, 5), kNoBinding) << "nobody else is left to go";
}

TEST(ShardHistory, WithoutRoomForItsChangeNothingIsForgotten) {
  Shard shard(0, {.binding_count_max = 1, .change_ring_size = 1}, key());
  const BindingIndex index = insert(shard, 1, 1);
  end(shard, index);
  static_cast<void>(shard.emit(index));
  EXPECT_EQ(insert(shard, 2, 2), kNoBinding);
  EXPECT_EQ(count_of(shard, 1), 1U);
  EXPECT_EQ(take_changes(shard).size(), 1U);
  EXPECT_NE(insert(shard, 2, 2), kNoBinding);
}

TEST(ShardHistory, AClientThatInventsIaidsForgetsItsOwn) {
  Shard shard(0, {.binding_count_max = 1000, .change_ring_size = 1024}, key());
  for (std::uint32_t i = 0; i < 200; ++i) {
    const BindingIndex index = insert(shard, 1, i);
    ASSERT_NE(index, kNoBinding) << "round " << i;
    end(shard, index, after(i));
  }
  EXPECT_EQ(count_of(shard, 1), Shard::kClientHistoryMax);
  EXPECT_NE(shard.find_lease(address_lease(199).address, 128), kNoBinding);
  EXPECT_EQ(shard.find_lease(address_lease(0).address, 128), kNoBinding);
  EXPECT_EQ(take_changes(shard).size(), 200 - Shard::kClientHistoryMax);
}

TEST(ShardHistory, ABusyLeaseRemembersItsLastHoldersOnly) {
  Shard shard(0, {.binding_count_max = 1000, .change_ring_size = 1024}, key());
  for (std::uint32_t i = 0; i < 500; ++i) {
    const BindingIndex index = insert(shard, i, 77);
    ASSERT_NE(index, kNoBinding);
    end(shard, index, after(i));
  }
  EXPECT_EQ(shard.binding_count(), Shard::kLeaseHistoryMax);
  for (std::uint32_t i = 496; i < 500; ++i) EXPECT_EQ(count_of(shard, i), 1U) << i;
}

/// Runs `expire` with a function.
std::size_t expire(Shard& shard, WallTime now, std::size_t budget,
                   std::function<void(BindingIndex)> callback) {
  return shard.expire(
      now, budget,
      [](void* context, BindingIndex index) {
        (*static_cast<std::function<void(BindingIndex)>*>(context))(index);
      },
      &callback);
}

TEST(ShardExpiry, ABindingEndsAtItsSecondAndNotBefore) {
  Shard shard(0, {.binding_count_max = 10, .change_ring_size = 64}, key());
  const BindingIndex index = insert_armed(shard, 1, after(3600));
  const auto must_not = [](BindingIndex) { FAIL(); };
  EXPECT_EQ(expire(shard, kNow, 10, must_not), 0U);
  EXPECT_EQ(expire(shard, after(3599), 10, must_not), 0U);
  EXPECT_FALSE(shard.has_due(after(3599)));
  EXPECT_TRUE(shard.has_due(after(3600)));
  std::vector<BindingIndex> ended;
  const auto callback = [&](BindingIndex at) {
    ended.push_back(at);
    end(shard, at);
  };
  EXPECT_EQ(expire(shard, after(3600), 10, callback), 1U);
  EXPECT_EQ(ended, std::vector{index});
  EXPECT_EQ(expire(shard, after(99'999), 10, must_not), 0U);
}

// S-179: an infinite lease never expires.
TEST(ShardExpiry, S179AnInfiniteLeaseNeverEnds) {
  Shard shard(0, {.binding_count_max = 10, .change_ring_size = 64}, key());
  const BindingIndex index = insert_armed(shard, 1, kNow + kInfiniteLifetime);
  const auto must_not = [](BindingIndex) { FAIL(); };
  EXPECT_EQ(expire(shard, WallTime{0xffffffff}, 10, must_not), 0U);
  EXPECT_EQ(expire(shard, WallTime{0x7fffffffffff}, 10, must_not), 0U);
  EXPECT_FALSE(shard.has_due(WallTime{0x7fffffffffff}));
  EXPECT_EQ(shard.at(index).status, BindingStatus::kActive);
}

TEST(ShardExpiry, AFiniteLifetimeReplacesAnInfiniteOneAndBack) {
  Shard shard(0, {.binding_count_max = 10, .change_ring_size = 64}, key());
  const BindingIndex index = insert_armed(shard, 1, kNow + kInfiniteLifetime);
  shard.at(index).state_expiration_time = after(10);
  shard.arm(index, kNow);
  EXPECT_TRUE(shard.has_due(after(10)));
  shard.at(index).state_expiration_time = kNever;
  shard.arm(index, kNow);
  EXPECT_FALSE(shard.has_due(WallTime{0x7fffffffffff}));
}

TEST(ShardExpiry, RenewedAndErasedOnesAreNotCalled) {
  Shard shard(0, {.binding_count_max = 10, .change_ring_size = 64}, key());
  const BindingIndex renewed = insert_armed(shard, 1, after(100));
  shard.erase(insert_armed(shard, 2, after(100)));
  const BindingIndex stays = insert_armed(shard, 3, after(100));
  shard.at(renewed).state_expiration_time = after(200);
  shard.arm(renewed, after(50));
  std::vector<BindingIndex> ended;
  const auto callback = [&](BindingIndex at) {
    ended.push_back(at);
    shard.erase(at);
  };
  expire(shard, after(199), 10, callback);
  EXPECT_EQ(ended, std::vector{stays});
  expire(shard, after(200), 10, callback);
  EXPECT_EQ(ended, (std::vector{stays, renewed}));
}

TEST(ShardExpiry, TheBudgetBoundsACallAndNothingIsLost) {
  Shard shard(0, {.binding_count_max = 1000, .change_ring_size = 64}, key());
  for (std::uint32_t i = 0; i < 1000; ++i) static_cast<void>(insert_armed(shard, i, after(i % 7)));
  std::size_t ended = 0;
  const auto callback = [&](BindingIndex at) {
    ++ended;
    shard.erase(at);
  };
  for (int call = 0; shard.has_due(after(7)) && call < 1000; ++call) {
    EXPECT_LE(expire(shard, after(7), 32, callback), 32U);
  }
  EXPECT_EQ(ended, 1000U);
  EXPECT_EQ(shard.binding_count(), 0U);
}

TEST(ShardExpiry, TheCallbackMayChangeEverything) {
  Shard shard(0, {.binding_count_max = 100, .change_ring_size = 256}, key());
  std::vector<BindingIndex> all;
  for (std::uint32_t i = 0; i < 40; ++i) all.push_back(insert_armed(shard, i, after(10)));
  std::uint32_t next = 1000;
  std::size_t calls = 0;
  const auto callback = [&](BindingIndex at) {
    switch (calls++ % 4) {
      case 0:
        shard.at(at).state_expiration_time = after(20);
        shard.arm(at, after(10));
        break;
      case 1:
        end(shard, at);
        break;
      case 2:
        // Another one of the same second goes first, and its place is taken at once.
        shard.erase(at);
        ASSERT_NE(insert_armed(shard, next++, after(30)), kNoBinding);
        break;
      default:
        // Due at once, so it comes again within this very call.
        shard.at(at).state_expiration_time = after(9);
        shard.arm(at, after(10));
    }
  };
  EXPECT_LE(expire(shard, after(10), 1000, callback), 60U);
  EXPECT_FALSE(shard.has_due(after(10)));
  EXPECT_TRUE(shard.has_due(after(20)));
  EXPECT_EQ(shard.binding_count(), 40U);
}

TEST(ShardExpiryDeathTest, ACallbackThatForgetsABindingEndsTheProgram) {
  Shard shard(0, {.binding_count_max = 10, .change_ring_size = 64}, key());
  static_cast<void>(insert_armed(shard, 1, after(10)));
  EXPECT_DEATH(expire(shard, after(10), 10, [](BindingIndex) {}), "kNone");
}

}  // namespace
}  // namespace tandem6
