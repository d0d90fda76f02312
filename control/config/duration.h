// Durations as an operator writes them: "90s", "15m", "12h", "7d", "infinite".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dataplane/lease/wall_time.h"

namespace tandem6 {

/// Nothing for a text that is no duration, and for a finite one of 0xffffffff seconds or more.
[[nodiscard]] std::optional<Lifetime> parse_duration(std::string_view text);

/// In the largest unit that divides it: 43200 seconds are "12h".
[[nodiscard]] std::string to_text(Lifetime duration);

}  // namespace tandem6
