// Asks before what cannot be undone.
#pragma once

#include <string>

namespace tandem6 {

/// Asks on standard error; what is not "y" or "yes" on standard input, and its end, are a no.
[[nodiscard]] bool is_confirmed(const std::string& question);

}  // namespace tandem6
