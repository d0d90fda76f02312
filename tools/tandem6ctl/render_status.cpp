#include <boost/json/array.hpp>
#include <cmath>

#include "tools/tandem6ctl/json_fields.h"
#include "tools/tandem6ctl/render.h"
#include "tools/tandem6ctl/units.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

std::string render_ports(const json::object& status, const Style& style) {
  Table table({{"PORT", Align::kLeft},
               {"LINK", Align::kLeft},
               {"MAC", Align::kLeft},
               {"RECEIVED/S", Align::kRight},
               {"SENT/S", Align::kRight},
               {"DEVICE", Align::kLeft}});
  for (const json::value& value : array_field(status, "ports")) {
    const json::object& port = as_object(value);
    table.add_row(
        {text_field(port, "name"), flag_field(port, "link_up") ? "up" : "DOWN",
         text_field(port, "mac"), human_rate(number_field(port, "received_packets_per_second")),
         human_rate(number_field(port, "sent_packets_per_second")), text_field(port, "device")});
  }
  return table.take_text(style);
}

/// What never happened is left out: one screen.
std::string render_rates(const json::object& status, const char* field, const char* title,
                         const Style& style) {
  Table table({{title, Align::kLeft}, {"PER SECOND", Align::kRight}, {"TOTAL", Align::kRight}});
  bool any = false;
  for (const json::value& value : array_field(status, field)) {
    const json::object& rate = as_object(value);
    if (number_field(rate, "total") == 0) continue;
    any = true;
    table.add_row({text_field(rate, "name"), human_rate(number_field(rate, "per_second")),
                   human_count(number_field(rate, "total"))});
  }
  if (!any) return style.bold(title) + "  none so far\n";
  return table.take_text(style);
}

std::string render_alarms(const json::object& status, const Style& style) {
  const json::array& alarms = array_field(status, "alarms");
  if (alarms.empty()) return "alarms    " + style.green("none") + '\n';
  std::string text;
  for (const json::value& alarm : alarms) {
    if (!alarm.is_string()) continue;
    text += style.red("ALARM     " + std::string(alarm.get_string())) + '\n';
  }
  return text;
}

std::string relationship_blocks(const json::object& status, const Style& style) {
  std::string text;
  for (const json::value& relationship : array_field(status, "relationships")) {
    text += '\n' + render_relationship(as_object(relationship), style);
  }
  return text;
}

std::string used_share(const json::object& pool) {
  const double size = number_field(pool, "size");
  if (!(size > 0)) return "-";
  const double percent = number_field(pool, "used") / size * 100;
  return human_rate(percent) + " %";
}

std::string half_text(const json::object& pool, const char* name) {
  const double half = number_field(pool, name);
  return std::isnan(half) ? "-" : human_count(half);
}

std::string pool_name(const json::object& pool) {
  const double delegated = number_field(pool, "delegated_length");
  const std::string range = text_field(pool, "range");
  return std::isnan(delegated) ? range : range + " by /" + human_count(delegated);
}

/// "-" too where it lies so far off that it says nothing.
std::string empty_in(const json::object& pool) {
  constexpr double kFarOff = 10.0 * 365 * 86400;
  const double seconds = number_field(pool, "seconds_to_empty");
  return std::isnan(seconds) || seconds > kFarOff ? "-" : human_seconds(seconds);
}

}  // namespace

std::string render_pools(const json::object& pools, const Style& style) {
  Table table({{"LINK", Align::kLeft},
               {"POOL", Align::kLeft},
               {"SIZE", Align::kRight},
               {"USED", Align::kRight},
               {"FREE", Align::kRight},
               {"IN USE", Align::kRight},
               {"FREE HALF", Align::kRight},
               {"FREE-BACKUP HALF", Align::kRight},
               {"EMPTY IN", Align::kRight}});
  for (const json::value& value : array_field(pools, "pools")) {
    const json::object& pool = as_object(value);
    table.add_row({text_field(pool, "link"), pool_name(pool),
                   human_count(number_field(pool, "size")), human_count(number_field(pool, "used")),
                   human_count(number_field(pool, "free")), used_share(pool),
                   half_text(pool, "half_free"), half_text(pool, "half_free_backup"),
                   empty_in(pool)});
  }
  return table.take_text(style);
}

std::string render_status(const json::object& status, const Style& style) {
  const json::object& storage = object_field(status, "storage");
  const json::object& bindings = object_field(status, "bindings");
  std::string text;
  text += "tandem6d  " + text_field(status, "version") + ", up " +
          human_seconds(number_field(status, "uptime_seconds")) + " since " +
          text_field(status, "since") +
          ", workers: " + human_count(number_field(status, "workers")) + '\n';
  text += "storage   " + std::string(flag_field(storage, "serving") ? "" : "NOT SERVING, ") +
          "durability: " + text_field(storage, "durability") + ", " +
          human_rate(number_field(storage, "committed_per_second")) + " commits/s, last write " +
          human_moment(number_field(storage, "last_write_seconds")) + '\n';
  text += "bindings  " + human_count(number_field(bindings, "count")) + " of " +
          human_count(number_field(bindings, "max")) + '\n';
  text += render_alarms(status, style);
  text += relationship_blocks(status, style);
  text += '\n' + render_ports(status, style);
  text += '\n' + render_rates(status, "received", "RECEIVED", style);
  text += '\n' + render_rates(status, "sent", "SENT", style);
  text += '\n' + render_rates(status, "dropped", "DROPPED", style);
  text += '\n' + render_pools(status, style);
  return text;
}

}  // namespace tandem6
