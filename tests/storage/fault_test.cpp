// What was told outlives the disk's worst days: power cuts, torn writes, no room, errors of writes
// and syncs, a disk that stands still (S-068).
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/storage/machine.h"

namespace tandem6 {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

template <typename Condition>
bool eventually(Condition condition) {
  const auto deadline = steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return true;
}

// --- The disk of the tests does what it says, or the rest shows nothing.

class Disk : public testing::Test {
 protected:
  using Outcome = FaultyDisk::Outcome;
  using Survival = FaultyDisk::Survival;

  /// A file whose name and first octets are synced.
  FaultyDisk::FilePtr synced_file(const std::string& octets) {
    FaultyDisk::FilePtr file;
    EXPECT_EQ(disk_.create("/folder/file", file), Outcome::kDone);
    EXPECT_EQ(disk_.append(*file, octets), Outcome::kDone);
    EXPECT_EQ(disk_.sync(*file), Outcome::kDone);
    EXPECT_EQ(disk_.sync_folder("/folder"), Outcome::kDone);
    return file;
  }
  std::string after_power_cut(Survival survival) {
    disk_.cut_power();
    disk_.power_on(survival, random_);
    const auto file = disk_.find("/folder/file");
    std::string octets = "(no file)";
    if (file != nullptr) {
      EXPECT_EQ(disk_.read(*file, 0, 1 << 20, octets), Outcome::kDone);
    }
    return octets;
  }

  FaultyDisk disk_;
  std::mt19937_64 random_{1};
};

TEST_F(Disk, ForgetsWhatWasNotSynced) {
  const auto file = synced_file("kept");
  EXPECT_EQ(disk_.append(*file, " and lost"), Outcome::kDone);
  EXPECT_EQ(after_power_cut(Survival::kNothing), "kept");
  EXPECT_EQ(disk_.append(*file, "from before the cut"), Outcome::kDone);
  EXPECT_EQ(after_power_cut(Survival::kPrefix), "kept");
}

TEST_F(Disk, ForgetsNamesThatWereNotSynced) {
  const auto file = synced_file("old");
  EXPECT_EQ(disk_.rename("/folder/file", "/folder/other"), Outcome::kDone);
  EXPECT_EQ(disk_.find("/folder/file"), nullptr);
  EXPECT_EQ(after_power_cut(Survival::kNothing), "old");
}

TEST_F(Disk, KeepsSomeSectorsOfWhatWasNotSynced) {
  constexpr std::size_t kSize = 64 * 512;
  const auto file = synced_file(std::string(512, 'a'));
  EXPECT_EQ(disk_.append(*file, std::string(kSize, 'b')), Outcome::kDone);
  const std::string left = after_power_cut(Survival::kSomeSectors);
  EXPECT_EQ(left.substr(0, 512), std::string(512, 'a'));
  EXPECT_NE(left.find('b'), std::string::npos);
  EXPECT_NE(left.find('\0'), std::string::npos) << "holes read as zeros";
}

TEST_F(Disk, AFailedSyncForgetsAndTheNextOneSucceeds) {
  const auto file = synced_file(std::string(512, 'a'));
  EXPECT_EQ(disk_.append(*file, std::string(512, 'b')), Outcome::kDone);
  disk_.fail_syncs(true);
  EXPECT_EQ(disk_.sync(*file), Outcome::kInputOutputError);
  disk_.fail_syncs(false);
  EXPECT_EQ(disk_.sync(*file), Outcome::kDone);
  std::string shown;
  EXPECT_EQ(disk_.read(*file, 512, 512, shown), Outcome::kDone);
  EXPECT_EQ(shown, std::string(512, 'b')) << "readers still see it";
  EXPECT_EQ(after_power_cut(Survival::kNothing), std::string(512, 'a') + std::string(512, '\0'));
}

TEST_F(Disk, AFailedSyncMayForgetForReadersToo) {
  const auto file = synced_file("aa");
  EXPECT_EQ(disk_.append(*file, "bb"), Outcome::kDone);
  disk_.fail_syncs(true, true);
  EXPECT_EQ(disk_.sync(*file), Outcome::kInputOutputError);
  std::string shown;
  EXPECT_EQ(disk_.read(*file, 0, 10, shown), Outcome::kDone);
  EXPECT_EQ(shown, std::string("aa\0\0", 4));
}

TEST_F(Disk, AWriteWithoutRoomIsWrittenInPart) {
  const auto file = synced_file("a");
  disk_.set_free_octets(2);
  EXPECT_EQ(disk_.append(*file, "bcde"), Outcome::kNoSpace);
  EXPECT_EQ(disk_.size_of(*file), 3u);
}

TEST_F(Disk, AnOperationInThePowerCutIsNotAnswered) {
  const auto file = synced_file("a");
  disk_.cut_power_after(1);
  EXPECT_EQ(disk_.append(*file, "b"), Outcome::kDone);
  EXPECT_EQ(disk_.sync(*file), Outcome::kInputOutputError);
  EXPECT_FALSE(disk_.is_powered());
  EXPECT_EQ(after_power_cut(Survival::kNothing), "a");
}

// --- Power cuts.

/// Rounds of work that end with the power, each on what the one before has left.
void cut_power_again_and_again(std::uint64_t seed, unsigned round_count) {
  Machine machine(seed);
  std::uint64_t told = 0;
  for (unsigned round = 0; round < round_count; ++round) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
    const bool early = machine.draw(4) == 0;
    const std::uint64_t operations = machine.draw(machine.draw(2) == 0 ? 40 : 400);
    if (early) machine.disk().cut_power_after(operations);
    if (machine.start()) {
      if (!early) machine.disk().cut_power_after(operations);
      machine.drive(20'000);
    }
    machine.crash();
    for (const std::uint64_t mark : machine.marks()) told += mark;
    machine.come_back(machine.draw_survival());
    if (testing::Test::HasFailure()) return;
  }
  testing::Test::RecordProperty("changes_told", std::to_string(told));
  EXPECT_GT(told, round_count) << "hardly anything was at stake";
}

class PowerCut : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, PowerCut, testing::Range<std::uint64_t>(1, 8));

TEST_P(PowerCut, WhatWasToldIsThereAndThereAreNoHoles_S_068) {
  cut_power_again_and_again(GetParam(), 50);
}

// --- Trouble that passes.

enum class Trouble : std::uint8_t { kNoSpace, kWriteError, kSyncError, kSyncErrorAndEviction };
constexpr unsigned kTroubleCount = 4;

void begin(FaultyDisk& disk, Trouble trouble, std::uint64_t free_octets) {
  if (trouble == Trouble::kNoSpace) disk.set_free_octets(free_octets);
  if (trouble == Trouble::kWriteError) disk.fail_writes(true);
  if (trouble == Trouble::kSyncError) disk.fail_syncs(true);
  if (trouble == Trouble::kSyncErrorAndEviction) disk.fail_syncs(true, true);
}

void end(FaultyDisk& disk) {
  disk.set_free_octets(FaultyDisk::kUnlimited);
  disk.fail_writes(false);
  disk.fail_syncs(false);
}

class InTrouble : public testing::TestWithParam<Trouble> {
 protected:
  /// Some changes are told, then the disk has trouble, and more changes come.
  void get_into_trouble() {
    ASSERT_TRUE(machine_.start());
    for (unsigned i = 0; i < 20; ++i) machine_.emit(50);
    ASSERT_TRUE(eventually([&] { return machine_.all_told(); }));
    EXPECT_TRUE(machine_.is_serving());
    begin(machine_.disk(), GetParam(), 1000);
    for (unsigned lane = 0; lane < Machine::kLaneCount; ++lane) machine_.emit(100);
    ASSERT_TRUE(eventually([&] { return machine_.is_refusing(); }));
  }

  Machine machine_{7};
};
std::string name_of_trouble(const testing::TestParamInfo<Trouble>& each) {
  if (each.param == Trouble::kNoSpace) return "NoSpace";
  if (each.param == Trouble::kWriteError) return "WriteError";
  return each.param == Trouble::kSyncError ? "SyncError" : "SyncErrorAndEviction";
}
INSTANTIATE_TEST_SUITE_P(Disk, InTrouble,
                         testing::Values(Trouble::kNoSpace, Trouble::kWriteError,
                                         Trouble::kSyncError, Trouble::kSyncErrorAndEviction),
                         name_of_trouble);

TEST_P(InTrouble, NoMarkMovesAndTheReportSaysWhy) {
  ASSERT_NO_FATAL_FAILURE(get_into_trouble());
  const auto marks = machine_.marks();
  EXPECT_TRUE(eventually([&] { return machine_.committer().report().failure_count > 2; }))
      << "it goes on trying";
  EXPECT_EQ(machine_.marks(), marks);
  EXPECT_FALSE(machine_.all_told());
  EXPECT_TRUE(machine_.is_refusing());
  const Committer::Report report = machine_.committer().report();
  EXPECT_FALSE(report.serving);
  const std::string why =
      GetParam() == Trouble::kNoSpace ? "No space left on device" : "Input/output error";
  EXPECT_NE(report.trouble.find(why), std::string::npos) << report.trouble;
}

TEST_P(InTrouble, ServesAgainWithTheDiskNothingLostNothingTwice) {
  ASSERT_NO_FATAL_FAILURE(get_into_trouble());
  std::this_thread::sleep_for(5 * Machine::kRetryInterval);
  end(machine_.disk());
  ASSERT_TRUE(eventually([&] { return machine_.is_serving() && machine_.all_told(); }));
  EXPECT_TRUE(
      eventually([&] { return machine_.committer().report().change_count == machine_.emitted(); }));
  EXPECT_TRUE(machine_.committer().report().serving);
  EXPECT_EQ(machine_.committer().report().trouble, "");
  machine_.emit(10);
  ASSERT_TRUE(eventually([&] { return machine_.all_told(); }));
  EXPECT_EQ(machine_.committer().report().change_count, machine_.emitted());
  machine_.come_back(FaultyDisk::Survival::kNothing);
}

TEST_P(InTrouble, APowerCutThenLosesNothingTold) {
  ASSERT_NO_FATAL_FAILURE(get_into_trouble());
  std::this_thread::sleep_for(3 * Machine::kRetryInterval);
  machine_.come_back(FaultyDisk::Survival::kNothing);
}

TEST_P(InTrouble, EndsAllTheSameAndSaysThatNotAllIsWritten) {
  ASSERT_NO_FATAL_FAILURE(get_into_trouble());
  EXPECT_FALSE(machine_.committer().stop());
  EXPECT_FALSE(machine_.all_told());
  machine_.come_back(FaultyDisk::Survival::kPrefix);
}

/// Written without a sync of its own, then forgotten by the sync of another: nobody was told, but
/// what comes after it must not be on disk without it.
TEST(Lazy, IsWrittenAgainWhenASyncForgotIt) {
  FaultyDisk disk;
  LaneFeeder worker;
  {
    const auto store = Store::open({.path = "/leases", .env = disk.env()});
    ASSERT_TRUE(store.has_value());
    Committer committer(**store, {worker.lane()}, {.retry_interval = Machine::kRetryInterval});
    committer.start();
    ASSERT_TRUE(worker.emit(1));
    ASSERT_TRUE(eventually([&] { return worker.mark.read() == 1; }));
    ASSERT_TRUE(worker.emit(2, 1000, ChangeKind::kPut, Urgency::kLazy));
    ASSERT_TRUE(eventually([&] { return worker.mark.read() == 2; }));
    disk.fail_syncs(true, true);
    ASSERT_TRUE(worker.emit(3));
    ASSERT_TRUE(eventually([&] { return !worker.mark.is_serving(); }));
    disk.fail_syncs(false);
    ASSERT_TRUE(eventually([&] { return worker.mark.read() == 3; }));
    disk.cut_power();
  }
  std::mt19937_64 random{1};
  disk.power_on(FaultyDisk::Survival::kNothing, random);
  const auto store = Store::open({.path = "/leases", .env = disk.env()});
  ASSERT_TRUE(store.has_value());
  const DiskState found = read_lanes(**store, 1);
  EXPECT_EQ(found.fault, "");
  EXPECT_EQ(found.lanes[0], (LaneState{{1, 1000}, {2, 1000}, {3, 1000}}));
}

/// Trouble of all kinds comes and goes while the server works, reads and loses power.
void make_trouble_again_and_again(std::uint64_t seed, unsigned round_count) {
  Machine machine(seed);
  for (unsigned round = 0; round < round_count; ++round) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
    ASSERT_TRUE(machine.start());
    std::atomic<bool> reading{true};
    std::jthread reader([&] {
      while (reading) {
        (void)machine.store().usage();
        (void)read_lanes(machine.store(), Machine::kLaneCount);
      }
    });
    for (unsigned i = 0; i < 4; ++i) {
      for (unsigned burst = 0; burst < 5; ++burst) machine.emit(machine.draw(100));
      begin(machine.disk(), static_cast<Trouble>(machine.draw(kTroubleCount)),
            machine.draw(20'000));
      for (unsigned burst = 0; burst < 5; ++burst) machine.emit(machine.draw(100));
      std::this_thread::sleep_for(milliseconds(machine.draw(10)));
      end(machine.disk());
      if (machine.draw(2) == 0) {
        ASSERT_TRUE(eventually([&] { return machine.all_told() && machine.is_serving(); }));
      }
    }
    machine.disk().cut_power_after(machine.draw(20));
    machine.drive(machine.emitted() + 500);
    reading = false;
    reader.join();
    machine.come_back(machine.draw_survival());
    if (testing::Test::HasFailure()) return;
  }
}

class TroubleAndPowerCut : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, TroubleAndPowerCut, testing::Range<std::uint64_t>(1, 5));

TEST_P(TroubleAndPowerCut, LoseNothingTold_S_068) { make_trouble_again_and_again(GetParam(), 6); }

// --- A disk that stands still.

TEST(StandingStill, NoMarkMovesThenAllDo) {
  Machine machine(3);
  ASSERT_TRUE(machine.start());
  machine.emit(100);
  ASSERT_TRUE(eventually([&] { return machine.all_told(); }));
  machine.disk().stand_still(true);
  const auto marks = machine.marks();
  for (unsigned i = 0; i < 10; ++i) machine.emit(100);
  std::this_thread::sleep_for(std::chrono::seconds(10));
  EXPECT_EQ(machine.marks(), marks);
  EXPECT_GT(machine.committer().report().writing_since_seconds, 9.0);
  machine.disk().stand_still(false);
  EXPECT_TRUE(eventually([&] { return machine.all_told(); }));
  EXPECT_TRUE(machine.is_serving());
  EXPECT_EQ(machine.committer().report().failure_count, 0u);
  machine.come_back(FaultyDisk::Survival::kNothing);
}

TEST(StandingStill, APowerCutThenLosesNothingTold) {
  Machine machine(4);
  ASSERT_TRUE(machine.start());
  machine.emit(100);
  ASSERT_TRUE(eventually([&] { return machine.all_told(); }));
  machine.disk().stand_still(true);
  for (unsigned i = 0; i < 10; ++i) machine.emit(100);
  std::this_thread::sleep_for(milliseconds(50));
  machine.come_back(FaultyDisk::Survival::kSomeSectors);
}

}  // namespace
}  // namespace tandem6
