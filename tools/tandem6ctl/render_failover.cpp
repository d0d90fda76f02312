#include <boost/json/array.hpp>
#include <cmath>

#include "tools/tandem6ctl/json_fields.h"
#include "tools/tandem6ctl/labelled_text.h"
#include "tools/tandem6ctl/render.h"
#include "tools/tandem6ctl/time_text.h"
#include "tools/tandem6ctl/units.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

/// The colour ends before the end of the line.
std::string red_lines(const Style& style, std::string lines) {
  lines.pop_back();
  return style.red(lines) + '\n';
}

std::string or_dash(std::string text) { return text.empty() ? "-" : text; }

/// NORMAL is what one wants to see, the other states what one must see.
std::string state_text(const json::object& relationship, const Style& style) {
  const std::string state = text_field(relationship, "state");
  return state == "NORMAL" ? style.green(state) : style.red(state);
}

std::string partner_text(const json::object& relationship, const Style& style) {
  const std::string state = text_field(relationship, "partner_state");
  std::string text = state.empty() ? "never heard" : state;
  if (flag_field(relationship, "partner_starting")) text += ", starting";
  if (flag_field(relationship, "in_contact")) return text + ", in contact";
  text += state.empty() ? ", " : " when last heard, ";
  return text + style.red("NO CONTACT");
}

std::string lag_text(const json::object& relationship) {
  const double lag = number_field(relationship, "lag_seconds");
  return lag > 0 ? "lag " + human_moment(lag) : "no lag";
}

std::string count_text(const json::object& relationship) {
  std::string text = human_count(number_field(relationship, "unacked")) + " unacked, " +
                     lag_text(relationship) + ", MCLT " +
                     human_seconds(number_field(relationship, "mclt_seconds"));
  const double unanswered = number_field(relationship, "unanswered");
  if (std::isnan(unanswered)) return text;
  return text + ", " + human_count(unanswered) + " on their way; since the start " +
         human_count(number_field(relationship, "acked_total")) + " acked, " +
         human_count(number_field(relationship, "refused_total")) + " refused";
}

std::string fault_lines(const json::object& relationship, const Style& style) {
  std::string text;
  for (const json::value& fault : array_field(relationship, "faults")) {
    if (!fault.is_string()) continue;
    text += red_lines(style, labelled_text("FAULT", std::string(fault.get_string())));
  }
  return text;
}

std::string transition_table(const json::object& relationship, const Style& style) {
  Table table(
      {{"AT", Align::kLeft}, {"FROM", Align::kLeft}, {"TO", Align::kLeft}, {"WHY", Align::kLeft}});
  const json::array& transitions = array_field(relationship, "transitions");
  if (transitions.empty()) return "no transitions so far\n";
  for (const json::value& value : transitions) {
    const json::object& transition = as_object(value);
    table.add_row({text_field(object_field(transition, "at"), "at"), text_field(transition, "from"),
                   text_field(transition, "to"), text_field(transition, "why")});
  }
  return table.take_text(style);
}

/// What never happened is left out.
std::string counter_lines(const json::object& relationship) {
  std::string list;
  for (const auto& counter : object_field(relationship, "counters")) {
    const std::string name(counter.key());
    const double count = number_field(object_field(relationship, "counters"), name.c_str());
    if (!(count > 0)) continue;
    list += (list.empty() ? "" : ", ") + name + ' ' + human_count(count);
  }
  return labelled_text("counters", list.empty() ? "all 0" : list);
}

/// What only `failover show` has; times that are none say nothing.
std::string whole_lines(const json::object& relationship, const Style& style) {
  std::string text =
      labelled_text("servers", "here " + text_field(relationship, "local") + ", partner " +
                                   text_field(relationship, "partner"));
  text += labelled_text("connection", text_field(relationship, "connection"));
  text += labelled_text("heard", time_text(relationship, "last_contact"));
  if (flag_field(relationship, "awaits_updates")) {
    text += labelled_text("asked for", "what this server lacks; it is on its way from the partner");
  }
  const auto add_time = [&](const char* label, const char* field) {
    const std::string time = time_text(relationship, field);
    if (time != "-") text += labelled_text(label, time);
  };
  add_time("wait ends", "recover_wait_end");
  add_time("auto down", "auto_partner_down_at");
  add_time("half opens", "other_half_opens");
  return text + counter_lines(relationship) + '\n' + transition_table(relationship, style);
}

std::string half_text(const json::object& pool, const std::string& half) {
  const bool is_backup = half == "FREE-BACKUP";
  const double size = number_field(pool, is_backup ? "half_free_backup" : "half_free");
  return std::isnan(size) ? "-" : human_count(size);
}

std::string left_text(const json::object& pool, const std::string& half) {
  const bool is_backup = half == "FREE-BACKUP";
  const double left = number_field(pool, is_backup ? "half_free_backup_left" : "half_free_left");
  return std::isnan(left) ? "-" : human_count(left);
}

std::string half_table(const json::object& plan, const Style& style) {
  const std::string half = text_field(plan, "partner_half");
  Table table({{"LINK", Align::kLeft},
               {"POOL", Align::kLeft},
               {"KIND", Align::kLeft},
               {"SIZE", Align::kRight},
               {"PARTNER'S HALF", Align::kRight},
               {"NOT HELD", Align::kRight},
               {"GIVEN", Align::kLeft}});
  const std::string from = text_field(object_field(plan, "usable_from"), "at");
  for (const json::value& value : array_field(plan, "pools")) {
    const json::object& pool = as_object(value);
    const bool is_prefix = text_field(pool, "kind") == "prefix";
    table.add_row({text_field(pool, "link"), text_field(pool, "range"), text_field(pool, "kind"),
                   human_count(number_field(pool, "size")), half_text(pool, half),
                   left_text(pool, half),
                   is_prefix && !from.empty() ? "from " + from : "not at all"});
  }
  return table.take_text(style);
}

}  // namespace

std::string render_relationship(const json::object& relationship, const Style& style) {
  std::string text = style.bold(text_field(relationship, "name")) + ", " +
                     text_field(relationship, "role") + ": " + state_text(relationship, style) +
                     " since " + time_text(relationship, "since") + '\n';
  text += labelled_text("partner", partner_text(relationship, style));
  text += fault_lines(relationship, style);
  text += labelled_text("why", or_dash(text_field(relationship, "why")));
  text += labelled_text("answers", text_field(relationship, "answers"));
  text += labelled_text("at risk", text_field(relationship, "at_risk"));
  text += labelled_text("next", text_field(relationship, "next"));
  text += labelled_text("to do", text_field(relationship, "advice"));
  return text + labelled_text("updates", count_text(relationship));
}

std::string render_relationships(const json::object& answer, const Style& style) {
  std::string text;
  for (const json::value& value : array_field(answer, "relationships")) {
    const json::object& relationship = as_object(value);
    text += (text.empty() ? "" : "\n") + render_relationship(relationship, style) +
            whole_lines(relationship, style);
  }
  return text.empty() ? "no failover relationship: this server works alone\n" : text;
}

std::string render_plan(const json::object& plan, const Style& style) {
  std::string text = "partner-down of " + style.bold(text_field(plan, "name")) + ", as " +
                     text_field(plan, "role") + " in " + text_field(plan, "state") + '\n';
  text += labelled_text("command", text_field(plan, "verdict_text"));
  text += labelled_text("unacked", text_field(plan, "unacked_text"));
  text += labelled_text("usable", text_field(plan, "usable_text"));
  text += labelled_text("lifetimes", text_field(plan, "lifetimes"));
  text += red_lines(style, labelled_text("DANGER", text_field(plan, "danger")));
  if (!array_field(plan, "pools").empty()) text += '\n' + half_table(plan, style);
  return text;
}

std::string render_plan_in_short(const json::object& plan, const Style& style) {
  std::string text = labelled_text("command", text_field(plan, "verdict_text"));
  text += labelled_text("unacked", text_field(plan, "unacked_text"));
  const std::string from = time_text(plan, "usable_from");
  if (from != "-") text += labelled_text("usable", "the partner's prefixes from " + from);
  return text + red_lines(style, labelled_text("DANGER", text_field(plan, "danger")));
}

std::string render_conflicts(const json::object& answer, const Style& style) {
  const json::array& conflicts = array_field(answer, "conflicts");
  if (conflicts.empty()) return "no lease was disputed\n";
  Table table({{"AT", Align::kLeft},
               {"RELATIONSHIP", Align::kLeft},
               {"LEASE", Align::kLeft},
               {"CLAIM HERE", Align::kLeft},
               {"CLAIM THERE", Align::kLeft},
               {"VERDICT", Align::kLeft},
               {"RULE", Align::kLeft}});
  for (const json::value& value : conflicts) {
    const json::object& conflict = as_object(value);
    table.add_row({text_field(object_field(conflict, "at"), "at"),
                   text_field(conflict, "relationship"), text_field(conflict, "lease"),
                   or_dash(text_field(conflict, "claim_here")),
                   or_dash(text_field(conflict, "claim_there")), text_field(conflict, "verdict"),
                   text_field(conflict, "rule")});
  }
  return table.take_text(style);
}

}  // namespace tandem6
