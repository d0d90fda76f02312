// Messages to octets (RFC 8156 sections 5 to 7), framed for TCP.
#pragma once

#include <cstdint>
#include <vector>

#include "control/failover/message.h"

namespace tandem6 {

/// Appends the frame: two octets of size, header, options. sent-time is that of the message: stamp
/// it as late as can be. LQ_BASE_TIME and the CLT_TIMEs beside it are built at `now`.
/// False, with nothing appended: it does not fit 65,535 octets (R-37: one IA is never split, and
/// one client's leases fit many times over; so only a text or name can be at fault). A BNDREPLY
/// always fits, since each BNDUPD is answered (F-250): where there is no room for its statuses it
/// says less, at last that the whole is refused, which is always safe.
[[nodiscard]] bool write_message(const FailoverMessage& message, WallTime now,
                                 std::vector<std::uint8_t>& out);

/// The BNDREPLY to a BNDUPD whose verdicts are in (section 7.6): echoes what F-252 to F-254 say.
[[nodiscard]] BindingReply reply_to(const BindingUpdate& update);

}  // namespace tandem6
