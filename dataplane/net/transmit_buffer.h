// Frames gathered for one transmit queue, sent in bursts. Owned by the one worker that owns the
// queue.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/net/net_counters.h"

struct rte_mbuf;

namespace tandem6 {

class TransmitBuffer {
 public:
  static constexpr std::uint16_t kSize = 32;

  TransmitBuffer(std::uint16_t device, std::uint16_t queue) noexcept
      : device_(device), queue_(queue) {}

  void push(rte_mbuf* frame, NetCounters& net, WireCounters& wire) noexcept {
    frames_[count_++] = frame;
    if (count_ == kSize) flush(net, wire);
  }

  /// Sends what there is. What the queue does not take after a few tries is dropped and counted
  /// (drop.queue_full): a full queue must not hold up the next burst.
  void flush(NetCounters& net, WireCounters& wire) noexcept;

 private:
  std::uint16_t device_;
  std::uint16_t queue_;
  std::uint16_t count_ = 0;
  std::array<rte_mbuf*, kSize> frames_{};
};

}  // namespace tandem6
