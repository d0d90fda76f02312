// The client's message inside all relay headers (RFC 8415 section 8). Part of the parser.
#pragma once

#include "dataplane/wire/option_reader.h"

namespace tandem6 {

/// Reads header and options of `bytes` into the client's part of `message`.
[[nodiscard]] DropReason parse_client_message(Bytes bytes, ParsedMessage& message,
                                              ParseState& state) noexcept;

}  // namespace tandem6
