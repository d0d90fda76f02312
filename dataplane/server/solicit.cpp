// SOLICIT (RFC 8415 section 18.3.1): an ADVERTISE that shows what a REQUEST would get and changes
// nothing, or with Rapid Commit a REPLY like that of a REQUEST. While nothing can be stored Rapid
// Commit is as if it had not been asked for: the client comes back with a REQUEST.
#include "dataplane/server/handlers.h"
#include "dataplane/server/lease_choice.h"

namespace tandem6 {

DropReason handle_solicit(Exchange& exchange, ReplyShape& shape) noexcept {
  if (exchange.message.rapid_commit && exchange.link_settings().rapid_commit &&
      exchange.changes_allowed) {
    shape.rapid_commit = true;
    return handle_request(exchange, shape);
  }
  shape.type = MessageType::kAdvertise;
  for (const IaView& ia : exchange.message.identity_associations()) {
    choose_leases(exchange, ia, exchange.plan.begin_ia(ia), ChoiceMode::kOffer);
  }
  return DropReason::kNone;
}

}  // namespace tandem6
