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
#include <optional>
#include <vector>

#include "dataplane/lease/prefix_pool.h"
#include "storage/block_format.h"
#include "storage/commit_lane.h"

namespace tandem6 {

class BlockMoves {
 public:
  struct Entry {
    std::vector<std::uint64_t> positions;  // of each ring: changes up to this number come before
    std::optional<BlockHalf> moved;        // none: only somebody who waits
    std::function<void()> done;            // may be empty
  };

  /// The lanes are borrowed.
  explicit BlockMoves(const std::vector<CommitLane>& lanes) : lanes_(lanes) {}

  /// Any thread, while it holds the block in its pool.
  void add(const Ipv6Prefix& block, Half half) { push(BlockHalf{block, half}, {}); }
  /// Any thread: `done` is for when everything added before is kept.
  void wait(std::function<void()> done) { push(std::nullopt, std::move(done)); }

  /// The committer. Null: there is none. An entry that a worker's change followed is seen by who
  /// has seen that change.
  [[nodiscard]] const Entry* front();
  /// REQUIRES: front() was not null.
  [[nodiscard]] Entry take();

 private:
  void push(std::optional<BlockHalf> moved, std::function<void()> done);

  const std::vector<CommitLane>& lanes_;
  std::atomic<std::size_t> count_{0};  // so that nobody locks to learn that there is nothing
  std::mutex mutex_;
  std::deque<Entry> entries_;  // guarded by mutex_; the committer alone takes from its front
};

}  // namespace tandem6
