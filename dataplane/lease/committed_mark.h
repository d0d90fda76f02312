// How far a worker's changes have been committed: the committer alone writes it, the worker reads
// it and sends the held replies up to it.
#pragma once

#include <atomic>
#include <cstdint>

namespace tandem6 {

class alignas(64) CommittedMark {
 public:
  /// Committer: all changes up to `number` are as durable as the configuration asks.
  void advance(std::uint64_t number) noexcept {
    number_.store(number, std::memory_order_release);  // R: pairs with A in read
  }
  /// Worker: see above.
  [[nodiscard]] std::uint64_t read() const noexcept {
    return number_.load(std::memory_order_acquire);  // A
  }

 private:
  std::atomic<std::uint64_t> number_{0};
};

}  // namespace tandem6
