// One cell of Figure 4 (RFC 8156 section 7.5.4) on a whole server: a binding that stands here, what
// the partner says of the same lease, and what becomes of that.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tandem6::simulation {

/// `words`: "cell", the status here, the status that the partner says, when it was relative to the
/// time here ("earlier", "same", "later"; by 100 s), then any of "other" (another client),
/// "secondary" (the receiver's role; else primary), "over" (the lease here has run out). Gives
/// "taken" or "refused NAME"; nullopt: no such cell.
[[nodiscard]] std::optional<std::string> verdict_of_cell(const std::vector<std::string>& words);

}  // namespace tandem6::simulation
