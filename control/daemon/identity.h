// Who this server is, made once and kept with its leases: its DUID and its allocation key.
#pragma once

#include <expected>
#include <string>

#include "control/config/configuration.h"
#include "storage/store.h"

namespace tandem6 {

/// Fills in what the configuration leaves to the server, from the store; what is not there yet is
/// made and put there. The DUID is a DUID-UUID (RFC 6355): it depends on no network card, and
/// outlives restarts and upgrades (RFC 8415 section 11). One that cannot be read is an error: a
/// server that silently becomes another one loses its clients. Control thread, before the committer
/// starts.
[[nodiscard]] std::expected<void, std::string> complete_identity(Configuration& configuration,
                                                                 Store& store);

}  // namespace tandem6
