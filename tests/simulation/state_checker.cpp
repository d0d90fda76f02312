#include "tests/simulation/state_checker.h"

#include <algorithm>

namespace tandem6::simulation {

namespace {

// Clocks step while something is waited for, and ticks come once a second.
constexpr Milliseconds kSlackMs = 25'000;

Milliseconds milliseconds(Lifetime time) { return 1000 * static_cast<Milliseconds>(time.seconds); }

bool may_be_normal_with(EndpointState partner) {
  return partner == EndpointState::kNormal || partner == EndpointState::kRecoverDone ||
         partner == EndpointState::kCommunicationsInterrupted ||
         partner == EndpointState::kConflictDone;
}

}  // namespace

void StateChecker::started(Milliseconds now) {
  started_at_ = heard_at_ = now;
  commanded_at_ = -1;
}

void StateChecker::changed(const Endpoint& endpoint, EndpointState before,
                           const LifeSettings& settings, const Circumstances& circumstances,
                           Milliseconds now, const Report& report) {
  ill_met_since_ = -1;
  const EndpointState state = endpoint.state();
  const std::string in = std::string("in ") + name_of(state);
  const bool needs_contact =
      state == EndpointState::kNormal || state == EndpointState::kPotentialConflict;
  if (needs_contact && !endpoint.communications_ok()) report(in + " without contact");
  if (state == EndpointState::kNormal && !may_be_normal_with(endpoint.partner_state())) {
    report(in + " with a partner in " + name_of(endpoint.partner_state()));
  }
  if (needs_contact && before != EndpointState::kStartup && !circumstances.has_partner_told) {
    report(in + ", and the partner is in STARTUP");
  }
  if (before == EndpointState::kRecoverWait && state == EndpointState::kRecoverDone &&
      served_at_ >= 0 &&
      now < served_at_ + milliseconds(settings.least_mclt()) - circumstances.slack) {
    report("RECOVER-WAIT is " +
           std::to_string((served_at_ + milliseconds(settings.least_mclt()) - now) / 1000) +
           " s too short");
  }
  const bool was_recovering =
      before == EndpointState::kRecover || before == EndpointState::kRecoverWait;
  if (was_recovering && state == EndpointState::kPartnerDown) report(in + " without its leases");
  const bool is_met_by_partner_down = before == EndpointState::kStartup &&
                                      endpoint.communications_ok() &&
                                      endpoint.partner_state() == EndpointState::kPartnerDown;
  if (is_met_by_partner_down && circumstances.took_over_after > circumstances.slack &&
      state != EndpointState::kRecover) {
    report(in + ", and the partner took over " +
           std::to_string(circumstances.took_over_after / 1000) + " s after its end");
  }
  const bool is_by_itself = state == EndpointState::kPartnerDown && commanded_at_ != now &&
                            before == EndpointState::kCommunicationsInterrupted;
  if (!is_by_itself) return;
  if (!settings.auto_partner_down || endpoint.communications_ok()) report(in + " by itself");
}

void StateChecker::look(const Endpoint& endpoint, const LifeSettings& settings, Milliseconds now,
                        const Report& report) {
  const EndpointState state = endpoint.state();
  const Milliseconds keepalive = milliseconds(settings.keepalive);
  const Milliseconds alone = now - std::max(heard_at_, started_at_);
  const auto lasts_too_long = [&](const std::string& why) { report(name_of(state) + why); };
  switch (state) {
    case EndpointState::kStartup:
      if (now > started_at_ + milliseconds(settings.startup) + kSlackMs) {
        lasts_too_long(" does not end");
      }
      break;
    case EndpointState::kNormal:
    case EndpointState::kPotentialConflict:
      if (alone > keepalive + kSlackMs) lasts_too_long(" outlasts the contact");
      break;
    case EndpointState::kCommunicationsInterrupted:
      if (settings.auto_partner_down &&
          alone > keepalive + milliseconds(*settings.auto_partner_down) + kSlackMs) {
        lasts_too_long(" outlasts auto-partner-down");
      }
      break;
    default:
      break;
  }
  const EndpointState partner = endpoint.partner_state();
  const bool is_ill_met =
      endpoint.communications_ok() &&
      ((state == EndpointState::kNormal && !may_be_normal_with(partner)) ||
       (state == EndpointState::kConflictDone && partner == EndpointState::kNormal));
  if (!is_ill_met) {
    ill_met_since_ = -1;
  } else if (ill_met_since_ < 0) {
    ill_met_since_ = now;
  } else if (now > ill_met_since_ + kSlackMs) {
    lasts_too_long(std::string(" with a partner in ") + name_of(partner));
  }
}

}  // namespace tandem6::simulation
