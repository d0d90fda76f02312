// REQUEST (RFC 8415 section 18.3.2): each IA comes back with leases of this link, or with a status.
#include "dataplane/server/handlers.h"
#include "dataplane/server/lease_choice.h"

namespace tandem6 {

namespace {

bool names_foreign_address(const Exchange& exchange, const IaView& ia) noexcept {
  if (ia.type != IaType::kNonTemporaryAddress) return false;
  LeaseHints hints(ia);
  LeaseHint hint;
  while (hints.next(hint)) {
    if (hint.address.is_unspecified() || exchange.link->is_on_link(hint.address)) continue;
    exchange.counters.note(OddReason::kHintBad);
    return true;
  }
  return false;
}

}  // namespace

DropReason handle_request(Exchange& exchange, ReplyShape&) noexcept {
  for (const IaView& ia : exchange.message.identity_associations()) {
    IaPlan& plan = exchange.plan.begin_ia(ia);
    if (names_foreign_address(exchange, ia)) {
      plan.set_status(StatusCode::kNotOnLink);
      continue;
    }
    choose_leases(exchange, ia, plan, ChoiceMode::kGrant);
  }
  return DropReason::kNone;
}

}  // namespace tandem6
