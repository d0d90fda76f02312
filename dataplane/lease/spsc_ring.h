// A bounded ring of values between exactly one producer thread and one consumer thread: how work
// crosses from one owner to another. Lock-free and wait-free on both sides.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>

#include "dataplane/wire/check.h"

namespace tandem6 {

template <typename T>
class SpscRing {
 public:
  /// REQUIRES: capacity is a power of two.
  explicit SpscRing(std::size_t capacity)
      : slots_(std::make_unique<T[]>(capacity)), mask_(capacity - 1) {
    T6_CHECK(std::has_single_bit(capacity));
  }

  /// Producer: free slots right now (more may appear).
  [[nodiscard]] std::size_t room() noexcept {
    head_seen_ = head_.load(std::memory_order_acquire);  // A0: pairs with R0 in pop
    return mask_ + 1 - (tail_ - head_seen_);
  }

  /// Producer: false when full.
  bool push(const T& value) noexcept {
    if (tail_ - head_seen_ > mask_ && room() == 0) return false;
    slots_[tail_ & mask_] = value;
    ++tail_;
    tail_published_.store(tail_, std::memory_order_release);  // R1: pairs with A1 in pop
    return true;
  }

  /// Consumer: takes up to out.size() values, returns how many.
  std::size_t pop(std::span<T> out) noexcept {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    const std::uint64_t tail = tail_published_.load(std::memory_order_acquire);  // A1
    const std::size_t count = std::min<std::uint64_t>(out.size(), tail - head);
    for (std::size_t i = 0; i < count; ++i) out[i] = slots_[(head + i) & mask_];
    if (count != 0) head_.store(head + count, std::memory_order_release);  // R0
    return count;
  }

 private:
  std::unique_ptr<T[]> slots_;
  std::size_t mask_;
  alignas(64) std::uint64_t tail_ = 0;                        // producer's own
  std::uint64_t head_seen_ = 0;                               // producer's last look at head_
  alignas(64) std::atomic<std::uint64_t> tail_published_{0};  // written by the producer
  alignas(64) std::atomic<std::uint64_t> head_{0};            // written by the consumer
};

}  // namespace tandem6
