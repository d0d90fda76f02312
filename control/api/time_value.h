// A wall time as JSON, for programs and for people who ask how long that is.
#pragma once

#include <boost/json/value.hpp>

#include "dataplane/lease/wall_time.h"

namespace tandem6 {

/// {"at": "…Z", "left": seconds}, negative when past; null when there is none; `left` is null for
/// never. Any thread.
[[nodiscard]] boost::json::value time_value(WallTime time, WallTime now);

}  // namespace tandem6
