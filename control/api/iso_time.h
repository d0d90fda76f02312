// Wall time as people and programs read it. Not for the packet path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dataplane/lease/wall_time.h"

namespace tandem6 {

/// "2026-01-31T12:00:00Z"; "never" for infinity. REQUIRES: not none.
[[nodiscard]] std::string to_iso8601(WallTime time);
[[nodiscard]] std::string unix_to_iso8601(std::int64_t unix_seconds);
/// What to_iso8601 writes, and nothing else; of the years 2000 to 9999.
[[nodiscard]] std::optional<WallTime> parse_iso8601(const std::string& text);

}  // namespace tandem6
