// IPv6 addresses and prefixes as values: sixteen octets in network order, compared as such.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tandem6 {

struct Ipv6Address {
  std::array<std::uint8_t, 16> octets{};

  friend auto operator<=>(const Ipv6Address&, const Ipv6Address&) = default;

  /// The upper and the lower 64 bits as numbers; handy for masks, hashes and interface identifiers.
  [[nodiscard]] std::uint64_t high() const noexcept { return load(0); }
  [[nodiscard]] std::uint64_t low() const noexcept { return load(8); }
  [[nodiscard]] static Ipv6Address from_halves(std::uint64_t high, std::uint64_t low) noexcept;
  /// REQUIRES: bytes.size() >= 16.
  [[nodiscard]] static Ipv6Address from_bytes(std::span<const std::uint8_t> bytes) noexcept {
    Ipv6Address address;
    std::memcpy(address.octets.data(), bytes.data(), 16);
    return address;
  }

  [[nodiscard]] bool is_unspecified() const noexcept { return (high() | low()) == 0; }
  [[nodiscard]] bool is_loopback() const noexcept { return high() == 0 && low() == 1; }
  [[nodiscard]] bool is_multicast() const noexcept { return octets[0] == 0xff; }
  [[nodiscard]] bool is_link_local() const noexcept {
    return octets[0] == 0xfe && (octets[1] & 0xc0) == 0x80;
  }

  /// RFC 5952 text and back; off the packet path only (allocates).
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] static std::optional<Ipv6Address> parse(std::string_view text);

 private:
  [[nodiscard]] std::uint64_t load(std::size_t at) const noexcept {
    std::uint64_t value = 0;
    std::memcpy(&value, octets.data() + at, 8);
    return __builtin_bswap64(value);
  }
};

inline Ipv6Address Ipv6Address::from_halves(std::uint64_t high, std::uint64_t low) noexcept {
  Ipv6Address address;
  const std::uint64_t parts[2] = {__builtin_bswap64(high), __builtin_bswap64(low)};
  std::memcpy(address.octets.data(), parts, 16);
  return address;
}

/// A prefix whose bits past `length` are zero once `masked()`; length 0..128.
struct Ipv6Prefix {
  Ipv6Address address;
  std::uint8_t length = 0;

  friend auto operator<=>(const Ipv6Prefix&, const Ipv6Prefix&) = default;

  [[nodiscard]] bool contains(const Ipv6Address& other) const noexcept;
  /// True when `other` is this prefix or lies wholly inside it.
  [[nodiscard]] bool contains(const Ipv6Prefix& other) const noexcept {
    return other.length >= length && contains(other.address);
  }
  [[nodiscard]] bool overlaps(const Ipv6Prefix& other) const noexcept {
    return contains(other) || other.contains(*this);
  }
  [[nodiscard]] Ipv6Prefix masked() const noexcept;

  /// "2001:db8::/32" and back; the text must have no bits past the length. Off the packet path.
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] static std::optional<Ipv6Prefix> parse(std::string_view text);
};

/// The masks of a prefix length over the two halves of an address. REQUIRES: length <= 128.
struct PrefixMask {
  std::uint64_t high;
  std::uint64_t low;
  explicit PrefixMask(std::uint8_t length) noexcept
      : high(length == 0 ? 0 : ~0ULL << (64 - std::min<int>(length, 64))),
        low(length <= 64 ? 0 : ~0ULL << (128 - length)) {}
};

inline bool Ipv6Prefix::contains(const Ipv6Address& other) const noexcept {
  const PrefixMask mask(length);
  return ((address.high() ^ other.high()) & mask.high) == 0 &&
         ((address.low() ^ other.low()) & mask.low) == 0;
}

inline Ipv6Prefix Ipv6Prefix::masked() const noexcept {
  const PrefixMask mask(length);
  return {Ipv6Address::from_halves(address.high() & mask.high, address.low() & mask.low), length};
}

}  // namespace tandem6
