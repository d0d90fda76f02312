#include "storage/immediate_committer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

namespace tandem6 {
namespace {

using std::chrono::steady_clock;

/// One worker's side of the committer.
struct Worker {
  SpscRing<Change> ring{1024};
  CommittedMark mark;
  std::uint64_t next_number = 1;

  bool emit() {
    Change change{};
    change.number = next_number;
    change.kind = ChangeKind::kPut;
    if (!ring.push(change)) return false;
    ++next_number;
    return true;
  }
  [[nodiscard]] CommitLane lane() { return {.changes = &ring, .mark = &mark}; }
};

/// True as soon as `condition` holds; false when it does not within five seconds.
template <typename Condition>
bool eventually(Condition condition) {
  const auto deadline = steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(ImmediateCommitter, MovesTheMarkOfEachWorkerToItsNewestChange) {
  Worker first;
  Worker second;
  ImmediateCommitter committer({first.lane(), second.lane()});
  committer.start();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(first.emit());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(second.emit());
  EXPECT_TRUE(eventually([&] { return first.mark.read() == 3 && second.mark.read() == 5; }));
  EXPECT_TRUE(eventually([&] { return committer.counts().changes == 8; }));
  EXPECT_GE(committer.counts().batches, 1u);
}

TEST(ImmediateCommitter, NothingIsCommittedBeforeStart) {
  Worker worker;
  ASSERT_TRUE(worker.emit());
  ImmediateCommitter committer({worker.lane()});
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(worker.mark.read(), 0u);
}

TEST(ImmediateCommitter, StopDrainsWhatStandsInTheRings) {
  Worker worker;
  ImmediateCommitter committer({worker.lane()});
  committer.start();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(worker.emit());
  committer.stop();
  EXPECT_EQ(worker.mark.read(), 1000u);
  EXPECT_EQ(committer.counts().changes, 1000u);
  committer.stop();  // a second time changes nothing
  EXPECT_EQ(committer.counts().changes, 1000u);
}

TEST(ImmediateCommitter, MarksOnlyGrowAndNeverPassWhatWasEmitted) {
  constexpr std::uint64_t kChangeCount = 200000;
  Worker worker;
  ImmediateCommitter committer({worker.lane()});
  committer.start();
  std::uint64_t last = 0;
  while (worker.next_number <= kChangeCount) {
    if (!worker.emit()) std::this_thread::yield();  // full: the committer makes room
    const std::uint64_t mark = worker.mark.read();
    ASSERT_GE(mark, last);
    ASSERT_LT(mark, worker.next_number);
    last = mark;
  }
  committer.stop();
  EXPECT_EQ(worker.mark.read(), kChangeCount);
}

TEST(ImmediateCommitter, WakesFromItsLongestSleep) {
  Worker worker;
  ImmediateCommitter committer({worker.lane()});
  committer.start();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ASSERT_TRUE(worker.emit());
  EXPECT_TRUE(eventually([&] { return worker.mark.read() == 1; }));
}

TEST(ImmediateCommitterDeathTest, AGapInTheNumbersEndsTheProcess) {
  EXPECT_DEATH(
      {
        Worker worker;
        worker.next_number = 2;
        (void)worker.emit();
        ImmediateCommitter committer({worker.lane()});
        committer.start();
        committer.stop();
      },
      "last_number_");
}

}  // namespace
}  // namespace tandem6
