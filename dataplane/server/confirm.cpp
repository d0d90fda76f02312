// CONFIRM (RFC 8415 section 18.3.3): do these addresses fit this link? A question about prefixes,
// not about bindings; answered for clients never seen before too.
#include "dataplane/server/handlers.h"

namespace tandem6 {

DropReason handle_confirm(Exchange& exchange, ReplyShape& shape) noexcept {
  bool any = false;
  bool all_fit = true;
  for (const IaView& ia : exchange.message.identity_associations()) {
    if (ia.type != IaType::kNonTemporaryAddress) continue;
    LeaseHints hints(ia);
    LeaseHint hint;
    while (hints.next(hint)) {
      any = true;
      all_fit = all_fit && exchange.link->is_on_link(hint.address);
    }
  }
  // Nothing to judge, or a link whose prefixes nobody told us: silence (S-075, S-076).
  if (!any || exchange.link->on_link.empty()) return DropReason::kNoLink;
  shape.has_status = true;
  shape.status = all_fit ? StatusCode::kSuccess : StatusCode::kNotOnLink;
  return DropReason::kNone;
}

}  // namespace tandem6
