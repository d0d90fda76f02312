// Finds the relationship that an operator names.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "control/api/failover_view.h"
#include "control/api/json_rpc.h"

namespace tandem6 {

/// The error names those that there are, and the one that was probably meant. Any thread.
[[nodiscard]] std::expected<RelationshipView, RpcError> find_relationship(
    const std::vector<RelationshipView>& relationships, const std::string& name);

}  // namespace tandem6
