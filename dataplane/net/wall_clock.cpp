#include "dataplane/net/wall_clock.h"

#include <ctime>

namespace tandem6 {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

std::int64_t read_ns(clockid_t clock) noexcept {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * kNsPerSecond + time.tv_nsec;
}

}  // namespace

WallClock::WallClock() noexcept : offset_ns_(read_ns(CLOCK_REALTIME) - read_ns(CLOCK_MONOTONIC)) {}

WallTime WallClock::now() const noexcept {
  const std::int64_t unix_ns = read_ns(CLOCK_MONOTONIC_COARSE) + offset_ns_;
  return WallTime{unix_ns / kNsPerSecond - kUnixSecondsOfEpoch};
}

}  // namespace tandem6
