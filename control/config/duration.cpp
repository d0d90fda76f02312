#include "control/config/duration.h"

#include <array>
#include <charconv>

namespace tandem6 {
namespace {

struct Unit {
  char letter;
  std::uint32_t seconds;
};
constexpr std::array kUnits = {Unit{'d', 86400}, Unit{'h', 3600}, Unit{'m', 60}, Unit{'s', 1}};

}  // namespace

std::optional<Lifetime> parse_duration(std::string_view text) {
  if (text == "infinite") return kInfiniteLifetime;
  if (text.size() < 2) return std::nullopt;
  const std::string_view digits = text.substr(0, text.size() - 1);
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), count);
  if (error != std::errc() || end != digits.end()) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (unit.letter != text.back()) continue;
    const std::uint64_t seconds = std::uint64_t{count} * unit.seconds;
    if (seconds >= kInfiniteLifetime.seconds) return std::nullopt;
    return Lifetime{static_cast<std::uint32_t>(seconds)};
  }
  return std::nullopt;
}

std::string to_text(Lifetime duration) {
  if (duration.is_infinite()) return "infinite";
  if (duration.seconds == 0) return "0s";
  for (const Unit& unit : kUnits) {
    if (duration.seconds % unit.seconds == 0) {
      return std::to_string(duration.seconds / unit.seconds) + unit.letter;
    }
  }
  return std::to_string(duration.seconds) + 's';
}

}  // namespace tandem6
