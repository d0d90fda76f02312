// OPTION_STATUS_CODE between partners (RFC 8415 section 21.13). Part of the codec of messages.
#pragma once

#include "control/failover/message.h"
#include "control/failover/octet_writer.h"

namespace tandem6 {

[[nodiscard]] inline bool is_error(const StatusReport& status) noexcept {
  return status.code != StatusCode::kSuccess;
}

/// REQUIRES: at least two octets. Control characters of the text become "?", since it goes to logs
/// and terminals.
[[nodiscard]] StatusReport read_status(Bytes value);

/// Always writes it.
void write_status(OctetWriter& writer, const StatusReport& status);
/// Nothing for a success without a text (F-258).
void write_status_if_telling(OctetWriter& writer, const StatusReport& status);

}  // namespace tandem6
