// BNDUPD and BNDREPLY to octets (RFC 8156 sections 7.4 and 7.6). Part of the writer of messages:
// what is written are the options of the message.
#pragma once

#include "control/failover/message.h"
#include "control/failover/octet_writer.h"

namespace tandem6 {

/// REQUIRES: at least one lease.
void write_binding_update(OctetWriter& writer, const BindingUpdate& update, WallTime now);
void write_binding_reply(OctetWriter& writer, const BindingReply& reply);

/// Makes a reply that does not fit its frame say less, never more than is true: no texts, then the
/// first error for all, then no leases, then no VSS. False: there is nothing left to leave out.
[[nodiscard]] bool shorten(BindingReply& reply);

}  // namespace tandem6
