// Domain names as DHCPv6 carries them: RFC 1035 labels, never compressed (RFC 8415 section 10).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tandem6 {

inline constexpr std::size_t kDomainNameSizeMax = 255;  // the root's octet included
inline constexpr std::size_t kLabelSizeMax = 63;

/// What the octets of a field that holds one name are.
enum class NameShape : std::uint8_t {
  kMalformed,  // a compression pointer, a label or name too long or cut, an empty label, the root
  kEmpty,      // no octet at all
  kPartial,    // labels without the root: "host" of a client that does not know its zone
  kFull,       // labels and the root
};

/// Any thread, packet path too.
[[nodiscard]] NameShape shape_of_name(std::span<const std::uint8_t> octets) noexcept;

/// The octets of the full name at the start of `octets` (of a list of names), the root included;
/// empty when there is none that is well formed. Any thread, packet path too.
[[nodiscard]] std::span<const std::uint8_t> first_full_name(
    std::span<const std::uint8_t> octets) noexcept;

/// "host.example.net", no final dot. Dots and backslashes in a label get a backslash, octets that
/// do not print become \DDD (RFC 1035 section 5.1). Malformed octets give "(malformed)". Off the
/// packet path.
[[nodiscard]] std::string name_to_text(std::span<const std::uint8_t> octets);

/// A full name as a value.
class DomainName {
 public:
  /// An empty one stands for "none".
  DomainName() = default;
  /// A final dot is optional; escapes as in `name_to_text`. Nothing for a text that is no name, for
  /// the root, and for unescaped octets outside printable ASCII (write those as punycode).
  [[nodiscard]] static std::optional<DomainName> parse(std::string_view text);
  /// REQUIRES: shape_of_name(octets) is kFull.
  explicit DomainName(std::span<const std::uint8_t> octets) noexcept;

  [[nodiscard]] std::span<const std::uint8_t> wire() const noexcept {
    return {octets_.data(), size_};
  }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::string to_string() const { return name_to_text(wire()); }

  /// Octet by octet: names that differ in case are not equal here.
  friend bool operator==(const DomainName&, const DomainName&) = default;

 private:
  std::uint8_t size_ = 0;
  std::array<std::uint8_t, kDomainNameSizeMax> octets_{};
};

}  // namespace tandem6
