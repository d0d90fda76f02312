// Blocks of prefixes that moved to the other half, on their way from the control plane to the
// committer, and what waits for them to be on disk.
//
// Problem: prefixes move in two ways, in blocks (control plane) and one by one with a client's
// binding (workers' rings). On disk the newer move must win, so both must be written in the order
// in which they happened. A block is held while it moves: what a worker did with a prefix of it is
// on its ring before the block is taken, or comes after it is let go. So each entry says how far
// the rings were at that moment, and the committer takes it exactly there.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "dataplane/lease/prefix_pool.h"
#include "storage/commit_lane.h"
#include "storage/write_set.h"

namespace tandem6 {

class BlockMoves {
 public:
  struct Entry {
    std::vector<std::uint64_t> positions;  // of each ring: changes up to this number come before
    std::function<void(WriteSet&)> put;    // may be empty
    std::function<void()> done;            // likewise; when it is kept
  };

  /// The lanes are borrowed.
  explicit BlockMoves(const std::vector<CommitLane>& lanes) : lanes_(lanes) {}

  /// Any thread, while it holds the block in its pool.
  void add(const Ipv6Prefix& block, Half half) {
    add([block, half](WriteSet& set) { set.move_block(block, half); }, {});
  }
  /// Any thread: other records, and `done` for when they and everything added before are kept.
  void add(std::function<void(WriteSet&)> put, std::function<void()> done);

  /// The committer. Null: there is none. An entry that a worker's change followed is seen by who
  /// has seen that change.
  [[nodiscard]] const Entry* front();
  /// REQUIRES: front() was not null.
  [[nodiscard]] Entry take();

 private:
  const std::vector<CommitLane>& lanes_;
  std::atomic<std::size_t> count_{0};  // so that nobody locks to learn that there is nothing
  std::mutex mutex_;
  std::deque<Entry> entries_;  // guarded by mutex_; the committer alone takes from its front
};

}  // namespace tandem6
