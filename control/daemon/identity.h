// Who this server is, made once and kept: its DUID and its allocation key.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>

#include "control/config/configuration.h"
#include "dataplane/wire/duid.h"

namespace tandem6 {

/// The DUID in `<folder>/server-duid`, or a new DUID-UUID (RFC 6355) put there. It depends on no
/// network card, and outlives restarts and upgrades (RFC 8415 section 11). A file that is no DUID
/// is an error: a server that silently becomes another one loses its clients.
[[nodiscard]] std::expected<Duid, std::string> load_or_make_duid(const std::string& folder);

/// The key in `<folder>/allocation-key` (mode 0600), or 128 new random bits put there.
using AllocationKeyOctets = std::array<std::uint8_t, 16>;
[[nodiscard]] std::expected<AllocationKeyOctets, std::string> load_or_make_allocation_key(
    const std::string& folder);

/// Fills in what the configuration leaves to the server.
[[nodiscard]] std::expected<void, std::string> complete_identity(Configuration& configuration);

}  // namespace tandem6
