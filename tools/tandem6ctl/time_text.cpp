#include "tools/tandem6ctl/time_text.h"

#include <cmath>

#include "tools/tandem6ctl/json_fields.h"
#include "tools/tandem6ctl/units.h"

namespace tandem6 {

std::string time_text(const boost::json::object& object, const char* field) {
  const boost::json::object& time = object_field(object, field);
  const std::string at = text_field(time, "at");
  if (at.empty()) return "-";
  const double left = number_field(time, "left");
  if (std::isnan(left)) return at;
  if (left == 0) return at + " (now)";
  return at +
         (left >= 0 ? " (in " + human_seconds(left) + ")" : " (" + human_seconds(-left) + " ago)");
}

}  // namespace tandem6
