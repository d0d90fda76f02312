// CONNECT, CONNECTREPLY, DISCONNECT and STATE from octets (RFC 8156 sections 6.1 to 6.4). Part of
// the reader of messages: the octets are the options of the message.
#pragma once

#include <expected>

#include "control/failover/message.h"
#include "control/failover/message_reader.h"
#include "dataplane/wire/parsed_message.h"

namespace tandem6 {

// An option with a length that it cannot have counts as not there in the first three, so that they
// are answered: the endpoint refuses what is missing, and a DISCONNECT is one all the same.
[[nodiscard]] std::expected<Connect, ReadFault> read_connect(Bytes options);
[[nodiscard]] std::expected<ConnectReply, ReadFault> read_connect_reply(Bytes options);
[[nodiscard]] std::expected<Disconnect, ReadFault> read_disconnect(Bytes options);

/// A state of another number than section 5.5.16 has comes out as kNone.
[[nodiscard]] std::expected<State, ReadFault> read_state(Bytes options, WallTime now);

}  // namespace tandem6
