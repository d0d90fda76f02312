// What each state makes of the partner's state, of a failure of communications and of time (RFC
// 8156 sections 8.3 to 8.12; rulings ). One function for each state.
#include "control/failover/endpoint.h"

namespace tandem6 {

using enum EndpointState;

/// The state machine proper (8.1): runs when the own state, the communications or the partner's
/// state have changed. What a partner in its STARTUP reports is not acted on (R-46, F-308).
void Endpoint::act_on_partner() {
  if (in_startup_ || !communications_ok() || ServerFlags{record_.partner_flags}.startup()) return;
  const EndpointState partner = partner_state();
  switch (current()) {
    case kNormal:
      return in_normal(partner);
    case kCommunicationsInterrupted:
      return in_communications_interrupted(partner);
    case kPartnerDown:
      return in_partner_down(partner);
    case kPotentialConflict:
      return in_potential_conflict(partner);
    case kRecover:
      return in_recover(partner);
    case kRecoverWait:
      return in_recover_wait(partner);
    case kRecoverDone:
      return in_recover_done(partner);
    case kResolutionInterrupted:
      return in_resolution_interrupted(partner);
    case kConflictDone:
      return in_conflict_done(partner);
    default:
      return;
  }
}

/// 8.3.2 step 5: the partner is there. What it reports is judged though it may be starting as well,
/// so that PARTNER-DOWN is not missed when both restart.
void Endpoint::startup_with_contact() {
  EndpointState next = current();
  if (partner_state() == kPartnerDown) {
    const bool was_serving = next != kRecover && next != kRecoverWait && next != kRecoverDone;
    if (partner_took_over_after_us()) {
      next = kRecover;  // also from RECOVER-WAIT and -DONE: what it gave since is not known here
    } else if (was_serving) {
      next = kPotentialConflict;  // F-300; who was recovering gave nothing that could clash
    }
  }
  leave_startup(next, "the partner is there");
}

/// The partner entered PARTNER-DOWN clearly after this server can have operated last. A doubt about
/// either is no.
bool Endpoint::partner_took_over_after_us() const noexcept {
  if (time_of_failure_.is_none()) return false;
  return record_.partner_start_time_of_state.seconds >
         time_of_failure_.seconds + kClockToleranceSeconds;
}

/// 8.8.2. COMMUNICATIONS-INTERRUPTED is what the partner was in just before it hears of us.
void Endpoint::in_normal(EndpointState partner) {
  if (partner == kNormal || partner == kRecoverDone || partner == kConflictDone ||
      partner == kCommunicationsInterrupted) {
    return;
  }
  become_communications_interrupted(std::string("the partner is unexpectedly in ") +
                                    name_of(partner));
  act_on_partner();
}

/// 8.9.2; RECOVER-WAIT: R-49.
void Endpoint::in_communications_interrupted(EndpointState partner) {
  switch (partner) {
    case kNormal:
    case kCommunicationsInterrupted:
    case kRecoverDone:
      return become_normal("communications are restored");
    case kPartnerDown:
    case kPotentialConflict:
    case kConflictDone:
    case kResolutionInterrupted:
      return become_potential_conflict(std::string("the partner is in ") + name_of(partner));
    default:  // RECOVER, RECOVER-WAIT: stay
      return;
  }
}

/// 8.4.2, on connecting and at any later STATE.
void Endpoint::in_partner_down(EndpointState partner) {
  // From now on the partner may come to serve: what clients are given must be bounded again.
  if (!partner_is_back_) {
    partner_is_back_ = true;
    serve();
  }
  switch (partner) {
    case kRecoverDone:
      if (owes_update()) return request_update();
      // It serves from NORMAL on, and must have heard of what was given without bound.
      if (!sender_.has_told_everything()) return sender_.tell_everything(*effects_);
      return become_normal("the partner has recovered");
    case kNormal:
    case kCommunicationsInterrupted:
    case kPartnerDown:
    case kPotentialConflict:
    case kResolutionInterrupted:
    case kConflictDone:
      return become_potential_conflict(std::string("the partner is in ") + name_of(partner));
    default:  // RECOVER, RECOVER-WAIT: stay
      if (owes_update()) request_update();
      return;
  }
}

/// A recovered partner may have heard the last of what was given without it.
void Endpoint::note_what_was_told() {
  if (in_state(kPartnerDown) && sender_.has_told_everything()) act_on_partner();
}

/// 8.10. The primary asks first; the secondary when the primary is through (Figure 9).
void Endpoint::in_potential_conflict(EndpointState partner) {
  if (settings_.role == Role::kPrimary || partner == kConflictDone) request_update();
}

/// 8.5.2.
void Endpoint::in_recover(EndpointState partner) {
  if (partner == kPotentialConflict || partner == kResolutionInterrupted ||
      partner == kConflictDone) {
    return become_potential_conflict(std::string("the partner is in ") + name_of(partner));
  }
  request_update();
}

/// 8.6.2: only the timer counts.
void Endpoint::in_recover_wait(EndpointState) {}

/// 8.7.2; PARTNER-DOWN and the rest: R-49.
void Endpoint::in_recover_done(EndpointState partner) {
  switch (partner) {
    case kNormal:
    case kRecoverDone:
      return become_normal(std::string("the partner is in ") + name_of(partner));
    case kRecover:
    case kRecoverWait:
      return become_communications_interrupted(std::string("the partner is in ") +
                                               name_of(partner));
    case kPotentialConflict:
    case kResolutionInterrupted:
    case kConflictDone:
      return become_potential_conflict(std::string("the partner is in ") + name_of(partner));
    default:  // PARTNER-DOWN, COMMUNICATIONS-INTERRUPTED: stay; it will act on ours
      return;
  }
}

/// 8.11.2.
void Endpoint::in_resolution_interrupted(EndpointState) {
  become_potential_conflict("communications are restored");
}

/// 8.12.2; PARTNER-DOWN: R-49.
void Endpoint::in_conflict_done(EndpointState partner) {
  if (partner == kNormal) become_normal("the partner has resolved its conflicts");
  if (partner == kPartnerDown) become_potential_conflict("the partner is in PARTNER-DOWN");
}

/// The connection is gone; in STARTUP and in most states this changes nothing but the timers.
void Endpoint::communications_failed(const std::string& why) {
  if (in_state(kNormal)) return become_communications_interrupted(why);
  if (in_state(kPotentialConflict)) return become_resolution_interrupted(why);
  if (in_state(kCommunicationsInterrupted) && settings_.auto_partner_down) {
    auto_partner_down_at_ = now_ + auto_partner_down_left_;
  }
  serve();
}

/// UPDDONE for what this server asked for.
void Endpoint::update_done() {
  if (link_.request_all || !leases_are_new()) {
    if (leases_are_new()) effects_->push_back(effect::LeasesAreWhole{});
    origin_ = LeasesOrigin::kKept;
    record_.has_communicated = true;
  }
  if (in_state(kRecover)) return become_recover_wait("the partner has sent its updates");
  if (in_state(kPartnerDown)) {
    persist();
    return act_on_partner();
  }
  if (!in_state(kPotentialConflict)) return;
  if (settings_.role == Role::kPrimary) {
    become_conflict_done("the partner has sent its updates");
  } else if (partner_state() == kConflictDone) {  // else it has begun again; it is its turn
    become_normal("the partner has sent its updates");
  }
}

/// Without a record of the partner this server may have lost what it had, and has to ask for it
/// before it counts as one that has communicated: a connection lost in the middle of an UPDREQALL
/// must not turn the next one into an UPDREQ. Only in PARTNER-DOWN does it have nothing to
/// ask of a partner that recovers itself and remembers no more of us.
bool Endpoint::owes_update() const noexcept {
  if (record_.has_communicated) return false;
  if (leases_are_new() || ServerFlags{record_.partner_flags}.communicated()) return true;
  const EndpointState partner = partner_state();
  return current() != kPartnerDown ||
         (partner != kRecover && partner != kRecoverWait && partner != kRecoverDone);
}

/// One at a time on a connection. All, when what this server holds cannot be relied on
/// (8.5.2, R-43).
void Endpoint::request_update() {
  if (link_.phase != Phase::kOk || link_.request_id != 0) return;
  const bool partner_knows_us = ServerFlags{record_.partner_flags}.communicated();
  link_.request_all = leases_are_new() || (!link_.had_communicated && partner_knows_us);
  link_.request_id = transaction_ids_.reserve();
  link_.request_progress = now_;
  send_as(link_.request_id, UpdateRequest{.all = link_.request_all});
}

void Endpoint::drop_request() {
  if (link_.request_id != 0) transaction_ids_.release(link_.request_id);
  link_.request_id = 0;
}

/// What is here is an old copy or damaged, and the partner has not told all yet. After a forced
/// PARTNER-DOWN it is mixed with leases that were given since.
bool Endpoint::has_old_leases() const noexcept {
  return is_old_copy(origin_) && current() == kRecover;
}

/// Lazy updates go out in every state in which the partner hears them, but for POTENTIAL-CONFLICT
/// and not of old leases: the partner knows better of them.
void Endpoint::settle_updates() {
  const bool allowed = communications_ok() && !in_startup_ &&
                       !ServerFlags{record_.partner_flags}.startup() &&
                       current() != kPotentialConflict && !has_old_leases();
  sender_.allow_lazy(allowed, *effects_);
}

void Endpoint::pass_time_in_state() {
  if (in_startup_) {
    if (now_ < startup_end_) return;
    // F-293: only where no partner was ever met.
    const bool alone = settings_.start_alone && !ran_before_ && current() == kRecover;
    return leave_startup(alone ? kPartnerDown : current(),
                         alone ? "no partner was ever met" : "the partner is not there");
  }
  if (in_state(kRecoverWait) && now_ >= record_.recover_wait_end) {
    return become_recover_done("the MCLT has passed");
  }
  if (in_state(kCommunicationsInterrupted) && auto_partner_down_at_ &&
      now_ >= *auto_partner_down_at_) {
    become_partner_down("no contact for the time of auto-partner-down");
  }
}

}  // namespace tandem6
