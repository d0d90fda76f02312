// A failover message as text with all that it says, so that two can be compared and the difference
// read.
#pragma once

#include <string>

#include "control/failover/message.h"

namespace tandem6 {

[[nodiscard]] std::string describe(const FailoverMessage& message);
[[nodiscard]] std::string describe(const BindingUpdate& update);
[[nodiscard]] std::string describe(const BindingReply& reply);

}  // namespace tandem6
