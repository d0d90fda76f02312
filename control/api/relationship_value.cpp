#include "control/api/relationship_value.h"

#include "control/api/iso_time.h"
#include "control/api/relationship_text.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

json::value time_value(WallTime time) {
  return time.is_none() ? json::value(nullptr) : json::value(to_iso8601(time));
}

}  // namespace

json::object relationship_value(const RelationshipView& view) {
  const RelationshipText text = explain(view);
  json::array faults;
  for (const std::string& fault : view.faults) faults.emplace_back(fault);
  return {{"name", view.name},
          {"role", view.role == Role::kPrimary ? "primary" : "secondary"},
          {"state", name_of(view.state)},
          {"since", time_value(view.since)},
          {"why", view.why},
          {"partner", view.partner},
          {"partner_state", name_of(view.partner_state)},
          {"in_contact", view.is_in_contact},
          {"last_contact", time_value(view.last_contact)},
          {"connection", view.connection},
          {"answers", text.answers},
          {"at_risk", text.at_risk},
          {"next", text.next},
          {"advice", text.advice},
          {"unacked", view.unacked_count},
          {"lag_seconds", view.lag_seconds},
          {"mclt_seconds", view.mclt.seconds},
          {"faults", std::move(faults)}};
}

json::array relationship_values(const std::vector<RelationshipView>& views) {
  json::array values;
  for (const RelationshipView& view : views) values.push_back(relationship_value(view));
  return values;
}

json::object whole_relationship_value(const RelationshipView& view) {
  json::object value = relationship_value(view);
  value["local"] = view.local;
  value["partner_since"] = time_value(view.partner_since);
  value["partner_starting"] = view.is_partner_starting;
  value["unanswered"] = view.unanswered_count;
  value["acked_total"] = view.acked_total;
  value["refused_total"] = view.refused_total;
  json::array transitions;
  for (const TransitionView& each : view.transitions) {
    transitions.push_back(json::object{{"at", time_value(each.at)},
                                       {"from", name_of(each.from)},
                                       {"to", name_of(each.to)},
                                       {"why", each.why}});
  }
  value["transitions"] = std::move(transitions);
  json::object counters;
  for (const FailoverCounterView& each : view.counters) counters[each.name] = each.count;
  value["counters"] = std::move(counters);
  return value;
}

}  // namespace tandem6
