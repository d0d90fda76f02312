// May this message be answered at all? The rules of RFC 8415 section 16 that need to know who we
// are, and those on how the message reached us.
#pragma once

#include "dataplane/server/responder.h"
#include "dataplane/server/service.h"

namespace tandem6 {

/// kNone, or why the message is dropped in silence. Pure.
[[nodiscard]] DropReason validate(const Service& service, const Envelope& envelope,
                                  const ParsedMessage& message) noexcept;

}  // namespace tandem6
