// A relationship as the control socket shows it.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <vector>

#include "control/api/failover_view.h"

namespace tandem6 {

/// One screen's worth, with what it means.
[[nodiscard]] boost::json::object relationship_value(const RelationshipView& view);
[[nodiscard]] boost::json::array relationship_values(const std::vector<RelationshipView>& views);
/// All of it.
[[nodiscard]] boost::json::object whole_relationship_value(const RelationshipView& view);

}  // namespace tandem6
