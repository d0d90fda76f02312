#include "control/api/relationship_text.h"

#include "control/api/iso_time.h"

namespace tandem6 {
namespace {

using enum EndpointState;

constexpr const char* kNoRisk = "no lease: neither server gives what the other one could give";

std::string answers_of(const RelationshipView& view) {
  const bool is_primary = view.role == Role::kPrimary;
  switch (view.state) {
    case kNormal:
      return is_primary ? "this server answers every client; the partner only who renews with it"
                        : "the partner answers every client; this server only who renews with it";
    case kCommunicationsInterrupted:
    case kResolutionInterrupted:
    case kConflictDone:
      return "this server answers every client; so may the partner, if it runs";
    case kPartnerDown:
      return "this server answers every client, alone";
    case kRecoverDone:
      return "this server answers only who renews with it; the partner answers every client";
    default:
      return "this server answers nobody";
  }
}

std::string risk_of(const RelationshipView& view) {
  switch (view.state) {
    case kPartnerDown:
      return view.is_in_contact
                 ? kNoRisk
                 : "none while the partner is down; if it runs after all, two clients can get one";
    case kPotentialConflict:
    case kResolutionInterrupted:
      return "leases that both servers gave while each took the other for dead";
    default:
      return kNoRisk;
  }
}

std::string next_in_interruption(const RelationshipView& view) {
  if (view.is_in_contact) return "NORMAL, when the partner has recovered";
  const std::string normal = "NORMAL, when the partner can be reached again";
  if (view.auto_partner_down_at.is_none()) return normal;
  return normal + "; else PARTNER-DOWN at " + to_iso8601(view.auto_partner_down_at) +
         " (auto-partner-down)";
}

std::string next_of(const RelationshipView& view) {
  switch (view.state) {
    case kStartup:
      return "the partner is looked for; then this server goes on where it was";
    case kNormal:
      return "nothing";
    case kCommunicationsInterrupted:
      return next_in_interruption(view);
    case kPartnerDown:
      if (view.is_in_contact) return "NORMAL, when the partner has recovered";
      if (!view.other_half_opens.is_none()) {
        return "the partner's half of the pools is used too from " +
               to_iso8601(view.other_half_opens) + " on";
      }
      return "the partner recovers when it is back";
    case kPotentialConflict:
      return "both servers tell each other all, and are NORMAL";
    case kRecover:
      return view.has_asked_for_updates
                 ? "RECOVER-WAIT, when the partner has told all"
                 : "RECOVER-WAIT, when the partner can be reached and has told all";
    case kRecoverWait:
      return "RECOVER-DONE at " + to_iso8601(view.recover_wait_end) + ", then NORMAL";
    case kRecoverDone:
      return "NORMAL, when the partner has heard of it";
    case kResolutionInterrupted:
      return "the conflicts are resolved when the partner can be reached again";
    case kConflictDone:
      return "NORMAL, when the partner has resolved its conflicts";
    case kNone:
      break;
  }
  return "nothing";
}

std::string advice_of(const RelationshipView& view) {
  if (!view.faults.empty()) return "see to what is wrong between the two: " + view.faults.front();
  if (view.is_in_contact) return "nothing";
  switch (view.state) {
    case kCommunicationsInterrupted:
    case kResolutionInterrupted:
      return "bring the partner or the network to it back. Only if the partner is dead for long: "
             "tandem6ctl failover plan " +
             view.name;
    case kPartnerDown:
      return "bring the partner back; it recovers by itself";
    case kRecover:
    case kRecoverWait:
    case kRecoverDone:
      return "bring the partner back: only it knows what was given meanwhile";
    default:
      return "nothing";
  }
}

}  // namespace

RelationshipText explain(const RelationshipView& view) {
  return {.answers = answers_of(view),
          .at_risk = risk_of(view),
          .next = next_of(view),
          .advice = advice_of(view)};
}

}  // namespace tandem6
