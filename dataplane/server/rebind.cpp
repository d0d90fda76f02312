// REBIND (RFC 8415 section 18.3.5): every server on the link hears it, so bindings are created only
// where Rapid Commit is on too (S-096), and with nothing to say there is silence (S-093).
#include "dataplane/server/extension.h"
#include "dataplane/server/handlers.h"
#include "dataplane/server/lease_choice.h"

namespace tandem6 {

DropReason handle_rebind(Exchange& exchange, ReplyShape&) noexcept {
  const bool may_create =
      exchange.link_settings().create_on_renew && exchange.link_settings().rapid_commit;
  bool anything_to_say = false;
  for (const IaView& ia : exchange.message.identity_associations()) {
    IaPlan& plan = exchange.plan.begin_ia(ia);
    if (extend_bindings(exchange, ia)) {
      refuse_listed(exchange, ia, Refuse::kLost);
      anything_to_say = true;
    } else if (may_create) {
      choose_leases(exchange, ia, plan, ChoiceMode::kGrant);
      refuse_listed(exchange, ia, Refuse::kLost);
      anything_to_say = true;
    } else if (refuse_listed(exchange, ia, Refuse::kLost)) {
      anything_to_say = true;
    } else {
      // Another server may know this IA; its status goes out only beside something worth saying.
      plan.set_status(StatusCode::kNoBinding);
    }
  }
  return anything_to_say ? DropReason::kNone : DropReason::kNotForUs;
}

}  // namespace tandem6
