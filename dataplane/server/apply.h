// The last step of a message: what was planned happens to the bindings and leaves as changes; or,
// when the message is dropped after all, what it claimed is given back.
#pragma once

#include "dataplane/server/exchange.h"

namespace tandem6 {

/// Applies all decisions. REQUIRES: change_room() of the shard covers them. Returns the number of
/// the last change emitted, 0 when there was none.
std::uint64_t apply(Exchange& exchange) noexcept;

/// Releases the claims and erases the bindings that this message made: as if it had never come.
void undo(Exchange& exchange) noexcept;

}  // namespace tandem6
