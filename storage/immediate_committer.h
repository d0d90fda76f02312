// The committer that keeps nothing: it takes every change off its ring and says at once that it is
// committed. Nothing is durable in this version, whatever the configuration asks; the daemon says
// so at start and in `status`. A committer that writes to disk takes its place without a change to
// its neighbours.
//
// What already holds, and must hold of its successor: changes of one worker are taken in their
// order; a mark only grows; a mark never passes a change that was not taken.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "storage/commit_lane.h"

namespace tandem6 {

/// One thread. It is not on a core of its own and the packet path may not wake it (that would be a
/// system call), so it looks again and again: a while without sleeping, then with sleeps of up to
/// 100 microseconds, which is the longest that a lone client's reply waits for it.
class ImmediateCommitter {
 public:
  /// Read racily by statistics; stale is fine.
  struct Counts {
    std::uint64_t changes = 0;  // committed in all
    std::uint64_t batches = 0;  // rounds that found some: changes / batches is the batch size
  };

  explicit ImmediateCommitter(std::vector<CommitLane> lanes);
  /// Stops if still running.
  ~ImmediateCommitter();
  ImmediateCommitter(const ImmediateCommitter&) = delete;
  ImmediateCommitter& operator=(const ImmediateCommitter&) = delete;

  /// Starts the thread. Call once; control thread.
  void start();
  /// Commits everything that stands in the rings and ends the thread. Changes that come in while it
  /// does so are taken as well; what comes after is not, so stop the workers first. Idempotent.
  void stop();

  [[nodiscard]] Counts counts() const noexcept;

 private:
  void run();
  /// One look at every ring. Returns how many changes were committed.
  std::size_t commit_round();

  std::vector<CommitLane> lanes_;           // immutable after construction
  std::vector<std::uint64_t> last_number_;  // of each lane; the committer's own
  std::vector<Change> batch_;               // the committer's own
  std::atomic<bool> stopping_{false};       // written by control
  std::atomic<std::uint64_t> changes_{0};   // written by the committer
  std::atomic<std::uint64_t> batches_{0};   // written by the committer
  std::thread thread_;
};

}  // namespace tandem6
