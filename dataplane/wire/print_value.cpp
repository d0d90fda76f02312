#include "dataplane/wire/cursor.h"
#include "dataplane/wire/domain_name.h"
#include "dataplane/wire/ipv6.h"
#include "dataplane/wire/print.h"
#include "dataplane/wire/print_partner.h"

namespace tandem6 {
namespace {

std::string print_duration(std::uint32_t seconds) {
  return seconds == 0xffffffff ? "infinity" : std::to_string(seconds) + "s";
}

std::string print_addresses(std::span<const std::uint8_t> octets) {
  std::string text;
  for (; octets.size() >= 16; octets = octets.subspan(16)) {
    if (!text.empty()) text += ' ';
    text += Ipv6Address::from_bytes(octets).to_string();
  }
  return text;
}

/// Empty when the octets are not full names one after the other.
std::string print_domains(std::span<const std::uint8_t> octets) {
  std::string text;
  while (!octets.empty()) {
    const auto name = first_full_name(octets);
    if (name.empty()) return {};
    if (!text.empty()) text += ' ';
    text += name_to_text(name);
    octets = octets.subspan(name.size());
  }
  return text;
}

}  // namespace

std::string print_hex(std::span<const std::uint8_t> octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t octet : octets) {
    if (!text.empty()) text += ':';
    text += kDigits[octet >> 4];
    text += kDigits[octet & 15];
  }
  return text;
}

std::string print_text(std::span<const std::uint8_t> octets) {
  std::string text = "\"";
  for (const std::uint8_t octet : octets) {
    if (octet < ' ' || octet >= 0x7f || octet == '"' || octet == '\\') {
      text += "\\x" + print_hex(std::span(&octet, 1));
    } else {
      text += static_cast<char>(octet);
    }
  }
  return text + '"';
}

std::string print_value(const OptionRow& row, std::span<const std::uint8_t> value) {
  if (!length_fits(row, value.size())) return print_hex(value);
  Cursor cursor(value);
  switch (row.format) {
    case ValueFormat::kUint8:
      return std::to_string(cursor.u8());
    case ValueFormat::kUint16:
      return std::to_string(cursor.u16());
    case ValueFormat::kUint32:
      return std::to_string(cursor.u32());
    case ValueFormat::kDuration:
      return print_duration(cursor.u32());
    case ValueFormat::kTime:
      return print_time(cursor.u32());
    case ValueFormat::kAddresses:
      return print_addresses(value);
    case ValueFormat::kText:
      return print_text(value);
    case ValueFormat::kDomain:
    case ValueFormat::kDomains: {
      const std::string names = print_domains(value);
      return names.empty() ? print_hex(value) : names;
    }
    case ValueFormat::kHex:
    case ValueFormat::kEmpty:
    case ValueFormat::kContainer:
      break;
  }
  return print_hex(value);
}

}  // namespace tandem6
