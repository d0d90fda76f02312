// INFORMATION-REQUEST (RFC 8415 section 18.3.6): configured options, no lease.
#include "dataplane/server/handlers.h"

namespace tandem6 {

DropReason handle_information_request(Exchange&, ReplyShape&) noexcept { return DropReason::kNone; }

}  // namespace tandem6
