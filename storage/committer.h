// The committer: takes the changes of all workers off their rings, writes them to the disk
// together, and moves each worker's mark, which lets the held replies go.
//
// Problem: a sync costs 150 us however little it carries, and a client waits for it. The loop is
// greedy: whatever gathered while the last write ran goes into the next, so a lone client waits for
// one sync and a storm shares it. No timer, no batch size to tune.
//
// Budget: 0.4 us a change (encode, checksum, batch, log, memtable) on a core of its own, so 2.5
// million a second; a sync shared by all that gathered meanwhile.
//
// Invariants:
//  - changes of one worker are written in their order, in whole sets: after a crash the disk has
//    all changes up to some number, and none after it;
//  - a mark never passes a change that is not as durable as the configuration asks;
//  - what was taken off a ring is written before anything that came later, however often a write
//    fails; nothing is dropped;
//  - a block of prefixes that moved is written between the changes that came before its move and
//    those that came after it (block_moves.h), and with a sync: a partner may be told next;
//  - a set in which nobody was told of any change is written without a sync of its own: the log is
//    one, so the next sync takes it along, and what is granted on top of it cannot be on disk
//    without it. It is kept until then: a sync that fails forgets what was written before it too;
//  - between a failed write and the next that succeeds, every mark says "not serving".
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/block_moves.h"
#include "storage/commit_lane.h"
#include "storage/latency_record.h"
#include "storage/store.h"

namespace tandem6 {

class Committer {
 public:
  struct Options {
    Durability durability = Durability::kPower;
    /// After a failed write, how long until the next try.
    std::chrono::milliseconds retry_interval{1000};
  };
  /// `store` and the lanes outlive it. Nobody else writes to the store between start and stop.
  Committer(Store& store, std::vector<CommitLane> lanes, Options options);
  /// Stops if still running.
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  /// Starts the thread. Call once; control thread.
  void start();
  /// Commits everything that stands in the rings and ends the thread; stop the workers first. A
  /// disk that does not take it is given one more try. Idempotent. True: everything is written.
  bool stop();

  /// Any thread, before `start` too: what tells the committer of every block that moves. For
  /// Pools::set_block_witness.
  [[nodiscard]] BlockWitness block_witness() noexcept;
  /// Any thread. `done` is called by the committer's thread when every block that this thread has
  /// moved before, and every change that was emitted before, is as durable as the configuration
  /// asks; never, when the server ends on a disk that refuses. It must not block.
  void when_kept(std::function<void()> done) { moves_.add({}, std::move(done)); }
  /// Any thread: a record of the control plane (an endpoint's, the leases' origin), put into a set
  /// by the committer's thread, with a sync; `done` as above, or empty.
  void put(std::function<void(WriteSet&)> record, std::function<void()> done) {
    moves_.add(std::move(record), std::move(done));
  }

  /// Any thread; the numbers are read racily, stale is fine.
  struct Report {
    Durability durability = Durability::kPower;
    std::uint64_t change_count = 0;  // committed in all
    std::uint64_t set_count = 0;     // writes: changes / sets is the batch size
    std::uint64_t sync_count = 0;    // of these writes, with a sync
    std::uint64_t octet_count = 0;   // given to the log
    std::uint64_t failure_count = 0;
    double last_write_seconds = 0;     // the newest write that succeeded, sync included
    double writing_since_seconds = 0;  // of the write under way; 0: none
    LatencyRecord::Summary write_latency;
    bool serving = true;
    std::string trouble;  // why not, for the operator; empty while serving
  };
  [[nodiscard]] Report report() const;

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void gather();
  [[nodiscard]] bool has_work() const noexcept { return !set_->empty() || !done_.empty(); }
  [[nodiscard]] bool take_changes(std::size_t lane, std::uint64_t number);
  [[nodiscard]] bool take_moves();
  void tell_done();
  [[nodiscard]] Durability durability_of_set() const noexcept;
  void settle() noexcept;
  void set_serving(bool serving) noexcept;
  [[nodiscard]] bool commit();
  [[nodiscard]] bool write_once();
  [[nodiscard]] bool write_unsynced_again();
  void keep_or_clear();
  void note_failure(const std::string& trouble);
  void wait_for_retry();

  Store& store_;
  const Options options_;
  std::vector<CommitLane> lanes_;           // immutable after construction
  std::vector<std::uint64_t> last_number_;  // of each lane, in the set; the committer's own
  std::vector<std::uint64_t> published_;    // of each lane, when gathering began; likewise
  std::vector<std::uint64_t> number_max_;   // of each lane, in this set; the committer's own
  BlockMoves moves_;
  std::vector<std::function<void()>> done_;  // who waits for the set; the committer's own
  std::unique_ptr<WriteSet> set_;            // the committer's own
  /// Written and not synced yet, in order; the committer's own.
  std::vector<std::unique_ptr<WriteSet>> unsynced_;
  std::size_t unsynced_size_ = 0;
  std::size_t set_change_count_ = 0;  // the committer's own
  bool set_was_told_ = false;         // some change of the set; the committer's own

  std::atomic<bool> serving_{true};  // written by the committer
  LatencyRecord write_latency_;
  std::atomic<bool> stopping_{false};  // written by control
  // Written by the committer.
  std::atomic<std::uint64_t> change_count_{0};
  std::atomic<std::uint64_t> set_count_{0};
  std::atomic<std::uint64_t> sync_count_{0};
  std::atomic<std::uint64_t> octet_count_{0};
  std::atomic<std::uint64_t> failure_count_{0};
  std::atomic<std::int64_t> last_write_ns_{0};
  std::atomic<std::int64_t> write_began_ns_{0};  // 0: none under way
  mutable std::mutex trouble_mutex_;
  std::string trouble_;  // guarded by trouble_mutex_

  std::thread thread_;
  bool all_written_ = true;  // the committer's own until it has ended
};

}  // namespace tandem6
