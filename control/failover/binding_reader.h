// BNDUPD and BNDREPLY from octets (RFC 8156 sections 7.4 to 7.7). Part of the reader of messages:
// the octets are the options of the message.
#pragma once

#include <expected>

#include "control/failover/message.h"
#include "control/failover/message_reader.h"
#include "dataplane/wire/parsed_message.h"

namespace tandem6 {

/// Nothing but kOptionOverrun is a fault; all else is a verdict in it.
[[nodiscard]] std::expected<BindingUpdate, ReadFault> read_binding_update(Bytes options,
                                                                          WallTime now);
[[nodiscard]] std::expected<BindingReply, ReadFault> read_binding_reply(Bytes options,
                                                                        WallTime now);

}  // namespace tandem6
