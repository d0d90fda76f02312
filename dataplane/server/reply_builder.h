// From a plan to the octets of the reply: identifiers, status, IAs with one T1/T2 pair for all, and
// the options that the client asked for (RFC 8415 sections 18.3.9 and 18.3.10).
#pragma once

#include "dataplane/server/exchange.h"
#include "dataplane/server/handlers.h"
#include "dataplane/wire/reply_writer.h"

namespace tandem6 {

/// Writes the whole message; the caller asks `writer.ok()`. Counts the statuses that it writes.
void build_reply(const Exchange& exchange, const ReplyShape& shape, ReplyWriter& writer) noexcept;

/// T1 and T2 over all leases of the plan that are extended (S-063, S-182, S-183); when none is,
/// both are the shortest remaining valid lifetime (S-084).
struct RenewalTimes {
  Lifetime t1;
  Lifetime t2;
};
[[nodiscard]] RenewalTimes renewal_times(const LifetimeSettings& settings,
                                         std::span<const Decision> decisions) noexcept;

}  // namespace tandem6
