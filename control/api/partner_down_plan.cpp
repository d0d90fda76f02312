#include "control/api/partner_down_plan.h"

#include <algorithm>
#include <utility>

#include "control/api/iso_time.h"
#include "control/api/relationship_text.h"
#include "control/config/duration.h"

namespace tandem6 {
namespace {

using enum EndpointState;

struct Verdict {
  PartnerDownVerdict verdict;
  std::string text;
};

/// As control/failover/endpoint_commands.cpp judges.
Verdict verdict_on(const RelationshipView& view) {
  using enum PartnerDownVerdict;
  const std::string state = name_of(view.state);
  switch (view.state) {
    case kPotentialConflict:
      return {kRefused, "refused in " + state +
                            ": both servers are comparing their leases. If the partner dies, "
                            "contact is lost, and the command is taken then"};
    case kStartup:
    case kRecover:
    case kRecoverWait:
      return {kNeedsForce,
              "refused in " + state +
                  ": this server may lack leases that its partner gave. With --force it serves "
                  "without them, and may give them to others"};
    case kRecoverDone:
    case kConflictDone:
      if (view.is_in_contact) break;
      return {kTaken, "taken: this server goes to PARTNER-DOWN"};
    case kPartnerDown:
      if (view.is_in_contact) break;
      if (!view.serving.is_bounded) {
        return {kAlready, "PARTNER-DOWN already, since " + to_iso8601(view.since) +
                              ": the command changes nothing"};
      }
      return {kTaken, "taken: the partner was seen since; a new PARTNER-DOWN begins"};
    default:
      return {kTaken, view.is_in_contact
                          ? "taken, though the partner is there and says so: this server closes "
                            "the connection and goes to PARTNER-DOWN"
                          : "taken: this server goes to PARTNER-DOWN"};
  }
  return {kRefused, "refused in " + state + ": the partner is there and says so"};
}

std::string unacked_text(std::uint64_t count) {
  if (count == 0) return "none: the partner has acked every lease that this server knows";
  return lease_count_text(count) +
         ": their clients are safe with this server, but the partner does not know the newest of "
         "them, and would have to hear of it before it answers anybody again";
}

/// MCLT past the beginning (8.4.1), by the longer MCLT while it changes.
WallTime usable_from(const RelationshipView& view, PartnerDownVerdict verdict, WallTime now) {
  if (verdict == PartnerDownVerdict::kRefused) return kNoTime;
  if (verdict == PartnerDownVerdict::kAlready) return view.other_half_opens;
  return now + std::max(view.mclt, view.serving.mclt_max);
}

std::string usable_text(const RelationshipView& view, WallTime from) {
  if (from.is_none()) return "nothing, as long as the command is refused";
  return "from " + to_iso8601(from) + " (MCLT, " +
         to_text(std::max(view.mclt, view.serving.mclt_max)) +
         ", past the beginning) prefixes of the partner's half, once this server's own are used "
         "up; a lease that has ended goes to another client MCLT past the latest time that either "
         "server may have promised, never before. Addresses of the partner's half go to no new "
         "client";
}

/// What the state gives clients now, and what PARTNER-DOWN would.
std::string lifetimes_text(const RelationshipView& view) {
  const std::string mclt = to_text(view.mclt);
  if (view.state == kPartnerDown && !view.serving.is_bounded) {
    return "clients have the lifetimes of the configuration already";
  }
  const std::string done =
      ". In PARTNER-DOWN they get the lifetimes of the configuration when they renew";
  switch (view.state) {
    case kStartup:
    case kRecover:
    case kRecoverWait:
    case kPotentialConflict:
      return "not done, this server answers nobody in this state" + done;
    default:
      break;
  }
  if (view.is_in_contact) {
    return "not done, clients have what their link's lifetimes say, as the partner acks them" +
           done;
  }
  return "not done, clients get shorter lifetimes with each renewal, down to MCLT (" + mclt +
         "), for as long as there is no contact; then each renews about every half of it" + done;
}

std::string danger_text(const RelationshipView& view) {
  std::string text =
      "if the partner is alive and answers clients, both may give one lease to two of them. When "
      "they meet, both stop answering (POTENTIAL-CONFLICT) until they have compared all leases, "
      "and some clients lose theirs. Switch it off, or cut it from its clients, before";
  if (view.is_in_contact) text += ". It IS alive: there is contact with it now";
  return text;
}

}  // namespace

const char* name_of(PartnerDownVerdict verdict) noexcept {
  switch (verdict) {
    case PartnerDownVerdict::kTaken:
      return "taken";
    case PartnerDownVerdict::kNeedsForce:
      return "needs_force";
    case PartnerDownVerdict::kRefused:
      return "refused";
    case PartnerDownVerdict::kAlready:
      break;
  }
  return "already";
}

PartnerDownPlan plan_partner_down(const RelationshipView& relationship,
                                  const std::vector<PoolView>& pools, WallTime now) {
  Verdict verdict = verdict_on(relationship);
  const WallTime from = usable_from(relationship, verdict.verdict, now);
  PartnerDownPlan plan{.verdict = verdict.verdict,
                       .verdict_text = std::move(verdict.text),
                       .unacked = unacked_text(relationship.unacked_count),
                       .usable_from = from,
                       .usable = usable_text(relationship, from),
                       .lifetimes = lifetimes_text(relationship),
                       .danger = danger_text(relationship),
                       .pools = {}};
  for (const PoolView& pool : pools) {
    if (pool.relationship == relationship.name) plan.pools.push_back(pool);
  }
  return plan;
}

}  // namespace tandem6
