// The `options` of the server and of links: from what an operator writes to octets of the wire.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "control/config/option_names.h"
#include "control/config/yaml_fields.h"
#include "dataplane/server/settings.h"

namespace tandem6 {

/// The options of one place of the file, encoded, and which of them go out unasked.
struct OptionSet {
  std::map<std::uint16_t, std::vector<std::uint8_t>> octets_by_code;
  std::vector<PlacedCode> always;
};

/// Reads `options` and `send-always`. Values are checked against the option table, and those of
/// SOL_MAX_RT and INF_MAX_RT against RFC 8415 sections 21.24 and 21.25 (S-167).
[[nodiscard]] OptionSet read_options(const std::optional<Field>& options,
                                     const std::optional<Field>& send_always, Faults& faults);

/// The link's options, and those of the server that it does not set itself, sorted by code. A
/// fault when a code of the link's `send-always` has no value anywhere, or when all of them
/// together would not fit into a packet.
[[nodiscard]] std::vector<EncodedOption> merge_options(const OptionSet& server,
                                                       const OptionSet& link, FilePosition position,
                                                       Faults& faults);

}  // namespace tandem6
