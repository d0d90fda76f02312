// From the octets of a UDP datagram to a checked `ParsedMessage` (RFC 8415 sections 8, 9, 16, 21).
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/wire/counters.h"
#include "dataplane/wire/parsed_message.h"

namespace tandem6 {

/// Checks the whole datagram, unwraps up to nine relay levels in a loop, and fills `message`.
/// Any thread; no allocation, no exception, never asserts on the input.
///
/// Returns kNone, or the reason why the datagram is dropped (then `message` is unspecified).
/// `counters` gets the odd.* events only; the caller counts the drop and the type.
///
/// Done here: lengths, nesting, budget of 512 options, directions, relay rules, duplicate
/// identifiers, DUID sizes, IA flood. Not done here: which identifiers a type needs, who is meant
/// (`dataplane/server/validate.h`), since those need our own DUID.
[[nodiscard]] DropReason parse(std::span<const std::uint8_t> datagram, ParsedMessage& message,
                               WireCounters& counters) noexcept;

}  // namespace tandem6
