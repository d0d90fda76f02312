#include "control/api/relationship_text.h"

#include <array>
#include <string_view>

#include "control/api/iso_time.h"
#include "control/config/duration.h"
#include "dataplane/wire/check.h"

namespace tandem6 {
namespace {

using enum EndpointState;

using Condition = bool (*)(const RelationshipView&, WallTime);

bool always(const RelationshipView&, WallTime) { return true; }
bool in_contact(const RelationshipView& view, WallTime) { return view.is_in_contact; }
bool is_primary(const RelationshipView& view, WallTime) { return view.role == Role::kPrimary; }
bool hears_no_client(const RelationshipView& view, WallTime) { return view.has_no_link; }
bool hears_no_client_as_primary(const RelationshipView& view, WallTime now) {
  return hears_no_client(view, now) && is_primary(view, now);
}
bool sees_partner_start(const RelationshipView& view, WallTime) {
  return view.is_in_contact && view.is_partner_starting;
}
bool sees_partner_recover(const RelationshipView& view, WallTime) {
  return view.is_in_contact &&
         (view.partner_state == kRecover || view.partner_state == kRecoverWait);
}
bool sees_conflict_done(const RelationshipView& view, WallTime) {
  return view.role == Role::kSecondary && view.partner_state == kConflictDone;
}
bool counts_to_partner_down(const RelationshipView& view, WallTime) {
  return !view.auto_partner_down_at.is_none();
}
/// The partner was seen since this server went to PARTNER-DOWN, and left again.
bool was_visited(const RelationshipView& view, WallTime) { return view.serving.is_bounded; }
bool waits_for_other_half(const RelationshipView& view, WallTime now) {
  return view.other_half_opens > now;
}

constexpr std::string_view kBothMayAnswer =
    "both servers may answer all clients, this one does; each gives new leases from its own half "
    "only, and no lease for longer than MCLT ({mclt}) beyond what its partner has acked";
constexpr std::string_view kNoneGivenTwice =
    "none: the halves keep one lease from being given to two clients";
constexpr std::string_view kNoneWhileRecovering =
    "none: this server gives nothing until it knows what its partner gave";
constexpr std::string_view kServesAlone = "this server answers all clients, alone";
constexpr std::string_view kOnlyIfDead =
    "If it is really dead and stays so: `tandem6ctl failover partner-down {name}`; never while it "
    "may be running, or both could give one lease to two clients. `tandem6ctl failover plan "
    "{name}` says what it would mean";
constexpr std::string_view kOnlyIfGone =
    "Only if it is gone for good, with its leases: `tandem6ctl failover partner-down {name} "
    "--force`. This server then serves without the leases that it may lack, and may give them to "
    "others";

/// The first row whose state and condition fit holds.
struct Row {
  EndpointState state;
  Condition when;
  std::string_view answers;
  std::string_view at_risk;
  std::string_view next;
  std::string_view advice;
  std::string_view more_advice = {};
};

constexpr std::array kRows = {
    // 8.3: R-46 has it end with the partner's first word, or with its time.
    Row{kStartup, in_contact, "this server answers nobody yet; {partner}",
        "none: this server gives nothing yet",
        "within moments it goes on in the state that it was in before, or in the one that the "
        "partner's makes necessary",
        "nothing"},
    Row{kStartup, always, "this server answers nobody yet; {partner}",
        "none: this server gives nothing yet",
        "it listens for its partner for the time that `startup` names, and then goes on in the "
        "state that it was in before",
        "nothing"},

    // 8.8
    // The partner cannot see it, and leaves new clients to this server.
    Row{kNormal, hears_no_client_as_primary,
        "NOBODY answers new clients: no port of this server, the primary, has a link, and the "
        "secondary answers only what is addressed to it",
        "none: each server tells the other of every lease; but clients of this server cannot renew",
        "it stays so until a port has its link again, or this server stops",
        "repair the link; meanwhile `tandem6ctl shutdown` here lets the secondary answer all "
        "clients"},
    Row{kNormal, hears_no_client,
        "the primary, the partner, answers all clients; no port of this server, the secondary, has "
        "a link",
        "none: each server tells the other of every lease",
        "its own clients come to the primary when they renew in vain", "repair the link"},
    Row{kNormal, is_primary,
        "this server, the primary, answers all clients; the secondary answers only what is "
        "addressed to it, such as renewals of leases that it gave",
        "none: each server tells the other of every lease",
        "COMMUNICATIONS-INTERRUPTED if the partner cannot be heard any more", "nothing"},
    Row{kNormal, always,
        "the primary, the partner, answers all clients; this server, the secondary, answers only "
        "what is addressed to it, such as renewals of leases that it gave",
        "none: each server tells the other of every lease",
        "COMMUNICATIONS-INTERRUPTED if the partner cannot be heard any more; then this server "
        "answers all clients, too",
        "nothing"},

    // 8.9
    Row{kCommunicationsInterrupted, sees_partner_start,
        "this server answers all clients; {partner}", kNoneGivenTwice,
        "the partner is starting; NORMAL when it is through and has all leases", "nothing"},
    Row{kCommunicationsInterrupted, sees_partner_recover,
        "this server answers all clients; {partner}",
        "none: the partner fetches what it lacks from this server, and gives nothing before",
        "NORMAL when the partner has recovered (RECOVER-DONE)",
        "nothing: let it finish, and keep both servers running"},
    Row{kCommunicationsInterrupted, in_contact, "this server answers all clients; {partner}",
        kNoneGivenTwice, "NORMAL within moments", "nothing"},
    Row{kCommunicationsInterrupted, hears_no_client,
        "this server would answer all clients, and no port of it has a link; {partner}",
        kNoneGivenTwice, "NORMAL when the partner can be reached again",
        "repair the link, and find out why the partner cannot be reached"},
    Row{kCommunicationsInterrupted, counts_to_partner_down, kBothMayAnswer, kNoneGivenTwice,
        "NORMAL when the partner can be reached again; else PARTNER-DOWN at {auto_partner_down} "
        "(auto-partner-down)",
        "find out why the partner cannot be reached. If it runs, repair the connection before "
        "{auto_partner_down}, or stop it. ",
        kOnlyIfDead},
    Row{kCommunicationsInterrupted, always, kBothMayAnswer, kNoneGivenTwice,
        "NORMAL when the partner can be reached again; until then it stays so "
        "(auto-partner-down is off)",
        "find out why the partner cannot be reached, and repair it. ", kOnlyIfDead},

    // 8.4
    Row{kPartnerDown, sees_partner_start, "this server answers all clients; {partner}",
        "none while the partner answers nobody",
        "the partner is starting; when it has recovered, both are NORMAL. Should it have served "
        "clients meanwhile, both go to POTENTIAL-CONFLICT",
        "nothing"},
    Row{kPartnerDown, sees_partner_recover, "this server answers all clients; {partner}",
        "none: the partner fetches what it lacks from this server, and gives nothing before",
        "NORMAL when the partner has all leases and has let MCLT pass (RECOVER-DONE)",
        "nothing: let it finish, and keep both servers running"},
    Row{kPartnerDown, in_contact, "this server answers all clients; {partner}",
        "none: the partner has recovered, and gives nothing before both know all",
        "NORMAL when each server has told the other what it lacks", "nothing"},
    Row{kPartnerDown, was_visited, kServesAlone,
        "none: the partner was seen since and may go on alone, so that lifetimes are bounded by "
        "MCLT ({mclt}) again and its half of the prefixes stays closed",
        "NORMAL when the partner is back and has recovered",
        "find out why the partner has left again, and repair it. If it is dead and stays so: "
        "`tandem6ctl failover partner-down {name}` begins a new PARTNER-DOWN, without these "
        "bounds; never while it may be running, or both could give one lease to two clients"},
    Row{kPartnerDown, waits_for_other_half, kServesAlone,
        "none while the partner is down. Should it be running, both may give one lease to two "
        "clients",
        "from {other_half} on this server may give prefixes of the partner's half, once its own "
        "are used up. When the partner is back and has recovered: NORMAL",
        "make sure that the partner is off. Repair and start it when you can, with its leases or "
        "without: it fetches what it lacks before it answers anybody"},
    Row{kPartnerDown, always, kServesAlone,
        "none while the partner is down. Should it be running, both may give one lease to two "
        "clients",
        "when the partner is back and has recovered: NORMAL. Since {other_half} this server may "
        "give prefixes of the partner's half, once its own are used up",
        "make sure that the partner is off. Repair and start it when you can, with its leases or "
        "without: it fetches what it lacks before it answers anybody"},

    // 8.5
    Row{kRecover, in_contact, "this server answers nobody until it has recovered; {partner}",
        kNoneWhileRecovering, "RECOVER-WAIT when the partner has sent what this server lacks",
        "nothing: let it finish, and keep both servers running"},
    Row{kRecover, always, "this server answers nobody until it has recovered; {partner}",
        kNoneWhileRecovering,
        "nothing until the partner can be reached; then it sends what this server lacks",
        "start the partner, or repair the connection to it. ", kOnlyIfGone},

    // 8.6; R-44
    Row{kRecoverWait, in_contact, "this server answers nobody until {wait_end}; {partner}",
        "none: what this server gave just before it failed, unknown to the partner, has run out "
        "by {wait_end}",
        "RECOVER-DONE at {wait_end}, and NORMAL right after it",
        "nothing: the wait is what keeps leases from being given twice"},
    Row{kRecoverWait, always, "this server answers nobody until {wait_end}; {partner}",
        "none: what this server gave just before it failed, unknown to the partner, has run out "
        "by {wait_end}",
        "RECOVER-DONE at {wait_end}, and NORMAL when the partner can be reached again",
        "repair the connection to the partner. ", kOnlyIfGone},

    // 8.7; R-48
    Row{kRecoverDone, in_contact,
        "this server answers only renewals that are addressed to it; {partner}",
        "none: this server has recovered", "NORMAL when the partner is ready for it", "nothing"},
    Row{kRecoverDone, always,
        "this server answers only renewals that are addressed to it; {partner}",
        "none: this server has recovered", "NORMAL when the partner can be reached again",
        "start the partner, or repair the connection to it. ", kOnlyIfDead},

    // 8.10
    Row{kPotentialConflict, sees_conflict_done,
        "the primary, the partner, answers all clients; this server answers nobody yet",
        "perhaps: what both gave to different clients while apart; one of the two keeps it",
        "NORMAL when the primary has sent what this server lacks; RESOLUTION-INTERRUPTED if it "
        "cannot be heard any more",
        "nothing: let it finish. `tandem6ctl failover conflicts {name}` shows what was disputed"},
    Row{kPotentialConflict, is_primary,
        "neither server answers anybody while they compare their leases",
        "perhaps: what both gave to different clients while apart; one of the two keeps it",
        "CONFLICT-DONE when the partner has sent what this server lacks: it answers all clients "
        "then; RESOLUTION-INTERRUPTED if the partner cannot be heard any more",
        "nothing: let it finish, and keep both servers running. `tandem6ctl failover conflicts "
        "{name}` shows what was disputed"},
    Row{kPotentialConflict, always,
        "neither server answers anybody while they compare their leases",
        "perhaps: what both gave to different clients while apart; one of the two keeps it",
        "the primary is through first and answers clients again, then this server: NORMAL; "
        "RESOLUTION-INTERRUPTED if the partner cannot be heard any more",
        "nothing: let it finish, and keep both servers running. `tandem6ctl failover conflicts "
        "{name}` shows what was disputed"},

    // 8.11
    Row{kResolutionInterrupted, in_contact, "this server answers all clients; {partner}",
        "perhaps: what both gave to different clients while apart is not settled yet",
        "POTENTIAL-CONFLICT within moments: the servers compare their leases again", "nothing"},
    Row{kResolutionInterrupted, always, kBothMayAnswer,
        "perhaps: what both gave to different clients while apart is not settled yet",
        "POTENTIAL-CONFLICT when the partner can be reached again: the servers go on comparing "
        "their leases; until then it stays so",
        "find out why the partner cannot be reached, and repair it. ", kOnlyIfDead},

    // 8.12
    Row{kConflictDone, in_contact, "this server, the primary, answers all clients; {partner}",
        "none new: this server knows all; the secondary still fetches what it lacks",
        "NORMAL when the secondary is",
        "nothing: let it finish. `tandem6ctl failover conflicts {name}` shows what was disputed"},
    Row{kConflictDone, always, kBothMayAnswer,
        "none new: this server knows all that the secondary had until they lost contact",
        "NORMAL when the secondary can be reached again and has what it lacks",
        "find out why the partner cannot be reached, and repair it. ", kOnlyIfDead},
};

const Row& row_of(const RelationshipView& view, WallTime now) {
  static constexpr Row kUnknown{kNone, always, "not known", "not known", "nothing", "nothing", {}};
  for (const Row& row : kRows) {
    if (row.state == view.state && row.when(view, now)) return row;
  }
  return kUnknown;
}

/// What the partner's state allows it, as last heard.
std::string partner_answers(const RelationshipView& view) {
  if (!view.is_in_contact) return "the partner cannot be heard";
  if (view.is_partner_starting) return "the partner is starting and answers nobody yet";
  switch (view.partner_state) {
    case kNormal:
      return view.role == Role::kSecondary ? "the partner answers all clients"
                                           : "the partner answers what is addressed to it";
    case kCommunicationsInterrupted:
    case kPartnerDown:
    case kResolutionInterrupted:
    case kConflictDone:
      return "the partner answers all clients";
    case kRecoverDone:
      return "the partner answers only renewals that are addressed to it";
    case kRecover:
    case kRecoverWait:
    case kPotentialConflict:
      return "the partner answers nobody now";
    default:
      return "the partner has not said yet what it does";
  }
}

std::string time_text(WallTime time) {
  return time.is_none() ? "an unknown time" : to_iso8601(time);
}

std::string word_of(std::string_view key, const RelationshipView& view) {
  if (key == "name") return view.name;
  if (key == "mclt") return to_text(view.mclt);
  if (key == "partner") return partner_answers(view);
  if (key == "wait_end") return time_text(view.recover_wait_end);
  if (key == "other_half") return time_text(view.other_half_opens);
  T6_CHECK(key == "auto_partner_down");
  return time_text(view.auto_partner_down_at);
}

/// The sentence with each {word} in its place.
std::string filled(std::string_view sentence, const RelationshipView& view) {
  std::string text;
  for (std::size_t at = 0;;) {
    const std::size_t open = sentence.find('{', at);
    text += sentence.substr(at, open - at);
    if (open == std::string_view::npos) return text;
    const std::size_t close = sentence.find('}', open);
    text += word_of(sentence.substr(open + 1, close - open - 1), view);
    at = close + 1;
  }
}

std::string unacked_text(const RelationshipView& view) {
  if (view.unacked_count == 0) return {};
  return ". The partner has not acked the newest of " + lease_count_text(view.unacked_count) +
         ", and would not know it if this server failed now";
}

}  // namespace

std::string lease_count_text(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " lease" : " leases");
}

RelationshipText text_of(const RelationshipView& relationship, WallTime now) {
  const Row& row = row_of(relationship, now);
  const std::string why = relationship.why.empty() ? "no reason is known" : relationship.why;
  return {.answers = filled(row.answers, relationship),
          .reason = why + ", since " + time_text(relationship.since),
          .at_risk = filled(row.at_risk, relationship) + unacked_text(relationship),
          .next = filled(row.next, relationship),
          .advice = filled(row.advice, relationship) + filled(row.more_advice, relationship)};
}

}  // namespace tandem6
