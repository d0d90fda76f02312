// The ways into each state (RFC 8156 section 8, Figure 6): one function each, which refuses what
// cannot be, sets what the state begins with, and makes it known in the right order.
#include <algorithm>

#include "control/failover/endpoint.h"
#include "dataplane/wire/check.h"

namespace tandem6 {

namespace {

constexpr std::uint32_t bit(EndpointState state) noexcept {
  return 1U << static_cast<unsigned>(state);
}

/// From where a state can be reached; beside it, every state can be resumed from STARTUP.
constexpr std::uint32_t sources_of(EndpointState next) noexcept {
  using enum EndpointState;
  switch (next) {
    case kNormal:
      return bit(kCommunicationsInterrupted) | bit(kPartnerDown) | bit(kRecoverDone) |
             bit(kPotentialConflict) | bit(kConflictDone);
    case kCommunicationsInterrupted:
      return bit(kNormal) | bit(kRecoverDone);
    case kPartnerDown:  // itself: the operator says it again; the rest by force or without contact
      return bit(kNormal) | bit(kCommunicationsInterrupted) | bit(kResolutionInterrupted) |
             bit(kRecoverDone) | bit(kConflictDone) | bit(kRecover) | bit(kRecoverWait) |
             bit(kPartnerDown);
    case kPotentialConflict:
      return bit(kCommunicationsInterrupted) | bit(kPartnerDown) | bit(kRecover) |
             bit(kRecoverDone) | bit(kResolutionInterrupted) | bit(kConflictDone);
    case kRecover:
      return 0;
    case kRecoverWait:
      return bit(kRecover);
    case kRecoverDone:
      return bit(kRecoverWait);
    case kResolutionInterrupted:
    case kConflictDone:
      return bit(kPotentialConflict);
    default:
      return 0;
  }
}

}  // namespace

void Endpoint::become_normal(std::string_view why) {
  enter(EndpointState::kNormal, why);
  wants_prefixes_ = settings_.role == Role::kSecondary;
  next_balance_ = now_;
  publish();
  settle_updates();
}

void Endpoint::become_communications_interrupted(std::string_view why) {
  const bool was_normal = in_state(EndpointState::kNormal);
  enter(EndpointState::kCommunicationsInterrupted, why);
  if (settings_.auto_partner_down) {
    auto_partner_down_left_ = *settings_.auto_partner_down;
    if (!communications_ok()) auto_partner_down_at_ = now_ + auto_partner_down_left_;
  }
  publish();
  settle_updates();
  if (!was_normal) return;
  // A partner that is shut down says so; nothing has failed (F-029).
  report(partner_is_leaving_ || is_shutting_down_ ? Severity::kNotice : Severity::kAlarm,
         "communications with the partner are interrupted");
}

void Endpoint::become_partner_down(std::string_view why) {
  enter(EndpointState::kPartnerDown, why);
  partner_is_back_ = false;
  publish();
  effects_->push_back(effect::ArmReuseTimers{});
  settle_updates();
  report(Severity::kWarning, "PARTNER-DOWN: " + std::string(why));
}

void Endpoint::become_potential_conflict(std::string_view why) {
  enter(EndpointState::kPotentialConflict, why);
  publish();
  settle_updates();
  report(Severity::kWarning, "POTENTIAL-CONFLICT: " + std::string(why));
  act_on_partner();
}

void Endpoint::become_recover_wait(std::string_view why) {
  const WallTime stored_end = record_.recover_wait_end;
  enter(EndpointState::kRecoverWait, why);
  const ServerFlags partner{record_.partner_flags};
  // Failover never ran here before, and the partner knows of no time when it did.
  const bool is_first_time = !had_record_ && !partner.communicated();
  const WallTime since = time_of_failure_.is_none() ? process_start_ : time_of_failure_;
  record_.recover_wait_end = since + lead_time_.longer(now_);
  if (is_first_time) record_.recover_wait_end = now_;
  if (!stored_end.is_none()) record_.recover_wait_end = stored_end;  // it was waiting before
  publish();
  settle_updates();
  if (record_.recover_wait_end <= now_) become_recover_done("nothing is to be waited for");
}

void Endpoint::become_recover_done(std::string_view why) {
  enter(EndpointState::kRecoverDone, why);
  publish();
  settle_updates();
  act_on_partner();
}

void Endpoint::become_resolution_interrupted(std::string_view why) {
  enter(EndpointState::kResolutionInterrupted, why);
  publish();
  report(Severity::kAlarm, "conflicts are unresolved: " + std::string(why));
}

void Endpoint::become_conflict_done(std::string_view why) {
  T6_CHECK(settings_.role == Role::kPrimary);
  enter(EndpointState::kConflictDone, why);
  publish();
  settle_updates();
  act_on_partner();  // it may have resolved its own before
}

/// Into CURRENT-STATE. A state that is resumed as it was recorded keeps the time at which it began
///
void Endpoint::leave_startup(EndpointState next, std::string_view why) {
  T6_CHECK(in_startup_);
  if (next != current()) {
    record_.previous_state = record_.state;
    record_.state = static_cast<std::uint8_t>(next);
    record_.start_time_of_state = now_;
    // Back from RECOVER-WAIT to RECOVER the deadline stands: nobody was served since.
    if (next != EndpointState::kRecover) record_.recover_wait_end = kNoTime;
  }
  in_startup_ = false;
  transitions_.push_back(
      {.at = now_, .from = EndpointState::kStartup, .to = current(), .why = std::string(why)});
  if (current() == EndpointState::kPartnerDown) {
    // Seen since it began, and not in its own start.
    partner_is_back_ = record_.last_contact > record_.start_time_of_state &&
                       !ServerFlags{record_.partner_flags}.startup();
  }
  if (current() == EndpointState::kCommunicationsInterrupted && settings_.auto_partner_down) {
    auto_partner_down_left_ = *settings_.auto_partner_down;
    if (!communications_ok()) auto_partner_down_at_ = now_ + auto_partner_down_left_;
  }
  publish();
  link_.request_progress = now_;
  if (current() == EndpointState::kPartnerDown) effects_->push_back(effect::ArmReuseTimers{});
  settle_updates();
  report(Severity::kNotice,
         std::string("STARTUP -> ") + name_of(current()) + ": " + std::string(why));
}

void Endpoint::enter(EndpointState next, std::string_view why) {
  const EndpointState from = current();
  T6_CHECK(!in_startup_ && (sources_of(next) & bit(from)) != 0);
  record_.previous_state = record_.state;
  record_.state = static_cast<std::uint8_t>(next);
  record_.start_time_of_state = now_;
  record_.recover_wait_end = kNoTime;
  auto_partner_down_at_.reset();
  wants_prefixes_ = false;
  // What is asked for belongs to the state that asked. Its UPDDONE may still come, so that its
  // transaction-id stays taken until the connection ends (F-034).
  link_.request_id = 0;
  link_.request_progress = now_;
  transitions_.push_back({.at = now_, .from = from, .to = next, .why = std::string(why)});
  if (transitions_.size() > kTransitionCountMax) transitions_.pop_front();
  report(Severity::kNotice,
         std::string(name_of(from)) + " -> " + name_of(next) + ": " + std::string(why));
}

/// Stops answering first, is on disk next, then the partner hears of it, then answers more.
void Endpoint::publish() {
  serve_less();
  persist();
  if (link_.phase >= Phase::kAwaitingState) send_state();
  serve();
}

Serving Endpoint::serving_now() const noexcept {
  Serving serving{.is_in_contact = communications_ok(),
                  .has_old_leases = has_old_leases(),
                  .mclt = lead_time_.shorter(),
                  .mclt_max = lead_time_.longer(now_)};
  if (in_startup_) return serving;
  using enum EndpointState;
  switch (current()) {
    case kNormal:
      serving.answers = settings_.role == Role::kPrimary ? Serving::Answers::kEverybody
                                                         : Serving::Answers::kOwnClients;
      break;
    case kCommunicationsInterrupted:
    case kResolutionInterrupted:
    case kConflictDone:
      serving.answers = Serving::Answers::kEverybody;
      break;
    case kPartnerDown:
      serving.answers = Serving::Answers::kEverybody;
      serving.is_bounded = partner_is_back_;
      serving.partner_down_since = record_.start_time_of_state;
      break;
    case kRecoverDone:
      serving.answers = Serving::Answers::kOwnClients;
      serving.may_allocate = false;
      break;
    default:
      break;
  }
  return serving;
}

/// What was allowed and is so no more, at once; what is new waits for `serve`.
void Endpoint::serve_less() {
  const Serving next = serving_now();
  Serving less = serving_;
  less.answers = std::min(less.answers, next.answers);
  less.may_allocate = less.may_allocate && next.may_allocate;
  less.is_bounded = less.is_bounded || next.is_bounded;
  if (next.partner_down_since.is_none()) less.partner_down_since = kNoTime;
  if (less == serving_) return;
  serving_ = less;
  effects_->push_back(effect::Serve{serving_});
}

void Endpoint::serve() {
  const Serving next = serving_now();
  if (next == serving_) return;
  serving_ = next;
  effects_->push_back(effect::Serve{serving_});
}

}  // namespace tandem6
