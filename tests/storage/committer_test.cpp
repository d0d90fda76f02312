#include "storage/committer.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "storage/lease_format.h"
#include "tests/storage/lane_feeder.h"
#include "tests/storage/temporary_folder.h"

namespace tandem6 {
namespace {

using std::chrono::steady_clock;

/// True as soon as `condition` holds; false when it does not within ten seconds.
template <typename Condition>
bool eventually(Condition condition) {
  const auto deadline = steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

std::unique_ptr<Store> open_store(const std::string& path) {
  auto store = Store::open({.path = path});
  EXPECT_TRUE(store.has_value()) << store.error();
  return store.has_value() ? std::move(*store) : nullptr;
}

/// Every lease on disk: its address and when it ends.
std::map<Ipv6Address, WallTime> leases_in(const Store& store) {
  std::map<Ipv6Address, WallTime> leases;
  const auto walked = store.walk(Family::kLease, {}, {}, [&](RecordOctets key, RecordOctets value) {
    const auto lease = read_lease_record(key, value);
    EXPECT_TRUE(lease.has_value());
    if (lease.has_value()) {
      leases[lease->binding.address] = lease->binding.state_expiration_time;
    }
    return true;
  });
  EXPECT_TRUE(walked.has_value());
  return leases;
}

std::uint64_t count_in(const Store& store, Family family) {
  const auto walked = store.walk(family, {}, {}, [](RecordOctets, RecordOctets) { return true; });
  return walked.has_value() ? walked->record_count : 0;
}

class EachDurability : public testing::TestWithParam<Durability> {
 protected:
  TemporaryFolder folder_;
  std::string path_ = folder_.path("leases");
};
INSTANTIATE_TEST_SUITE_P(Committer, EachDurability,
                         testing::Values(Durability::kPower, Durability::kProcess,
                                         Durability::kNone),
                         [](const auto& each) { return std::string(name_of(each.param)); });

TEST_P(EachDurability, MovesTheMarkOfEachWorkerToItsNewestChange) {
  LaneFeeder first;
  LaneFeeder second;
  const auto store = open_store(path_);
  Committer committer(*store, {first.lane(), second.lane()}, {.durability = GetParam()});
  committer.start();
  for (std::uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(first.emit(i));
  for (std::uint64_t i = 0; i < 5; ++i) ASSERT_TRUE(second.emit(100 + i));
  EXPECT_TRUE(eventually([&] { return first.mark.read() == 3 && second.mark.read() == 5; }));
  EXPECT_TRUE(eventually([&] { return committer.report().change_count == 8; }));
  EXPECT_GE(committer.report().set_count, 1u);
  EXPECT_EQ(leases_in(*store).size(), 8u);
}

TEST_P(EachDurability, WhatWasCommittedIsThereAfterACleanRestart) {
  {
    LaneFeeder worker;
    const auto store = open_store(path_);
    Committer committer(*store, {worker.lane()}, {.durability = GetParam()});
    committer.start();
    for (std::uint64_t i = 0; i < 500; ++i) ASSERT_TRUE(worker.emit(i, 1000));
    for (std::uint64_t i = 0; i < 100; ++i) ASSERT_TRUE(worker.emit(i, 2000));
    for (std::uint64_t i = 400; i < 500; ++i) {
      ASSERT_TRUE(worker.emit(i, 1000, ChangeKind::kErase));
    }
    EXPECT_TRUE(committer.stop());
  }
  const auto store = open_store(path_);
  const auto leases = leases_in(*store);
  EXPECT_EQ(leases.size(), 400u);
  EXPECT_EQ(count_in(*store, Family::kDirty), 400u);
  EXPECT_EQ(leases.at(LaneFeeder::change_of(7, 0, ChangeKind::kPut).binding.address),
            WallTime{2000});
  EXPECT_EQ(leases.at(LaneFeeder::change_of(300, 0, ChangeKind::kPut).binding.address),
            WallTime{1000});
}

TEST(Committer, NothingIsCommittedBeforeStart) {
  const TemporaryFolder folder;
  LaneFeeder worker;
  ASSERT_TRUE(worker.emit(1));
  const auto store = open_store(folder.path("leases"));
  Committer committer(*store, {worker.lane()}, {});
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(worker.mark.read(), 0u);
  EXPECT_EQ(count_in(*store, Family::kLease), 0u);
}

TEST(Committer, StopDrainsWhatStandsInTheRings) {
  const TemporaryFolder folder;
  LaneFeeder worker;
  const auto store = open_store(folder.path("leases"));
  Committer committer(*store, {worker.lane()}, {});
  for (std::uint64_t i = 0; i < 1000; ++i) ASSERT_TRUE(worker.emit(i));
  committer.start();
  EXPECT_TRUE(committer.stop());
  EXPECT_EQ(worker.mark.read(), 1000u);
  EXPECT_EQ(committer.report().change_count, 1000u);
  EXPECT_TRUE(committer.stop()) << "a second time changes nothing";
  EXPECT_EQ(committer.report().change_count, 1000u);
}

TEST(Committer, MarksOnlyGrowAndNeverPassWhatWasEmitted) {
  constexpr std::uint64_t kChangeCount = 200'000;
  const TemporaryFolder folder;
  LaneFeeder worker;
  const auto store = open_store(folder.path("leases"));
  Committer committer(*store, {worker.lane()}, {.durability = Durability::kProcess});
  committer.start();
  std::uint64_t last = 0;
  while (worker.next_number <= kChangeCount) {
    if (!worker.emit(worker.next_number % 5000)) std::this_thread::yield();  // it makes room
    const std::uint64_t mark = worker.mark.read();
    ASSERT_GE(mark, last);
    ASSERT_LT(mark, worker.next_number);
    last = mark;
  }
  EXPECT_TRUE(committer.stop());
  EXPECT_EQ(worker.mark.read(), kChangeCount);
  EXPECT_EQ(leases_in(*store).size(), 5000u);
}

TEST(Committer, WhatNobodyWasToldAsksForNoSync) {
  const TemporaryFolder folder;
  LaneFeeder worker;
  const auto store = open_store(folder.path("leases"));
  Committer committer(*store, {worker.lane()}, {.durability = Durability::kPower});
  committer.start();
  for (std::uint64_t i = 0; i < 50; ++i) {
    ASSERT_TRUE(worker.emit(i, 1000, ChangeKind::kPut, Urgency::kLazy));
    ASSERT_TRUE(eventually([&] { return worker.mark.read() == i + 1; }));
  }
  ASSERT_TRUE(eventually([&] { return committer.report().change_count == 50; }));
  EXPECT_EQ(committer.report().sync_count, 0U);
  ASSERT_TRUE(worker.emit(50));
  ASSERT_TRUE(eventually([&] { return committer.report().change_count == 51; }));
  EXPECT_EQ(committer.report().sync_count, 1U);
  EXPECT_EQ(leases_in(*store).size(), 51U);
}

TEST(Committer, WakesFromItsLongestSleep) {
  const TemporaryFolder folder;
  LaneFeeder worker;
  const auto store = open_store(folder.path("leases"));
  Committer committer(*store, {worker.lane()}, {});
  committer.start();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ASSERT_TRUE(worker.emit(1));
  EXPECT_TRUE(eventually([&] { return worker.mark.read() == 1; }));
}

TEST(CommitterDeathTest, AGapInTheNumbersEndsTheProcess) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const TemporaryFolder folder;
  EXPECT_DEATH(
      {
        LaneFeeder worker;
        worker.next_number = 2;
        (void)worker.emit(1);
        const auto store = open_store(folder.path("leases"));
        Committer committer(*store, {worker.lane()}, {});
        committer.start();
        committer.stop();
      },
      "last_number_");
}

}  // namespace
}  // namespace tandem6
