#include "control/failover/wire_time.h"

#include <algorithm>

namespace tandem6 {
namespace {

/// Half of the circle, less what clocks and queues may differ by.
constexpr std::int64_t kFarthest = (std::int64_t{1} << 31) - (std::int64_t{1} << 16);

}  // namespace

WallTime wall_time_near(std::uint32_t wire_time, WallTime now) noexcept {
  const auto ahead = static_cast<std::int32_t>(wire_time - wire_time_of(now));
  return WallTime{now.seconds + ahead};
}

WallTime optional_time_near(std::uint32_t wire_time, WallTime now) noexcept {
  return wire_time == 0 ? kNoTime : wall_time_near(wire_time, now);
}

std::uint32_t wire_time_of(WallTime time) noexcept {
  return static_cast<std::uint32_t>(time.seconds);
}

std::uint32_t told_time_of(WallTime time, WallTime now) noexcept {
  const std::int64_t told =
      std::clamp(time.seconds, now.seconds - kFarthest, now.seconds + kFarthest);
  // 0 would be read as "none"; a second later harms nobody.
  return std::max(wire_time_of(WallTime{told}), std::uint32_t{1});
}

}  // namespace tandem6
