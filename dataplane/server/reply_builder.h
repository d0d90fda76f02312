// From a plan to the octets of the reply: identifiers, status, IAs with one T1/T2 pair for all, and
// the options that the client asked for (RFC 8415 sections 18.3.9 and 18.3.10).
#pragma once

#include "dataplane/server/exchange.h"
#include "dataplane/server/handlers.h"
#include "dataplane/wire/reply_writer.h"

namespace tandem6 {

/// Writes the whole message; the caller asks `writer.ok()`. Counts the statuses that it writes.
void build_reply(const Exchange& exchange, const ReplyShape& shape, ReplyWriter& writer) noexcept;

}  // namespace tandem6
