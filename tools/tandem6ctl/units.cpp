#include "tools/tandem6ctl/units.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace tandem6 {
namespace {

std::string with_digits(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

struct TimeUnit {
  std::int64_t seconds;
  const char* name;
};
constexpr std::array kTimeUnits = {TimeUnit{86400, " d"}, TimeUnit{3600, " h"},
                                   TimeUnit{60, " min"}, TimeUnit{1, " s"}};

}  // namespace

std::string human_count(double count) {
  constexpr std::array kPrefixes = {"k", "M", "G", "T", "P", "E", "Z", "Y"};
  if (std::abs(count) < 100000) return with_digits(count, 0);
  std::size_t prefix = 0;
  count /= 1000;
  while (std::abs(count) >= 999.5 && prefix + 1 < kPrefixes.size()) {
    count /= 1000;
    ++prefix;
  }
  return with_digits(count, std::abs(count) < 99.95 ? 1 : 0) + kPrefixes[prefix];
}

std::string human_rate(double per_second) {
  const double size = std::abs(per_second);
  if (size < 0.005) return "0";
  if (size < 1) return with_digits(per_second, 2);
  if (size < 99.95) return with_digits(per_second, 1);
  return human_count(per_second);
}

std::string human_moment(double seconds) {
  const auto in = [](double value, const char* unit) {
    return with_digits(value, value < 9.95 ? 1 : 0) + unit;
  };
  if (seconds < 0.9995e-3) return in(seconds * 1e6, " us");
  if (seconds < 0.9995) return in(seconds * 1e3, " ms");
  return seconds < 59.5 ? in(seconds, " s") : human_seconds(seconds);
}

std::string human_octets(double octets) {
  constexpr std::array kUnits = {" B", " kB", " MB", " GB", " TB", " PB"};
  std::size_t unit = 0;
  while (octets >= 999.5 && unit + 1 < kUnits.size()) {
    octets /= 1000;
    ++unit;
  }
  return with_digits(octets, unit != 0 && octets < 9.95 ? 1 : 0) + kUnits[unit];
}

std::string human_seconds(double seconds) {
  if (seconds < 0) return "-" + human_seconds(-seconds);
  if (seconds > 1e12) return "over 30000 years";
  auto left = static_cast<std::int64_t>(std::llround(seconds));
  for (std::size_t i = 0; i < kTimeUnits.size(); ++i) {
    const TimeUnit& unit = kTimeUnits[i];
    if (left < unit.seconds) continue;
    std::string text = std::to_string(left / unit.seconds) + unit.name;
    left %= unit.seconds;
    if (i + 1 < kTimeUnits.size() && left / kTimeUnits[i + 1].seconds != 0) {
      text += ' ' + std::to_string(left / kTimeUnits[i + 1].seconds) + kTimeUnits[i + 1].name;
    }
    return text;
  }
  return "0 s";
}

}  // namespace tandem6
