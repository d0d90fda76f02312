// The operator says that the partner is down (RFC 8156 sections 8.8.2, 8.9.2, 8.11.2; R-56).
#include "control/failover/endpoint.h"

namespace tandem6 {

void Endpoint::on(event::PartnerDown&& command) {
  using enum EndpointState;
  const auto answer = [&](bool taken, std::string text) {
    effects_->push_back(effect::CommandDone{taken, std::move(text)});
  };
  const bool needs_force = in_startup_ || current() == kRecover || current() == kRecoverWait;
  const bool needs_silence =
      current() == kRecoverDone || current() == kConflictDone || current() == kPartnerDown;
  if (in_state(kPotentialConflict)) {
    return answer(
        false,
        "refused in POTENTIAL-CONFLICT: both servers are resolving their conflicts. If the "
        "partner really is down, contact is lost soon and the command is taken then");
  }
  if (needs_force && !command.is_forced) {
    return answer(false, std::string("refused in ") + name_of(state()) +
                             ": this server may have lost leases that its partner gave. With "
                             "--force it serves without them, and may give them to others");
  }
  if (!needs_force && needs_silence && communications_ok()) {
    return answer(false, std::string("refused in ") + name_of(state()) +
                             ": the partner is there and says so");
  }
  // Begun anew it would only put off what waits for its age.
  if (in_state(kPartnerDown) && !partner_is_back_) return answer(true, "PARTNER-DOWN already");
  if (link_.id != 0) disconnect("the operator says that the partner is down");
  // What the partner gave and was acked here before may be lost; only UPDREQALL brings it.
  if (current() == kRecover || current() == kRecoverWait) record_.has_communicated = false;
  if (in_startup_) {
    leave_startup(kPartnerDown, "forced by the operator");
  } else {
    become_partner_down("the operator says that the partner is down");
  }
  answer(true, "PARTNER-DOWN since now");
}

}  // namespace tandem6
