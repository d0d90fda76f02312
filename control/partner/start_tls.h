// STARTTLS and its REPLY on the failover port (RFC 7653 section 6.2.2, R-38): the plain header of
// four octets, in the same frames as everything else. Pure; takes any octets.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "control/failover/message.h"

namespace tandem6 {

/// With its size; carries no options (F-069).
[[nodiscard]] std::vector<std::uint8_t> start_tls_frame(std::uint32_t transaction_id);
/// Without a refusal: go ahead.
[[nodiscard]] std::vector<std::uint8_t> start_tls_reply_frame(
    std::uint32_t transaction_id, const std::optional<StatusReport>& refusal);

/// The transaction-id of a frame without its size; options are ignored. nullopt: too short.
[[nodiscard]] std::optional<std::uint32_t> read_start_tls(std::span<const std::uint8_t> frame);
/// Go ahead, or why not: a status other than Success, or octets that are no options.
[[nodiscard]] std::expected<void, std::string> read_start_tls_reply(
    std::span<const std::uint8_t> frame);

}  // namespace tandem6
