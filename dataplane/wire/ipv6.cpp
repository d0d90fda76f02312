#include "dataplane/wire/ipv6.h"

#include <arpa/inet.h>

namespace tandem6 {

std::string Ipv6Address::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, octets.data(), text.data(), text.size());
  return text.data();
}

std::optional<Ipv6Address> Ipv6Address::parse(std::string_view text) {
  // inet_pton wants a C string; a NUL inside would end it early and hide what stands behind.
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != text.npos) return std::nullopt;
  const std::string terminated(text);
  Ipv6Address address;
  if (inet_pton(AF_INET6, terminated.c_str(), address.octets.data()) != 1) return std::nullopt;
  return address;
}

std::string Ipv6Prefix::to_string() const {
  return address.to_string() + '/' + std::to_string(length);
}

std::optional<Ipv6Prefix> Ipv6Prefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const std::string_view digits = text.substr(slash + 1);
  if (digits.empty() || digits.size() > 3) return std::nullopt;
  if (digits.size() > 1 && digits[0] == '0') return std::nullopt;
  unsigned length = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    length = length * 10 + static_cast<unsigned>(digit - '0');
  }
  const auto address = Ipv6Address::parse(text.substr(0, slash));
  if (!address || length > 128) return std::nullopt;
  const Ipv6Prefix prefix{*address, static_cast<std::uint8_t>(length)};
  if (prefix != prefix.masked()) return std::nullopt;
  return prefix;
}

}  // namespace tandem6
