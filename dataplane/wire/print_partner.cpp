#include "dataplane/wire/print_partner.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <string_view>

#include "dataplane/wire/cursor.h"

namespace tandem6 {
namespace {

// Index: the number on the wire.
constexpr std::array<std::string_view, 9> kBindingStatuses = {
    "reserved", "ACTIVE",      "EXPIRED",   "RELEASED", "PENDING-FREE",
    "FREE",     "FREE-BACKUP", "ABANDONED", "RESET"};
constexpr std::array<std::string_view, 11> kServerStates = {
    "reserved",     "STARTUP",
    "NORMAL",       "COMMUNICATIONS-INTERRUPTED",
    "PARTNER-DOWN", "POTENTIAL-CONFLICT",
    "RECOVER",      "RECOVER-WAIT",
    "RECOVER-DONE", "RESOLUTION-INTERRUPTED",
    "CONFLICT-DONE"};
// Index: the bit, from the lowest.
constexpr std::array<std::string_view, 3> kServerFlags = {"COMMUNICATED", "STARTUP", "ACK_STARTUP"};
constexpr std::array<std::string_view, 1> kConnectFlags = {"FIXED_PD_LENGTH"};
constexpr std::array<std::string_view, 4> kDnsFlags = {"FWD_UPTODATE", "REV_UPTODATE",
                                                       "SYNTHESIZED_NAME", "USING_REQUESTED_FQDN"};

std::string named(std::uint8_t number, std::span<const std::string_view> names) {
  const std::string_view name = number < names.size() ? names[number] : "unknown";
  return std::string(name) + " (" + std::to_string(number) + ")";
}

/// The number, then the names of its bits.
std::string flags(std::uint16_t number, std::span<const std::string_view> names) {
  std::string text = std::to_string(number);
  for (std::size_t bit = 0; bit < names.size(); ++bit) {
    if ((number >> bit & 1) != 0) text.append(" ").append(names[bit]);
  }
  return text;
}

}  // namespace

std::string print_time(std::uint32_t seconds) {
  using std::chrono::days;
  constexpr std::chrono::sys_days kEpoch = std::chrono::year{2000} / 1 / 1;
  const auto time = kEpoch + std::chrono::seconds{seconds};
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%u (%04d-%02u-%02uT%02d:%02d:%02dZ)", seconds,
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

std::optional<std::string> print_partner_value(const OptionRow& row,
                                               std::span<const std::uint8_t> value) {
  Cursor cursor(value);
  switch (static_cast<OptionCode>(row.code)) {
    case OptionCode::kBindingStatus:
      return named(cursor.u8(), kBindingStatuses);
    case OptionCode::kServerState:
      return named(cursor.u8(), kServerStates);
    case OptionCode::kServerFlags:
      return flags(cursor.u8(), kServerFlags);
    case OptionCode::kConnectFlags:
      return flags(cursor.u16(), kConnectFlags);
    case OptionCode::kDnsFlags:
      return flags(cursor.u16(), kDnsFlags);
    case OptionCode::kProtocolVersion: {
      const std::uint16_t major = cursor.u16();
      return std::to_string(major) + "." + std::to_string(cursor.u16());
    }
    case OptionCode::kReconfigureData: {
      // The key is a secret between client and servers, so it is not for logs.
      const std::string created = print_time(cursor.u32());
      return "created " + created + ", key of " + std::to_string(cursor.remaining()) + " octets";
    }
    default:
      return std::nullopt;
  }
}

}  // namespace tandem6
