// What RELEASE and DECLINE share: the client lists leases of an IA that it no longer uses.
#pragma once

#include "dataplane/server/exchange.h"

namespace tandem6 {

/// Adds a decision with `effect`, not told in the reply, for each listed lease that is the client's
/// running one in this IA on this link; others are left alone (S-099). The IA itself is left out of
/// the reply unless the client has no such IA: then it carries NoBinding alone (S-101, S-106).
void give_back(Exchange& exchange, const IaView& ia, Effect effect) noexcept;

}  // namespace tandem6
