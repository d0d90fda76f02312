// The options that an operator configured, a relay supplied, or a client's own option calls for:
// each only when requested, unless forced (S-047, S-160; RFC 6422; RFC 4704).
#pragma once

#include "dataplane/server/exchange.h"
#include "dataplane/server/handlers.h"
#include "dataplane/wire/reply_writer.h"

namespace tandem6 {

void write_configured_options(const Exchange& exchange, const ReplyShape& shape,
                              ReplyWriter& writer) noexcept;

}  // namespace tandem6
