// Opaque octets of clients and relays as text that a terminal, a log and JSON can bear.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace tandem6 {

/// Printable ASCII as it stands, a backslash doubled, every other octet as \xNN.
[[nodiscard]] std::string to_escaped_text(std::span<const std::uint8_t> octets);
/// "0a0b0c"
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> octets);

}  // namespace tandem6
