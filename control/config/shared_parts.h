// What both servers of a failover relationship must have alike (RFC 8156 section 4.1): its links,
// each with its pools, reservations, lifetimes and options, as parts for the fingerprint that the
// partners exchange. What each may have of its own is left out: ports, allocation key, preference.
#pragma once

#include <vector>

#include "control/failover/configuration_fingerprint.h"
#include "dataplane/server/settings.h"

namespace tandem6 {

[[nodiscard]] std::vector<SharedPart> shared_parts(const ServerSettings& settings,
                                                   RelationshipIndex relationship);

}  // namespace tandem6
