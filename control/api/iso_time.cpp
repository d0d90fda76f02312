#include "control/api/iso_time.h"

#include <array>
#include <ctime>

namespace tandem6 {

std::string to_iso8601(WallTime time) {
  if (time.is_infinite()) return "never";
  return unix_to_iso8601(time.seconds + kUnixSecondsOfEpoch);
}

std::string unix_to_iso8601(std::int64_t unix_seconds) {
  const auto seconds = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

std::optional<WallTime> parse_iso8601(const std::string& text) {
  std::tm parts{};
  if (strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr) return std::nullopt;
  const std::int64_t unix_seconds = timegm(&parts);
  // Written again it must be the same: no other spelling, no 31st of June, nothing after it.
  if (unix_seconds <= kUnixSecondsOfEpoch || unix_to_iso8601(unix_seconds) != text) {
    return std::nullopt;
  }
  return WallTime{unix_seconds - kUnixSecondsOfEpoch};
}

}  // namespace tandem6
