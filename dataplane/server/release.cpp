// RELEASE (RFC 8415 section 18.3.7).
#include "dataplane/server/give_back.h"
#include "dataplane/server/handlers.h"

namespace tandem6 {

DropReason handle_release(Exchange& exchange, ReplyShape& shape) noexcept {
  for (const IaView& ia : exchange.message.identity_associations()) {
    give_back(exchange, ia, Effect::kRelease);
  }
  shape.has_status = true;  // Success even if nothing was freed (S-100)
  return DropReason::kNone;
}

}  // namespace tandem6
