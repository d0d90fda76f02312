// Relationships as JSON: what `status` says of each, and all of one.
#pragma once

#include <boost/json/object.hpp>

#include "control/api/failover_view.h"

namespace tandem6 {

/// Any thread.
[[nodiscard]] boost::json::object relationship_value(const RelationshipView& relationship,
                                                     WallTime now);
/// The same, with the last transitions, the connection, the totals and the counters.
[[nodiscard]] boost::json::object whole_relationship_value(const RelationshipView& relationship,
                                                           WallTime now);
[[nodiscard]] boost::json::object conflict_value(const ConflictView& conflict, WallTime now);

/// "primary", "secondary".
[[nodiscard]] const char* name_of(Role role) noexcept;

}  // namespace tandem6
