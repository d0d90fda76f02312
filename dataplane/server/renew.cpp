// RENEW (RFC 8415 section 18.3.4). Of the five policies of RFC 8168 section 3.5 for a prefix-length
// hint beside a delegated prefix ours is the first: the original prefix is extended.
#include "dataplane/server/extension.h"
#include "dataplane/server/handlers.h"
#include "dataplane/server/lease_choice.h"

namespace tandem6 {

DropReason handle_renew(Exchange& exchange, ReplyShape&) noexcept {
  for (const IaView& ia : exchange.message.identity_associations()) {
    IaPlan& plan = exchange.plan.begin_ia(ia);
    if (!extend_bindings(exchange, ia)) {
      if (exchange.link_settings().create_on_renew) {
        choose_leases(exchange, ia, plan, ChoiceMode::kGrant);
      } else {
        plan.set_status(StatusCode::kNoBinding);
        continue;
      }
    }
    refuse_listed(exchange, ia, Refuse::kEveryOther);
  }
  return DropReason::kNone;
}

}  // namespace tandem6
