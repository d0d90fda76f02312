#include "control/api/relationship_value.h"

#include <boost/json/array.hpp>
#include <utility>

#include "control/api/relationship_text.h"
#include "control/api/time_value.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

json::value partner_state_value(const RelationshipView& view) {
  return view.partner_state == EndpointState::kNone ? json::value(nullptr)
                                                    : json::value(name_of(view.partner_state));
}

json::array transition_values(const RelationshipView& view, WallTime now) {
  json::array values;
  for (const TransitionView& transition : view.transitions) {
    values.push_back({{"at", time_value(transition.at, now)},
                      {"from", name_of(transition.from)},
                      {"to", name_of(transition.to)},
                      {"why", transition.why}});
  }
  return values;
}

}  // namespace

const char* name_of(Role role) noexcept { return role == Role::kPrimary ? "primary" : "secondary"; }

json::object relationship_value(const RelationshipView& relationship, WallTime now) {
  const RelationshipText text = text_of(relationship, now);
  json::object value;
  value["name"] = relationship.name;
  value["role"] = name_of(relationship.role);
  value["state"] = name_of(relationship.state);
  value["since"] = time_value(relationship.since, now);
  value["partner_state"] = partner_state_value(relationship);
  value["partner_starting"] = relationship.is_partner_starting;
  value["in_contact"] = relationship.is_in_contact;
  value["last_contact"] = time_value(relationship.last_contact, now);
  value["why"] = relationship.why;
  value["reason"] = text.reason;
  value["answers"] = text.answers;
  value["at_risk"] = text.at_risk;
  value["next"] = text.next;
  value["advice"] = text.advice;
  value["unacked"] = relationship.unacked_count;
  value["lag_seconds"] = relationship.lag_seconds;
  value["mclt_seconds"] = relationship.mclt.seconds;
  json::array faults;
  for (const std::string& fault : relationship.faults) faults.emplace_back(fault);
  value["faults"] = std::move(faults);
  return value;
}

json::object whole_relationship_value(const RelationshipView& relationship, WallTime now) {
  json::object value = relationship_value(relationship, now);
  value["local"] = relationship.local;
  value["partner"] = relationship.partner;
  value["connection"] = relationship.connection;
  value["partner_since"] = time_value(relationship.partner_since, now);
  value["recover_wait_end"] = time_value(relationship.recover_wait_end, now);
  value["auto_partner_down_at"] = time_value(relationship.auto_partner_down_at, now);
  value["other_half_opens"] = time_value(relationship.other_half_opens, now);
  value["awaits_updates"] = relationship.has_asked_for_updates;
  value["unanswered"] = relationship.unanswered_count;
  value["acked_total"] = relationship.acked_total;
  value["refused_total"] = relationship.refused_total;
  value["transitions"] = transition_values(relationship, now);
  json::object counters;
  for (const FailoverCounterView& counter : relationship.counters) {
    counters[counter.name] = counter.count;
  }
  value["counters"] = std::move(counters);
  return value;
}

json::object conflict_value(const ConflictView& conflict, WallTime now) {
  const bool is_address = conflict.lease.length == 128;
  return {{"at", time_value(conflict.at, now)},
          {"relationship", conflict.relationship},
          {"lease", is_address ? conflict.lease.address.to_string() : conflict.lease.to_string()},
          {"claim_here", conflict.claim_here},
          {"claim_there", conflict.claim_there},
          {"verdict", conflict.verdict},
          {"rule", conflict.rule}};
}

}  // namespace tandem6
