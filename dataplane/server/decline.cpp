// DECLINE (RFC 8415 section 18.3.8): addresses that the client found in use by somebody else.
#include "dataplane/server/give_back.h"
#include "dataplane/server/handlers.h"

namespace tandem6 {

DropReason handle_decline(Exchange& exchange, ReplyShape& shape) noexcept {
  for (const IaView& ia : exchange.message.identity_associations()) {
    // A delegated prefix cannot be declined (S-107).
    if (ia.type == IaType::kNonTemporaryAddress) give_back(exchange, ia, Effect::kDecline);
  }
  shape.has_status = true;
  return DropReason::kNone;
}

}  // namespace tandem6
