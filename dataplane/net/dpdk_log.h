// What DPDK said last: its functions fail with a number, and say why in their log.
#pragma once

#include <string>

namespace tandem6 {

/// Lets DPDK's log pass to stderr and remembers its last lines. Call before the start of EAL; again
/// does nothing. Not on the packet path.
void watch_dpdk_log();

/// The last lines since the last call, as " (one; two)"; empty if there was none.
[[nodiscard]] std::string take_dpdk_log();

}  // namespace tandem6
