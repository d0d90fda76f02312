// The rings between workers: one for each ordered pair, so each has one producer and one consumer.
// They carry buffers both ways: messages to the worker at home for their client, replies to the
// worker that owns a transmit queue (BufferKind tells which). FIFO, so a client's messages stay in
// order.
#pragma once

#include <memory>
#include <vector>

#include "dataplane/lease/spsc_ring.h"

struct rte_mbuf;

namespace tandem6 {

class HandOver {
 public:
  static constexpr std::size_t kRingSize = 1024;

  explicit HandOver(unsigned worker_count) : worker_count_(worker_count) {
    for (unsigned i = 0; i < worker_count * worker_count; ++i) {
      rings_.push_back(std::make_unique<SpscRing<rte_mbuf*>>(kRingSize));
    }
  }

  [[nodiscard]] SpscRing<rte_mbuf*>& ring(unsigned from, unsigned to) noexcept {
    return *rings_[from * worker_count_ + to];
  }

 private:
  unsigned worker_count_;
  std::vector<std::unique_ptr<SpscRing<rte_mbuf*>>> rings_;
};

}  // namespace tandem6
