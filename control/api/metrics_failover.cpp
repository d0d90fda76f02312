#include "control/api/metrics_failover.h"

#include <array>
#include <string>
#include <string_view>

#include "control/api/relationship_value.h"

namespace tandem6 {
namespace {

using enum EndpointState;

constexpr std::array kStates = {kStartup,
                                kNormal,
                                kCommunicationsInterrupted,
                                kPartnerDown,
                                kPotentialConflict,
                                kRecover,
                                kRecoverWait,
                                kRecoverDone,
                                kResolutionInterrupted,
                                kConflictDone};

struct Family {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  double (*value)(const RelationshipView& relationship, WallTime now);
};

double count(std::uint64_t value) { return static_cast<double>(value); }

constexpr std::array kFamilies = {
    Family{"tandem6_failover_in_contact", "gauge",
           "1 while communications with the partner are OK.",
           [](const RelationshipView& view, WallTime) { return view.is_in_contact ? 1.0 : 0.0; }},
    Family{"tandem6_failover_state_seconds", "gauge", "For how long it has been in its state.",
           [](const RelationshipView& view, WallTime now) {
             return view.since.is_none() ? 0.0
                                         : static_cast<double>(now.seconds - view.since.seconds);
           }},
    Family{"tandem6_failover_unacked_leases", "gauge",
           "Leases whose newest version the partner has not acked.",
           [](const RelationshipView& view, WallTime) { return count(view.unacked_count); }},
    Family{"tandem6_failover_unanswered_updates", "gauge", "BNDUPDs without their BNDREPLY.",
           [](const RelationshipView& view, WallTime) { return count(view.unanswered_count); }},
    Family{"tandem6_failover_lag_seconds", "gauge",
           "How long the oldest of them waits, or since when there is no contact.",
           [](const RelationshipView& view, WallTime) { return view.lag_seconds; }},
    Family{"tandem6_failover_mclt_seconds", "gauge", "The MCLT that bounds lifetimes.",
           [](const RelationshipView& view, WallTime) { return count(view.mclt.seconds); }},
    Family{"tandem6_failover_faults", "gauge",
           "What keeps the pair from working as it should, such as clocks apart.",
           [](const RelationshipView& view, WallTime) { return count(view.faults.size()); }},
    Family{"tandem6_failover_acked_total", "counter", "Leases that the partner has acked.",
           [](const RelationshipView& view, WallTime) { return count(view.acked_total); }},
    Family{"tandem6_failover_refused_total", "counter", "Leases that the partner has refused.",
           [](const RelationshipView& view, WallTime) { return count(view.refused_total); }},
};

std::string labels_of(const RelationshipView& relationship) {
  return metric_label("relationship", relationship.name) + ',' +
         metric_label("role", name_of(relationship.role));
}

/// One of its samples is 1, as for every enumeration in Prometheus.
void write_states(MetricsText& text, const std::vector<RelationshipView>& relationships,
                  EndpointState RelationshipView::* state) {
  for (const RelationshipView& relationship : relationships) {
    for (const EndpointState each : kStates) {
      text.sample(labels_of(relationship) + ',' + metric_label("state", name_of(each)),
                  relationship.*state == each ? "1" : "0");
    }
  }
}

/// "fo.garbage" is the event "garbage".
void write_events(MetricsText& text, const std::vector<RelationshipView>& relationships) {
  constexpr std::string_view kPrefix = "fo.";
  text.family("tandem6_failover_events_total", "counter", "See the manual's list of counters, fo.");
  for (const RelationshipView& relationship : relationships) {
    for (const FailoverCounterView& counter : relationship.counters) {
      const std::string_view name = counter.name;
      const std::string_view event = name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
      text.sample(labels_of(relationship) + ',' + metric_label("event", event),
                  std::to_string(counter.count));
    }
  }
}

}  // namespace

void write_failover_metrics(MetricsText& text, const std::vector<RelationshipView>& relationships,
                            WallTime now) {
  if (relationships.empty()) return;
  text.family("tandem6_failover_state", "gauge", "1 for the state that this server is in.");
  write_states(text, relationships, &RelationshipView::state);
  text.family("tandem6_failover_partner_state", "gauge",
              "1 for the state that the partner said last.");
  write_states(text, relationships, &RelationshipView::partner_state);
  for (const Family& family : kFamilies) {
    text.family(family.name, family.type, family.help);
    for (const RelationshipView& relationship : relationships) {
      text.sample(labels_of(relationship), exact_number(family.value(relationship, now)));
    }
  }
  write_events(text, relationships);
}

}  // namespace tandem6
