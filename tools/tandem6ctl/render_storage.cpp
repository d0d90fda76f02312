#include <boost/json/array.hpp>
#include <cmath>

#include "tools/tandem6ctl/json_fields.h"
#include "tools/tandem6ctl/render.h"
#include "tools/tandem6ctl/units.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

std::string serving_text(const json::object& storage, const Style& style) {
  if (flag_field(storage, "serving")) return style.green("yes");
  return style.red("NO: " + text_field(storage, "trouble"));
}

std::string writes_text(const json::object& storage) {
  const json::object& writes = object_field(storage, "writes");
  return human_count(number_field(writes, "total")) + ", " +
         human_rate(number_field(writes, "per_second")) + "/s, " +
         human_rate(number_field(writes, "changes_per_write")) + " changes each, " +
         human_rate(number_field(writes, "octets_per_change")) +
         " octets a change, failed: " + human_count(number_field(writes, "failures"));
}

std::string write_times_text(const json::object& storage, const Style& style) {
  const json::object& times = object_field(storage, "write_seconds");
  const auto moment = [&](const char* name) { return human_moment(number_field(times, name)); };
  std::string text = "last " + moment("last") + ", half within " + moment("p50") +
                     ", 99 % within " + moment("p99") + ", worst " + moment("worst");
  const double under_way = number_field(times, "under_way");
  if (!std::isnan(under_way)) {
    const std::string now = "one under way for " + human_moment(under_way);
    text += ", " + (under_way < 1 ? now : style.red(now));
  }
  return text;
}

std::string loaded_text(const json::object& storage) {
  const json::object& loaded = object_field(storage, "loaded");
  return human_count(number_field(loaded, "leases")) + " leases at start in " +
         human_moment(number_field(loaded, "seconds")) +
         ", in no pool: " + human_count(number_field(loaded, "in_no_pool")) +
         ", set aside: " + human_count(number_field(loaded, "set_aside")) +
         ", damaged places: " + human_count(number_field(loaded, "damaged_places"));
}

std::string work_text(const json::object& storage) {
  const json::object& work = object_field(storage, "work");
  if (work.empty()) return {};
  return "work         " + text_field(work, "what") + ", for " +
         human_moment(number_field(work, "seconds")) + '\n';
}

std::string fault_lines(const json::object& result, const Style& style) {
  std::string text;
  for (const json::value& value : array_field(result, "faults")) {
    const json::object& fault = as_object(value);
    text +=
        style.red(text_field(fault, "fault") + ": " + human_count(number_field(fault, "count"))) +
        '\n';
    const json::array& first = array_field(fault, "first");
    for (const json::value& each : first) {
      if (each.is_string()) text += "  " + std::string(each.get_string()) + '\n';
    }
    if (number_field(fault, "count") > static_cast<double>(first.size())) text += "  ...\n";
  }
  return text;
}

std::string set_aside_lines(const json::object& result) {
  std::string text;
  for (const json::value& value : array_field(result, "set_aside")) {
    const json::object& set_aside = as_object(value);
    text += "set aside: " + human_count(number_field(set_aside, "count")) + ", each " +
            text_field(set_aside, "why") + '\n';
  }
  return text;
}

}  // namespace

std::string render_storage(const json::object& storage, const Style& style) {
  const json::object& changes = object_field(storage, "changes");
  std::string text;
  text += "path         " + text_field(storage, "path") + '\n';
  text += "durability   " + text_field(storage, "durability") + '\n';
  text += "serving      " + serving_text(storage, style) + '\n';
  text += "changes      " + human_count(number_field(changes, "total")) + ", " +
          human_rate(number_field(changes, "per_second")) + "/s\n";
  text += "writes       " + writes_text(storage) + '\n';
  text += "write times  " + write_times_text(storage, style) + '\n';
  text += "disk         " + human_octets(number_field(storage, "file_octets")) +
          ", to compact: " + human_octets(number_field(storage, "pending_octets")) + '\n';
  text += "memory       " + human_octets(number_field(storage, "memory_octets")) + '\n';
  text += "set aside    about " + human_count(number_field(storage, "set_aside")) + " records\n";
  text += "loaded       " + loaded_text(storage) + '\n';
  text += work_text(storage);
  return text;
}

std::string render_verify(const json::object& result, const Style& style) {
  const bool sound = flag_field(result, "sound");
  std::string text =
      text_field(result, "folder") + ": " + (sound ? style.green("sound") : style.red("FAULTY")) +
      ", " + human_count(number_field(result, "leases")) + " lease records checked in " +
      human_moment(number_field(result, "seconds")) +
      ", held: " + human_count(number_field(result, "held")) +
      ", awaiting update: " + human_count(number_field(result, "awaiting_update")) + '\n';
  const double damaged = number_field(result, "damaged_places");
  if (damaged > 0) {
    text += style.red("damaged places of the disk: " + human_count(damaged) +
                      ", with an unknown number of records") +
            '\n';
  }
  return text + fault_lines(result, style) + set_aside_lines(result);
}

}  // namespace tandem6
