// RENEW (RFC 8415 section 18.3.4). Of the five policies of RFC 8168 section 3.5 for a prefix-length
// hint beside a delegated prefix ours is the first: the original prefix is extended.
#include "dataplane/server/extension.h"
#include "dataplane/server/handlers.h"
#include "dataplane/server/lease_choice.h"

namespace tandem6 {

DropReason handle_renew(Exchange& exchange, ReplyShape&) noexcept {
  const bool may_create = exchange.link_settings().create_on_renew && exchange.rules.may_allocate;
  bool any_known = false;
  for (const IaView& ia : exchange.message.identity_associations()) {
    IaPlan& plan = exchange.plan.begin_ia(ia);
    const bool known = extend_bindings(exchange, ia);
    any_known |= known;
    if (!known && !may_create) {
      plan.set_status(StatusCode::kNoBinding);
      continue;
    }
    if (!known) choose_leases(exchange, ia, plan, ChoiceMode::kGrant);
    // In RECOVER-DONE the server speaks of leases on record alone.
    if (exchange.rules.may_allocate) refuse_listed(exchange, ia, Refuse::kEveryOther);
  }
  return any_known || exchange.rules.may_allocate ? DropReason::kNone : DropReason::kUnresponsive;
}

}  // namespace tandem6
