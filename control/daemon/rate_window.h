// Rates of many counters over the last seconds: samples of all of them, taken together.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace tandem6 {

/// Not thread-safe.
class RateWindow {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Keeps the samples of so many intervals.
  explicit RateWindow(std::size_t interval_count) : interval_count_(interval_count) {}

  /// Each sample has the same counters in the same order.
  void push(Time at, std::vector<std::uint64_t> values) {
    samples_.emplace_back(at, std::move(values));
    if (samples_.size() > interval_count_ + 1) samples_.pop_front();
  }
  /// From the oldest to the newest sample; 0 before there are two.
  [[nodiscard]] double seconds() const {
    if (samples_.size() < 2) return 0;
    return std::chrono::duration<double>(samples_.back().first - samples_.front().first).count();
  }
  /// Growth of one counter over the window, per second; negative when it shrank.
  [[nodiscard]] double per_second(std::size_t counter) const {
    if (!(seconds() > 0)) return 0;
    const std::uint64_t from = samples_.front().second[counter];
    const std::uint64_t to = samples_.back().second[counter];
    return static_cast<double>(static_cast<std::int64_t>(to - from)) / seconds();
  }

 private:
  std::size_t interval_count_;
  std::deque<std::pair<Time, std::vector<std::uint64_t>>> samples_;
};

}  // namespace tandem6
