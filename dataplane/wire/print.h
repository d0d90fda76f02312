// A datagram or a failover frame for people: what each option is, by the option table, and what is
// wrong where.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "dataplane/wire/option_table.h"

namespace tandem6 {

/// One line per message, relay header and option, indented by nesting, each with its octet's place
/// in the datagram; a line with "!" says what is malformed. Takes any octets; a frame between
/// failover partners comes without its two octets of size (RFC 8156 section 5.1) and is known by
/// its type. For logs, tests and captures, off the packet path (allocates). Octets that are no text
/// are shown in hex, so the output is printable ASCII and line feeds only.
[[nodiscard]] std::string print_datagram(std::span<const std::uint8_t> datagram);

/// The value of one option as `row` says; hex when it does not have the row's form.
[[nodiscard]] std::string print_value(const OptionRow& row, std::span<const std::uint8_t> value);

/// In double quotes; octets that do not print become \xNN, so that nothing reaches a terminal as it
/// came.
[[nodiscard]] std::string print_text(std::span<const std::uint8_t> octets);

/// "00:1f:ab"; empty for no octets.
[[nodiscard]] std::string print_hex(std::span<const std::uint8_t> octets);

}  // namespace tandem6
