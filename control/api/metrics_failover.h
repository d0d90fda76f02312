// The families tandem6_failover_*: one sample of each for each relationship.
#pragma once

#include <vector>

#include "control/api/failover_view.h"
#include "control/api/metrics_text.h"

namespace tandem6 {

/// Writes nothing where there is no relationship.
void write_failover_metrics(MetricsText& text, const std::vector<RelationshipView>& relationships,
                            WallTime now);

}  // namespace tandem6
