#include "control/api/time_value.h"

#include <boost/json/object.hpp>

#include "control/api/iso_time.h"

namespace tandem6 {

boost::json::value time_value(WallTime time, WallTime now) {
  if (time.is_none()) return nullptr;
  if (time.is_infinite()) return boost::json::object{{"at", "never"}, {"left", nullptr}};
  return boost::json::object{{"at", to_iso8601(time)}, {"left", time.seconds - now.seconds}};
}

}  // namespace tandem6
