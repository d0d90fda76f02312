// A worker: the poll loop that takes frames from its receive queues, answers the messages of the
// clients at home in its shard, hands the others over, and sends each reply when what it says is
// committed. See README.md for the way of a frame.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "dataplane/lease/committed_mark.h"
#include "dataplane/net/hand_over.h"
#include "dataplane/net/held_replies.h"
#include "dataplane/net/message_server.h"
#include "dataplane/net/net_counters.h"
#include "dataplane/net/net_settings.h"
#include "dataplane/net/packet_buffer.h"
#include "dataplane/net/transmit_buffer.h"
#include "dataplane/net/wall_clock.h"

namespace tandem6 {

/// One worker's share in one port. A port has at most as many queues as there are workers.
struct PortLane {
  const PortIdentity* identity = nullptr;
  std::uint16_t device = 0;            // DPDK's number
  bool checksum_offload = false;       // the device writes UDP checksums
  bool kernel_sees_frames = false;     // then there is nothing to hand to it
  std::optional<std::uint16_t> queue;  // receive and transmit queue, owned by this worker
  unsigned transmitting_worker = 0;    // who sends for us: ourselves where we own a queue
  std::optional<std::uint16_t> tap;    // device of the kernel's TAP, queues as on the port
};

/// What the workers of a datapath share.
struct WorkerShared {
  explicit WorkerShared(unsigned count) : worker_count(count), rings(count) {}

  const unsigned worker_count;
  HandOver rings;
  WallClock clock;
  IdleMode idle = IdleMode::kPoll;
  rte_mempool* pool = nullptr;
  std::atomic<const Service*> service{nullptr};      // written by control, taken up between turns
  std::atomic<bool> stop{false};                     // written by control
  std::atomic<unsigned> stopped_receiving_count{0};  // each worker adds one when it has
  std::atomic<unsigned> drained_count{0};            // … when it holds no reply any more
};

/// Constructed and destroyed by control while no worker runs; `turn` and `run` belong to the
/// worker's thread, `ask`, `poll_answers`, `give`, `take_back` and
/// `service_in_use` to control's.
class Worker {
 public:
  struct Parts {
    unsigned index = 0;
    MessageServer* server = nullptr;
    const CommittedMark* mark = nullptr;
    WireCounters* wire = nullptr;
    std::vector<PortLane> lanes;  // one for each port, in the order of NetSettings::ports
  };
  Worker(Parts parts, WorkerShared& shared);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Turns until WorkerShared::stop, then sends what is held, waiting a bounded time for commits.
  void run() noexcept;
  /// One turn of the loop, bounded. Returns how much was done: 0, nothing was there to do.
  std::size_t turn(WallTime now) noexcept;

  [[nodiscard]] const NetCounters& counters() const noexcept { return net_; }
  [[nodiscard]] bool ask(const ShardQuery& query) noexcept { return queries_.push(query); }
  std::size_t poll_answers(std::span<ShardAnswer> out) noexcept { return answers_.pop(out); }
  /// False when it has too many already. Tasks are done one after the other and come back so.
  [[nodiscard]] bool give(ShardTask& task) noexcept { return tasks_.push(&task); }
  std::size_t take_back(std::span<ShardTask*> done) noexcept { return done_tasks_.pop(done); }
  /// The snapshot that the worker uses; it holds no other one, since it changes between turns.
  [[nodiscard]] const Service* service_in_use() const noexcept {
    return service_in_use_.load(std::memory_order_acquire);  // A1: pairs with R1 in adopt_service
  }

 private:
  static constexpr std::uint16_t kBurstSize = 32;
  /// Past it, only those who hold leases are served.
  static constexpr std::size_t kHeldForNewcomersMax = HeldReplies::kCountMax / 4 * 3;

  void adopt_service() noexcept;
  std::size_t receive(std::size_t port, WallTime now) noexcept;
  void sort_frame(rte_mbuf* frame, std::size_t port) noexcept;
  void take_message(rte_mbuf* frame) noexcept;
  void give_to_kernel(rte_mbuf* frame, std::size_t port) noexcept;
  std::size_t forward_from_kernel() noexcept;
  std::size_t take_over(WallTime now) noexcept;
  void answer_batch(WallTime now) noexcept;
  [[nodiscard]] bool may_take_changes(const ParsedMessage& message) const noexcept;
  void answer(rte_mbuf* request, const ParsedMessage& message, WallTime now) noexcept;
  void finish_reply(rte_mbuf* reply, rte_mbuf* request, bool relayed,
                    const Outcome& outcome) noexcept;
  std::size_t release_held() noexcept;
  void transmit(rte_mbuf* reply) noexcept;
  void flush() noexcept;
  std::size_t keep_house(WallTime now) noexcept;
  std::size_t advance_task(WallTime now) noexcept;
  void rest(std::size_t done) noexcept;
  void drain() noexcept;
  void drop(rte_mbuf* frame, DropReason reason) noexcept;

  const Parts parts_;
  WorkerShared& shared_;
  NetCounters net_;
  HeldReplies held_;
  bool receiving_ = true;

  // The messages of one burst that are at home here: all parsed and prefetched, then all answered.
  std::size_t batch_count_ = 0;
  std::array<rte_mbuf*, kBurstSize> batch_{};
  std::array<ParsedMessage, kBurstSize> messages_;
  WireCounters seen_before_;  // odd.* of messages taken over: counted where they arrived

  std::vector<TransmitBuffer> port_buffers_;  // by port; used where a queue is ours
  std::vector<TransmitBuffer> tap_buffers_;

  WallTime expired_at_ = kNoTime;
  bool more_to_expire_ = false;
  std::uint32_t idle_turns_ = 0;
  std::uint32_t sleep_us_ = 0;

  SpscRing<ShardQuery> queries_;
  SpscRing<ShardAnswer> answers_;
  SpscRing<ShardTask*> tasks_;
  SpscRing<ShardTask*> done_tasks_;
  ShardTask* task_ = nullptr;  // under way
  std::atomic<const Service*> service_in_use_{nullptr};
};

}  // namespace tandem6
