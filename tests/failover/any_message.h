// Random messages as an endpoint makes them, for RapidCheck.
#pragma once

#include "control/failover/message.h"

namespace tandem6 {

// Inside a RapidCheck property only.
[[nodiscard]] FailoverMessage any_message();
/// Leases stand in the order in which the writer groups them.
[[nodiscard]] BindingUpdate any_update();

}  // namespace tandem6
