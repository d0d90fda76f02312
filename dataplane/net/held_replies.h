// Replies that wait until what they tell the client is on disk: a bounded FIFO in the order of
// change numbers, which is the order in which the worker made them.
//
// The worker's thread only. Invariant: numbers do not fall from front to back.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/wire/check.h"

struct rte_mbuf;

namespace tandem6 {

class HeldReplies {
 public:
  static constexpr std::size_t kCountMax = 4096;

  [[nodiscard]] bool empty() const noexcept { return head_ == tail_; }
  [[nodiscard]] bool full() const noexcept { return tail_ - head_ == kCountMax; }
  [[nodiscard]] std::size_t size() const noexcept { return tail_ - head_; }

  /// REQUIRES: not full.
  void push(rte_mbuf* reply, std::uint64_t change_number) noexcept {
    T6_CHECK(!full());
    T6_CHECK(empty() || slots_[(tail_ - 1) % kCountMax].change_number <= change_number);
    slots_[tail_++ % kCountMax] = {reply, change_number};
  }

  /// The oldest reply if its change number is at most `committed`, taken out; else nullptr.
  [[nodiscard]] rte_mbuf* pop_committed(std::uint64_t committed) noexcept {
    if (empty() || slots_[head_ % kCountMax].change_number > committed) return nullptr;
    return slots_[head_++ % kCountMax].reply;
  }

 private:
  struct Slot {
    rte_mbuf* reply;
    std::uint64_t change_number;
  };
  std::array<Slot, kCountMax> slots_{};
  std::uint64_t head_ = 0;
  std::uint64_t tail_ = 0;
};

}  // namespace tandem6
