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

/// Memory order: a slot is handed from producer to consumer by R1/A1 (its contents are seen whole),
/// and back by R0/A0 (the consumer has read it before it is written again). Each side reads its own
/// index without ordering. Positions count from 0 for ever; 64 bits do not wrap.
///
/// Two styles, to be mixed at will: by value (`push`, `pop`), and in place for large values (`slot`
/// then `publish`; `front` then `drop`). Slots keep their last value until overwritten.
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
    head_seen_ = head_.load(std::memory_order_acquire);  // A0: pairs with R0 in drop
    return mask_ + 1 - (tail_ - head_seen_);
  }

  /// Producer: the next free slot to write into, nullptr when full. Nobody sees it before
  /// `publish`; asking again gives the same slot.
  [[nodiscard]] T* slot() noexcept {
    if (tail_ - head_seen_ > mask_ && room() == 0) return nullptr;
    return &slots_[tail_ & mask_];
  }

  /// Producer: hands over the slot. REQUIRES: slot() was not nullptr.
  void publish() noexcept {
    ++tail_;
    tail_published_.store(tail_, std::memory_order_release);  // R1: pairs with A1 in size
  }

  /// Producer: false when full.
  bool push(const T& value) noexcept {
    T* const free_slot = slot();
    if (free_slot == nullptr) return false;
    *free_slot = value;
    publish();
    return true;
  }

  /// Producer: as many of the values as there is room for, in order and seen all at once; returns
  /// how many.
  std::size_t push(std::span<const T> values) noexcept {
    if (mask_ + 1 - (tail_ - head_seen_) < values.size()) static_cast<void>(room());
    const std::size_t count =
        std::min<std::uint64_t>(values.size(), mask_ + 1 - (tail_ - head_seen_));
    for (std::size_t i = 0; i < count; ++i) slots_[(tail_ + i) & mask_] = values[i];
    if (count != 0) {
      tail_ += count;
      tail_published_.store(tail_, std::memory_order_release);  // R1: pairs with A1 in size
    }
    return count;
  }

  /// Consumer: values waiting right now (more may appear).
  [[nodiscard]] std::size_t size() const noexcept {
    const std::uint64_t tail =
        tail_published_.load(std::memory_order_acquire);  // A1: pairs with R1
    return tail - head_.load(std::memory_order_relaxed);
  }

  /// Any thread: how many were handed over since the beginning; more may have been meanwhile.
  [[nodiscard]] std::uint64_t published() const noexcept {
    return tail_published_.load(std::memory_order_acquire);  // A1: pairs with R1
  }

  /// Consumer: the `n`th oldest value, until it is dropped. REQUIRES: n < size(), asked before.
  [[nodiscard]] const T& front(std::size_t n = 0) const noexcept {
    return slots_[(head_.load(std::memory_order_relaxed) + n) & mask_];
  }

  /// Consumer: gives back the `count` oldest slots. REQUIRES: count <= size().
  void drop(std::size_t count) noexcept {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    T6_CHECK(count <= tail_published_.load(std::memory_order_relaxed) - head);
    head_.store(head + count, std::memory_order_release);  // R0: pairs with A0 in room
  }

  /// Consumer: takes up to out.size() values, returns how many.
  std::size_t pop(std::span<T> out) noexcept {
    const std::size_t count = std::min(out.size(), size());
    for (std::size_t i = 0; i < count; ++i) out[i] = front(i);
    if (count != 0) drop(count);
    return count;
  }

 private:
  std::unique_ptr<T[]> slots_;  // this line is read by both, written by nobody
  std::size_t mask_;
  alignas(64) std::uint64_t tail_ = 0;                        // producer's own
  std::uint64_t head_seen_ = 0;                               // producer's last look at head_
  alignas(64) std::atomic<std::uint64_t> tail_published_{0};  // written by the producer
  alignas(64) std::atomic<std::uint64_t> head_{0};            // written by the consumer
};

}  // namespace tandem6
