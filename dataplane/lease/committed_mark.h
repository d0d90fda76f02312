// How far a worker's changes have been committed, and whether more can be: the committer alone
// writes it, the worker reads it and sends the held replies up to it.
#pragma once

#include <atomic>
#include <cstdint>

namespace tandem6 {

class alignas(64) CommittedMark {
 public:
  /// Committer: all changes up to `number` are written, and those that somebody will be told of are
  /// as durable as the configuration asks.
  void advance(std::uint64_t number) noexcept {
    number_.store(number, std::memory_order_release);  // R: pairs with A in read
  }
  /// Worker: see above.
  [[nodiscard]] std::uint64_t read() const noexcept {
    return number_.load(std::memory_order_acquire);  // A
  }

  /// Committer: whether the disk takes changes. Relaxed, the flag carries no data: a worker that
  /// sees it late only makes a change whose reply then waits for the mark.
  void set_serving(bool serving) noexcept { serving_.store(serving, std::memory_order_relaxed); }
  /// Worker: while false, nothing that changes a lease is worth beginning.
  [[nodiscard]] bool is_serving() const noexcept {
    return serving_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> number_{0};
  std::atomic<bool> serving_{true};
};

}  // namespace tandem6
