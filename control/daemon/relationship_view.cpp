#include "control/daemon/relationship_view.h"

#include <algorithm>

namespace tandem6 {
namespace {

/// How long the oldest update waits; without contact, since when the partner hears nothing.
double lag_of(const Endpoint& endpoint, WallTime now) {
  const WallTime waiting = endpoint.updates().waiting_since();
  const WallTime since = endpoint.communications_ok() ? waiting : endpoint.record().last_contact;
  return since.is_none()
             ? 0
             : static_cast<double>(std::max<std::int64_t>(now.seconds - since.seconds, 0));
}

}  // namespace

RelationshipView relationship_view(const Endpoint& endpoint, const PartnerSettings& settings,
                                   const PartnerLink& link, WallTime now) {
  const EndpointRecord& record = endpoint.record();
  RelationshipView view;
  view.name = settings.endpoint.relationship_name;
  view.role = settings.endpoint.role;
  view.local = settings.local;
  view.partner = settings.partner;
  view.connection = link.describe();
  view.state = endpoint.state();
  view.since = endpoint.start_time_of_state();
  if (!endpoint.transitions().empty()) view.why = endpoint.transitions().back().why;
  view.is_in_contact = endpoint.communications_ok();
  view.last_contact = record.last_contact;
  view.partner_state = endpoint.partner_state();
  view.is_partner_starting = ServerFlags{record.partner_flags}.startup();
  view.partner_since = record.partner_start_time_of_state;
  view.serving = endpoint.serving();
  view.mclt = endpoint.mclt();
  view.recover_wait_end = record.recover_wait_end;
  view.auto_partner_down_at = endpoint.auto_partner_down_at().value_or(kNoTime);
  if (!view.serving.partner_down_since.is_none() && !view.serving.is_bounded) {
    view.other_half_opens = view.serving.partner_down_since + view.serving.mclt_max;
  }
  view.has_asked_for_updates = endpoint.has_asked_for_updates();
  view.unanswered_count = endpoint.updates().unanswered();
  view.lag_seconds = lag_of(endpoint, now);
  view.acked_total = endpoint.updates().acked_count();
  view.refused_total = endpoint.updates().refused_count();
  for (const Endpoint::Transition& each : endpoint.transitions()) {
    view.transitions.push_back({.at = each.at, .from = each.from, .to = each.to, .why = each.why});
  }
  const PartnerCounters& counters = link.counters();
  for (std::size_t i = 0; i < kPartnerEventCount; ++i) {
    view.counters.push_back({name_of(static_cast<PartnerEvent>(i)), counters.events[i]});
  }
  view.counters.push_back({"fo.octets_received", counters.octets_received});
  view.counters.push_back({"fo.octets_sent", counters.octets_sent});
  view.counters.push_back({"fo.messages_received", counters.messages_received});
  view.counters.push_back({"fo.messages_sent", counters.messages_sent});
  return view;
}

}  // namespace tandem6
