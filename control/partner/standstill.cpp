#include "control/partner/standstill.h"

#include <ctime>

namespace tandem6 {

std::chrono::nanoseconds time_since_boot() noexcept {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

std::optional<std::chrono::nanoseconds> Standstill::check() noexcept {
  const std::chrono::nanoseconds now = clock_();
  const std::chrono::nanoseconds gap = now - last_tick_;
  if (gap <= longest_) return std::nullopt;
  last_tick_ = now;
  return gap;
}

}  // namespace tandem6
