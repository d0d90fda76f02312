// OPTION_LQ_RELAY_DATA (RFC 5007 section 4.1.2.4): how the client's last message was relayed. Of
// that a server keeps what names the client's port, so the relay headers around it are made up.
// Part of the codec of messages.
#pragma once

#include "control/failover/octet_writer.h"

namespace tandem6 {

struct RelayIdentity {
  Bytes remote_id;     // value of option 37
  Bytes interface_id;  // value of option 18
};

/// Of each the one that the relay nearest the client says, as the server takes it from a relayed
/// message; longer ones than are kept are passed over. Takes any octets: what cannot be read says
/// nothing. REQUIRES: at least 16 octets.
[[nodiscard]] RelayIdentity read_relay_data(Bytes value) noexcept;

/// Writes nothing when there is nothing to say (F-059).
void write_relay_data(OctetWriter& writer, const RelayIdentity& identity);

}  // namespace tandem6
