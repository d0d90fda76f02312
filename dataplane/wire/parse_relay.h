// One RELAY-FORW header and its options (RFC 8415 section 9.1). Part of the parser.
#pragma once

#include "dataplane/wire/option_reader.h"

namespace tandem6 {

/// Reads the header and options at the front of `message` into `level`, and on kNone makes
/// `message` the message inside. REQUIRES: message is at least one octet and its type RELAY-FORW.
[[nodiscard]] DropReason parse_relay_level(Bytes& message, RelayLevel& level,
                                           ParseState& state) noexcept;

}  // namespace tandem6
