// What failover partners say in numbers, in the words of RFC 8156 section 5.5. Part of the printer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "dataplane/wire/option_table.h"

namespace tandem6 {

/// nullopt: there is nothing to say but what `print_value` says. REQUIRES: the length fits the row.
[[nodiscard]] std::optional<std::string> print_partner_value(const OptionRow& row,
                                                             std::span<const std::uint8_t> value);

/// "845208000 (2026-10-13T12:00:00Z)": seconds since 2000, taken as of the years 2000 to 2136.
[[nodiscard]] std::string print_time(std::uint32_t seconds);

}  // namespace tandem6
