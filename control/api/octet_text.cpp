#include "control/api/octet_text.h"

namespace tandem6 {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

}  // namespace

std::string to_escaped_text(std::span<const std::uint8_t> octets) {
  std::string text;
  for (const std::uint8_t octet : octets) {
    if (octet == '\\') {
      text += "\\\\";
    } else if (octet >= 0x20 && octet < 0x7f) {
      text += static_cast<char>(octet);
    } else {
      text += {'\\', 'x', kDigits[octet >> 4], kDigits[octet & 15]};
    }
  }
  return text;
}

std::string to_hex(std::span<const std::uint8_t> octets) {
  std::string text;
  for (const std::uint8_t octet : octets) text += {kDigits[octet >> 4], kDigits[octet & 15]};
  return text;
}

}  // namespace tandem6
