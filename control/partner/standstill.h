// Notices that this process stood still: stopped, suspended with its machine, or kept from its
// core. What the partner sent meanwhile was stamped then and is read now, and would look like a
// clock that goes wrong.
#pragma once

#include <chrono>
#include <optional>

namespace tandem6 {

/// Time since boot, that of a suspended machine included.
[[nodiscard]] std::chrono::nanoseconds time_since_boot() noexcept;

/// One thread.
class Standstill {
 public:
  using Clock = std::chrono::nanoseconds (*)() noexcept;

  explicit Standstill(std::chrono::milliseconds longest, Clock clock = time_since_boot) noexcept
      : longest_(longest), clock_(clock), last_tick_(clock()) {}

  /// At each tick, and before something is read. How long nothing ran, told once, when it was too
  /// long.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> check() noexcept;
  /// Everything runs. REQUIRES: `check` said nothing.
  void tick() noexcept { last_tick_ = clock_(); }

 private:
  std::chrono::nanoseconds longest_;
  Clock clock_;
  std::chrono::nanoseconds last_tick_;
};

}  // namespace tandem6
