// Wall time of leases: seconds since 2000-01-01T00:00:00Z, the epoch of RFC 8156 and RFC 7653.
//
// The server derives it from the monotonic clock plus an offset taken at start, so a step of the
// system clock neither expires nor prolongs a lease (S-184). Three kinds of time are never mixed:
// this one, monotonic time (timers of programs), and RFC 8156 absolute time on the wire (modulo
// 2^32), which only a codec makes.
#pragma once

#include <compare>
#include <cstdint>

namespace tandem6 {

/// Seconds. 0xffffffff is infinity (RFC 8415 section 7.7).
struct Lifetime {
  std::uint32_t seconds = 0;
  friend auto operator<=>(const Lifetime&, const Lifetime&) = default;
  [[nodiscard]] constexpr bool is_infinite() const noexcept { return seconds == 0xffffffff; }
};
inline constexpr Lifetime kInfiniteLifetime{0xffffffff};

struct WallTime {
  std::int64_t seconds = 0;  // 0: none, a local mark that takes part in no comparison

  friend auto operator<=>(const WallTime&, const WallTime&) = default;
  [[nodiscard]] constexpr bool is_none() const noexcept { return seconds == 0; }
  [[nodiscard]] constexpr bool is_infinite() const noexcept { return seconds == INT64_MAX; }
};
inline constexpr WallTime kNoTime{0};
inline constexpr WallTime kNever{INT64_MAX};
/// 1970-01-01 to 2000-01-01.
inline constexpr std::int64_t kUnixSecondsOfEpoch = 946684800;

/// Infinity stays infinity; no wrap (S-179).
[[nodiscard]] constexpr WallTime operator+(WallTime time, Lifetime lifetime) noexcept {
  return time.is_infinite() || lifetime.is_infinite() ? kNever
                                                      : WallTime{time.seconds + lifetime.seconds};
}
/// Seconds left from `now`, 0 when past; infinite for kNever.
[[nodiscard]] constexpr Lifetime time_left(WallTime until, WallTime now) noexcept {
  if (until.is_infinite()) return kInfiniteLifetime;
  if (until.seconds <= now.seconds) return Lifetime{0};
  const std::int64_t left = until.seconds - now.seconds;
  return Lifetime{left < 0xfffffffe ? static_cast<std::uint32_t>(left) : 0xfffffffe};
}

/// A WallTime in four octets, as bindings hold it: exact until the year 2136; 0 is none and
/// 0xffffffff is never.
class PackedTime {
 public:
  constexpr PackedTime() = default;
  constexpr PackedTime(WallTime time) noexcept  // NOLINT(google-explicit-constructor): lossless
      : value_(time.seconds >= 0xffffffff ? 0xffffffff
               : time.seconds <= 0        ? 0
                                          : static_cast<std::uint32_t>(time.seconds)) {}
  constexpr operator WallTime() const noexcept {  // NOLINT(google-explicit-constructor)
    return value_ == 0xffffffff ? kNever : WallTime{value_};
  }

  /// The four octets as they are, for records on disk.
  [[nodiscard]] constexpr std::uint32_t raw() const noexcept { return value_; }
  [[nodiscard]] static constexpr PackedTime from_raw(std::uint32_t raw) noexcept {
    PackedTime time;
    time.value_ = raw;
    return time;
  }

 private:
  std::uint32_t value_ = 0;
};
static_assert(sizeof(PackedTime) == 4);

}  // namespace tandem6
