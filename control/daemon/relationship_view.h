// One relationship for operators: what its endpoint and its connection say of themselves.
#pragma once

#include "control/api/failover_view.h"
#include "control/failover/endpoint.h"
#include "control/failover/partner_settings.h"
#include "control/partner/partner_link.h"

namespace tandem6 {

/// Control thread. All but what only the shards know.
[[nodiscard]] RelationshipView relationship_view(const Endpoint& endpoint,
                                                 const PartnerSettings& settings,
                                                 const PartnerLink& link, WallTime now);

}  // namespace tandem6
