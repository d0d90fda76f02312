#include "dataplane/wire/duid.h"

namespace tandem6 {
namespace {

int digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

std::string Duid::to_string() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(size_ * 3U);
  for (const std::uint8_t octet : bytes()) {
    if (!text.empty()) text += ':';
    text += kDigits[octet >> 4];
    text += kDigits[octet & 15];
  }
  return text;
}

std::optional<Duid> Duid::parse(std::string_view text) {
  // All colons or none: a text with some is more likely a slip of the pen than a DUID.
  const bool colons = text.size() > 2 && text[2] == ':';
  std::array<std::uint8_t, kSizeMax> octets{};
  std::size_t size = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    if (colons && size != 0) {
      if (text[at] != ':') return std::nullopt;
      ++at;
    }
    if (text.size() - at < 2 || size == kSizeMax) return std::nullopt;
    const int high = digit_value(text[at]);
    const int low = digit_value(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    octets[size++] = static_cast<std::uint8_t>(high << 4 | low);
    at += 2;
  }
  if (!size_fits(size)) return std::nullopt;
  return Duid(std::span(octets).first(size));
}

}  // namespace tandem6
