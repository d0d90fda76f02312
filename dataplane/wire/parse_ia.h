// One IA_NA or IA_PD with the leases inside it (RFC 8415 sections 21.4, 21.6, 21.21, 21.22).
// Part of the parser.
#pragma once

#include "dataplane/wire/option_reader.h"

namespace tandem6 {

/// Checks all of the IA, its leases and their options. REQUIRES: the option is an IA_NA or IA_PD
/// that `OptionReader` gave out.
[[nodiscard]] DropReason parse_ia(const OptionView& option, IaView& ia, ParseState& state) noexcept;

}  // namespace tandem6
