// May this message be answered at all? The rules of RFC 8415 section 16 that need to know who we
// are, and those on how the message reached us.
#pragma once

#include "dataplane/server/responder.h"
#include "dataplane/server/service.h"
#include "dataplane/server/serving_rules.h"

namespace tandem6 {

/// kNone, or why the message is dropped in silence. Pure.
[[nodiscard]] DropReason validate(const Service& service, const Envelope& envelope,
                                  const ParsedMessage& message) noexcept;

/// May a valid message of this type be answered on a link with these rules (RFC 8156 section 8.1,
/// R-59)? Renew responsive: what carries this server's DUID, by rule of its type. While nothing may
/// be allocated (RECOVER-DONE) RENEW alone. Pure.
[[nodiscard]] bool may_answer(const ServingRules& rules, MessageType type) noexcept;

}  // namespace tandem6
