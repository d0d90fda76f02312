// Failover for people.
#include <boost/json/array.hpp>
#include <cmath>

#include "tools/tandem6ctl/json_fields.h"
#include "tools/tandem6ctl/render.h"
#include "tools/tandem6ctl/units.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

std::string line(const std::string& what, const std::string& text) {
  constexpr std::size_t kWidth = 12;
  return "  " + what + std::string(kWidth - std::min(what.size(), kWidth - 1), ' ') + text + '\n';
}

/// "NORMAL since 2026-…: communications are restored".
std::string state_text(const json::object& relationship) {
  const std::string why = text_field(relationship, "why");
  return text_field(relationship, "state") + " since " + text_field(relationship, "since") +
         (why.empty() ? "" : ": " + why);
}

std::string partner_text(const json::object& relationship) {
  const bool in_contact = flag_field(relationship, "in_contact");
  return text_field(relationship, "partner") + " in " + text_field(relationship, "partner_state") +
         (in_contact ? ", " + text_field(relationship, "connection")
                     : ", NOT REACHED since " + text_field(relationship, "last_contact"));
}

}  // namespace

std::string render_relationship(const json::object& relationship) {
  std::string text = text_field(relationship, "name") + "  " + text_field(relationship, "role") +
                     "  " + state_text(relationship) + '\n';
  text += line("partner", partner_text(relationship));
  text += line("answers", text_field(relationship, "answers"));
  text += line("at risk", text_field(relationship, "at_risk"));
  text += line("next", text_field(relationship, "next"));
  text += line("to do", text_field(relationship, "advice"));
  text += line("unacked", human_count(number_field(relationship, "unacked")) + " leases, lag " +
                              human_seconds(number_field(relationship, "lag_seconds")) + ", MCLT " +
                              human_seconds(number_field(relationship, "mclt_seconds")));
  for (const json::value& fault : array_field(relationship, "faults")) {
    if (fault.is_string()) text += line("FAULT", std::string(fault.as_string()));
  }
  return text;
}

std::string render_failover(const json::object& answer, const Style&) {
  std::string text;
  for (const json::value& value : array_field(answer, "relationships")) {
    const json::object& relationship = as_object(value);
    text += (text.empty() ? "" : "\n") + render_relationship(relationship);
    text += line("updates",
                 human_count(number_field(relationship, "acked_total")) + " acked, " +
                     human_count(number_field(relationship, "refused_total")) + " refused, " +
                     human_count(number_field(relationship, "unanswered")) + " on their way");
    text += "  transitions\n";
    for (const json::value& each : array_field(relationship, "transitions")) {
      const json::object& transition = as_object(each);
      text += "    " + text_field(transition, "at") + "  " + text_field(transition, "from") +
              " -> " + text_field(transition, "to") + ": " + text_field(transition, "why") + '\n';
    }
  }
  return text.empty() ? "no failover relationship is configured\n" : text;
}

std::string render_plan(const json::object& plan, const Style&) {
  std::string text = "partner-down for " + text_field(plan, "name") + ", in " +
                     text_field(plan, "state") + " now, would mean:\n";
  for (const json::value& effect : array_field(plan, "effects")) {
    if (effect.is_string()) text += "  - " + std::string(effect.as_string()) + '\n';
  }
  return text + "DANGER: " + text_field(plan, "danger") + '\n';
}

std::string render_conflicts(const json::object& answer, const Style& style) {
  const json::array& conflicts = array_field(answer, "conflicts");
  if (conflicts.empty()) return "no lease was claimed by two clients\n";
  Table table({{"AT", Align::kLeft},
               {"LEASE", Align::kLeft},
               {"HERE", Align::kLeft},
               {"THERE", Align::kLeft},
               {"VERDICT", Align::kLeft},
               {"RULE", Align::kLeft}});
  for (const json::value& value : conflicts) {
    const json::object& each = as_object(value);
    table.add_row({text_field(each, "at"), text_field(each, "lease"), text_field(each, "here"),
                   text_field(each, "there"), text_field(each, "verdict"),
                   text_field(each, "rule")});
  }
  return table.take_text(style);
}

}  // namespace tandem6
