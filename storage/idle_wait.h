// How a thread waits that nobody may wake: the packet path makes no system call, so the committer
// looks again and again; a while without sleeping, then with growing sleeps.
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace tandem6 {

/// One thread.
class IdleWait {
 public:
  using Duration = std::chrono::microseconds;
  /// The longest that work waits to be seen.
  explicit IdleWait(Duration sleep_max) noexcept : sleep_max_(sleep_max) {}

  /// There was work.
  void reset() noexcept {
    spins_ = 0;
    sleep_ = kSleepMin;
  }
  /// There was none: wait a little.
  void wait() {
    if (++spins_ < kSpinCountMax) {
      __builtin_ia32_pause();
      return;
    }
    std::this_thread::sleep_for(sleep_);
    sleep_ = std::min(sleep_ * 2, sleep_max_);
  }

 private:
  static constexpr unsigned kSpinCountMax = 2000;
  static constexpr Duration kSleepMin{5};

  Duration sleep_max_;
  Duration sleep_ = kSleepMin;
  unsigned spins_ = 0;
};

}  // namespace tandem6
