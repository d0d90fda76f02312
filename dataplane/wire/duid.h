// A DHCP Unique Identifier: opaque octets, compared for equality over the full length only
// (RFC 8415 section 11). 3 to 130 octets on the wire: a two-octet type and 1 to 128 more.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dataplane/wire/check.h"

namespace tandem6 {

class Duid {
 public:
  static constexpr std::size_t kSizeMin = 3;
  static constexpr std::size_t kSizeMax = 130;

  [[nodiscard]] static constexpr bool size_fits(std::size_t size) noexcept {
    return size >= kSizeMin && size <= kSizeMax;
  }

  /// An empty Duid stands for "none".
  Duid() = default;
  /// REQUIRES: size_fits(bytes.size()); the parser has seen to it.
  explicit Duid(std::span<const std::uint8_t> bytes) noexcept
      : size_(static_cast<std::uint8_t>(bytes.size())) {
    T6_CHECK(size_fits(bytes.size()));
    std::memcpy(octets_.data(), bytes.data(), bytes.size());
  }

  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept {
    return {octets_.data(), size_};
  }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  friend bool operator==(const Duid& a, const Duid& b) noexcept {
    return a.size_ == b.size_ && std::memcmp(a.octets_.data(), b.octets_.data(), a.size_) == 0;
  }

  /// "00:03:00:01:02:…" and back (colons optional when reading). Off the packet path only.
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] static std::optional<Duid> parse(std::string_view text);

 private:
  std::uint8_t size_ = 0;
  std::array<std::uint8_t, kSizeMax> octets_{};
};

}  // namespace tandem6
